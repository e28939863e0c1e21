import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import type { Answer, Survey } from '../../../src/core/tls/evidence.ts';
import { protocolVersions } from '../../../src/core/tls/protocols.ts';
import { readSettings } from '../../../src/core/tls/settings.ts';
import { statesForDraft } from '../../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import { judge, negotiate } from '../../../src/core/tls/verdict.ts';
import { backendHost as host, instance, key, survey } from '../../support/instances.ts';

const old = instance({ createdAt: '2016-01-01T00:00:00Z' });
const GCM = 0xc02f;
const CBC = 0xc013;

function verdict(seen: Survey | undefined, changes: DraftChanges, on = old, backend = host) {
  return judge(backend, seen, readSettings(on), statesForDraft(on, changes));
}

describe('verdict: would the backend still connect', () => {
  it('breaks a backend that speaks only what is switched off', () => {
    const result = verdict(survey({ tls10: [CBC] }), { 'backend.tls10': 'off' });
    assert.equal(result.verdict, 'breaks');
    assert.deepEqual(result.now, { connects: 'yes', version: 'tls10', suite: CBC });
  });

  it('breaks a backend that loses its last suite', () => {
    assert.equal(
      verdict(survey({ tls12: [CBC] }), { 'cipher.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA': 'off' }).verdict,
      'breaks',
    );
    assert.equal(
      verdict(survey({ tls12: [CBC, 0xc014] }), { 'cipher.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA': 'off' }).verdict,
      'changes',
    );
  });

  it('tells same, changes, repaired and already broken apart', () => {
    assert.equal(verdict(survey({ tls12: [GCM], tls10: [CBC] }), { 'backend.tls10': 'off' }).verdict, 'same');
    assert.equal(verdict(survey({ tls13: [0x1302], tls12: [GCM] }), { 'backend.tls13': 'on' }).verdict, 'changes');
    assert.equal(verdict(survey({ tls13: [0x1302] }), { 'backend.tls13': 'on' }).verdict, 'repaired');
    assert.equal(verdict(survey({ tls13: [0x1302] }), { 'backend.tls10': 'off' }).verdict, 'alreadyBroken');
  });

  it('says when forward secrecy goes', () => {
    const changes: DraftChanges = { 'cipher.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA': 'off' };
    assert.equal(verdict(survey({ tls12: [CBC, 0x002f] }), changes).losesForwardSecrecy, true);
    assert.equal(verdict(survey({ tls12: [CBC, GCM] }), changes).losesForwardSecrecy, false);
    const never = verdict(survey({ tls12: [0x009c, 0x002f] }), { 'cipher.TLS_RSA_WITH_AES_128_GCM_SHA256': 'off' });
    assert.deepEqual([never.verdict, never.losesForwardSecrecy], ['changes', false]);
  });

  it('lets the gateway’s own order decide where the server follows its clients', () => {
    const offer = { versions: ['tls12'], suites: [0xc030, GCM, CBC] } as const;
    const picked = (preference: NonNullable<Survey['preference']>['tls12']) =>
      negotiate(
        offer,
        survey(
          { tls12: [GCM, 0xc030] },
          { preferred: { tls12: GCM }, ...(preference && { preference: { tls12: preference } }) },
        ),
      ).suite;
    assert.equal(picked('server'), GCM);
    assert.equal(picked('client'), 0xc030);
    assert.equal(picked('unknown'), null, 'it connects, by one of the two');
    assert.equal(picked(undefined), GCM);
    const nothing = negotiate(offer, survey({ tls12: [0x009c] }, { preference: { tls12: 'client' } }));
    assert.equal(nothing.connects, 'no');
  });

  it('never takes unknown for a yes', () => {
    assert.equal(verdict(undefined, {}).verdict, 'unknown');
    const silent = survey(
      {},
      {
        behaviour: 'timeout',
        protocols: Object.fromEntries(protocolVersions.map((v) => [v, 'unknown'])) as Record<
          (typeof protocolVersions)[number],
          Answer
        >,
      },
    );
    assert.equal(verdict(silent, { 'backend.tls10': 'off' }).verdict, 'unknown');
    assert.equal(
      negotiate({ versions: ['tls12'], suites: [GCM] }, survey({ tls12: [CBC] }, { suites: {} })).connects,
      'unknown',
    );
  });

  it('does not call a backend broken where the gateway’s own settings are not known', () => {
    const undated = instance({ createdAt: null });
    assert.equal(verdict(survey({ tls10: [CBC] }), {}, undated).verdict, 'unknown');
    assert.equal(
      verdict(survey({ tls10: [CBC] }), { 'backend.tls10': 'off' }, undated).verdict,
      'breaks',
      'it may connect now, and would not then',
    );
    assert.equal(verdict(survey({ tls10: [CBC] }), { 'backend.tls10': 'on' }, undated).draft.connects, 'yes');
  });

  it('takes the answer to the very offer for what it is, and that to another for nothing', () => {
    const offer = { versions: ['tls12', 'tls10'], suites: [GCM, CBC] } as const;
    const seen = (connects: Answer, of: Survey['planned'] = null) =>
      survey(
        { tls12: [GCM], tls10: [CBC] },
        { planned: { offer, connects, version: null, suite: null, why: null, ...of } },
      );
    assert.equal(negotiate(offer, seen('no')).connects, 'no');
    assert.equal(negotiate(offer, seen('unknown')).connects, 'unknown');
    for (const other of [
      { versions: ['tls12'], suites: [GCM, CBC] },
      { versions: ['tls12', 'tls10', 'tls11'], suites: [GCM, CBC] },
      { versions: ['tls12', 'tls10'], suites: [GCM] },
      { versions: ['tls12', 'tls10'], suites: [GCM, CBC, 0xc014] },
    ] as const)
      assert.deepEqual(negotiate(other, seen('no')), { connects: 'yes', version: 'tls12', suite: GCM });
  });

  it('does not know what comes of an offer whose better version was not answered, or has no suite in common', () => {
    const offer = { versions: ['tls13', 'tls12'], suites: [0x1302, GCM] } as const;
    const lower = { connects: 'yes', version: 'tls12', suite: GCM };
    const with13 = (tls13: Answer, suites: Survey['suites']) => {
      const seen = survey({ tls12: [GCM] });
      return survey({}, { protocols: { ...seen.protocols, tls13 }, suites: { ...seen.suites, ...suites } });
    };
    assert.deepEqual(negotiate(offer, with13('no', {})), lower);
    assert.equal(negotiate(offer, with13('unknown', {})).connects, 'unknown');
    assert.equal(negotiate(offer, with13('yes', {})).connects, 'unknown', 'suites of TLS 1.3 not asked to the end');
    assert.equal(negotiate(offer, with13('yes', { tls13: [0x1301] })).connects, 'unknown', 'it may choose TLS 1.3');
    assert.deepEqual(negotiate({ versions: ['tls12'], suites: [GCM] }, with13('unknown', {})), lower);
    const only13 = survey({ tls13: [0x1301] });
    assert.equal(negotiate(offer, only13).connects, 'no');
  });

  it('counts a suite that was picked although the list of suites broke off', () => {
    const seen = survey({ tls12: [] }, { suites: {}, preferred: { tls12: GCM } });
    const expected = { connects: 'yes', version: 'tls12', suite: GCM };
    assert.deepEqual(negotiate({ versions: ['tls12'], suites: [CBC, GCM] }, seen), expected);
    assert.equal(negotiate({ versions: ['tls12'], suites: [CBC] }, seen).connects, 'unknown');
  });

  it('says nothing of a version that depends on a setting nobody knows', () => {
    const odd = instance({ customProperties: { [key('Security.Backend.Protocols.Tls13')]: 'perhaps' } });
    assert.deepEqual(verdict(survey({ tls13: [0x1302], tls12: [GCM] }), {}, odd).now, {
      connects: 'yes',
      version: null,
      suite: null,
    });
    assert.equal(verdict(survey({ tls12: [GCM] }), {}, odd).now.version, 'tls12');
    const made = verdict(survey({ tls13: [0x1302], tls12: [GCM] }), { 'backend.tls13': 'on' }, odd);
    assert.deepEqual([made.verdict, made.draft.version], ['connects', 'tls13']);
  });

  it('does not call it the same where what there is now is not known', () => {
    const seen = survey({ tls12: [GCM] });
    const unsure = survey({}, { protocols: { ...seen.protocols, tls11: 'unknown' }, suites: { tls10: [CBC] } });
    const undecided = { ...unsure, protocols: { ...unsure.protocols, tls12: 'no', tls10: 'yes' } } as const;
    assert.equal(verdict(undecided, { 'backend.tls11': 'off' }).verdict, 'connects');
    assert.equal(verdict(undecided, { 'backend.tls10': 'off' }).verdict, 'unknown');
  });

  it('is a yes only where the survey saw a version and a suite that the offer has', () => {
    const anySurvey = fc
      .dictionary(fc.constantFrom(...protocolVersions), fc.subarray(gatewaySuites.map(({ code }) => code)))
      .chain((suites) =>
        fc
          .record(
            Object.fromEntries(
              protocolVersions.map((v) => [v, fc.constantFrom<Answer[]>('yes', 'no', 'unknown')]),
            ) as Record<(typeof protocolVersions)[number], fc.Arbitrary<Answer>>,
          )
          .map((protocols) => survey({}, { protocols, suites })),
      );
    fc.assert(
      fc.property(
        anySurvey,
        fc.subarray([...protocolVersions]),
        fc.subarray(gatewaySuites.map(({ code }) => code)),
        (seen, versions, suites) => {
          const result = negotiate({ versions: [...versions].reverse(), suites }, seen);
          const possible = versions.filter(
            (v) => seen.protocols[v] === 'yes' && seen.suites[v]?.some((code) => suites.includes(code)),
          );
          if (result.connects === 'yes') assert.ok(possible.length > 0);
          if (result.connects === 'no')
            assert.deepEqual(
              possible.filter((v) =>
                gatewaySuites.some(
                  (s) => s.versions.includes(v) && suites.includes(s.code) && seen.suites[v]?.includes(s.code),
                ),
              ),
              [],
            );
          if (result.version !== null) assert.ok(versions.includes(result.version));
        },
      ),
    );
  });

  it('counts certificate findings only where the backend validates them', () => {
    const expired = survey(
      { tls12: [GCM] },
      { certificate: { chain: [], findings: ['expired', 'name-mismatch', 'expires-soon'] } },
    );
    assert.deepEqual(verdict(expired, {}).certificate, ['expired', 'name-mismatch']);
    const [use] = host.usedBy;
    assert.ok(use);
    const usedBy = (...changes: readonly Partial<typeof use>[]) => ({
      ...host,
      usedBy: changes.map((change) => ({ ...use, ...change })),
    });
    assert.deepEqual(verdict(expired, {}, old, usedBy({ validateChain: false })).certificate, ['name-mismatch']);
    assert.deepEqual(verdict(expired, {}, old, usedBy({ validateName: false })).certificate, ['expired']);
    const lax = { validateChain: false, validateName: false };
    assert.deepEqual(verdict(expired, {}, old, usedBy(lax)).certificate, []);
    assert.deepEqual(verdict(expired, {}, old, usedBy(lax, {})).certificate, ['expired', 'name-mismatch']);
    assert.equal(verdict(expired, {}, old, usedBy(lax)).verdict, 'same');
    assert.equal(verdict(expired, {}, old, usedBy(lax, {})).verdict, 'same', 'one of two takes it');
    assert.equal(verdict(expired, {}, old, usedBy({ validateChain: false }, {})).verdict, 'alreadyBroken');
    assert.equal(verdict(expired, {}).verdict, 'alreadyBroken', 'a refused certificate is no connection');
  });

  it('leaves it open whether the gateway knows an issuer that this machine does not know', () => {
    for (const finding of ['self-signed', 'unknown-root', 'incomplete-chain'] as const) {
      const seen = survey({ tls12: [GCM] }, { certificate: { chain: [], findings: [finding] } });
      assert.deepEqual([verdict(seen, {}).verdict, verdict(seen, {}).certificate], ['same', [finding]]);
    }
    const seen = survey({ tls10: [CBC] }, { certificate: { chain: [], findings: ['expired'] } });
    assert.equal(verdict(seen, { 'backend.tls10': 'off' }).verdict, 'breaks');
  });

  it('names who has no client certificate for a backend that asks for one', () => {
    const [use] = host.usedBy;
    assert.ok(use);
    const both = { ...host, usedBy: [use, { ...use, title: 'bank', clientCertificate: true }] };
    const asks = (inHandshake: Survey['clientCertificate']['inHandshake']) =>
      verdict(survey({ tls12: [GCM] }, { clientCertificate: { inHandshake, acceptableIssuers: [] } }), {}, old, both)
        .clientCertificate;
    assert.deepEqual(asks('required'), { required: true, missingIn: ['orders'] });
    assert.deepEqual(asks('optional'), { required: false, missingIn: ['orders'] });
    assert.deepEqual([asks('none-seen'), asks('unknown')], [null, null]);
    const wanted = { inHandshake: 'required', acceptableIssuers: [] } as const;
    const byPolicy = {
      ...host,
      usedBy: [
        { ...use, policyCertificate: 'all' as const },
        { ...use, title: 'bank', policyCertificate: 'some' as const },
        { ...use, title: 'own', clientCertificate: true },
      ],
    };
    assert.deepEqual(
      verdict(survey({ tls12: [GCM] }, { clientCertificate: wanted }), {}, old, byPolicy).clientCertificate,
      { required: true, missingIn: [], byPolicy: { all: ['orders'], some: ['bank'] } },
    );
  });

  it('calls what is no TLS broken, whatever else is known', () => {
    for (const behaviour of ['plain-http', 'not-tls'] as const) {
      const result = verdict(survey({ tls12: [GCM] }, { behaviour }), {});
      assert.deepEqual([result.verdict, result.now.connects, result.draft.connects], ['alreadyBroken', 'no', 'no']);
    }
  });

  it('leaves plain HTTP backends out', () => {
    assert.equal(
      verdict(survey({ tls12: [GCM] }), { 'backend.tls10': 'off' }, old, { ...host, scheme: 'http' }).verdict,
      'noTls',
    );
  });
});
