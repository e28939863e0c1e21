// Locks that the operator's settings open, in every answer that holds an instance.

import assert from 'node:assert/strict';
import { withOpenLocks } from '../../src/azure/overridden.ts';
import type { EstateReading } from '../../src/azure/access.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import { stateOf, readSettings } from '../../src/core/tls/settings.ts';
import { readTierOverrides, withOverrides } from '../../src/core/tls/tierOverrides.ts';
import { openScene } from './scene.ts';

describe('open locks', () => {
  let setting: unknown = { Consumption: ['cipherSuites'] };
  const opener = () => {
    const { overrides } = readTierOverrides(setting);
    return (one: Parameters<typeof withOverrides>[0]) => withOverrides(one, overrides);
  };
  const locked = (reading: EstateReading) =>
    reading.instances.filter(
      (one) => one.tier === 'Consumption' && stateOf(readSettings(one), 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA').lock,
    );

  it('are in the estate, page by page, and follow the setting from one reading to the next', async () => {
    const azure = withOpenLocks(openScene().azure, opener);
    const pages: EstateReading[] = [];
    setting = { Consumption: ['cipherSuites'] };
    const estate = await azure.readEstate({ onPage: (page) => pages.push(page) });
    assert.ok(estate.instances.some(({ tier }) => tier === 'Consumption'));
    assert.ok(pages.length > 0);
    assert.deepEqual([estate, ...pages].flatMap(locked), []);
    setting = {};
    assert.ok(locked(await azure.readEstate()).length > 0);
  });

  it('are in an instance that was read, and in one that a change has ended with', async () => {
    setting = { BasicV2: ['cipherSuites'], Consumption: ['clientSsl3'], StandardV2: ['cipherSuites'] };
    const scene = openScene();
    const azure = withOpenLocks(scene.azure, opener);
    const found = (await azure.readEstate()).instances.find(({ tier }) => tier === 'StandardV2');
    assert.ok(found);
    const one = await azure.readInstance(found.id);
    assert.equal(stateOf(readSettings(one), 'cipher.TLS_RSA_WITH_AES_128_CBC_SHA').unlocked, true);
    const same = await azure.beginUpdate(one.id, one.customProperties ?? {});
    assert.ok(same.kind === 'done');
    assert.deepEqual(same.instance.unlocked, ['cipherSuites']);
    const other = await azure.beginUpdate(one.id, mapForDraft(one, { 'client.http2': 'on' }) ?? {});
    assert.ok(other.kind === 'running');
    assert.deepEqual((await azure.followUpdate(one.id, other.resume)).unlocked, ['cipherSuites']);
  });
});
