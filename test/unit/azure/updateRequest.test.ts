import assert from 'node:assert/strict';
import { clouds } from '../../../src/azure/clouds.ts';
import { updateRequest } from '../../../src/azure/updateRequest.ts';
import { scripted, service, serviceId } from './scriptedAzure.ts';

describe('the request that people are shown', () => {
  it('is the one that is sent', async () => {
    const { azure, asked } = scripted(() => ({ body: service({ 'Known.Key': 'false' }) }));
    await azure.beginUpdate(serviceId, { 'Known.Key': 'false' });
    const patch = asked.find(({ method }) => method === 'PATCH');
    const { method, url } = updateRequest(clouds.public, serviceId);
    assert.equal(
      patch && `${patch.method} ${clouds.public.arm}${patch.path}?${patch.query.toString()}`,
      `${method} ${url}`,
    );
    assert.deepEqual(patch?.body, { properties: { customProperties: { 'Known.Key': 'false' } } });
  });
});
