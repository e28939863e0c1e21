import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findingText } from '../../../src/core/findingText.ts';
import { mapForDraft } from '../../../src/core/tls/draft.ts';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { readSettings, settings, stateOf } from '../../../src/core/tls/settings.ts';
import { readTierOverrides, withOverrides } from '../../../src/core/tls/tierOverrides.ts';
import { lockText, unlockedText } from '../../../src/core/settingText.ts';
import { anyInstance, instance, key } from '../../support/instances.ts';

const suite = 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA' as const;
const consumption = instance({ tier: 'Consumption' });
const opened = (setting: unknown) => withOverrides(consumption, readTierOverrides(setting).overrides);

describe('tier overrides', () => {
  it('open the locks that they name, in the tier that they name, and are shown as what they are', () => {
    const one = opened({ consumption: ['cipherSuites'] });
    const states = readSettings(one);
    const state = stateOf(states, suite);
    assert.equal(lockText(state, one.tier), '');
    assert.match(unlockedText(state, one.tier), /Consumption.*apimTls\.tierOverrides/);
    assert.equal(stateOf(states, 'client.ssl3').lock, 'notInTier');
    assert.equal(stateOf(states, 'cipher.TLS_AES_128_GCM_SHA256').lock, 'alwaysOn');
    assert.equal(stateOf(readSettings(consumption), suite).lock, 'notInTier');
    assert.equal(opened({ BasicV2: ['cipherSuites'] }), consumption);
  });

  it('let the change be written, with a warning that Azure may refuse it', () => {
    const changes = { [suite]: 'off' } as const;
    assert.deepEqual(mapForDraft(consumption, changes), {});
    const plan = makePlan({
      instance: opened({ Consumption: ['cipherSuites'] }),
      changes,
      backends: [],
      surveys: {},
    });
    assert.deepEqual(plan.map, { [key('Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA')]: 'false' });
    const warning = plan.findings.find(({ code }) => code === 'tierOverridden');
    assert.deepEqual(warning, { severity: 'warning', code: 'tierOverridden', tier: 'Consumption', ids: [suite] });
    assert.match(findingText(warning), /Consumption tier.*TLS_RSA_WITH_AES_128_CBC_SHA.*may refuse/);
  });

  it('are taken back where the setting is', () => {
    const one = opened({ Consumption: ['clientSsl3'] });
    assert.deepEqual(withOverrides(one, readTierOverrides({}).overrides), consumption);
  });

  it('change nothing but locks', () => {
    fc.assert(
      fc.property(anyInstance, (one) => {
        const { overrides } = readTierOverrides({
          Consumption: ['cipherSuites', 'clientSsl3'],
          BasicV2: ['cipherSuites', 'clientSsl3'],
          StandardV2: ['cipherSuites', 'clientSsl3'],
          PremiumV2: ['cipherSuites', 'clientSsl3'],
        });
        const [before, after] = [readSettings(one), readSettings(withOverrides(one, overrides))];
        for (const { id } of settings) {
          const [a, b] = [stateOf(before, id), stateOf(after, id)];
          assert.deepEqual([b.value, b.origin], [a.value, a.origin]);
          assert.equal(b.lock, a.lock === 'notInTier' ? undefined : a.lock);
          assert.equal(b.unlocked, a.lock === 'notInTier' ? true : undefined);
        }
      }),
    );
  });

  it('say in a sentence what of the setting cannot be used, and use the rest', () => {
    const { overrides, problems } = readTierOverrides({
      Consumption: ['cipherSuites', 'cyphers'],
      Premium: ['cipherSuites'],
      StandardV2: 'cipherSuites',
      BasicV2: [],
    });
    assert.deepEqual([...overrides], [['consumption', ['cipherSuites']]]);
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? '', /Consumption: “cyphers” is not a lock.*cipherSuites, clientSsl3/);
    assert.match(problems[1] ?? '', /“Premium” is not a tier that locks.*consumption/);
    assert.match(problems[2] ?? '', /StandardV2: “cipherSuites” is not a lock. Give a list/);
    assert.equal(readTierOverrides(['cipherSuites']).problems.length, 1);
    assert.deepEqual(readTierOverrides(undefined).problems, []);
  });

  it('never throw, and open only locks that there are', () => {
    fc.assert(
      fc.property(fc.anything(), (setting) => {
        const { overrides, problems } = readTierOverrides(setting);
        for (const locks of overrides.values()) assert.ok(locks.every((l) => /^(cipherSuites|clientSsl3)$/.test(l)));
        assert.ok(problems.every((problem) => problem.length < 500));
      }),
    );
  });
});
