import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AskingOperations } from '../../../src/core/askingOperations.ts';
import type { Survey } from '../../../src/core/tls/evidence.ts';
import { readiness } from '../../../src/core/tls/readiness.ts';
import type { ReadinessInput, SideReadiness } from '../../../src/core/tls/readiness.ts';
import { readinessDocument, readinessReasonText, readinessVerdictText } from '../../../src/core/tls/readinessText.ts';
import { backendOffer, readSettings } from '../../../src/core/tls/settings.ts';
import type { Traffic } from '../../../src/core/traffic.ts';
import { anyInstance, backendHost, instance, key, survey } from '../../support/instances.ts';

const read = { sure: 0, atLeast: false, days: 30, readAt: '2026-11-20T12:00:00Z' };
const none: AskingOperations = { ...read, count: 0, complete: true, sources: [] };
const later = (change: Partial<Survey['clientCertificate']>) => ({
  clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [], ...change } as const,
});
const calm = later({ renegotiation: 'not-seen', postHandshake: 'not-seen' });
const both = { tls12: [0xc030], tls13: [0x1302] };

function input(change: Partial<ReadinessInput> = {}): ReadinessInput {
  return {
    instance: instance({ customProperties: { [key('Security.Backend.Protocols.Tls13')]: 'False' } }),
    asking: none,
    backends: [backendHost],
    unreadable: [],
    surveys: { 'backend.example:443': survey(both, calm) },
    traffic: null,
    selfHosted: [],
    ...change,
  };
}

const sides = (change: Partial<ReadinessInput> = {}) => readiness(input(change));
const client = (change: Partial<ReadinessInput> = {}) => sides(change)[0];
const backend = (change: Partial<ReadinessInput> = {}) => sides(change)[1];
const seen = (one: Survey) => backend({ surveys: { 'backend.example:443': one } });
const told = ({ verdict, reasons }: SideReadiness) => [
  verdict,
  ...reasons.filter(({ weight }) => weight !== 'note').map(({ weight, code }) => `${weight} ${code}`),
];

describe('readiness for TLS 1.3', () => {
  it('of callers: nobody may ask them for a certificate by renegotiation, and everything must have been looked at', () => {
    assert.deepEqual(told(client()), ['ready', 'for noneAsking']);
    assert.deepEqual(told(client({ asking: { ...none, count: 2, sure: 1 } })), ['notReady', 'against asking']);
    // That they may be asked speaks against nothing yet.
    assert.deepEqual(told(client({ asking: { ...none, count: 2 } })), ['unknown', 'open mayAsk']);
    assert.deepEqual(told(client({ asking: null })), ['unknown', 'open askingNotRead']);
    const partly = { ...read, count: 0, complete: false, sources: ['The logs were not read.'] };
    assert.deepEqual(told(client({ asking: partly })), ['unknown', 'open askingIncomplete']);
    assert.deepEqual(told(client({ asking: { ...partly, count: 1, sure: 1 } })), [
      'notReady',
      'against asking',
      'open askingIncomplete',
    ]);
    assert.deepEqual(told(client({ instance: instance({ tier: 'StandardV2' }), asking: null })), [
      'ready',
      'for noRenegotiation',
    ]);
  });

  it('of backends: each must keep its connection, and must not ask for a certificate after the handshake', () => {
    assert.deepEqual(told(backend()), ['ready', 'for with13']);
    assert.deepEqual(told(seen(survey(both, later({ renegotiation: 'seen' })))), [
      'notReady',
      'against renegotiate',
      'for with13',
    ]);
    assert.deepEqual(told(seen(survey(both, later({ renegotiation: 'not-seen', postHandshake: 'seen' })))), [
      'notReady',
      'against renegotiate',
      'for with13',
    ]);
    assert.deepEqual(told(seen(survey(both))), ['unknown', 'open mayRenegotiate', 'for with13']);
    assert.deepEqual(told(seen(survey(both, later({ inHandshake: 'required' })))), ['ready', 'for with13']);
  });

  it('of backends: one path that asks is enough', () => {
    const path = { path: '/partners', source: 'operation', postHandshake: 'not-seen', requests: [] } as const;
    const asks = (renegotiation: 'seen' | 'not-seen') =>
      seen(survey(both, later({ renegotiation: 'not-seen', paths: [{ ...path, renegotiation }] }))).verdict;
    assert.deepEqual([asks('not-seen'), asks('seen')], ['ready', 'notReady']);
  });

  it('of backends without TLS 1.3: they go on with an earlier version, renegotiating or not', () => {
    const one = seen(survey({ tls12: [0xc030] }, later({ renegotiation: 'seen' })));
    assert.deepEqual(told(one), ['ready']);
    assert.ok(one.reasons.some(({ code }) => code === 'without13'));
  });

  it('of backends without TLS 1.3 that may stumble over an offer of it: that is not known', () => {
    const states = readSettings(input().instance);
    const offer = backendOffer({ ...states, 'backend.tls13': { ...states['backend.tls13'], value: 'on' } });
    const planned = { offer, connects: 'unknown', version: null, suite: null, why: 'reset' } as const;
    assert.deepEqual(told(seen(survey({ tls12: [0xc030] }, { planned }))), ['unknown', 'open outcomeUnknown']);
  });

  it('of backends of which not everything is known', () => {
    assert.deepEqual(told(backend({ backends: null })), ['unknown', 'open backendsNotRead']);
    assert.deepEqual(told(backend({ surveys: {} })), ['unknown', 'open notProbed']);
    assert.deepEqual(told(backend({ backends: [], unreadable: [{ title: 'legacy', url: '' }] })), [
      'unknown',
      'open unreadable',
    ]);
    const lost = survey({}, { behaviour: 'timeout' });
    const unknown = { ...lost.protocols, tls12: 'unknown', tls13: 'unknown' } as const;
    assert.deepEqual(told(seen({ ...lost, protocols: unknown })), ['unknown', 'open outcomeUnknown']);
    assert.deepEqual(told(seen(survey(both, { ...calm, at: '2026-11-18T12:00:00Z' }))), [
      'unknown',
      'open probedEarlier',
      'for with13',
    ]);
    assert.deepEqual(told(backend({ backends: [] })), ['ready', 'for noBackends']);
    const plain = { ...backendHost, scheme: 'http' } as const;
    assert.deepEqual(told(backend({ backends: [plain], surveys: {} })), ['ready', 'for noBackends']);
    assert.deepEqual(told(seen(survey({}, { behaviour: 'plain-http' }))), ['ready']);
  });

  it('is not known where Azure does not state the settings', () => {
    assert.equal(client({ instance: instance({ customProperties: null }) }).verdict, 'unknown');
    const odd = instance({ customProperties: { [key('Security.Backend.Protocols.Tls13')]: 'perhaps' } });
    assert.equal(backend({ instance: odd }).verdict, 'unknown');
  });

  it('names what was not looked at and what the setting does not reach', () => {
    const codes = (side: SideReadiness) => side.reasons.map(({ code }) => code);
    assert.ok(codes(client({ selfHosted: ['edge'] })).includes('selfHosted'));
    assert.ok(codes(backend({ selfHosted: null })).includes('selfHostedNotRead'));
    assert.ok(codes(client()).includes('trafficNotRead'));
    const traffic: Traffic = {
      state: 'read',
      days: 30,
      readAt: '2026-11-20T12:00:00Z',
      source: { workspaceId: '/w', table: 'dedicated' },
      totals: [{ version: 'tls13', versionText: '1.3', requests: 5, callers: 1, lastSeen: null }],
      rows: [],
      cut: false,
    };
    assert.ok(codes(client({ traffic })).includes('seen13'));
    assert.ok(!codes(client({ traffic })).includes('trafficNotRead'));
  });

  it('is never "ready" where one thing that may speak against it is not known', () => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
    const surveys = fc.constantFrom<Record<string, Survey>>(
      {},
      { 'backend.example:443': survey(both, calm) },
      { 'backend.example:443': survey(both) },
      { 'backend.example:443': survey(both, later({ renegotiation: 'seen' })) },
    );
    const asking = maybe(
      fc
        .record({ count: fc.nat(3), complete: fc.boolean(), sources: fc.constant(['x.']) })
        .map((one) => ({ ...read, ...one })),
    );
    fc.assert(
      fc.property(anyInstance, surveys, asking, fc.boolean(), (one, found, known, read) => {
        const all = readiness(
          input({ instance: one, surveys: found, asking: known, backends: read ? [backendHost] : null }),
        );
        for (const { verdict, reasons } of all) {
          const has = (weight: string) => reasons.some((reason) => reason.weight === weight);
          assert.equal(verdict, has('against') ? 'notReady' : has('open') ? 'unknown' : 'ready');
          for (const reason of reasons) assert.match(readinessReasonText(reason), /^.+\.$/s);
        }
        if (!read) assert.notEqual(all[1].verdict, 'ready');
      }),
    );
  });

  it('counts one as one, and says where there are more', () => {
    const words = (part: Partial<AskingOperations>) => {
      const reasons = client({ asking: { ...none, ...part } }).reasons.map((reason) => readinessReasonText(reason));
      return reasons.find((text) => text.startsWith('Callers of '));
    };
    assert.match(words({ count: 1, sure: 1 }) ?? '', /^Callers of 1 operation are asked .* 1 of medium or high/);
    assert.match(words({ count: 12, sure: 2, atLeast: true }) ?? '', /^Callers of at least 12 operations are asked/);
    assert.match(words({ count: 1, atLeast: true }) ?? '', /^Callers of at least 1 operation may be asked/);
    const seen = { code: 'seen13', weight: 'note', requests: 1, days: 30, readAt: '2026-11-20T12:00:00Z' } as const;
    assert.match(readinessReasonText(seen), /: 1 request in the logs/);
  });

  it('is told as one document for several instances, with those that could not be read', () => {
    const one = input({ asking: { ...none, count: 2, sure: 2 }, selfHosted: ['edge|1', '<b>x</b>'] });
    const text = readinessDocument(
      [{ input: one, sides: readiness(one), problems: ['Traffic: no permission'] }],
      [{ name: 'two', problem: 'Forbidden.' }],
      '2026-11-20T12:30:00Z',
    );
    for (const part of [
      /^# TLS 1\.3 readiness of 2 instances$/m,
      /Put together on 2026-11-20 12:30:00 UTC/,
      /\| `one` +\| Not ready for TLS 1\.3 +\| Ready for TLS 1\.3 +\|/,
      /^### Client side: Not ready for TLS 1\.3$/m,
      /^- \*\*Against:\*\* Callers of 2 operations are asked/m,
      /^- Operations that ask for certificates: estimate of 2026-11-20 12:00:00 UTC, with the logs of 30 days$/m,
      /^- 1 host probed on \d/m,
      /^- \*\*For:\*\* Accept TLS 1\.3: backend\.example:443\./m,
      /^- Traffic: no permission$/m,
      /^- `two`: Forbidden\.$/m,
    ])
      assert.ok(part.test(text), `${String(part)}\n${text}`);
    assert.doesNotMatch(text, /(?<!\\)<b>/);
    const alone = readinessDocument([], [{ name: 'two', problem: 'Forbidden.' }], '2026-11-20T12:30:00Z');
    assert.match(alone, /^# TLS 1\.3 readiness of two$/m);
    assert.equal(readinessVerdictText({ verdict: 'ready', value: 'on' }).startsWith('TLS 1.3 is on'), true);
  });
});
