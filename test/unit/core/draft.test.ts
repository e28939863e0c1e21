import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differences, overlay, sameValue, spellingsOf } from '../../../src/core/tls/customProperties.ts';
import { changesBetween, mapForDraft, statesForDraft, withValue } from '../../../src/core/tls/draft.ts';
import { presetChanges, presetIds } from '../../../src/core/tls/presets.ts';
import { readSettings, settingById, settings, stateOf } from '../../../src/core/tls/settings.ts';
import type { SettingId } from '../../../src/core/tls/settings.ts';
import { anyDraft, anyInstance, anyMap, instance, key, tiers } from '../../support/instances.ts';

describe('draft: the map that would be written', () => {
  it('changes no key that the user did not change, keeps unknown keys byte for byte, and is complete', () => {
    fc.assert(
      fc.property(anyInstance, anyDraft, (one, draft) => {
        const before = one.customProperties ?? {};
        const after = mapForDraft(one, draft) ?? {};
        const touched = new Set(
          Object.keys(draft)
            .flatMap((id) => settingById(id)?.keys ?? [])
            .map((name) => name.toLowerCase()),
        );
        for (const [name, text] of Object.entries(before)) {
          if (!touched.has(name.toLowerCase())) assert.equal(after[name], text, name);
          else if (!(name in after)) {
            const dropped = settings.some(
              ({ id, keys }) => draft[id] === 'default' && keys.some((k) => k.toLowerCase() === name.toLowerCase()),
            );
            assert.ok(dropped, `${name} was dropped though nobody asked for its default`);
          }
        }
        for (const name of Object.keys(after)) {
          assert.ok(name in before || touched.has(name.toLowerCase()), `${name} came from nowhere`);
          assert.equal(typeof after[name], 'string');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives every unlocked setting the wanted value, and leaves locked ones as they are', () => {
    fc.assert(
      fc.property(anyInstance, anyDraft, (one, draft) => {
        const before = readSettings(one);
        const after = statesForDraft(one, draft);
        for (const { id } of settings) {
          const wanted = draft[id];
          const locked = stateOf(before, id).lock !== undefined;
          if (wanted === undefined || locked) assert.deepEqual(stateOf(after, id), stateOf(before, id), id);
          else if (wanted !== 'default') assert.equal(stateOf(after, id).value, wanted, id);
          else assert.notEqual(stateOf(after, id).origin, 'explicit', id);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('writes lower-case truth values, under the spelling that the map already has', () => {
    const spelled = key('Security.Protocols.Tls10').toLowerCase();
    const map = mapForDraft(instance({ customProperties: { [spelled]: 'True' } }), { 'client.tls10': 'off' });
    assert.deepEqual(map, { [spelled]: 'false' });
  });

  it('switches 3DES off under both spellings and on under the first', () => {
    const id: SettingId = 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA';
    const spec = key('Security.Ciphers.TripleDes168');
    const portal = key('Security.Ciphers.TLS_RSA_WITH_3DES_EDE_CBC_SHA');
    assert.deepEqual(mapForDraft(instance({ customProperties: { [spec]: 'True' } }), { [id]: 'off' }), {
      [spec]: 'false',
      [portal]: 'false',
    });
    assert.deepEqual(mapForDraft(instance({ customProperties: { [spec]: 'False' } }), { [id]: 'on' }), {
      [spec]: 'true',
    });
    assert.deepEqual(
      mapForDraft(instance({ customProperties: { [spec]: 'False', [portal]: 'false' } }), { [id]: 'on' }),
      { [spec]: 'true', [portal]: 'true' },
    );
  });

  it('writes nothing where the map of the instance is unknown', () => {
    assert.equal(mapForDraft(instance({ customProperties: null }), { 'client.tls10': 'off' }), null);
  });

  it('takes a value out of the draft again when it is set back', () => {
    fc.assert(
      fc.property(anyInstance, fc.constantFrom(...settings.map(({ id }) => id)), (one, id) => {
        const state = stateOf(readSettings(one), id);
        fc.pre(state.lock === undefined && state.value !== 'unknown');
        const other = state.value === 'on' ? 'off' : 'on';
        const there = withValue(one, {}, id, other);
        assert.deepEqual(there, { [id]: other });
        assert.deepEqual(withValue(one, there, id, state.value), {});
      }),
    );
  });
});

describe('draft: back to the default', () => {
  it('is possible for a text that cannot be read, and only where the map says something', () => {
    const odd = instance({ customProperties: { [key('Security.Protocols.Tls11')]: 'maybe' } });
    const draft = withValue(odd, {}, 'client.tls11', 'default');
    assert.deepEqual(draft, { 'client.tls11': 'default' });
    assert.deepEqual(mapForDraft(odd, draft), {});
    assert.deepEqual(withValue(instance({}), {}, 'client.tls11', 'default'), {});
  });
});

describe('map: differences and overlay', () => {
  it('finds nothing between a map and itself, even where it spells a key twice, and everything that an edit did', () => {
    const upper = (map: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(map).map(([name, text]) => [name.toUpperCase(), `${text}!`]));
    fc.assert(
      fc.property(anyMap, fc.boolean(), (one, twice) => {
        const map = twice ? { ...upper(one), ...one } : one;
        assert.deepEqual(differences(map, map), []);
      }),
    );
    const twice = { Key: 'true', key: 'false' };
    assert.deepEqual(differences(twice, { Key: 'true', key: 'true' }), [
      { key: 'key', before: 'false', after: 'true' },
    ]);
    const before = { a: 'True', b: 'x', c: 'False' };
    assert.deepEqual(differences(before, { A: 'true', c: 'True', d: '1' }), [
      { key: 'b', before: 'x', after: null },
      { key: 'c', before: 'False', after: 'True' },
      { key: 'd', before: null, after: '1' },
    ]);
  });

  it('applies a difference so that none is left', () => {
    fc.assert(
      fc.property(anyMap, anyMap, (from, to) => {
        const edit = Object.fromEntries(differences(from, to).map((d) => [d.key, d.after]));
        const result = overlay(from, edit);
        for (const [name, text] of Object.entries(to)) {
          const found = spellingsOf(result, name).map((spelling) => result[spelling] ?? '');
          assert.ok(
            found.some((candidate) => sameValue(candidate, text)),
            name,
          );
        }
        for (const name of Object.keys(result)) assert.ok(spellingsOf(to, name).length > 0, name);
      }),
    );
  });
});

describe('presets', () => {
  it('touch nothing that is locked, in any tier', () => {
    fc.assert(
      fc.property(anyInstance, fc.constantFrom(...presetIds), (one, preset) => {
        const states = readSettings(one);
        for (const id of Object.keys(presetChanges(one, preset)) as SettingId[])
          assert.equal(stateOf(states, id).lock, undefined, id);
      }),
    );
  });

  it('make nothing of a second application', () => {
    fc.assert(
      fc.property(anyInstance, fc.constantFrom(...presetIds), (one, preset) => {
        const map = mapForDraft(one, presetChanges(one, preset));
        const again = { ...one, customProperties: map };
        assert.deepEqual(mapForDraft(again, presetChanges(again, preset)), map);
      }),
    );
  });

  it('Modern leaves only suites with forward secrecy and authenticated encryption, and no retired version', () => {
    const old = instance({ createdAt: '2016-01-01T00:00:00Z', tier: 'Premium' });
    const after = statesForDraft(old, presetChanges(old, 'modern'));
    for (const { id, suite } of settings) {
      if (suite) assert.equal(stateOf(after, id).value, suite.forwardSecrecy && suite.aead ? 'on' : 'off', id);
    }
    for (const id of [
      'client.ssl3',
      'client.tls10',
      'client.tls11',
      'backend.ssl3',
      'backend.tls10',
      'backend.tls11',
    ] as const) {
      assert.equal(after[id].value, 'off', id);
    }
  });

  it('Compatible turns every suite on but 3DES', () => {
    const one = instance({
      customProperties: {
        [key('Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA')]: 'false',
        [key('Security.Ciphers.TripleDes168')]: 'true',
      },
    });
    const after = statesForDraft(one, presetChanges(one, 'compatible'));
    for (const { id, suite } of settings)
      if (suite) assert.equal(stateOf(after, id).value, suite.code === 0x000a ? 'off' : 'on', id);
  });

  it('Reset to defaults leaves no known key in the map and every foreign one', () => {
    const foreign = key('ManagedIdentity.DisableOverPrivilegedAccess');
    const one = instance({
      customProperties: {
        [key('Security.Protocols.Tls10')]: 'True',
        [key('Protocols.Server.Http2')]: 'true',
        [foreign]: 'true',
      },
    });
    assert.deepEqual(mapForDraft(one, presetChanges(one, 'defaults')), { [foreign]: 'true' });
  });

  it('never writes a cipher key in a tier that cannot change ciphers', () => {
    for (const tier of tiers.filter((name) => name === 'Consumption' || name.endsWith('V2'))) {
      for (const preset of presetIds) {
        const one = instance({ tier, createdAt: '2016-01-01T00:00:00Z', customProperties: {} });
        const map = mapForDraft(one, presetChanges(one, preset)) ?? {};
        assert.deepEqual(
          Object.keys(map).filter((name) => name.includes('Ciphers') || name.endsWith('.Security.Protocols.Ssl30')),
          [],
          `${tier} ${preset}`,
        );
      }
    }
  });
});

describe('changes', () => {
  it('lists what differs in reading order, and nothing for the same states', () => {
    const one = instance({ customProperties: { [key('Security.Protocols.Tls10')]: 'True' } });
    const changes = changesBetween(
      readSettings(one),
      statesForDraft(one, { 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA': 'off', 'client.tls10': 'off' }),
    );
    assert.deepEqual(
      changes.map(({ id, from, to }) => [id, from.value, to.value]),
      [
        ['client.tls10', 'on', 'off'],
        ['cipher.TLS_RSA_WITH_AES_128_CBC_SHA', 'on', 'off'],
      ],
    );
    assert.deepEqual(changesBetween(readSettings(one), readSettings(one)), []);
  });
});
