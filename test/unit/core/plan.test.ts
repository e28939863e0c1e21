import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { statesForDraft } from '../../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../../src/core/tls/draft.ts';
import type { Survey } from '../../../src/core/tls/evidence.ts';
import { blockersOf, makePlan, planForMap } from '../../../src/core/tls/plan.ts';
import { backendOffer } from '../../../src/core/tls/settings.ts';
import { anyDraft, anyInstance, backendHost as host, instance, key, survey } from '../../support/instances.ts';

const old = instance({ createdAt: '2016-01-01T00:00:00Z' });
const GCM = 0xc02f;
const CBC = 0xc013;

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

  const seen = (change: Partial<Survey>) => ({ 'backend.example:443': survey({ tls12: [GCM] }, change) });
  const off10: DraftChanges = { 'backend.tls10': 'off' };
  const about = (surveys: Record<string, Survey>) =>
    makePlan(input(off10, surveys)).findings.filter(({ code }) => code.startsWith('backend'));

  it('tells what speaks against a backend beside its versions: certificate, client certificate, no TLS', () => {
    assert.deepEqual(about(seen({})), []);
    assert.deepEqual(about(seen({ certificate: { chain: [], findings: ['expired', 'weak-key'] } })), [
      { severity: 'warning', code: 'backendCertificate', host: 'backend.example:443', findings: ['expired'] },
    ]);
    const asks = (inHandshake: 'required' | 'optional') => ({
      clientCertificate: { inHandshake, acceptableIssuers: [] },
    });
    const common = { code: 'backendClientCertificate', host: 'backend.example:443', missingIn: ['orders'] };
    assert.deepEqual(about(seen(asks('required'))), [{ ...common, severity: 'warning', required: true }]);
    assert.deepEqual(about(seen(asks('optional'))), [{ ...common, severity: 'note', required: false }]);
    const equipped = { ...host, usedBy: host.usedBy.map((use) => ({ ...use, clientCertificate: true })) };
    const withIts = { ...input(off10, seen(asks('required'))), backends: [equipped] };
    assert.deepEqual(codes(makePlan(withIts)), []);
    const byPolicy = (policyCertificate: 'all' | 'some', asked: 'required' | 'optional') => {
      const backends = [{ ...host, usedBy: host.usedBy.map((use) => ({ ...use, policyCertificate })) }];
      return makePlan({ ...input(off10, seen(asks(asked))), backends }).findings.filter(({ code }) =>
        code.startsWith('backend'),
      );
    };
    const presented = { code: 'backendPolicyCertificate', host: 'backend.example:443', presentedFor: [], maybeFor: [] };
    assert.deepEqual(byPolicy('all', 'required'), [
      { ...presented, severity: 'note', required: true, presentedFor: ['orders'] },
    ]);
    assert.deepEqual(byPolicy('some', 'required'), [
      { ...presented, severity: 'warning', required: true, maybeFor: ['orders'] },
    ]);
    assert.deepEqual(byPolicy('some', 'optional'), [
      { ...presented, severity: 'note', required: false, maybeFor: ['orders'] },
    ]);
    assert.deepEqual(about(seen({ behaviour: 'plain-http' })), [
      { severity: 'warning', code: 'backendAlreadyBroken', host: 'backend.example:443', behaviour: 'plain-http' },
    ]);
  });

  it('says so where a backend was last probed long before the settings were read', () => {
    const hour = 60 * 60 * 1000;
    const at = (ms: number) => new Date(Date.parse(old.readAt) - ms).toISOString();
    assert.deepEqual(about(seen({ at: at(hour) })), []);
    assert.deepEqual(about(seen({ at: at(hour + 1) })), [
      { severity: 'warning', code: 'backendProbedEarlier', host: 'backend.example:443', at: at(hour + 1) },
    ]);
    assert.deepEqual(about(seen({ at: at(-hour) })), []);
    const plain = { ...input(off10, seen({ at: at(9 * hour) })), backends: [{ ...host, scheme: 'http' as const }] };
    assert.deepEqual(codes(makePlan(plain)), []);
  });

  it('gives the reason of the planned hello first where it is unknown what would be', () => {
    const silent = { ssl3: 'no', tls10: 'no', tls11: 'no', tls12: 'unknown', tls13: 'no' } as const;
    const unknowns = [
      { what: 'renegotiation', why: 'not looked for' },
      { what: 'tls12', why: 'connection reset' },
    ];
    const offer = backendOffer(statesForDraft(old, off10));
    const planned = { offer, connects: 'unknown', version: null, suite: null, why: 'no answer within 5 s' } as const;
    const why = (change: Partial<Survey>) =>
      about(seen({ protocols: silent, suites: {}, ...change })).flatMap((f) =>
        f.code === 'backendUnknown' ? f.why : [],
      );
    assert.deepEqual(why({ unknowns, planned }), ['no answer within 5 s']);
    assert.deepEqual(why({ unknowns }), ['connection reset']);
  });

  it('asks of the backends for changes of cipher suites as well', () => {
    const plan = makePlan(input({ 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA': 'off' }));
    assert.ok(codes(plan).includes('backendNotChecked'));
    assert.deepEqual(
      plan.findings.find(({ code }) => code === 'clientsUnknown'),
      { severity: 'warning', code: 'clientsUnknown', versions: [], suites: 1 },
    );
  });

  it('warns of retired versions only where they come on, and of renegotiation wherever TLS 1.3 may come on', () => {
    const of = (map: Record<string, string>, changes: DraftChanges) =>
      makePlan(input(changes, {}, instance({ createdAt: '2016-01-01T00:00:00Z', customProperties: map }))).findings;
    const retired = (map: Record<string, string>, changes: DraftChanges) =>
      of(map, changes).flatMap((f) => (f.code === 'retiredProtocolOn' ? [`${f.side} ${f.version}`] : []));
    const tls10 = key('Security.Protocols.Tls10');
    assert.deepEqual(retired({ [tls10]: 'False' }, { 'client.tls10': 'on' }), ['client tls10']);
    assert.deepEqual(
      retired({ [tls10]: 'False' }, { 'client.tls10': 'default' }),
      ['client tls10'],
      'its default is on',
    );
    assert.deepEqual(retired({}, { 'client.tls10': 'on' }), [], 'it was on before');
    const warns = (map: Record<string, string>, changes: DraftChanges) =>
      of(map, changes).some(({ code }) => code === 'renegotiationNotChecked');
    const tls13 = key('Security.Protocols.Tls13');
    assert.equal(warns({}, { 'client.tls13': 'on' }), true);
    assert.equal(warns({}, { 'backend.tls13': 'on' }), false);
    assert.equal(warns({ [tls13]: 'false' }, { 'client.tls13': 'default' }), true, 'Azure may switch it on');
    assert.equal(warns({ [tls13]: 'true' }, { 'client.tls13': 'default' }), false);
    assert.equal(warns({ [tls13]: 'perhaps' }, { 'client.tls13': 'default' }), false, 'as unknown as before');
    assert.equal(warns({ [tls13]: 'true' }, { 'client.tls13': 'off' }), false);
  });

  it('blocks TLS 1.3 towards a backend that asks for a client certificate after the handshake', () => {
    const seen = (change: Partial<Survey['clientCertificate']>, tls13: readonly number[] = [0x1302]) => {
      const clientCertificate = { inHandshake: 'none-seen', acceptableIssuers: [], ...change } as const;
      return { 'backend.example:443': survey({ tls12: [GCM], tls13 }, { clientCertificate }) };
    };
    const found = (surveys: Record<string, Survey>, changes: DraftChanges = { 'backend.tls13': 'on' }) =>
      makePlan(input(changes, surveys)).findings.filter(({ code }) => /enegotiate/.test(code));
    assert.deepEqual(found(seen({ renegotiation: 'seen' })), [
      { severity: 'blocker', code: 'backendRenegotiates', host: 'backend.example:443', usedBy: ['orders'] },
    ]);
    assert.equal(found(seen({ renegotiation: 'unknown', postHandshake: 'seen' }))[0]?.severity, 'blocker');
    assert.deepEqual(found(seen({ renegotiation: 'not-seen', postHandshake: 'not-seen' })), []);
    const open = [{ severity: 'warning', code: 'backendsMayRenegotiate', hosts: ['backend.example:443'] }];
    assert.deepEqual(found(seen({ renegotiation: 'unknown' })), open);
    assert.deepEqual(found(seen({})), open, 'nobody has looked');
    assert.deepEqual(found({}), open, 'nobody has probed');
    assert.deepEqual(found(seen({ inHandshake: 'required', renegotiation: 'unknown' })), [], 'asked for before');
    const old = survey(
      { tls12: [GCM] },
      { clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [], renegotiation: 'seen' } },
    );
    assert.deepEqual(found({ 'backend.example:443': old }), [], 'it does not take TLS 1.3');
    assert.deepEqual(
      found(seen({ renegotiation: 'seen' }), { 'backend.tls10': 'off' }),
      [],
      'no concern of this change',
    );
  });

  it('counts a version that was possibly on among those that clients lose', () => {
    const undated = instance({ createdAt: null });
    const lost = makePlan(input({ 'client.tls11': 'off' }, {}, undated)).findings;
    assert.deepEqual(lost, [{ severity: 'warning', code: 'clientsUnknown', versions: ['tls11'], suites: 0 }]);
  });

  it('says of each setting that is not confirmed that it is not, and of a tier once', () => {
    const notes = (change: DraftChanges, tier: string) =>
      codes(makePlan(input(change, {}, instance({ tier })))).filter((code) => code.endsWith('NotConfirmed'));
    assert.deepEqual(notes({ 'backend.tls12': 'off' }, 'Standard'), ['settingNotConfirmed']);
    assert.deepEqual(notes({ 'client.tls10': 'on' }, 'Standard'), []);
    assert.deepEqual(notes({ 'backend.tls12': 'off', 'client.tls10': 'on' }, 'BasicV2'), ['tierNotConfirmed']);
    assert.deepEqual(notes({ 'client.tls10': 'on' }, 'Isolated'), ['tierNotConfirmed']);
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

  it('blocks no change that leaves a backend side without TLS 1.2 and 1.3 as it was, and warns of it', () => {
    const off = {
      [key('Security.Backend.Protocols.Tls12')]: 'False',
      [key('Security.Backend.Protocols.Tls13')]: 'False',
    };
    const without = instance({ createdAt: '2016-01-01T00:00:00Z', customProperties: off });
    const severities = (changes: DraftChanges, on = without) =>
      makePlan(input(changes, {}, on)).findings.flatMap((f) => (f.code === 'noModernBackend' ? f.severity : []));
    assert.deepEqual(severities({ 'client.http2': 'on' }), ['warning']);
    assert.deepEqual(severities({ 'backend.tls11': 'off' }), ['warning']);
    assert.deepEqual(severities({ 'backend.tls12': 'on' }), []);
    assert.deepEqual(severities({}), []);
    const one = instance({ customProperties: { ...off, [key('Security.Backend.Protocols.Tls12')]: 'True' } });
    assert.deepEqual(severities({ 'backend.tls12': 'off' }, one), ['blocker']);
  });

  it('says which addresses cannot be read, where backends matter', () => {
    const unreadable = ['orders', 'stock', 'orders'].map((title) => ({ title, url: 'https://{{host}}/' }));
    const found = (changes: DraftChanges) =>
      makePlan({ ...input(changes), backends: [], unreadable }).findings.filter(
        ({ code }) => code === 'backendsUnreadable',
      );
    assert.deepEqual(found({ 'backend.tls10': 'off' }), [
      { severity: 'warning', code: 'backendsUnreadable', titles: ['orders', 'stock'] },
    ]);
    assert.deepEqual(found({ 'client.tls10': 'off' }), []);
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
    const foreign = instance({ customProperties: { Other: 'x' } });
    assert.deepEqual(makePlan(input({}, {}, foreign)).findings, []);
  });

  it('counts the foreign keys that it sends back', () => {
    const one = instance({
      customProperties: { [key('ManagedIdentity.DisableOverPrivilegedAccess')]: 'true', Other: 'x' },
    });
    assert.deepEqual(makePlan(input({ 'client.http2': 'on' }, {}, one)).findings, [
      {
        severity: 'note',
        code: 'droppedByOthers',
        keys: ['ManagedIdentity.DisableOverPrivilegedAccess', 'Other'],
        withoutProtocols: ['Protocols.Server.Http2'],
      },
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
