// Every policy of an instance: what Azure is asked for, in batches and without, and what its answers are turned into.

import assert from 'node:assert/strict';
import { failureCode } from '../../../src/core/failure.ts';
import type { PolicyReading } from '../../../src/core/policyFacts.ts';
import { scripted, serviceId } from './scriptedAzure.ts';
import type { Asked, Reply, Scripted } from './scriptedAzure.ts';

const text = (inbound: string) => `<policies><inbound><base />${inbound}</inbound></policies>`;
const policy = (inbound = '') => ({ properties: { format: 'xml', value: text(inbound) } });
const asking = '<validate-client-certificate />';
const below = (path: string) => path.slice(serviceId.length);

interface Sub {
  readonly name: string;
  readonly url: string;
  readonly httpMethod: string;
  readonly requestHeaderDetails: Readonly<Record<string, string>>;
}
const subsOf = ({ body }: Asked) => (body as { readonly requests: readonly Sub[] }).requests;
const rowOf = ({ name }: Sub, status: number, content: unknown, headers: object = {}) => ({
  name,
  httpStatusCode: status,
  headers,
  content,
});

/** An instance with these scopes; `batch` and `single` answer for their texts. */
function service(
  scopes: readonly string[],
  {
    batch = (asked) => ({
      body: { responses: subsOf(asked).map((sub) => rowOf(sub, 200, policy(), { ETag: '"1"' })) },
    }),
    single = () => ({ body: policy() }),
    lists = {},
    now = () => new Date('2026-11-20T12:00:00Z'),
    pause = () => Promise.resolve(),
  }: {
    readonly batch?: (asked: Asked, index: number) => Reply;
    readonly single?: (path: string) => Reply;
    readonly lists?: Readonly<Record<string, Reply>>;
    readonly now?: () => Date;
    readonly pause?: (milliseconds: number) => Promise<void>;
  } = {},
): Scripted {
  let batches = 0;
  const policies = scopes.map((scope) => ({
    properties: { referencePolicyId: `${serviceId}${scope}/policies/policy` },
  }));
  return scripted(
    (asked) => {
      if (/^\/batch/.test(asked.path)) return batch(asked, batches++);
      const path = below(asked.path);
      const list = lists[path];
      if (list !== undefined) return list;
      if (path === '/allPolicies') return { body: { value: policies } };
      if (/^\/(policyFragments|namedValues|products|apis)$/.test(path)) return { body: { value: [] } };
      return single(path);
    },
    { now, pause },
  );
}

const names = ({ policies }: PolicyReading) => policies.map(({ scope }) => Object.values(scope).join(' '));

describe('readPolicies', () => {
  it('asks for the texts of exactly the scopes that have one, the widest and the heaviest first', async () => {
    const { azure, asked } = service(['/apis/a/operations/x', '/apis/a/operations/y', '/apis/b', '', '/products/p']);
    const reading = await azure.readPolicies(serviceId, {
      weightOf: (scope) => (scope.kind === 'operation' && scope.operation === 'y' ? 2 : 1),
    });
    const order = ['global', 'product p', 'api b', 'operation a y', 'operation a x'];
    assert.deepEqual(names(reading), order);
    const batch = asked.find(({ path }) => path === '/batch');
    assert.ok(batch);
    assert.deepEqual(
      subsOf(batch).map(({ httpMethod, url }) => `${httpMethod} ${below(url)}`),
      [
        'GET /policies/policy?format=xml&api-version=2024-05-01',
        'GET /products/p/policies/policy?format=xml&api-version=2024-05-01',
        'GET /apis/b/policies/policy?format=xml&api-version=2024-05-01',
        'GET /apis/a/operations/y/policies/policy?format=xml&api-version=2024-05-01',
        'GET /apis/a/operations/x/policies/policy?format=xml&api-version=2024-05-01',
      ],
    );
    assert.equal(new Set(subsOf(batch).map(({ name }) => name)).size, 5);
  });

  it('waits for a batch that takes its time, and takes every page of its result, in any order', async () => {
    const scopes = Array.from({ length: 30 }, (_, index) => `/apis/a${index}`);
    let rows: object[] = [];
    const pauses: number[] = [];
    const location = 'https://management.azure.com/batch/job?api-version=2020-06-01';
    const later = { status: 202, headers: { location, 'retry-after': '3' } };
    const { azure } = service(scopes, {
      pause: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)),
      batch: (asked, index) => {
        if (index === 0) {
          rows = subsOf(asked).map((sub) => rowOf(sub, 200, policy(/a2[/?]/.test(sub.url) ? asking : '')));
          rows.reverse();
          return later;
        }
        if (index < 3) return later;
        const first = !asked.query.has('$skip');
        return {
          body: first
            ? { value: rows.slice(0, 20), nextLink: `${location}&$skip=20` }
            : { value: rows.slice(20), nextLink: null },
        };
      },
    });
    const reading = await azure.readPolicies(serviceId);
    assert.equal(reading.policies.length, 30);
    assert.deepEqual(
      reading.policies.flatMap(({ scope, facts }) => (facts?.asks.length ? Object.values(scope) : [])),
      ['api', 'a2'],
    );
    assert.deepEqual(pauses, [3000, 3000, 4000]);
    assert.equal(reading.requests, 4);
  });

  const refusals: readonly (readonly [string, (asked: Asked) => Reply])[] = [
    ['is not there', () => ({ status: 404, body: { error: { code: 'NotFound', message: 'x' } } })],
    ['is not permitted', () => ({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } })],
    ['is in trouble', () => ({ status: 500, body: { error: { code: 'InternalServerError', message: 'x' } } })],
    ['answers in another shape', () => ({ body: { results: [] } })],
    ['names no place to poll', () => ({ status: 202 })],
  ];
  for (const [what, reply] of refusals) {
    it(`asks one by one where the batch endpoint ${what}`, async () => {
      const { azure, asked } = service(['/apis/a', '/apis/b'], { batch: reply });
      const reading = await azure.readPolicies(serviceId);
      assert.deepEqual([names(reading), reading.unread], [['api a', 'api b'], []]);
      assert.equal(asked.filter(({ path }) => /\/policies\/policy$/.test(path)).length, 2);
    });
  }

  it('tells of each text why it was not read, and takes one that is gone for none', async () => {
    const { azure } = service(['/apis/a', '/apis/b', '/apis/c', '/apis/d'], {
      batch: (asked) => ({
        body: {
          responses: subsOf(asked).flatMap((sub) => {
            if (/\/a\//.test(sub.url)) return rowOf(sub, 404, { error: { code: 'ResourceNotFound', message: 'x' } });
            if (/\/b\//.test(sub.url)) return rowOf(sub, 403, { error: { code: 'AuthorizationFailed', message: 'x' } });
            // Of c there is no answer at all.
            return /\/c\//.test(sub.url) ? [] : rowOf(sub, 200, { properties: { value: 'no XML' } });
          }),
        },
      }),
    });
    const reading = await azure.readPolicies(serviceId);
    assert.deepEqual(
      reading.unread.map(({ scope, why }) => [scope.kind === 'api' && scope.api, why?.code]),
      [
        ['b', 'forbidden'],
        ['c', 'malformed'],
      ],
    );
    assert.deepEqual(reading.policies, [{ scope: { kind: 'api', api: 'd' }, facts: null }]);
  });

  it('asks once more for what Azure puts off, after the time that it names', async () => {
    const pauses: number[] = [];
    const { azure, asked } = service(['/apis/a', '/apis/b'], {
      pause: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)),
      batch: (request, index) => ({
        body: {
          responses: subsOf(request).map((sub, place) =>
            index === 0 && place === 1
              ? rowOf(sub, 429, { error: { code: 'TooManyRequests', message: 'x' } }, { 'Retry-After': '7' })
              : rowOf(sub, 200, policy()),
          ),
        },
      }),
    });
    assert.deepEqual(names(await azure.readPolicies(serviceId)), ['api a', 'api b']);
    const batches = asked.filter(({ path }) => path === '/batch');
    assert.deepEqual(
      batches.map((batch) => subsOf(batch).length),
      [2, 1],
    );
    assert.deepEqual(pauses, [7000]);
  });

  it('asks later whether texts have changed, and keeps those that have not', async () => {
    let clock = Date.parse('2026-11-20T12:00:00Z');
    const { azure, asked } = service(['/apis/a', '/apis/b'], {
      now: () => new Date(clock),
      batch: (request) => ({
        body: {
          responses: subsOf(request).map((sub) =>
            sub.requestHeaderDetails['If-None-Match'] === '"1"' && /\/a\//.test(sub.url)
              ? rowOf(sub, 304, null)
              : rowOf(sub, 200, policy(/\/a\//.test(sub.url) ? asking : ''), { ETag: '"1"' }),
          ),
        },
      }),
    });
    const first = await azure.readPolicies(serviceId);
    assert.strictEqual(await azure.readPolicies(serviceId), first, 'read a moment ago');
    clock += 6 * 60_000;
    const second = await azure.readPolicies(serviceId);
    assert.deepEqual([second.policies, second.unread], [first.policies, []]);
    const [, later] = asked.filter(({ path }) => path === '/batch');
    assert.ok(later);
    assert.deepEqual(
      subsOf(later).map((sub) => sub.requestHeaderDetails),
      [{ 'If-None-Match': '"1"' }, { 'If-None-Match': '"1"' }],
    );
  });

  it('reads once for two that ask at the same time, and each may give up by itself', async () => {
    const { azure, asked } = service(['/apis/a', '/apis/b']);
    const cancel = new AbortController();
    const [first, , second] = await Promise.all([
      azure.readPolicies(serviceId),
      assert.rejects(
        Promise.all([azure.readPolicies(serviceId, { signal: cancel.signal }), Promise.resolve(cancel.abort())]),
        (error) => failureCode(error) === 'cancelled',
      ),
      azure.readPolicies(serviceId),
    ]);
    assert.strictEqual(second, first);
    assert.equal(asked.filter(({ path }) => path === '/batch').length, 1);
  });

  it('looks at all APIs and at the operations that it is told of where Azure does not list policies', async () => {
    const refused: Reply = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } };
    const named = (...all: readonly string[]): Reply => ({ body: { value: all.map((name) => ({ name })) } });
    const { azure } = service([], {
      lists: { '/allPolicies': refused, '/apis': named('a', 'b'), '/products': named('p') },
      batch: (asked) => ({
        body: {
          responses: subsOf(asked).map((sub) =>
            /\/(b|p)\/policies/.test(sub.url)
              ? rowOf(sub, 404, { error: { code: 'ResourceNotFound', message: 'x' } })
              : rowOf(sub, 200, policy()),
          ),
        },
      }),
    });
    const reading = await azure.readPolicies(serviceId, { operations: [{ api: 'a', operation: 'x' }] });
    assert.deepEqual(names(reading), ['global', 'api a', 'operation a x']);
    assert.deepEqual(
      reading.missing.map(({ list, why }) => [list, why.code]),
      [['policies', 'forbidden']],
    );
  });

  it('asks for operations that it is told of later, although the others were read a moment before', async () => {
    const refused: Reply = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } };
    const { azure } = service([], {
      lists: { '/allPolicies': refused, '/apis': { body: { value: [{ name: 'a' }] } } },
      single: () => ({ body: policy(asking) }),
    });
    assert.deepEqual(names(await azure.readPolicies(serviceId)), ['global', 'api a']);
    const reading = await azure.readPolicies(serviceId, { operations: [{ api: 'a', operation: 'x' }] });
    assert.deepEqual(names(reading), ['global', 'api a', 'operation a x']);
  });

  it('never has the value of a secret, and asks again for fragments that came as no XML', async () => {
    const value = (displayName: string, more: object) => ({ name: displayName, properties: { displayName, ...more } });
    const { azure, asked } = service([], {
      lists: {
        '/namedValues': {
          body: {
            value: [
              value('plain', { value: 'text', secret: false }),
              value('secret', { value: 'leaked', secret: true }),
              value('vault', { value: 'leaked', keyVault: { secretIdentifier: 'https://v' } }),
            ],
          },
        },
        '/policyFragments': {
          body: {
            value: [
              { name: 'good', properties: { value: `<fragment>${asking}</fragment>` } },
              { name: 'raw', properties: { value: '<fragment>@(a < b && "c")</fragment>' } },
            ],
          },
        },
        '/policyFragments/raw': { body: { properties: { value: '<fragment>@(a &lt; b)</fragment>' } } },
      },
    });
    const { namedValues, fragments } = await azure.readPolicies(serviceId);
    assert.deepEqual(namedValues, [
      { name: 'plain', value: 'text' },
      { name: 'secret', value: null },
      { name: 'vault', value: null },
    ]);
    assert.deepEqual(
      fragments.map(({ name, facts }) => [name, facts?.asks.length]),
      [
        ['good', 1],
        ['raw', 0],
      ],
    );
    assert.deepEqual(
      asked.filter(({ path }) => path.endsWith('/raw')).map(({ query }) => query.get('format')),
      ['xml'],
    );
  });

  it('leaves policies of workspaces out, takes the current revision of each scope, and tells both', async () => {
    const { azure } = service(['/workspaces/w/apis/a', '/apis/a;rev=1', '/apis/a', '/apis/b;rev=2', '/apis/b;rev=3']);
    const reading = await azure.readPolicies(serviceId);
    assert.deepEqual(names(reading), ['api a', 'api b']);
    assert.deepEqual(reading.leftOut, { workspaces: 1, revisions: 2 });
  });

  it('rejects where there is no way to Azure', async () => {
    const { azure } = service(['/apis/a', '/apis/b'], { batch: () => ({ drops: true }) });
    await assert.rejects(azure.readPolicies(serviceId), (error) => failureCode(error) === 'network');
  });
});

describe('readOperationsOf', () => {
  it('lists the operations of many APIs in one batch, to their last pages', async () => {
    const operation = (name: string) => ({
      name,
      properties: { displayName: name, method: 'GET', urlTemplate: `/${name}` },
    });
    const { azure, asked } = scripted((request) => {
      const one = (sub: Sub) => {
        const { pathname, searchParams } = new URL(sub.url, 'https://management.azure.com');
        if (/\/apis\/b\//.test(pathname))
          return rowOf(sub, 403, { error: { code: 'AuthorizationFailed', message: 'x' } });
        const page = `https://management.azure.com${pathname}?$skip=1&api-version=2024-05-01`;
        return searchParams.has('$skip')
          ? rowOf(sub, 200, { value: [operation('two')] })
          : rowOf(sub, 200, { value: [operation('one')], ...(/\/a\//.test(pathname) ? { nextLink: page } : {}) });
      };
      if (request.path === '/batch') return { body: { responses: subsOf(request).map(one) } };
      return {
        body: one({
          name: '',
          httpMethod: 'GET',
          requestHeaderDetails: {},
          url: `${request.path}?${request.query.toString()}`,
        }).content,
      };
    });
    const found = await azure.readOperationsOf(serviceId, ['a', 'b', 'c']);
    assert.deepEqual(
      [...found].map(([api, list]) => [api, list?.map(({ name }) => name) ?? null]),
      [
        ['a', ['one', 'two']],
        ['b', null],
        ['c', ['one']],
      ],
    );
    assert.equal(asked.length, 2);
  });
});
