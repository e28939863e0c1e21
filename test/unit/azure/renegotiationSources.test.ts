// Traffic by host name, and what Azure Advisor says: the requests and what their answers are turned into.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hostTrafficQuery, readHostTrafficAnswer } from '../../../src/azure/hostTraffic.ts';
import { renegotiationBlocked } from '../../../src/azure/advisor.ts';
import { failureCode } from '../../../src/core/failure.ts';
import { mostHostRows } from '../../../src/core/renegotiation.ts';
import { scripted, serviceId, subscription } from './scriptedAzure.ts';

const columns = ['LastSeen', 'Version', 'Api', 'Operation', 'Host', 'Requests', 'Callers'];
const tableOf = (rows: readonly unknown[]) => ({
  tables: [{ name: 'PrimaryResult', columns: columns.map((name) => ({ name, type: 'string' })), rows }],
});
const line = (version: string, host = 'API.contoso.example', requests: unknown = 5, seen = '2026-11-20T10:00:00Z') => [
  seen,
  version,
  'orders',
  'get',
  host,
  requests,
  '2',
];

describe('traffic by host name', () => {
  it('asks both tables for one instance and window, and lets no address out of the workspace but its host', () => {
    const query = hostTrafficQuery(serviceId, 7);
    assert.equal(query.split(`_ResourceId =~ '${serviceId}'`).length, 3);
    assert.equal(query.split('ago(7d)').length, 3);
    assert.match(query, /summarize .* by Version, Api, Operation, Host\n/);
    assert.throws(
      () => hostTrafficQuery(`${serviceId}' or true`, 7),
      (error) => failureCode(error) === 'notFound',
    );
  });

  it('reads rows by the names of the columns, and puts spellings of a version together', () => {
    const body = tableOf([
      line('1.2'),
      line('Tls12', 'api.contoso.example', 7, '2026-11-20T11:00:00Z'),
      line('TLS 1.0'),
    ]);
    const found = readHostTrafficAnswer(body);
    const common = { api: 'orders', operation: 'get', host: 'api.contoso.example' };
    assert.deepEqual(found, {
      cut: false,
      rows: [
        { ...common, version: 'tls12', requests: 12, callers: null, lastSeen: '2026-11-20T11:00:00.000Z' },
        { ...common, version: 'tls10', requests: 5, callers: 2, lastSeen: '2026-11-20T10:00:00.000Z' },
      ],
    });
  });

  it('is bounded, and says where it was cut', () => {
    const rows = Array.from({ length: mostHostRows + 1 }, (_, index) => line('1.2', `h${index}.example`));
    const found = readHostTrafficAnswer(tableOf(rows));
    assert.deepEqual([found.rows.length, found.cut], [mostHostRows, true]);
  });

  it('never throws anything but "malformed", whatever the service says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.array(fc.jsonValue())).map(tableOf)), (body) => {
        try {
          readHostTrafficAnswer(body);
        } catch (error) {
          assert.equal(failureCode(error), 'malformed');
        }
      }),
    );
  });
});

describe('what Azure Advisor says', () => {
  const hosts = ['api.contoso.example', 'b2b.contoso.example', 'contoso.example'];
  const recommendation = (part: object, resourceId = serviceId) => ({
    id: `${resourceId}/providers/Microsoft.Advisor/recommendations/r`,
    properties: {
      recommendationTypeId: renegotiationBlocked,
      lastUpdated: '2026-11-19T00:00:00Z',
      resourceMetadata: { resourceId },
      ...part,
    },
  });
  const advised = (rows: readonly object[]) =>
    scripted(() => ({ body: { value: rows } })).azure.readAdvice(serviceId, hosts);

  it('is asked for one kind of recommendation, in one subscription', async () => {
    const { azure, asked } = scripted(() => ({ body: { value: [] } }));
    assert.deepEqual(await azure.readAdvice(serviceId, hosts), {
      state: 'read',
      found: false,
      hosts: [],
      updated: null,
    });
    assert.deepEqual(
      asked.map(({ path, query }) => [path, query.get('$filter'), query.get('api-version')]),
      [
        [
          `/subscriptions/${subscription}/providers/Microsoft.Advisor/recommendations`,
          `RecommendationTypeGuid eq '${renegotiationBlocked}'`,
          '2023-01-01',
        ],
      ],
    );
  });

  it('names the hosts wherever the recommendation states them, and no other whose name has theirs in it', async () => {
    const found = { state: 'read', found: true, updated: '2026-11-19T00:00:00.000Z' };
    const names = { hostnames: 'B2B.contoso.example;xapi.contoso.example' };
    assert.deepEqual(await advised([recommendation({ extendedProperties: names })]), {
      ...found,
      hosts: ['b2b.contoso.example'],
    });
    assert.deepEqual(await advised([recommendation({})]), { ...found, hosts: [] });
  });

  it('is not "no recommendation" where there are more pages than are read', async () => {
    const nextLink = `https://management.azure.com/subscriptions/${subscription}/providers/Microsoft.Advisor/recommendations?more=1`;
    const { azure, asked } = scripted(() => ({ body: { value: [], nextLink } }));
    const advice = await azure.readAdvice(serviceId, hosts);
    assert.equal(advice.state === 'failed' && advice.why.code, 'malformed');
    assert.equal(asked.length, 20);
  });

  it('is of this instance and of this kind alone', async () => {
    const other = `${serviceId}-other`;
    const rows = [recommendation({}, other), recommendation({ recommendationTypeId: 'another' })];
    assert.deepEqual(await advised(rows), { state: 'read', found: false, hosts: [], updated: null });
  });

  it('is read to its last page, at this host only', async () => {
    const { azure, asked } = scripted((_asked, index) =>
      index === 0
        ? { body: { value: [], nextLink: 'https://management.azure.com/next?api-version=2023-01-01&$skipToken=x' } }
        : { body: { value: [recommendation({})] } },
    );
    assert.equal((await azure.readAdvice(serviceId, hosts)).state, 'read');
    assert.equal(asked.length, 2);
    const elsewhere = scripted(() => ({ body: { value: [], nextLink: 'https://elsewhere.example/next' } }));
    assert.equal((await elsewhere.azure.readAdvice(serviceId, hosts)).state, 'failed');
    assert.equal(elsewhere.asked.length, 1);
  });

  it('tells a refusal as such', async () => {
    const refused = scripted(() => ({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } }));
    const advice = await refused.azure.readAdvice(serviceId, hosts);
    assert.equal(advice.state === 'failed' && advice.why.code, 'forbidden');
  });
});
