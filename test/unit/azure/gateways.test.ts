// Gateways beside the managed one, as Azure Resource Manager gives them.

import assert from 'node:assert/strict';
import { failureCode } from '../../../src/core/failure.ts';
import { openScene } from '../../flows/scene.ts';
import { scripted, serviceId, subscription } from './scriptedAzure.ts';

const gatewayId = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ApiManagement/gateways/gw`;

describe('gateways', () => {
  it('reads what a workspace gateway serves, with the odd spelling of the REST examples', async () => {
    const base = `/subscriptions/${subscription}/resourceGroups/rg1/providers/Microsoft.ApiManagement`;
    const { azure, asked } = scripted(() => ({
      body: {
        value: [
          {
            name: 'one',
            properties: {
              sourceId: `${base}/services/contoso/workspaces/ws-1`,
              defaultHostname: 'a.example',
              hostnames: ['a.example', 'b.example', 7],
            },
          },
          { name: 'two', properties: { sourceId: 'something else' } },
          {},
        ],
      },
    }));
    assert.deepEqual(await azure.readGatewayConnections(gatewayId), [
      {
        instanceId: `${base}/service/contoso`,
        instanceName: 'contoso',
        workspace: 'ws-1',
        hostNames: ['a.example', 'b.example'],
      },
      { instanceId: null, instanceName: '', workspace: 'something else', hostNames: [] },
      { instanceId: null, instanceName: '', workspace: '', hostNames: [] },
    ]);
    assert.deepEqual(
      asked.map(({ method, path }) => `${method} ${path}`),
      [`GET ${gatewayId}/configConnections`],
    );
  });

  it('reads self-hosted gateways by the last part of their ids; what is not stated stays open', async () => {
    const { azure } = scripted(({ path }) => {
      if (path === `${serviceId}/gateways`)
        return {
          body: {
            value: [
              {
                id: `${serviceId}/gateways/gw1`,
                name: 'another name',
                properties: { description: 'Mine', locationData: { name: 'Cellar' } },
              },
            ],
          },
        };
      assert.equal(path, `${serviceId}/gateways/gw1/hostnameConfigurations`);
      return {
        body: {
          value: [
            { properties: { hostname: '*', negotiateClientCertificate: false, tls10Enabled: true } },
            { properties: {} },
          ],
        },
      };
    });
    assert.deepEqual(await azure.readSelfHosted(serviceId), [
      {
        id: `${serviceId}/gateways/gw1`,
        name: 'gw1',
        description: 'Mine',
        place: 'Cellar',
        hosts: [{ hostName: '*', negotiateClientCertificate: false, tls10: true, tls11: null, http2: null }],
      },
    ]);
  });

  it('refuses ids of other things before anything is sent', async () => {
    const { azure, asked } = scripted(() => ({}));
    await assert.rejects(azure.readGatewayConnections(serviceId), (error) => failureCode(error) === 'notFound');
    await assert.rejects(azure.readSelfHosted(gatewayId), (error) => failureCode(error) === 'notFound');
    assert.equal(asked.length, 0);
  });

  it('reads those of the sample estate', async () => {
    const { azure } = openScene();
    const { gateways, instances } = await azure.readEstate();
    const [gateway] = gateways;
    assert.ok(gateway);
    const [connection] = await azure.readGatewayConnections(gateway.id);
    const global = instances.find(({ name }) => name === 'contoso-global');
    assert.equal(connection?.instanceId, global?.id);
    const selfHosted = await azure.readSelfHosted(global?.id ?? '');
    assert.deepEqual(
      selfHosted.map(({ name, hosts }) => [name, hosts.map(({ tls10 }) => tls10)]),
      [
        ['factory-hamburg', [true]],
        ['factory-lyon', []],
      ],
    );
  });
});
