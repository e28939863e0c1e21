// Reading instances from ARM and Resource Graph.

import assert from 'node:assert/strict';
import { readInstanceFixture } from './instanceFixture.ts';
import { toInstance } from '../../../src/azure/instances.ts';
import { home, scripted, service, serviceId, subscription } from './scriptedAzure.ts';

const readAt = '2026-11-20T12:00:00.000Z';

describe('instances', () => {
  it('reads an ARM resource whole', () => {
    assert.deepEqual(toInstance(readInstanceFixture(), home, readAt), {
      id: serviceId,
      name: 'contoso',
      resourceGroup: 'rg',
      subscriptionId: subscription,
      tenantId: home,
      location: 'westeurope',
      otherRegions: ['northeurope', 'eastus'],
      regionalHosts: [
        { region: 'westeurope', hostName: 'contoso-westeurope-01.regional.azure-api.net', disabled: false },
        { region: 'northeurope', hostName: 'contoso-northeurope-01.regional.azure-api.net', disabled: false },
        { region: 'eastus', hostName: 'contoso-eastus-01.regional.azure-api.net', disabled: true },
      ],
      tier: 'Premium',
      units: 2,
      provisioningState: 'Succeeded',
      createdAt: '2016-03-01T10:00:00.000Z',
      platformVersion: 'stv2.1',
      etag: 'AAAAAA==',
      customProperties: { 'Foreign.Key': ' odd  Text ', 'Some.Flag': 'True' },
      gatewayUrl: 'https://contoso.azure-api.net',
      hosts: [
        {
          hostName: 'api.contoso.example',
          type: 'Proxy',
          isDefault: true,
          negotiateClientCertificate: true,
          certificateExpiry: '2027-01-02T00:00:00.000Z',
        },
        {
          hostName: 'portal.contoso.example',
          type: 'DeveloperPortal',
          isDefault: false,
          negotiateClientCertificate: false,
          certificateExpiry: null,
        },
      ],
      readAt,
    });
  });

  it('reads whether a Consumption instance asks every caller for a certificate', () => {
    const withFlag = (enableClientCertificate: unknown) => {
      const raw = readInstanceFixture() as { readonly properties: object };
      return toInstance({ ...raw, properties: { ...raw.properties, enableClientCertificate } }, home, readAt);
    };
    assert.equal(withFlag(true)?.enableClientCertificate, true);
    for (const other of [false, null, 'true']) assert.ok(!('enableClientCertificate' in (withFlag(other) ?? {})));
  });

  it('reads a Resource Graph row to the same instance, but for its etag', () => {
    const row = {
      ...readInstanceFixture(),
      etag: undefined,
      resourceGroup: 'rg',
      subscriptionId: subscription,
      tenantId: 'other-tenant',
    };
    const fromArm = toInstance(readInstanceFixture(), home, readAt);
    assert.deepEqual(toInstance(row, home, readAt), { ...fromArm, tenantId: 'other-tenant', etag: null });
  });

  it('takes a tier it does not know, a null map and missing parts as what they are', () => {
    const instance = toInstance(
      { id: serviceId, sku: { name: 'HyperV9' }, properties: { customProperties: null } },
      home,
      readAt,
    );
    assert.equal(instance?.tier, 'HyperV9');
    assert.equal(instance?.customProperties, null);
    assert.equal(instance?.createdAt, null);
    assert.deepEqual(
      [instance?.units, instance?.hosts, instance?.gatewayUrl, instance?.provisioningState],
      [0, [], null, 'Unknown'],
    );
  });

  it('leaves out rows that are no API Management instance', () => {
    for (const row of [null, 'text', [], {}, { id: 7 }, { id: '/subscriptions/x' }, { id: `${serviceId}/apis/a` }]) {
      assert.equal(toInstance(row, home, readAt), null);
    }
  });

  it('keeps booleans and unknown keys of the map on the way through the SDK', async () => {
    const map = {
      'A.True': true,
      'B.False': false,
      'C.text': 'fAlSe',
      'D.Ünknown key/with:signs': '<&>"\\ ',
      'E.number': 7,
    };
    const { azure } = scripted(() => ({ body: service(map) }));
    const { customProperties, tenantId } = await azure.readInstance(serviceId);
    assert.deepEqual(customProperties, {
      'A.True': 'True',
      'B.False': 'False',
      'C.text': 'fAlSe',
      'D.Ünknown key/with:signs': '<&>"\\ ',
      'E.number': '7',
    });
    assert.equal(tenantId, home);
  });

  it('refuses a text that is no id of an instance, before anything is sent', async () => {
    const { azure, asked } = scripted(() => ({}));
    await assert.rejects(azure.readInstance('/subscriptions/nonsense'), {
      name: 'ArmError',
      details: {
        code: 'notFound',
        serviceMessage: '"/subscriptions/nonsense" is not the id of an API Management instance.',
      },
    });
    assert.equal(asked.length, 0);
  });
});
