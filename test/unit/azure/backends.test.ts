// Backends, APIs and operations as they come from ARM.

import assert from 'node:assert/strict';
import { scripted, serviceId } from './scriptedAzure.ts';

const backend = (name: string, properties: object) => ({ id: `${serviceId}/backends/${name}`, name, properties });

describe('backends', () => {
  it('reads entities, pools and flags over all pages', async () => {
    const next = `https://management.azure.com${serviceId}/backends?$skip=1`;
    const { azure } = scripted(({ query }) =>
      query.has('$skip')
        ? {
            body: {
              value: [
                backend('pool', {
                  type: 'Pool',
                  title: 'All',
                  pool: { services: [{ id: `${serviceId}/backends/one`, weight: 1 }] },
                }),
                backend('odd', {}),
              ],
            },
          }
        : {
            body: {
              value: [
                backend('one', {
                  url: 'https://one.example',
                  title: 'One',
                  tls: { validateCertificateChain: false, validateCertificateName: true },
                  credentials: { certificateIds: ['x'] },
                }),
              ],
              nextLink: next,
            },
          },
    );
    const base = { validateChain: true, validateName: true, clientCertificate: false, poolMembers: [] };
    assert.deepEqual(await azure.readBackends(serviceId), [
      {
        ...base,
        id: `${serviceId}/backends/one`,
        name: 'one',
        title: 'One',
        url: 'https://one.example',
        type: 'Single',
        validateChain: false,
        clientCertificate: true,
      },
      {
        ...base,
        id: `${serviceId}/backends/pool`,
        name: 'pool',
        title: 'All',
        url: '',
        type: 'Pool',
        poolMembers: [`${serviceId}/backends/one`],
      },
      { ...base, id: `${serviceId}/backends/odd`, name: 'odd', title: 'odd', url: '', type: 'Single' },
    ]);
  });

  it('reads APIs, with and without a service URL', async () => {
    const { azure, asked } = scripted(() => ({
      body: {
        value: [
          {
            id: `${serviceId}/apis/orders`,
            name: 'orders',
            properties: { displayName: 'Orders', path: 'orders', serviceUrl: 'https://o.example' },
          },
          { id: `${serviceId}/apis/mock`, name: 'mock', properties: { path: 'mock', serviceUrl: null } },
        ],
      },
    }));
    assert.deepEqual(await azure.readApis(serviceId), [
      {
        id: `${serviceId}/apis/orders`,
        name: 'orders',
        title: 'Orders',
        path: 'orders',
        serviceUrl: 'https://o.example',
      },
      { id: `${serviceId}/apis/mock`, name: 'mock', title: 'mock', path: 'mock', serviceUrl: null },
    ]);
    assert.equal(asked[0]?.path, `${serviceId}/apis`);
  });

  it('reads the operations of an API revision', async () => {
    const { azure, asked } = scripted(() => ({
      body: {
        value: [
          {
            id: `${serviceId}/apis/a;rev=2/operations/get`,
            name: 'get',
            properties: { displayName: 'Get', method: 'GET', urlTemplate: '/{id}' },
          },
        ],
      },
    }));
    assert.deepEqual(await azure.readOperations(`${serviceId}/apis/a;rev=2`), [
      {
        id: `${serviceId}/apis/a;rev=2/operations/get`,
        name: 'get',
        title: 'Get',
        method: 'GET',
        urlTemplate: '/{id}',
      },
    ]);
    assert.equal(decodeURIComponent(asked[0]?.path ?? ''), `${serviceId}/apis/a;rev=2/operations`);
  });
});
