// The estate of large companies: its size, and that it is the same each time.

import assert from 'node:assert/strict';
import { connectAzure } from '../../../src/azure/connect.ts';
import { clouds } from '../../../src/azure/clouds.ts';
import { emulatorHttpClient } from '../../../src/emulator/httpClient.ts';
import { createAzure } from '../../../src/emulator/handler.ts';
import { largeEstate } from '../../../src/emulator/largeEstate.ts';
import { serviceId } from '../../../src/emulator/model.ts';
import { memoryStore } from '../../../src/emulator/state.ts';

describe('large estate', () => {
  const estate = largeEstate();

  it('has 10,000 instances in 300 subscriptions of 5 tenants, each with an id of its own', () => {
    assert.deepEqual([estate.services.length, estate.subscriptions.length, estate.tenants.length], [10_000, 300, 5]);
    assert.equal(new Set(estate.services.map((service) => serviceId(service).toLowerCase())).size, 10_000);
    const ids = [...estate.tenants, ...estate.subscriptions].map(({ id }) => id);
    assert.equal(new Set(ids).size, 305);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is the same each time', () => {
    assert.deepEqual(largeEstate(), estate);
  });

  it('is read whole with few requests; the subscriptions that refuse are told', async () => {
    const paths: string[] = [];
    const { handle } = createAzure({ estate, store: memoryStore() });
    const azure = connectAzure({
      cloud: clouds.public,
      accountLabel: 'somebody@contoso.example',
      httpClient: emulatorHttpClient((request) => {
        paths.push(new URL(request.url).pathname);
        return handle(request);
      }),
      credentialFor: (tenantId) => ({
        getToken: () => Promise.resolve({ token: `sample:${tenantId ?? ''}`, expiresOnTimestamp: Infinity }),
      }),
    });
    const { instances, gateways, subscriptions, failures, notAsked } = await azure.readEstate();
    assert.deepEqual([instances.length, subscriptions.length], [10_000, 300]);
    assert.equal(gateways.length, estate.gateways?.length);
    const refusing = estate.subscriptions.filter(({ forbidden }) => forbidden).map(({ id }) => id);
    assert.deepEqual(failures.map(({ id }) => id).sort(), refusing.sort());
    assert.deepEqual(notAsked, []);
    assert.ok(paths.length < 60, `${paths.length} requests`);
  });
});
