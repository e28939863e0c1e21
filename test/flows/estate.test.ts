// The sample estate, read as a whole.

import assert from 'node:assert/strict';
import { instanceFindings } from '../../src/core/tls/state.ts';
import { openScene } from './scene.ts';

describe('the sample estate', () => {
  it('is read over both tenants, with the subscription that refuses as a failure', async () => {
    const { azure } = openScene();
    const { instances, subscriptions, failures } = await azure.readEstate();
    assert.equal(subscriptions.length, 3);
    assert.ok(instances.length >= 14, `${instances.length} instances`);
    assert.deepEqual(
      failures.map(({ scope, name, code }) => ({ scope, name, code })),
      [{ scope: 'subscription', name: 'Fabrikam - Partner APIs', code: 'AuthorizationFailed' }],
    );
    const tiers = new Set(instances.map(({ tier }) => tier));
    for (const tier of [
      'Consumption',
      'Developer',
      'Basic',
      'Standard',
      'Premium',
      'BasicV2',
      'StandardV2',
      'PremiumV2',
    ])
      assert.ok(tiers.has(tier), tier);
    assert.ok(instances.some(({ customProperties }) => customProperties === null));
    for (const instance of instances) assert.doesNotThrow(() => instanceFindings(instance), instance.name);
  });

  it('gives the same instance by Resource Graph and by ARM', async () => {
    const { azure } = openScene();
    const { instances } = await azure.readEstate();
    for (const instance of instances) {
      const fromArm = await azure.readInstance(instance.id);
      assert.ok(fromArm.etag);
      assert.ok(instance.etag === null || instance.etag === fromArm.etag);
      assert.deepEqual({ ...fromArm, etag: null, readAt: '' }, { ...instance, etag: null, readAt: '' });
    }
  });
});
