import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normaliseMap } from '../../../src/core/tls/customProperties.ts';
import { mapForDraft } from '../../../src/core/tls/draft.ts';
import { backendOffer, readSettings, settings, stateOf } from '../../../src/core/tls/settings.ts';
import type { SettingId } from '../../../src/core/tls/settings.ts';
import { anyInstance, instance, key, tiers } from '../../support/instances.ts';

const valueOf = (change: Parameters<typeof instance>[0], id: SettingId) => stateOf(readSettings(instance(change)), id);

describe('settings: what the map says', () => {
  it('tells an explicit value from a default', () => {
    assert.deepEqual(valueOf({ customProperties: { [key('Security.Protocols.Tls10')]: 'False' } }, 'client.tls10'), {
      id: 'client.tls10',
      value: 'off',
      origin: 'explicit',
    });
    assert.equal(valueOf({ customProperties: {} }, 'client.tls10').origin, 'default');
  });

  it('takes the old defaults for services created on or before 1 April 2018', () => {
    for (const [createdAt, value] of [
      ['2016-01-01T00:00:00Z', 'on'],
      ['2018-04-01T23:59:59Z', 'on'],
      ['2018-04-02T00:00:00Z', 'off'],
      ['2025-01-01T00:00:00Z', 'off'],
      [null, 'unknown'],
      ['no date', 'unknown'],
    ] as const) {
      for (const id of [
        'client.tls10',
        'client.tls11',
        'backend.tls10',
        'backend.tls11',
        'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA',
      ] as const) {
        assert.equal(valueOf({ createdAt }, id).value, value, `${id} of ${createdAt}`);
      }
      assert.equal(valueOf({ createdAt }, 'client.ssl3').value, 'off', 'SSL 3.0 is off whatever the date');
    }
  });

  it('reads suites that the map leaves out as on, and locks the required ones', () => {
    assert.equal(valueOf({}, 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA').value, 'on');
    const required = valueOf(
      { customProperties: { [key('Security.Ciphers.TLS_AES_128_GCM_SHA256')]: 'false' } },
      'cipher.TLS_AES_128_GCM_SHA256',
    );
    assert.deepEqual([required.value, required.origin, required.lock], ['on', 'fixed', 'alwaysOn']);
  });

  it('shows 3DES as on where either spelling says so', () => {
    const spec = key('Security.Ciphers.TripleDes168');
    const portal = key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA');
    const id = 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA';
    assert.equal(valueOf({ customProperties: { [spec]: 'False', [portal]: 'True' } }, id).value, 'on');
    assert.equal(valueOf({ customProperties: { [spec]: 'True', [portal]: 'False' } }, id).value, 'on');
    assert.equal(valueOf({ customProperties: { [spec]: 'False', [portal]: 'False' } }, id).value, 'off');
    assert.equal(valueOf({ customProperties: { [portal]: 'False' } }, id).value, 'off');
  });

  it('does not take 3DES for off where only its second name says so and the first has another default', () => {
    const portal = { [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'False' };
    const id = 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA';
    const old = { createdAt: '2016-01-01T00:00:00Z', customProperties: portal };
    assert.deepEqual([valueOf(old, id).value, valueOf(old, id).origin], ['on', 'default']);
    assert.equal(valueOf({ ...old, createdAt: null }, id).value, 'unknown');
    const spec = { ...old, customProperties: { [key('Security.Ciphers.TripleDes168')]: 'False' } };
    assert.deepEqual([valueOf(spec, id).value, valueOf(spec, id).origin], ['off', 'explicit']);
    assert.deepEqual(mapForDraft(instance(old), { [id]: 'off' }), {
      [key('Security.Ciphers.TripleDes168')]: 'false',
      [key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA')]: 'false',
    });
    assert.deepEqual(mapForDraft(instance(old), { [id]: 'default' }), {});
  });

  it('leaves client TLS 1.3 to Azure where the map is silent', () => {
    const state = valueOf({}, 'client.tls13');
    assert.deepEqual([state.value, state.origin], ['unknown', 'platform']);
  });

  it('states nothing while the map is null, and never guesses an unreadable text', () => {
    const states = readSettings(instance({ customProperties: null }));
    for (const { id, absent } of settings)
      assert.equal(stateOf(states, id).value, absent === 'fixed' ? 'on' : 'unknown', id);
    const odd = valueOf({ customProperties: { [key('Security.Protocols.Tls11')]: 'maybe' } }, 'client.tls11');
    assert.deepEqual([odd.value, odd.origin, odd.oddText], ['unknown', 'notStated', 'maybe']);
  });

  it('reads keys and truth values in any case, and booleans that other tools have written', () => {
    const map = normaliseMap({
      [key('security.protocols.TLS10').toUpperCase()]: true,
      [key('Security.Backend.Protocols.Tls11')]: ' TRUE ',
      gone: null,
      number: 3,
    });
    assert.deepEqual(Object.values(map ?? {}), ['True', ' TRUE ', '3']);
    assert.equal(valueOf({ customProperties: map }, 'client.tls10').value, 'on');
    assert.equal(valueOf({ customProperties: map }, 'backend.tls11').value, 'on');
    for (const bad of [null, undefined, 'text', 7, ['a']]) assert.equal(normaliseMap(bad), null);
  });

  it('locks what a tier does not have', () => {
    for (const tier of tiers) {
      const classic = ['Developer', 'Basic', 'Standard', 'Premium', 'UltraV3'].includes(tier);
      assert.equal(
        valueOf({ tier }, 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA').lock,
        classic ? undefined : 'notInTier',
        tier,
      );
      assert.equal(valueOf({ tier }, 'client.ssl3').lock, classic ? undefined : 'notInTier', tier);
      assert.equal(valueOf({ tier }, 'client.tls10').lock, undefined, tier);
      assert.equal(valueOf({ tier }, 'client.tls12').lock, 'alwaysOn', tier);
    }
  });

  it('offers backends only versions and suites that are on, and no suite that no version can use', () => {
    fc.assert(
      fc.property(anyInstance, (one) => {
        const states = readSettings(one);
        const offer = backendOffer(states);
        for (const version of offer.versions) assert.equal(states[`backend.${version}`].value, 'on');
        for (const { id, suite } of settings) {
          if (!suite || !offer.suites.includes(suite.code)) continue;
          assert.equal(stateOf(states, id).value, 'on');
          assert.ok(suite.versions.some((version) => offer.versions.includes(version)));
        }
      }),
    );
  });
});
