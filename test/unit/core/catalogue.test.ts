import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PlanFinding } from '../../../src/core/finding.ts';
import { normaliseMap, readBoolean, sameValue, spellingsOf } from '../../../src/core/tls/customProperties.ts';
import { statesForDraft } from '../../../src/core/tls/draft.ts';
import { makePlan, planForMap } from '../../../src/core/tls/plan.ts';
import type { Plan } from '../../../src/core/tls/plan.ts';
import { presetChanges, presetIds } from '../../../src/core/tls/presets.ts';
import { readSettings, settingOfKey, settings, stateOf } from '../../../src/core/tls/settings.ts';
import type { SettingId } from '../../../src/core/tls/settings.ts';
import { readTierOverrides, withOverrides } from '../../../src/core/tls/tierOverrides.ts';
import type { Instance } from '../../../src/core/instance.ts';
import { anyDraft, anyInstance, anyMap, instance, key } from '../../support/instances.ts';

/** Instances whose map may hold each key a second time in another case, with another text. */
const anyInstanceWithTwins: fc.Arbitrary<Instance> = fc
  .tuple(anyInstance, anyMap, fc.boolean())
  .map(([one, other, twins]) => {
    if (!twins) return one;
    const upper = Object.entries(other).map(([name, text]) => [name.toUpperCase(), text] as const);
    return { ...one, customProperties: { ...Object.fromEntries(upper), ...one.customProperties } };
  });

const planOf = (one: Instance, draft: Parameters<typeof makePlan>[0]['changes']): Plan =>
  makePlan({ instance: one, changes: draft, backends: [], surveys: {} });

const found = <Code extends PlanFinding['code']>(plan: Plan, code: Code) =>
  plan.findings.filter((each): each is Extract<PlanFinding, { readonly code: Code }> => each.code === code);

describe('catalogue', () => {
  it('holds every key once, under the prefix of all, and no key of a suite that the platform requires', () => {
    const keys = settings.flatMap(({ keys }) => keys.map((name) => name.toLowerCase()));
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(keys.every((name) => name.startsWith(key('').toLowerCase())));
    // 10 of protocols (client TLS 1.2 has none), 9 documented suites, 2 names of 3DES, 1 seen in the field, 4 disputed.
    assert.equal(keys.length, 10 + 9 + 2 + 1 + 4);
    for (const { suite, keys: own } of settings)
      assert.equal(suite?.switching === 'required', suite !== undefined && own.length === 0);
  });
});

describe('a plan, whatever the map, the tier, the day and the draft', () => {
  it('is read back as the draft says it', () => {
    fc.assert(
      fc.property(anyInstanceWithTwins, anyDraft, (one, draft) => {
        const after = readSettings({ ...one, customProperties: planOf(one, draft).map });
        assert.deepEqual(after, statesForDraft(one, draft));
        for (const { id } of settings) {
          const wanted = draft[id];
          if (wanted === undefined || stateOf(readSettings(one), id).lock !== undefined)
            assert.deepEqual(stateOf(after, id), stateOf(readSettings(one), id), id);
          else if (wanted === 'default') assert.ok(['default', 'platform'].includes(stateOf(after, id).origin), id);
          else assert.deepEqual([stateOf(after, id).value, stateOf(after, id).origin], [wanted, 'explicit'], id);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never changes a key of a locked setting, with a draft or a preset, whatever locks the operator opens', () => {
    const locks = fc.subarray(['cipherSuites', 'clientSsl3']);
    const tiers = fc.subarray(['Consumption', 'BasicV2', 'StandardV2', 'PremiumV2']);
    fc.assert(
      fc.property(
        anyInstanceWithTwins,
        anyDraft,
        fc.option(fc.constantFrom(...presetIds)),
        locks,
        tiers,
        (one, draft, preset, open, where) => {
          const { overrides } = readTierOverrides(Object.fromEntries(where.map((tier) => [tier, open])));
          const marked = withOverrides(one, overrides);
          const states = readSettings(marked);
          const plan = planOf(marked, preset === null ? draft : presetChanges(marked, preset));
          for (const { key: name } of plan.keyChanges) {
            const setting = settingOfKey(name);
            assert.ok(setting && stateOf(states, setting.id).lock === undefined, name);
          }
          assert.deepEqual(found(plan, 'tierLocks'), []);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('adds no key beside the same key in another case, and writes one text to all of them', () => {
    fc.assert(
      fc.property(anyInstanceWithTwins, anyDraft, (one, draft) => {
        const base = one.customProperties ?? {};
        const { map, keyChanges } = planOf(one, draft);
        for (const name of Object.keys(map)) {
          if (!(name in base)) assert.deepEqual([spellingsOf(map, name), spellingsOf(base, name)], [[name], []]);
          assert.equal(typeof map[name], 'string');
        }
        for (const { key: name, after } of keyChanges.filter((change) => change.after !== null)) {
          assert.match(after ?? '', /^(true|false)$/, 'as the description and Terraform write them');
          for (const spelling of spellingsOf(map, name))
            assert.ok(sameValue(map[spelling] ?? '', after ?? ''), spelling);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('announces exactly what is left out, and nothing of what is written', () => {
    fc.assert(
      fc.property(anyInstanceWithTwins, anyDraft, anyMap, fc.boolean(), (one, draft, target, byMap) => {
        const plan = byMap ? planForMap({ instance: one, backends: [], surveys: {} }, target) : planOf(one, draft);
        const [note, ...more] = found(plan, 'resetByService');
        assert.deepEqual(more, []);
        const lost = Object.keys(one.customProperties ?? {}).filter((name) => spellingsOf(plan.map, name).length === 0);
        const ids = lost.flatMap((name) => settingOfKey(name)?.id ?? []);
        const stillSaid = (id: SettingId) => Object.keys(plan.map).some((name) => settingOfKey(name)?.id === id);
        assert.deepEqual(new Set(note?.ids), new Set(ids.filter((id) => !stillSaid(id))));
        assert.equal(note?.keys.length ?? 0, lost.filter((name) => settingOfKey(name) === undefined).length);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for the page and for the host, to which the draft and the instance go as JSON', () => {
    const overJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
    fc.assert(
      fc.property(anyInstanceWithTwins, anyDraft, (one, draft) => {
        assert.deepEqual(overJson(planOf(overJson(one), overJson(draft))), overJson(planOf(one, draft)));
      }),
    );
  });

  it('warns wherever the map to be written says a setting on and off', () => {
    fc.assert(
      fc.property(anyInstanceWithTwins, anyDraft, (one, draft) => {
        const plan = planOf(one, draft);
        fc.pre(plan.keyChanges.length > 0);
        const twofold = settings.filter(({ id }) => {
          const said = Object.entries(plan.map).flatMap(([name, text]) =>
            settingOfKey(name)?.id === id ? [readBoolean(text)] : [],
          );
          return said.includes(true) && said.includes(false);
        });
        assert.deepEqual(
          found(plan, 'spellingsDisagree')
            .map(({ id }) => id)
            .sort(),
          twofold.map(({ id }) => id).sort(),
        );
      }),
    );
  });

  it('reads a map of booleans as one of texts, and sends texts alone', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...settings.flatMap(({ keys }) => keys)), fc.boolean()),
        anyDraft,
        (raw, draft) => {
          const texts = Object.fromEntries(Object.entries(raw).map(([name, on]) => [name, on ? 'True' : 'False']));
          const one = instance({ customProperties: normaliseMap(raw) });
          assert.deepEqual(readSettings(one), readSettings(instance({ customProperties: texts })));
          assert.ok(Object.values(planOf(one, draft).map).every((text) => typeof text === 'string'));
        },
      ),
    );
  });
});
