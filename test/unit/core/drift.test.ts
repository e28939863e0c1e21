import assert from 'node:assert/strict';
import fc from 'fast-check';
import { driftWindow, fingerprintOf, isNotable, judge, memoryKey, remember } from '../../../src/core/drift.ts';
import type { Drift, Remembered } from '../../../src/core/drift.ts';
import { driftSentence } from '../../../src/core/driftText.ts';
import type { HistoryEntry } from '../../../src/core/history.ts';
import type { CustomProperties, Instance } from '../../../src/core/instance.ts';
import { keyPrefix } from '../../../src/core/tls/customProperties.ts';
import { draftBackTo, stateTarget } from '../../../src/core/tls/stateTarget.ts';
import { mapForDraft } from '../../../src/core/tls/draft.ts';
import { settings } from '../../../src/core/tls/settings.ts';

const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/one';
const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString();
const key = (name: string) => `${keyPrefix}${name}`;

function instance(map: CustomProperties | null, part: Partial<Instance> = {}): Instance {
  return {
    id,
    name: 'one',
    resourceGroup: 'g',
    subscriptionId: 's',
    tenantId: 't',
    location: 'westeurope',
    otherRegions: [],
    tier: 'Premium',
    units: 1,
    provisioningState: 'Succeeded',
    createdAt: '2022-05-11T09:30:07.5531021Z',
    platformVersion: null,
    etag: 'e2',
    customProperties: map,
    gatewayUrl: null,
    hosts: [],
    readAt: at(60),
    ...part,
  };
}

function memory(map: CustomProperties, part: Partial<Remembered> = {}): Remembered {
  const seen = remember(instance(map, { readAt: at(0), etag: 'e1' }), 'seen');
  assert.ok(seen);
  return { ...seen, ...part };
}

function entry(after: CustomProperties, part: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    ...{ id: 'op', instanceId: id, kind: 'change', startedAt: at(10), endedAt: at(20), who: 'me' },
    ...{ before: {}, after, result: 'done', detail: '' },
    ...part,
  };
}

function driftIn(judgement: ReturnType<typeof judge>): Drift {
  assert.equal(judgement.kind, 'drift');
  assert.ok(judgement.kind === 'drift');
  return judgement.drift;
}

const knownKeys = settings.flatMap(({ keys }) => keys);
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join(''));
/** A map without two spellings of one key. */
const maps = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...knownKeys, 'Other.A', 'Other.B'), fc.constantFrom('True', 'false', 'x')), {
    selector: ([name]) => name.toLowerCase(),
    maxLength: 12,
  })
  .map((entries): CustomProperties => Object.fromEntries(entries));
/** The same map as another tool would write it. */
const rewritten = (map: CustomProperties) =>
  fc
    .tuple(
      ...Object.entries(map).map(([name, text]) =>
        fc.tuple(anyCase(name), text === 'x' ? fc.constant(text) : anyCase(text)),
      ),
    )
    .chain((entries) => fc.shuffledSubarray(entries, { minLength: entries.length }))
    .map((entries): CustomProperties => Object.fromEntries(entries));
const same = (a: CustomProperties, b: CustomProperties) => {
  const plain = (map: CustomProperties) =>
    Object.entries(map)
      .map(([name, text]) => `${name.toLowerCase()}=${text.toLowerCase()}`)
      .sort();
  return plain(a).join('\n') === plain(b).join('\n');
};

describe('drift', () => {
  it('is there exactly where the maps differ, keys and truth values without regard to case', () => {
    fc.assert(
      fc.property(maps, maps, (before, now) => {
        const judgement = judge(instance(now), memory(before), []);
        assert.equal(judgement.kind, same(before, now) ? 'asRemembered' : 'drift');
      }),
    );
    fc.assert(
      fc.property(
        maps.chain((map) => fc.tuple(fc.constant(map), rewritten(map))),
        ([before, now]) => assert.equal(judge(instance(now), memory(before), []).kind, 'asRemembered'),
      ),
    );
  });

  it('is never what was changed from here, whichever window saw the end of it, if any did', () => {
    const results = fc.constantFrom('done', 'different', 'running', 'failed', 'unknown' as const);
    fc.assert(
      fc.property(maps, maps, maps, results, fc.boolean(), (before, sent, found, result, withEnd) => {
        // What the service made of it is kept where it was read back.
        const readBack = result === 'done' || result === 'different';
        const now = readBack ? found : sent;
        const own = entry(sent, {
          result: result as HistoryEntry['result'],
          endedAt: withEnd || readBack ? at(20) : null,
          ...(readBack ? { found } : {}),
        });
        const judgement = judge(instance(now), memory(before), [own]);
        assert.equal(judgement.kind, 'asRemembered');
        if (judgement.kind === 'asRemembered' && !same(before, now))
          assert.equal(judgement.remembered.source, 'applied');
      }),
    );
  });

  it('is what somebody changed after our own change, and counts from its end', () => {
    const own = entry({ a: 'True' });
    const { since, keys } = driftIn(judge(instance({ a: 'False' }), memory({ a: 'x' }), [own]));
    assert.deepEqual([since.source, since.at], ['applied', at(20)]);
    assert.deepEqual(keys, [{ key: 'a', before: 'True', after: 'False' }]);
  });

  it('is there as well where somebody took our change back', () => {
    const judgement = judge(instance({ a: 'True' }), memory({ a: 'True' }), [entry({ a: 'False' })]);
    assert.deepEqual(driftIn(judgement).keys, [{ key: 'a', before: 'False', after: 'True' }]);
  });

  it('is not taken from changes that were refused, or that had ended before the instance was seen', () => {
    for (const own of [
      entry({ a: 'x' }, { result: 'refused' }),
      entry({ a: 'x' }, { startedAt: at(-9), endedAt: at(-5) }),
    ])
      assert.equal(judge(instance({ a: 'x' }), memory({ a: 'True' }), [own]).kind, 'drift');
  });

  it('is uncertain by a row without etag, and open by a reading older than our own change', () => {
    assert.equal(judge(instance({ a: 'x' }, { etag: null }), memory({ a: 'y' }), []).kind, 'uncertain');
    const early = instance({ a: 'x' }, { readAt: at(15) });
    assert.equal(judge(early, memory({ a: 'x' }), [entry({ a: 'y' })]).kind, 'open');
    assert.equal(judge(early, memory({ a: 'y' }, { at: at(30), source: 'applied' }), []).kind, 'open');
  });

  it('is left open while Azure changes the instance or states no settings', () => {
    assert.equal(judge(instance({ a: 'x' }, { provisioningState: 'Updating' }), memory({ a: 'y' }), []).kind, 'open');
    assert.equal(judge(instance(null), memory({ a: 'y' }), []).kind, 'open');
  });

  it('begins anew with another instance of the same name, and not with a moved one', () => {
    const elsewhere = instance({ a: 'x' }, { id: id.replace('/g/', '/h/'), createdAt: '2022-05-11T09:30:07Z' });
    assert.equal(memoryKey(elsewhere), memoryKey(instance({}, { name: 'ONE' })));
    assert.equal(judge(elsewhere, memory({ a: 'y' }), []).kind, 'drift');
    const again = judge(instance({ a: 'x' }, { createdAt: at(50) }), memory({ a: 'y' }), []);
    assert.ok(again.kind === 'asRemembered' && again.remembered.map['a'] === 'x');
  });

  it('forgets that the user was told of it once it has gone', () => {
    const back = judge(instance({ a: 'y' }), memory({ a: 'y' }, { told: 'x' }), []);
    assert.ok(back.kind === 'asRemembered' && back.remembered.told === undefined);
    assert.equal(back.kind === 'asRemembered' && back.remembered.at, at(60));
  });

  const tls = (name: string, on: boolean) => ({ [key(`Security.Protocols.${name}`)]: String(on) });
  const suite = 'Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA';
  const graded: readonly (readonly [string, CustomProperties, CustomProperties, Drift['grade']])[] = [
    ['TLS 1.0 on', tls('Tls10', false), tls('Tls10', true), 'weaker'],
    ['TLS 1.0 left out, off by default', tls('Tls10', true), {}, 'stronger'],
    ['TLS 1.3 off', tls('Tls13', true), tls('Tls13', false), 'weaker'],
    ['a weak suite off', { [key(suite)]: 'True' }, { [key(suite)]: 'false' }, 'stronger'],
    [
      'one on, one off',
      { ...tls('Tls10', true), ...tls('Tls11', false) },
      { ...tls('Tls10', false), ...tls('Tls11', true) },
      'weaker',
    ],
    ['HTTP/2', { [key('Protocols.Server.Http2')]: 'False' }, { [key('Protocols.Server.Http2')]: 'True' }, 'other'],
    ['an unknown key', {}, { [key('Preview.New')]: '1' }, 'other'],
    ['a text that is no truth value', tls('Tls10', false), { [key('Security.Protocols.Tls10')]: 'maybe' }, 'other'],
    [
      'another text that is no truth value',
      { [key('Security.Protocols.Tls10')]: 'yes' },
      { [key('Security.Protocols.Tls10')]: 'no' },
      'other',
    ],
    [
      'one of two spellings',
      {
        [key('Security.Ciphers.TripleDes168')]: 'True',
        [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'True',
      },
      { [key('Security.Ciphers.TripleDes168')]: 'True' },
      'same',
    ],
    ['the default, written out', {}, tls('Tls10', false), 'same'],
  ];
  for (const [what, before, now, grade] of graded) {
    it(`grades ${what} as ${grade}`, () => {
      const drift = driftIn(judge(instance(now), memory(before), []));
      assert.equal(drift.grade, grade);
      assert.equal(isNotable(drift), grade !== 'same');
      assert.notEqual(driftSentence(drift, instance(now)), '');
    });
  }

  it('is said with what takes effect first', () => {
    const before = { ...tls('Tls13', true), ...tls('Tls10', false) };
    const now = { ...tls('Tls13', true), ...tls('Tls10', true), [key('Preview.New')]: '1', ...tls('Tls11', false) };
    const drift = driftIn(judge(instance(now), memory(before), []));
    assert.equal(
      driftSentence(drift, instance(now)),
      'TLS 1.0, client side: off → on, Preview.New: left out → 1 and 1 more',
    );
  });

  it('is looked for in the log from before it was last seen until after it was found', () => {
    const drift = driftIn(judge(instance({ a: 'x' }), memory({ a: 'y' }), []));
    assert.deepEqual(driftWindow(drift), { from: at(-5), to: at(65) });
    const byRow = driftIn(judge(instance({ a: 'x' }), memory({ a: 'y' }, { etag: null }), []));
    assert.equal(driftWindow(byRow).from, at(-10));
  });

  it('has one fingerprint however its map is written, and another for another map', () => {
    fc.assert(
      fc.property(
        maps.chain((map) => fc.tuple(fc.constant(map), rewritten(map))),
        ([one, other]) => assert.equal(fingerprintOf({ map: one }), fingerprintOf({ map: other })),
      ),
    );
    assert.notEqual(fingerprintOf({ map: { a: 'True' } }), fingerprintOf({ map: { a: 'False' } }));
  });
});

describe('the way back', () => {
  it('ends at the earlier map, but for unknown keys that came since and defaults that are written out', () => {
    fc.assert(
      fc.property(maps, maps, (then, present) => {
        const target = stateTarget(then, present, instance({}).createdAt);
        const left = judge(instance(target), memory(then), []);
        if (left.kind === 'asRemembered') return;
        for (const { before, key: name } of driftIn(left).keys) {
          assert.equal(before, null, 'every key of the earlier map is as it was');
          assert.ok(name in present, 'nothing is added');
        }
      }),
    );
  });

  it('leaves out keys of settings that came since, and leaves keys alone that nobody here knows', () => {
    const [tls13, unknown] = [key('Security.Protocols.Tls13'), key('Preview.New')];
    assert.deepEqual(stateTarget({}, { [tls13]: 'False', [unknown]: '1' }, null), { [unknown]: '1' });
    assert.deepEqual(stateTarget({ [unknown]: '1' }, { [unknown]: '2' }, null), { [unknown]: '1' });
  });

  it('is a draft where a draft can say it; what is left is named', () => {
    const then = { [key('Security.Protocols.Tls10')]: 'False', [key('Preview.New')]: 'a' };
    const present = instance({
      [key('Security.Protocols.Tls10')]: 'True',
      [key('Security.Protocols.Tls13')]: 'False',
      [key('Preview.New')]: 'b',
      [key('Preview.Newer')]: 'c',
    });
    const { changes, left, stay } = draftBackTo(then, present);
    assert.deepEqual(changes, { 'client.tls10': 'off', 'client.tls13': 'default' });
    assert.deepEqual(
      left.map(({ key: name }) => name),
      [key('Preview.New')],
    );
    assert.deepEqual(
      stay.map(({ key: name }) => name),
      [key('Preview.Newer')],
    );
    assert.deepEqual(draftBackTo(then, instance(null)), { changes: {}, left: [], stay: [] });
  });

  it('by draft leads to the same settings as the earlier map', () => {
    fc.assert(
      fc.property(maps, maps, (then, present) => {
        const { changes, left, stay } = draftBackTo(then, instance(present));
        const map = mapForDraft(instance(present), changes) ?? {};
        const drift = judge(instance(map), memory(then), []);
        if (drift.kind === 'asRemembered') return;
        const open = new Set([...left, ...stay].map(({ key: name }) => name.toLowerCase()));
        for (const { key: name } of driftIn(drift).keys) {
          const twin = settings.find(({ keys }) => keys.some((one) => one.toLowerCase() === name.toLowerCase()));
          // 3DES has two spellings, which a draft writes as one.
          assert.ok(open.has(name.toLowerCase()) || (twin?.keys.length ?? 0) > 1, name);
        }
      }),
    );
  });
});
