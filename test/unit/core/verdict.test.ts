import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BackendHost } from '../../../src/core/instance.ts';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import type { Answer, Survey } from '../../../src/core/tls/evidence.ts';
import { blockersOf, makePlan, planForMap } from '../../../src/core/tls/plan.ts';
import { protocolVersions } from '../../../src/core/tls/protocols.ts';
import { readSettings } from '../../../src/core/tls/settings.ts';
import { statesForDraft } from '../../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import { judge, negotiate } from '../../../src/core/tls/verdict.ts';
import { anyDraft, anyInstance, instance, key, survey } from '../../support/instances.ts';

const host: BackendHost = {
  host: 'backend.example',
  port: 443,
  scheme: 'https',
  usedBy: [
    {
      kind: 'backend',
      id: '/b',
      title: 'orders',
      url: 'https://backend.example',
      validateChain: true,
      validateName: true,
      clientCertificate: false,
    },
  ],
};
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
    const lax = { ...host, usedBy: host.usedBy.map((use) => ({ ...use, validateChain: false })) };
    assert.deepEqual(verdict(expired, {}, old, lax).certificate, ['name-mismatch']);
  });

  it('leaves plain HTTP backends out', () => {
    assert.equal(
      verdict(survey({ tls12: [GCM] }), { 'backend.tls10': 'off' }, old, { ...host, scheme: 'http' }).verdict,
      'noTls',
    );
  });
});

describe('plan', () => {
  const input = (changes: DraftChanges, seen: Record<string, Survey> = {}, on = old) => ({
    instance: on,
    changes,
    backends: [host],
    surveys: seen,
  });
  const codes = (plan: ReturnType<typeof makePlan>) => plan.findings.map(({ code }) => code);

  it('blocks what would break a backend and names it', () => {
    const plan = makePlan(input({ 'backend.tls10': 'off' }, { 'backend.example:443': survey({ tls10: [CBC] }) }));
    const blocker = blockersOf(plan)[0];
    assert.equal(blocker?.code, 'backendBreaks');
    assert.ok(blocker && 'host' in blocker && blocker.host === 'backend.example:443');
  });

  it('warns of backends that were not probed, and of those that cannot be reached', () => {
    assert.ok(codes(makePlan(input({ 'backend.tls10': 'off' }))).includes('backendNotChecked'));
    const lost = survey(
      {},
      {
        behaviour: 'unresolvable',
        protocols: { ssl3: 'unknown', tls10: 'unknown', tls11: 'unknown', tls12: 'unknown', tls13: 'unknown' },
        unknowns: [{ what: 'all', why: 'name not found' }],
      },
    );
    const plan = makePlan(input({ 'backend.tls10': 'off' }, { 'backend.example:443': lost }));
    assert.deepEqual(
      plan.findings.find(({ code }) => code === 'backendUnknown'),
      { severity: 'warning', code: 'backendUnknown', host: 'backend.example:443', why: 'name not found' },
    );
  });

  it('asks nothing of backends when only the client side changes', () => {
    assert.deepEqual(codes(makePlan(input({ 'client.tls10': 'off' }))), ['clientsUnknown']);
  });

  it('blocks a busy instance, a missing map and a backend side without TLS 1.2 and 1.3', () => {
    assert.deepEqual(
      blockersOf(makePlan(input({ 'client.tls10': 'off' }, {}, instance({ provisioningState: 'Updating' })))).map(
        ({ code }) => code,
      ),
      ['busy'],
    );
    assert.deepEqual(
      blockersOf(makePlan(input({ 'client.tls10': 'off' }, {}, instance({ customProperties: null })))).map(
        ({ code }) => code,
      ),
      ['mapMissing'],
    );
    assert.ok(codes(makePlan(input({ 'backend.tls12': 'off' }))).includes('noModernBackend'));
  });

  it('warns of downtime in Developer, of tiers nobody has confirmed, and of versions left without a suite', () => {
    assert.ok(
      codes(makePlan(input({ 'client.http2': 'on' }, {}, instance({ tier: 'Developer' })))).includes('downtime'),
    );
    assert.ok(
      codes(makePlan(input({ 'client.tls10': 'on' }, {}, instance({ tier: 'StandardV2' })))).includes(
        'tierNotConfirmed',
      ),
    );
    const all = Object.fromEntries(
      gatewaySuites.filter((s) => s.versions.includes('tls10')).map((s) => [`cipher.${s.name}`, 'off']),
    ) as DraftChanges;
    assert.deepEqual(
      makePlan(input(all)).findings.flatMap((f) =>
        f.code === 'versionWithoutSuite' ? [`${f.side} ${f.version}`] : [],
      ),
      ['client tls10', 'client tls11', 'backend tls10', 'backend tls11'],
    );
  });

  it('puts blockers before warnings before notes, and says nothing of an empty draft', () => {
    fc.assert(
      fc.property(anyInstance, anyDraft, (one, draft) => {
        const order = makePlan({ instance: one, changes: draft, backends: null, surveys: {} }).findings.map(
          ({ severity }) => ['blocker', 'warning', 'note'].indexOf(severity),
        );
        assert.deepEqual(
          order,
          [...order].sort((a, b) => a - b),
        );
      }),
    );
    const plan = makePlan(input({}));
    assert.deepEqual([plan.changes, plan.keyChanges, plan.findings], [[], [], []]);
  });

  it('counts the foreign keys that it sends back', () => {
    const one = instance({
      customProperties: { [key('ManagedIdentity.DisableOverPrivilegedAccess')]: 'true', Other: 'x' },
    });
    assert.deepEqual(makePlan(input({ 'client.http2': 'on' }, {}, one)).findings, [
      { severity: 'note', code: 'unknownKeysKept', count: 2 },
    ]);
  });

  it('leads to the map before a change exactly', () => {
    fc.assert(
      fc.property(anyInstance, anyDraft, (one, draft) => {
        const before = one.customProperties ?? {};
        const changed = {
          ...one,
          customProperties: makePlan({ instance: one, changes: draft, backends: null, surveys: {} }).map,
        };
        assert.deepEqual(planForMap({ instance: changed, backends: null, surveys: {} }, before).map, before);
      }),
    );
  });
});
