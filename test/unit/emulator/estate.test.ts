import assert from 'node:assert/strict';
import { readSettings, settings, stateOf } from '../../../src/core/tls/settings.ts';
import type { SettingId } from '../../../src/core/tls/settings.ts';
import { sampleEstate } from '../../../src/emulator/estate.ts';
import { firstMap } from '../../../src/emulator/maps.ts';
import { gatewayHosts, serviceId } from '../../../src/emulator/model.ts';
import { service } from './sdk.ts';

/** Value and origin, such as "on explicit". */
function shown(name: string, id: SettingId): string {
  const found = service(name);
  const { value, origin } = stateOf(readSettings({ ...found, customProperties: firstMap(found) }), id);
  return `${value} ${origin}`;
}

const tiers = [
  'Consumption',
  'Developer',
  'Basic',
  'Standard',
  'Premium',
  'BasicV2',
  'StandardV2',
  'PremiumV2',
  'UltraV3',
];

describe('sample estate', () => {
  it('has instances of every tier in three subscriptions of two tenants, each with an id of its own', () => {
    const { services, subscriptions, tenants } = sampleEstate;
    assert.deepEqual([tenants.length, subscriptions.length], [2, 3]);
    assert.ok(services.length >= 14);
    assert.deepEqual(new Set(services.map(({ tier }) => tier)), new Set(tiers));
    assert.equal(new Set(services.map((each) => serviceId(each).toLowerCase())).size, services.length);
    assert.ok(services.some(({ tier, otherLocations }) => tier === 'Premium' && otherLocations?.length === 2));
  });

  it('names hosts under reserved domains only', () => {
    const urls = sampleEstate.services.flatMap((each) => [
      ...gatewayHosts(each).map((host) => `https://${host}`),
      ...(each.backends ?? []).flatMap(({ url }) => url ?? []),
      ...(each.apis ?? []).flatMap(({ serviceUrl }) => serviceUrl ?? []),
    ]);
    assert.ok(urls.length > 50);
    for (const url of urls) assert.match(new URL(url).hostname, /\.(example|invalid)$/);
  });

  it('has the main instance with old protocols on both sides and 3DES on', () => {
    const old = ['client.tls10', 'client.tls11', 'backend.tls10', 'backend.tls11'] as const;
    for (const id of [...old, 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA' as const]) {
      assert.equal(shown('contoso-shop-prod', id), 'on explicit', id);
    }
  });

  it('has a service of 2016 whose silence means on, and a clean one', () => {
    assert.equal(shown('contoso-legacy', 'client.tls10'), 'on default');
    const weak = settings.filter(
      ({ suite, version }) => suite?.strength === 'weak' || version === 'tls10' || version === 'tls11',
    );
    assert.ok(weak.length > 10);
    for (const { id } of weak) assert.match(shown('contoso-payments', id), /^off /, id);
    assert.equal(shown('contoso-payments', 'backend.tls13'), 'on explicit');
  });

  it('has two spellings of 3DES, the four conflicting suites off, unknown keys, a missing map and TLS 1.3 off', () => {
    assert.deepEqual(Object.keys(service('contoso-archive').map ?? {}).length, 2);
    const conflicts = settings.filter(({ suite }) => suite?.switching === 'conflict');
    assert.equal(conflicts.length, 4);
    for (const { id } of conflicts) assert.equal(shown('contoso-audit', id), 'off explicit', id);
    const known = new Set(settings.flatMap(({ keys }) => keys));
    assert.equal(Object.keys(firstMap(service('contoso-trust')) ?? {}).filter((key) => !known.has(key)).length, 2);
    assert.equal(shown('contoso-next', 'client.tls10'), 'unknown notStated');
    assert.equal(shown('contoso-b2b', 'client.tls13'), 'off explicit');
    assert.ok(service('contoso-b2b').hosts?.every(({ negotiateClientCertificate }) => !negotiateClientCertificate));
  });
});
