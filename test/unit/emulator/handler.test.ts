import assert from 'node:assert/strict';
import { sampleEstate } from '../../../src/emulator/estate.ts';
import { largeEstate } from '../../../src/emulator/largeEstate.ts';
import {
  all,
  contoso,
  development,
  errorOf,
  fabrikam,
  mapOf,
  openBench,
  partner,
  path,
  production,
  service,
} from './sdk.ts';

const query =
  "resources | where type =~ 'microsoft.apimanagement/service' | project id, name, type, location, resourceGroup, " +
  'subscriptionId, tenantId, sku, properties | order by id asc';

describe('sample Azure: tenants, subscriptions, Resource Graph', () => {
  it('lists both tenants, and the subscriptions of the token’s tenant', async () => {
    const tenants = await all(openBench().subscriptions().tenants.list());
    assert.deepEqual(
      tenants.map(({ tenantId, displayName }) => [tenantId, displayName]),
      [
        [contoso.id, 'Contoso'],
        [fabrikam.id, 'Fabrikam'],
      ],
    );
    const ids = async (token: string) =>
      (await all(openBench({}, token).subscriptions().subscriptions.list())).map(
        ({ subscriptionId }) => subscriptionId,
      );
    assert.deepEqual(await ids(`sample:${contoso.id}`), [production, development]);
    assert.deepEqual(await ids(`sample:${fabrikam.id.toUpperCase()}`), [partner]);
    assert.deepEqual(await ids('sample:'), [production, development, partner]);
  });

  it('answers the query of the product with whole rows, ordered by id', async () => {
    const answer = await openBench()
      .graph()
      .resources({ query, subscriptions: [production, development] });
    const rows = answer.data as {
      id: string;
      tenantId: string;
      properties: { customProperties: unknown };
      etag?: string;
    }[];
    assert.equal(rows.length, sampleEstate.services.filter(({ subscriptionId }) => subscriptionId !== partner).length);
    assert.deepEqual(
      rows.map(({ id }) => id.toLowerCase()),
      rows.map(({ id }) => id.toLowerCase()).sort(),
    );
    assert.deepEqual(Object.keys(rows[0]!), query.match(/project (.*?) \|/)![1]!.split(', '));
    assert.ok(rows.every(({ tenantId }) => tenantId === contoso.id));
  });

  it('pages 2,500 instances by skip token, 1,000 at most', async () => {
    const graph = openBench({ estate: largeEstate({ instances: 2500, subscriptions: 3, tenants: 1 }) }).graph();
    const seen = new Set<string>();
    const counts: number[] = [];
    let skipToken: string | undefined;
    do {
      const page = await graph.resources({ query, options: { top: 1000, ...(skipToken ? { skipToken } : {}) } });
      (page.data as { id: string }[]).forEach(({ id }) => seen.add(id));
      counts.push(page.count);
      assert.equal(page.totalRecords, 2500);
      skipToken = page.skipToken;
    } while (skipToken !== undefined && counts.length < 10);
    assert.deepEqual(counts, [1000, 1000, 500]);
    assert.equal(seen.size, 2500);
    await assert.rejects(graph.resources({ query, options: { top: 1001 } }), { statusCode: 400 });
    await assert.rejects(graph.resources({ query, options: { skipToken: 'nonsense' } }), { statusCode: 400 });
  });

  it('refuses queries that it does not understand', async () => {
    for (const other of [
      "resources | where type =~ 'microsoft.storage/storageaccounts'",
      query.replace('sku', 'tolower(sku)'),
      query.replace('order by id asc', 'summarize count()'),
    ]) {
      await assert.rejects(openBench().graph().resources({ query: other }), { statusCode: 400 });
    }
  });

  it('answers with columns under names of their own, and knows gateways and subscriptions', async () => {
    const ask = async (text: string) => (await openBench().graph().resources({ query: text })).data as unknown;
    const gateways = await ask(
      "resources | where type in~ ('Microsoft.ApiManagement/gateways') | project name, tier = sku.name, gone = properties.a.b",
    );
    assert.deepEqual(gateways, [{ name: 'contoso-teams', tier: 'WorkspaceGatewayPremium', gone: null }]);
    const ids = await ask(
      "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' | project subscriptionId | order by id asc",
    );
    assert.deepEqual(
      ids,
      [production, development].sort().map((subscriptionId) => ({ subscriptionId })),
    );
  });

  it('answers 403 for the forbidden subscription, and leaves it out beside others', async () => {
    const bench = openBench();
    await assert.rejects(bench.graph().resources({ query, subscriptions: [partner] }), {
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    await assert.rejects(all(bench.apim(partner).apiManagementService.list()), {
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    const both = await bench.graph().resources({ query, subscriptions: [partner, development] });
    assert.ok(
      (both.data as { subscriptionId: string }[]).every(({ subscriptionId }) => subscriptionId === development),
    );
  });
});

describe('sample Azure: the gate', () => {
  it('wants a bearer token, of the right tenant', async () => {
    const bench = openBench();
    for (const authorization of ['', 'Bearer ', 'Basic abc']) {
      const answer = await bench.call('GET', path('contoso-hub'), undefined, { authorization });
      assert.equal(answer.status, 401);
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer authorization_uri=/);
    }
    const wrong = await bench.call('GET', path('contoso-hub'), undefined, {
      authorization: `Bearer sample:${fabrikam.id}`,
    });
    assert.deepEqual([wrong.status, errorOf(wrong).code], [401, 'InvalidAuthenticationTokenTenant']);
  });

  it('takes no api-version that the service does not have', async () => {
    const { azure } = openBench();
    const get = (query: string) =>
      azure.handle({
        method: 'GET',
        url: `https://arm.example${path('contoso-hub')}${query}`,
        headers: { authorization: 'Bearer x' },
        body: undefined,
      });
    assert.equal(errorOf(await get('')).code, 'MissingApiVersionParameter');
    assert.equal(errorOf(await get('?api-version=2020-12-01')).code, 'NoRegisteredProviderFound');
    assert.equal((await get('?api-version=2024-05-01')).status, 200);
  });

  it('sends the ids and limits that support asks for, on errors too', async () => {
    for (const name of ['contoso-hub', 'nowhere']) {
      const answer = await openBench().call('GET', path('contoso-hub').replace('contoso-hub', name));
      assert.match(answer.headers['x-ms-request-id'] ?? '', /^[0-9a-f-]{36}$/);
      assert.ok(answer.headers['x-ms-correlation-request-id']);
      assert.equal(answer.headers['x-ms-ratelimit-remaining-subscription-reads'], '11999');
    }
  });
});

describe('sample Azure: instances and what is in them', () => {
  it('lists a subscription over several pages', async () => {
    const bench = openBench({ pageSize: 3 });
    const names = (await all(bench.apim().apiManagementService.list())).map(({ name }) => name);
    assert.deepEqual(
      names,
      sampleEstate.services.filter(({ subscriptionId }) => subscriptionId === production).map(({ name }) => name),
    );
  });

  it('gives one instance with etag in body and header', async () => {
    const bench = openBench();
    const answer = await bench.call('GET', path('contoso-global').toUpperCase());
    const { etag } = JSON.parse(answer.body) as { etag: string };
    assert.equal(answer.headers['etag'], `"${etag}"`);
    const read = await bench.apim().apiManagementService.get('rg-global', 'contoso-global');
    assert.equal(read.additionalLocations?.length, 2);
    assert.equal(read.sku.name, 'Premium');
    await assert.rejects(bench.apim().apiManagementService.get('rg-global', 'nowhere'), {
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('shows the base keys of a tier with its defaults, and what was written', async () => {
    const { apim } = openBench();
    const read = async (name: string) => {
      const { subscriptionId, resourceGroup } = service(name);
      return mapOf(await apim(subscriptionId).apiManagementService.get(resourceGroup, name));
    };
    assert.equal(Object.keys(await read('contoso-shop-prod')).length, 8);
    assert.equal(Object.keys(await read('contoso-events')).length, 6);
    assert.equal(Object.keys(await read('contoso-lab')).length, 6);
    assert.equal(Object.keys(await read('contoso-audit')).length, 12);
    assert.equal(Object.keys(await read('contoso-legacy')).length, 1);
    assert.equal(
      (await openBench().apim(development).apiManagementService.get('rg-next', 'contoso-next')).customProperties,
      null,
    );
  });

  it('lists backends with pools, APIs, operations and certificates', async () => {
    const client = openBench({ pageSize: 4 }).apim();
    const at = ['rg-shop-prod', 'contoso-shop-prod'] as const;
    const backends = await all(client.backend.listByService(...at));
    assert.equal(backends.length, service('contoso-shop-prod').backends?.length);
    const pool = backends.find(({ typePropertiesType }) => typePropertiesType === 'Pool');
    assert.deepEqual(
      pool?.pool?.services?.map(({ id }) => id.split('/').at(-1)),
      ['ship-eu', 'ship-us'],
    );
    const apis = await all(client.api.listByService(...at));
    assert.equal(apis.filter(({ serviceUrl }) => serviceUrl).length, 1);
    assert.equal((await all(client.apiOperation.listByApi(...at, 'catalog-api'))).length, 2);
    assert.equal((await all(client.certificate.listByService(...at))).length, 1);
    assert.equal((await client.backend.get(...at, 'bank')).credentials?.certificateIds?.length, 1);
  });

  it('gives policies at every scope, escaped or raw, and 404 where there is none', async () => {
    const bench = openBench();
    const client = bench.apim();
    const at = ['rg-b2b', 'contoso-b2b'] as const;
    const escaped = await client.apiOperationPolicy.get(...at, 'purchasing-api', 'send-order', 'policy', {
      format: 'xml',
    });
    assert.match(escaped.value ?? '', /Issuer != &quot;CN=/);
    const raw = await client.apiOperationPolicy.get(...at, 'purchasing-api', 'send-order', 'policy', {
      format: 'rawxml',
    });
    assert.match(raw.value ?? '', /Issuer != "CN=/);
    // The SDK reads API policies as XML only; the service answers with JSON.
    const ofApi = await bench.call('GET', `${path('contoso-b2b')}/apis/invoices-api/policies/policy?format=xml`);
    assert.match(ofApi.body, /<validate-client-certificate /);
    assert.match((await client.policy.get('rg-shop-prod', 'contoso-shop-prod', 'policy')).value ?? '', /rate-limit/);
    await assert.rejects(client.policy.get(...at, 'policy'), { statusCode: 404, code: 'ResourceNotFound' });
    await assert.rejects(client.apiOperationPolicy.get(...at, 'purchasing-api', 'get-prices', 'policy'), {
      statusCode: 404,
    });
  });
});
