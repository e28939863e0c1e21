import assert from 'node:assert/strict';
import { instanceFindings, isWeak } from '../../../src/core/tls/state.ts';
import { findingText } from '../../../src/core/findingText.ts';
import { surveyHeadline, verdictText } from '../../../src/core/surveyText.ts';
import { durationText, keysText, summaryText } from '../../../src/core/wording.ts';
import { judge } from '../../../src/core/tls/verdict.ts';
import { readSettings } from '../../../src/core/tls/settings.ts';
import { backendHost, instance, key, survey } from '../../support/instances.ts';

describe('wording', () => {
  it('says the state of an instance in one line', () => {
    const cases: [Parameters<typeof instance>[0], string][] = [
      [{ createdAt: '2016-01-01T00:00:00Z' }, 'TLS 1.0+ in, TLS 1.0+ out, 3DES on'],
      [{ createdAt: '2022-01-01T00:00:00Z' }, 'TLS 1.2+ in, TLS 1.2 out'],
      [
        {
          customProperties: {
            [key('Security.Protocols.Tls13')]: 'False',
            [key('Security.Backend.Protocols.Tls13')]: 'True',
          },
        },
        'TLS 1.2 in, TLS 1.2+ out',
      ],
      [{ customProperties: { [key('Security.Protocols.Tls10')]: 'True' } }, 'TLS 1.0, TLS 1.2+ in, TLS 1.2 out'],
      [{ customProperties: null }, 'settings not stated'],
      [{ createdAt: null }, 'not stated in, not stated out'],
    ];
    for (const [change, text] of cases) assert.equal(summaryText(instance(change)), text);
  });

  it('counts an instance as weak only for retired protocols and 3DES', () => {
    assert.equal(isWeak(instance({ createdAt: '2016-01-01T00:00:00Z' })), true);
    assert.equal(isWeak(instance({})), false);
    assert.equal(
      isWeak(instance({ customProperties: { [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'True' } })),
      true,
    );
    assert.ok(instanceFindings(instance({})).some(({ code }) => code === 'weakSuites'));
  });

  it('notes TLS 1.3 of the client side only where it is off', () => {
    const noted = (map: Record<string, string>) =>
      instanceFindings(instance({ customProperties: map })).some(({ code }) => code === 'clientTls13Off');
    assert.deepEqual([noted({}), noted({ [key('Security.Protocols.Tls13')]: 'false' })], [false, true]);
  });

  it('claims no refusal of versions where a server did not get so far', () => {
    const unknown = {
      ssl3: 'unknown',
      tls10: 'unknown',
      tls11: 'unknown',
      tls12: 'unknown',
      tls13: 'unknown',
    } as const;
    const unknowns = [
      { what: 'renegotiation', why: 'not looked for' },
      { what: 'tls12', why: 'alert 112 (unrecognized name)' },
    ];
    const headline = surveyHeadline(survey({}, { behaviour: 'alert', protocols: unknown, unknowns }));
    assert.equal(headline, 'Refuses every attempt with a TLS alert: alert 112 (unrecognized name).');
    assert.equal(surveyHeadline(survey({}, { behaviour: 'alert' })), 'Refuses every attempt with a TLS alert.');
  });

  it('says of a certificate what is certain and what depends on the instance', () => {
    const text = (findings: Parameters<typeof findingText>[0] & { readonly code: 'backendCertificate' }) =>
      findingText(findings);
    const about = { severity: 'warning', code: 'backendCertificate', host: 'h:443' } as const;
    assert.equal(
      text({ ...about, findings: ['expired'] }),
      'h:443: the gateway refuses the certificate (expired), now as well as afterwards.',
    );
    assert.match(text({ ...about, findings: ['self-signed'] }), /unless its issuer was made known to the instance\.$/);
    const states = readSettings(instance({}));
    const refused = survey({ tls12: [0xc02f] }, { certificate: { chain: [], findings: ['expired'] } });
    assert.equal(verdictText(judge(backendHost, refused, states, states)), 'Certificate refused, now as well');
    const lost = judge(backendHost, survey({ tls13: [0x1302] }), states, states);
    assert.equal(verdictText(lost), 'Does not connect now either');
  });

  it('gives every duration its unit', () => {
    assert.deepEqual([0, 999, 59_000, 61_000, 720_000, 3_600_000, 3_900_000].map(durationText), [
      '0 s',
      '1 s',
      '59 s',
      '1 min 1 s',
      '12 min',
      '1 h',
      '1 h 5 min',
    ]);
  });

  it('names keys by their last part and counts the rest', () => {
    assert.equal(keysText([key('Security.Protocols.Tls10'), 'Other']), 'Security.Protocols.Tls10, Other');
    assert.equal(keysText(['a', 'b', 'c', 'd', 'e', 'f']), 'a, b, c, d and 2 more');
  });
});
