// Reading the estate: pages, batches, tenants and subscriptions that fail.

import assert from 'node:assert/strict';
import type { EstateReading } from '../../../src/azure/access.ts';
import { estateQuery, subscriptionsQuery } from '../../../src/azure/graph.ts';
import { failureCode } from '../../../src/core/failure.ts';
import { notListedCode } from '../../../src/core/instance.ts';
import { scripted } from './scriptedAzure.ts';
import type { Asked, Reply, Scripted } from './scriptedAzure.ts';

const guid = (kind: string, index: number) => `${kind.repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;
const tenantA = guid('a', 0);
const tenantB = guid('b', 0);
const sub = (index: number) => guid('5', index);
const row = (subscriptionId: string, name: string, tenantId = tenantA) => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${name}`,
  name,
  tenantId,
  customProperties: {},
  provisioningState: 'Succeeded',
});
const gatewayRow = (subscriptionId: string, name: string) => ({
  id: `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.ApiManagement/gateways/${name}`,
  name,
  tenantId: tenantA,
  location: 'westeurope',
  sku: { name: 'WorkspaceGatewayPremium', capacity: 2 },
  provisioningState: 'Succeeded',
});

interface Directory {
  readonly tenants: Readonly<Record<string, readonly { readonly id: string; readonly tenantId?: string }[] | Reply>>;
  readonly graph: (body: GraphBody, index: number) => Reply;
  /** The subscriptions that Resource Graph knows; all that it is asked about where not stated. */
  readonly readable?: (subscriptions: readonly string[]) => Reply;
  readonly list?: (subscriptionId: string, kind: string) => Reply;
}

interface GraphBody {
  readonly subscriptions: readonly string[];
  readonly query: string;
  readonly options: { readonly $top: number; readonly $skipToken?: string; readonly resultFormat: string };
}

function estate({
  tenants,
  graph,
  readable = (subscriptions) => data(subscriptions.map((subscriptionId) => ({ subscriptionId }))),
  list = () => ({ body: { value: [] } }),
}: Directory): Scripted & { readonly queries: GraphBody[] } {
  const queries: GraphBody[] = [];
  const reply = ({ path, token, body }: Asked): Reply => {
    if (path === '/tenants')
      return {
        body: { value: Object.keys(tenants).map((tenantId) => ({ tenantId, displayName: `Tenant ${tenantId[0]}` })) },
      };
    if (path === '/subscriptions') {
      const found = tenants[token.replace('Bearer ', '')] ?? [];
      if (!isList(found)) return found;
      return {
        body: {
          value: found.map(({ id, tenantId }) => ({ subscriptionId: id, displayName: `Sub ${id.at(-1)}`, tenantId })),
        },
      };
    }
    if (path.endsWith('/resources')) {
      const asked = body as GraphBody;
      if (asked.query === subscriptionsQuery) return readable(asked.subscriptions);
      queries.push(asked);
      return graph(body as GraphBody, queries.length - 1);
    }
    return list(path.split('/')[2] ?? '', path.split('/').at(-1) ?? '');
  };
  const connected = scripted(reply, {
    ownDirectory: true,
    credentialFor: (tenantId) => ({
      getToken: () => Promise.resolve({ token: tenantId ?? 'home', expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
  });
  return { ...connected, queries };
}

function isList(
  found: Directory['tenants'][string],
): found is readonly { readonly id: string; readonly tenantId?: string }[] {
  return Array.isArray(found);
}

const refused: Reply = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'Not you.' } } };
const data = (rows: readonly object[], skipToken?: string): Reply => ({
  body: { data: rows, ...(skipToken ? { $skipToken: skipToken } : {}) },
});
const names = (reading: EstateReading) => reading.instances.map(({ name }) => name).sort();

describe('readEstate', () => {
  it('asks one query per tenant for all its subscriptions, page by page', async () => {
    const seen: number[] = [];
    const { azure, queries } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }, { id: sub(2) }], [tenantB]: [{ id: sub(3), tenantId: tenantB }] },
      graph: ({ subscriptions, options }) =>
        subscriptions.includes(sub(3))
          ? data([row(sub(3), 'c', tenantB)])
          : options.$skipToken === 'next'
            ? data([row(sub(2), 'b')])
            : data([row(sub(1), 'a')], 'next'),
    });
    const reading = await azure.readEstate({ onPage: ({ instances }) => seen.push(instances.length) });
    assert.deepEqual(names(reading), ['a', 'b', 'c']);
    assert.deepEqual(reading.failures, []);
    assert.deepEqual(reading.subscriptions.map(({ name }) => name).sort(), ['Sub 1', 'Sub 2', 'Sub 3']);
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(queries.length, 3);
    const first = queries.find(({ subscriptions }) => subscriptions.length === 2);
    assert.deepEqual(first, {
      subscriptions: [sub(1), sub(2)],
      query: estateQuery,
      options: { $top: 1000, resultFormat: 'objectArray' },
    });
  });

  it('asks for at most 1,000 subscriptions at once', async () => {
    const many = Array.from({ length: 2500 }, (_, index) => ({ id: sub(index) }));
    const { azure, queries } = estate({
      tenants: { [tenantA]: many },
      graph: ({ subscriptions }) => data(subscriptions.map((id) => row(id, `n${Number(id.slice(-12))}`))),
    });
    const reading = await azure.readEstate();
    assert.deepEqual(queries.map(({ subscriptions }) => subscriptions.length).sort(), [1000, 1000, 500]);
    assert.equal(reading.instances.length, 2500);
  });

  it('asks no more than 50 subscriptions without rows, first those that Resource Graph does not know', async () => {
    const lists: string[] = [];
    const many = Array.from({ length: 300 }, (_, index) => ({ id: sub(index) }));
    const hidden = sub(299);
    const { azure, asked } = estate({
      tenants: { [tenantA]: many },
      graph: () => data([row(sub(0), 'a')]),
      readable: (ids) => data(ids.filter((id) => id !== hidden).map((subscriptionId) => ({ subscriptionId }))),
      list: (id) => {
        lists.push(id);
        return id === hidden ? refused : { body: { value: [] } };
      },
    });
    const reading = await azure.readEstate();
    assert.equal(lists.length, 50);
    assert.ok(asked.length < 60, `${asked.length} requests`);
    assert.deepEqual(
      reading.failures.map(({ id, code }) => ({ id, code })),
      [{ id: hidden, code: 'AuthorizationFailed' }],
    );
    const toldOf = new Set([sub(0), ...lists, ...reading.notAsked.map(({ id }) => id)]);
    assert.equal(toldOf.size, 300, 'each subscription is heard of, asked, or named as not asked');
  });

  it('tells each subscription that Resource Graph does not know, however many', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ id: sub(index) }));
    const { azure } = estate({
      tenants: { [tenantA]: many },
      graph: () => data([row(sub(0), 'a')]),
      readable: () => data([{ subscriptionId: sub(0).toUpperCase() }]),
      list: () => refused,
    });
    const { failures, notAsked } = await azure.readEstate();
    assert.equal(new Set(failures.map(({ id }) => id)).size, 299);
    assert.equal(failures.filter(({ code }) => code === notListedCode).length, 249);
    assert.deepEqual(notAsked, []);
  });

  it('takes nothing for refused where Resource Graph cannot say which subscriptions it knows', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: Array.from({ length: 60 }, (_, index) => ({ id: sub(index) })) },
      graph: () => data([]),
      readable: () => ({ status: 400 }),
    });
    const { failures, notAsked } = await azure.readEstate();
    assert.deepEqual([failures.length, notAsked.length], [0, 10]);
  });

  it('reads workspace gateways with the instances, and by the plain list where Resource Graph is not available', async () => {
    const byGraph = estate({
      tenants: { [tenantA]: [{ id: sub(1) }] },
      graph: () => data([row(sub(1), 'a'), gatewayRow(sub(1), 'gw')]),
    });
    const byList = estate({
      tenants: { [tenantA]: [{ id: sub(1) }] },
      graph: () => ({ status: 503 }),
      list: (id, kind) => {
        if (kind === 'service') return { body: { value: [row(id, 'a')] } };
        const { provisioningState, ...rest } = gatewayRow(id, 'gw');
        return { body: { value: [{ ...rest, location: 'West Europe', properties: { provisioningState } }] } };
      },
    });
    const plain = ({ gateways }: EstateReading) => gateways.map((gateway) => ({ ...gateway, readAt: '' }));
    const read = await byGraph.azure.readEstate();
    assert.deepEqual(plain(read), [
      {
        id: gatewayRow(sub(1), 'gw').id,
        name: 'gw',
        resourceGroup: 'rg',
        subscriptionId: sub(1),
        tenantId: tenantA,
        location: 'westeurope',
        tier: 'WorkspaceGatewayPremium',
        units: 2,
        provisioningState: 'Succeeded',
        readAt: '',
      },
    ]);
    assert.deepEqual(names(read), ['a']);
    const listed = await byList.azure.readEstate();
    assert.deepEqual(plain(listed), plain(read));
    assert.deepEqual(names(listed), ['a']);
  });

  it('finds no workspace gateways in a cloud that does not know them', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }] },
      graph: () => ({ status: 503 }),
      list: (id, kind) => (kind === 'service' ? { body: { value: [row(id, 'a')] } } : { status: 404 }),
    });
    const reading = await azure.readEstate();
    assert.deepEqual([names(reading), reading.gateways, reading.failures], [['a'], [], []]);
  });

  it('keeps one copy of equal maps', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }] },
      graph: () => data(['a', 'b'].map((name) => ({ ...row(sub(1), name), customProperties: { 'Some.Key': 'True' } }))),
    });
    const [a, b] = (await azure.readEstate()).instances;
    assert.ok(a && b && a.customProperties === b.customProperties);
  });

  it('reads one by one where Resource Graph refuses, and tells the subscription that fails', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }, { id: sub(2) }] },
      graph: () => refused,
      list: (id) => (id === sub(2) ? refused : { body: { value: [row(id, 'a')] } }),
    });
    const reading = await azure.readEstate();
    assert.deepEqual(names(reading), ['a']);
    assert.deepEqual(reading.failures, [
      { scope: 'subscription', id: sub(2), name: 'Sub 2', code: 'AuthorizationFailed', message: 'Not you.' },
    ]);
  });

  it('tells a subscription that Resource Graph leaves out in silence, though it knows it', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }, { id: sub(2) }, { id: sub(3) }] },
      graph: () => data([row(sub(1), 'a')]),
      list: (id) => (id === sub(2) ? refused : { body: { value: [] } }),
    });
    const reading = await azure.readEstate();
    assert.deepEqual(
      reading.failures.map(({ id }) => id),
      [sub(2)],
    );
    assert.deepEqual(names(reading), ['a']);
  });

  it('keeps the rows that came before Resource Graph broke off', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }, { id: sub(2) }] },
      graph: (_, index) => (index === 0 ? data([row(sub(1), 'a')], 'next') : { status: 500 }),
      list: (id) => (id === sub(1) ? { status: 500 } : { body: { value: [row(id, 'b')] } }),
    });
    const reading = await azure.readEstate();
    assert.deepEqual(names(reading), ['a', 'b']);
    assert.deepEqual(
      reading.failures.map(({ scope, id, code }) => ({ scope, id, code })),
      [{ scope: 'subscription', id: sub(1), code: 'unavailable' }],
    );
  });

  it('tells a tenant that fails, and reads the others', async () => {
    const { azure } = estate({
      tenants: { [tenantA]: { status: 401 }, [tenantB]: [{ id: sub(3), tenantId: tenantB }] },
      graph: () => data([row(sub(3), 'c', tenantB)]),
    });
    const reading = await azure.readEstate();
    assert.deepEqual(names(reading), ['c']);
    assert.deepEqual(
      reading.failures.map(({ scope, id, name, code }) => ({ scope, id, name, code })),
      [{ scope: 'tenant', id: tenantA, name: 'Tenant a', code: 'unauthorized' }],
    );
  });

  it('shows a subscription that two tenants list once, through its own', async () => {
    const shared = { id: sub(1), tenantId: tenantB };
    for (const order of [
      [tenantA, tenantB],
      [tenantB, tenantA],
    ]) {
      const { azure, asked } = estate({
        tenants: Object.fromEntries(order.map((tenant) => [tenant, [shared]])),
        graph: () => data([row(sub(1), 'a', tenantB)]),
      });
      const reading = await azure.readEstate();
      assert.deepEqual([reading.subscriptions.length, reading.instances.length], [1, 1]);
      const queries = asked.filter(({ path }) => path.endsWith('/resources'));
      assert.deepEqual(new Set(queries.map(({ token }) => token)), new Set([`Bearer ${tenantB}`]));
    }
  });

  it('reads a subscription again by the plain list, following its pages', async () => {
    const first = `/subscriptions/${sub(1)}/providers/Microsoft.ApiManagement/service`;
    const { azure } = scripted(({ path, query }) =>
      path === first
        ? {
            body: query.has('$skiptoken')
              ? { value: [row(sub(1), 'b')] }
              : { value: [row(sub(1), 'a'), 'odd'], nextLink: `https://management.azure.com${first}?$skiptoken=1` },
          }
        : { status: 404 },
    );
    const instances = await azure.readSubscription({ id: sub(1), name: 'Sub 1', tenantId: tenantA });
    assert.deepEqual(
      instances.map(({ name, tenantId }) => ({ name, tenantId })),
      [
        { name: 'a', tenantId: tenantA },
        { name: 'b', tenantId: tenantA },
      ],
    );
  });

  it('rejects only where nothing can be read at all, or where it is cancelled', async () => {
    const offline = scripted(() => ({ drops: true }), { ownDirectory: true });
    await assert.rejects(offline.azure.readEstate(), (error) => failureCode(error) === 'network');
    const cancel = new AbortController();
    const { azure } = estate({
      tenants: { [tenantA]: [{ id: sub(1) }] },
      graph: () => {
        cancel.abort();
        return { hangs: true };
      },
    });
    await assert.rejects(azure.readEstate({ signal: cancel.signal }), (error) => failureCode(error) === 'cancelled');
  });
});
