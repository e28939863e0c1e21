// The report on a survey: what a person reads first, and that nothing of a server's can pass for ours.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { code, plain, table } from '../../../src/core/markdown.ts';
import type { Certificate, Survey } from '../../../src/core/tls/evidence.ts';
import { reportNames } from '../../../src/core/tls/reportNames.ts';
import { surveyReport } from '../../../src/core/tls/surveyReport.ts';
import { survey } from '../../support/instances.ts';

const report = (seen: Survey): string => surveyReport(seen, reportNames);
const linesOf = (seen: Survey): readonly string[] => report(seen).split('\n');
const clientLine = (clientCertificate: Survey['clientCertificate'], path?: string): string => {
  const seen = survey({ tls12: [0xc02f] }, { clientCertificate });
  const full = path === undefined ? seen : { ...seen, endpoint: { ...seen.endpoint, path } };
  return linesOf(full).find((line) => line.startsWith('- Client certificate: ')) ?? '';
};

const certificate: Certificate = {
  subject: 'CN=api.example',
  issuer: 'CN=root',
  names: ['api.example'],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-12-01T00:00:00.000Z',
  keyType: 'RSA',
  keyBits: 2048,
  signatureAlgorithm: 'RSA with SHA-256',
  sha256: 'ab'.repeat(32),
};

describe('report on a survey', () => {
  it('says the verdict before anything else', () => {
    const planned = { offer: { versions: [], suites: [] }, connects: 'no', version: null, suite: null } as const;
    const seen = survey(
      { tls12: [0xc02f, 0x000a] },
      {
        planned: { ...planned, why: 'alert 70 (protocol version)' },
        certificate: { chain: [certificate], findings: ['expired'] },
        unknowns: [{ what: 'tls10', why: 'connection reset' }],
      },
    );
    assert.deepEqual(linesOf(seen).slice(0, 9), [
      '# backend.example:443',
      '',
      '**Accepts TLS 1.2.**',
      '',
      '- Planned configuration: does NOT connect (alert 70 (protocol version))',
      '- Cipher suites: 1 insecure, 0 weak',
      '- Certificate: expired',
      '- Client certificate: not seen in the handshake; whether one is asked for after a request is not known',
      '- Not known: 1, see the end',
    ]);
    assert.match(report(seen), /\| TLS 1\.0 +\| connection reset +\|/);
  });

  it('names each suite with its strength, per version', () => {
    const text = report(survey({ tls12: [0xc02f, 0x002f, 0x000a], tls13: [0x1302] }));
    assert.match(text, /### TLS 1\.3\n\n.*\n.*\n\| TLS_AES_256_GCM_SHA384 +\| strong +\|/);
    assert.match(text, /\| TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 +\| good +\|/);
    assert.match(text, /\| TLS_RSA_WITH_AES_128_CBC_SHA +\| weak +\|/);
    assert.match(text, /\| TLS_RSA_WITH_3DES_EDE_CBC_SHA +\| insecure +\|/);
  });

  it('tells apart what was asked, required, refused and not looked for', () => {
    const base = { acceptableIssuers: [] } as const;
    const after = { version: 'tls12', acceptableIssuers: [], status: null, refusal: null } as const;
    const unseen = { inHandshake: 'none-seen', renegotiation: 'not-seen', postHandshake: 'not-seen' } as const;
    assert.match(clientLine({ ...base, inHandshake: 'required' }), /required in the handshake$/);
    assert.match(clientLine({ ...base, inHandshake: 'optional' }), /asked for in the handshake, not required there$/);
    const refusal = 'No required SSL certificate was sent';
    const nginx = { ...after, asked: 'not-seen', without: null, status: 400, refusal } as const;
    assert.match(clientLine({ ...base, ...unseen, inHandshake: 'optional', requests: [nginx] }), /refused by HTTP$/);
    assert.match(clientLine({ ...base, ...unseen }, '/pets'), /not seen, neither .* after a request for `\/pets`$/);
    assert.match(clientLine({ ...base, ...unseen, renegotiation: 'unknown' }), /is not known$/);
    const required = { ...after, asked: 'seen', without: 'required' } as const;
    const seen = { ...base, ...unseen, renegotiation: 'seen', requests: [required] } as const;
    assert.match(clientLine(seen, '/pets'), /: required after a request for `\/pets`$/);
    const optional = { ...seen, requests: [{ ...required, without: 'optional' }] } as const;
    assert.match(clientLine(optional, '/pets'), /: asked for after a request for `\/pets`$/);
    for (const line of [clientLine({ ...base, ...unseen }), clientLine({ ...base, inHandshake: 'none-seen' })])
      assert.doesNotMatch(line, /\bnone\b/);
  });

  it('shows the chain with its dates, who trusts it and what the OCSP response says', () => {
    const path = ['CN=api.example', 'CN=root'];
    const chain = {
      chain: [certificate],
      findings: [],
      trust: { machine: { trusted: 'yes', path }, mozilla: { trusted: 'no', path } },
    } as const;
    const times = { thisUpdate: '2026-11-20T00:00:00.000Z', nextUpdate: null, revokedAt: '2026-10-01T00:00:00.000Z' };
    const text = report(
      survey(
        { tls12: [] },
        {
          certificate: {
            ...chain,
            variants: [chain, chain],
            ocspStaple: 'seen',
            ocsp: { status: 'revoked', signedBy: 'nobody', ...times },
          },
        },
      ),
    );
    assert.match(
      text,
      /- nothing found against it\n- OCSP response sent along: REVOKED on 2026-10-01 00:00 UTC, of 2026-11-20 00:00 UTC, until not stated; SIGNED BY NOBODY WHO MAY/,
    );
    assert.match(
      text,
      /- Roots of this machine: trusted, by `CN=api\.example`, `CN=root`\n- Roots of Mozilla: not trusted/,
    );
    assert.match(
      text,
      /1\. `CN=api\.example`\n +- issued by `CN=root`\n +- valid from 2026-01-01 00:00 UTC to 2026-12-01 00:00 UTC/,
    );
    assert.equal(text.match(/^### Shown to clients that cannot use the one above$/gm)?.length, 1);
  });

  it('lets nothing that a server sends pass for a heading, a link or a line of ours', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('a', '`', '\n', '\r', '|', '#', '[x](command:y)', '<b>', '\u202e', '\\', ' '),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        const seen = (value: string): string =>
          report(
            survey(
              { tls12: [] },
              {
                certificate: {
                  chain: [{ ...certificate, subject: `CN=${value}`, issuer: value, names: [`n${value}`] }],
                  findings: [],
                },
                clientCertificate: { inHandshake: 'optional', acceptableIssuers: [`CN=${value}`] },
                unknowns: [{ what: 'certificate', why: `x${value}` }],
              },
            ),
          );
        const harmless = seen('a').split('\n');
        const lines = seen(text).split('\n');
        assert.equal(lines.length, harmless.length);
        lines.forEach((line, at) => {
          const outside = line.replace(/\\[\\`*[\]<>#!~|]|`[^`]*`/g, '');
          assert.doesNotMatch(outside, /[`<[\]]|\u202e/);
          assert.equal(line.startsWith('#'), harmless[at]?.startsWith('#'));
        });
      }),
    );
  });
});

describe('Markdown', () => {
  it('keeps text from outside on one line, in a span that it cannot leave', () => {
    assert.equal(code('CN=a`b\r\n# c'), "`CN=a'b # c`");
    assert.equal(code('\n'), '');
    assert.ok(code('x'.repeat(5000)).length < 500);
    assert.equal(plain('*a* [b](c) <d>\n'), '\\*a\\* \\[b\\](c) \\<d\\> ');
  });

  it('pads tables, and makes none of nothing', () => {
    assert.deepEqual(table(['A', 'Bee'], [['long', 'x|y'], ['s']]), [
      '| A    | Bee  |',
      '| ---- | ---- |',
      '| long | x\\|y |',
      '| s    |      |',
    ]);
    assert.deepEqual(table(['A'], []), []);
  });
});
