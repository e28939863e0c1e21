// Failures as values and as sentences: foreign text is tamed, every code says what to do.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ArmError, failureDetails, longestText, plainText } from '../../../src/core/failure.ts';
import type { FailureCode } from '../../../src/core/failure.ts';
import { failureSentence } from '../../../src/core/failureText.ts';

describe('plainText', () => {
  const tamed: readonly [string, string, string][] = [
    ['markup', '<b>Not</b> here<br/>', 'Not here'],
    ['scripts', 'a<script>alert(1)</script>b', 'a b'],
    ['line breaks and control characters', 'a\r\n\tb\u0000c\u001b[31md', 'a b c [31md'],
    ['direction marks and invisible characters', 'a\u202eb\u200bc', 'a b c'],
    ['links of notifications', 'See [this](command:evil) now', 'See [this] (command:evil) now'],
    [
      'user names and passwords in addresses',
      'via http://me:pw@proxy.example:8080/x',
      'via http://proxy.example:8080/x',
    ],
    ['queries of addresses', 'GET https://a.example/b?sig=secret&x=1 failed', 'GET https://a.example/b failed'],
    ['tokens', 'eyJhbGciOi.eyJzdWIi.c2ln was refused', '… was refused'],
    ['authorization headers', 'authorization: Bearer abcdefgh12345678', 'authorization: Bearer …'],
    [
      'nothing else',
      "The scope '/subscriptions/1' at host.example:443 <= 3",
      "The scope '/subscriptions/1' at host.example:443 <= 3",
    ],
  ];
  for (const [what, text, expected] of tamed) {
    it(`tames ${what}`, () => assert.equal(plainText(text), expected));
  }

  it('is one bounded line without links, whatever comes', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '](',
      '[',
      'a',
      ' ',
      '\n',
      'http://',
      '@',
      '?',
      'eyJ',
      '.',
      'Bearer ',
      '\u202e',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 400 }), (parts) => {
        const text = plainText(parts.join(''));
        assert.ok(text.length <= longestText);
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\]\(/u);
        assert.equal(text, text.trim());
      }),
    );
  });

  it('takes no longer for text that is made to take long', () => {
    const started = performance.now();
    for (const piece of ['<', '<head', 'eyJ-', 'a.', '](', 'http://', 'bearer ']) plainText(piece.repeat(500_000));
    assert.ok(performance.now() - started < 2000);
  });

  it('tames what an ArmError says, and whatever else is thrown', () => {
    const said = `<p>${'x'.repeat(5000)}</p>`;
    for (const { serviceMessage } of [
      new ArmError({ code: 'refused', serviceMessage: said }).details,
      failureDetails(new Error(said)),
      failureDetails(said),
    ]) {
      assert.equal(serviceMessage?.length, longestText);
      assert.doesNotMatch(serviceMessage ?? '', /</);
    }
  });
});

describe('failureSentence', () => {
  // A record, so that a code without a place here does not compile.
  const codes: Readonly<Record<FailureCode, RegExp>> = {
    signedOut: /Sign in/,
    interactionNeeded: /Choose Sign in/,
    unauthorized: /Sign in again/,
    toolMissing: /way to sign in/,
    clock: /Set date and time/,
    forbidden: /no permission/,
    policyDenied: /exemption/,
    managementLock: /remove the lock/,
    apiVersion: /Update the extension/,
    notFound: /Refresh the list/,
    moved: /open it there/,
    conflict: /conflict/,
    locked: /Wait until/,
    changed: /Nothing was written/,
    throttled: /Try again in/,
    refused: /refused the request/,
    unavailable: /Try again/,
    offline: /Connect it/,
    dns: /check network, VPN and DNS/,
    network: /Check network, VPN and firewall/,
    timeout: /Try again/,
    portal: /open a browser/,
    proxy: /administrator of your network/,
    certificateRefused: /root certificate/,
    oldTls: /TLS 1\.2 or later/,
    malformed: /cannot be read/,
    operationFailed: /could not carry out/,
    operationStuck: /portal/,
    cancelled: /went wrong/,
    unknown: /went wrong/,
  };
  for (const [code, expected] of Object.entries(codes) as [FailureCode, RegExp][]) {
    it(`says of ${code} what to do, without a gap`, () => {
      const bare = failureSentence({ code });
      assert.match(bare, expected);
      assert.doesNotMatch(bare, /undefined|\{\d|\s$/);
      const full = failureSentence({ code, host: 'h.example', serviceMessage: 'Because.' });
      assert.match(full, expected);
    });
  }
});
