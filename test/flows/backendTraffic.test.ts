// Which backends the gateway has really called, by its logs.

import assert from 'node:assert/strict';
import { hasRows } from '../../src/core/traffic.ts';
import { failureCode } from '../../src/core/failure.ts';
import { idOf, openScene } from './scene.ts';

const query = /^\/v1\/workspaces\//;

describe('backends by the logs of the gateway', () => {
  it('are counted by host, the busiest first, with what each operation asked of them', async () => {
    const traffic = await openScene().azure.readBackendTraffic(idOf('contoso-shop-prod'), 30);
    assert.ok(hasRows(traffic) && traffic.state === 'read' && !traffic.cut);
    assert.deepEqual(
      traffic.hosts.slice(0, 2).map(({ authority, requests }) => [authority, requests]),
      [
        ['catalog.contoso.example', 7_823_472],
        ['orders.contoso.example', 370_667],
      ],
    );
    const catalog = traffic.calls.filter(({ authority }) => authority === 'catalog.contoso.example');
    assert.deepEqual(
      catalog.map(({ operation, path }) => [operation, path]),
      [
        ['list-products', '/v3/products'],
        ['get-product', '/v3/products/4711'],
      ],
    );
    const mainframe = traffic.hosts.find(({ authority }) => authority.startsWith('mainframe'));
    assert.match(mainframe?.failureText ?? '', /secure channel/);
  });

  it('are counted within the window that is asked for', async () => {
    const traffic = await openScene().azure.readBackendTraffic(idOf('contoso-shop-prod'), 7);
    assert.ok(hasRows(traffic));
    assert.ok(!traffic.hosts.some(({ authority }) => authority.startsWith('ship-eu')), 'last seen before that');
  });

  const states: readonly (readonly [string, Partial<Record<string, unknown>>])[] = [
    ['contoso-events', { state: 'notConfigured', why: 'noSetting' }],
    ['contoso-mobile', { state: 'notConfigured', why: 'workspaceGone' }],
    ['contoso-hr', { state: 'noPermission', action: 'Microsoft.Insights/diagnosticSettings/read' }],
    ['contoso-global', { state: 'noPermission', action: 'Microsoft.OperationalInsights/workspaces/query/read' }],
    ['contoso-trust', { state: 'tableMissing' }],
    ['contoso-logistics', { state: 'noData' }],
    [
      'contoso-shop-dev',
      { state: 'partial', problem: 'The results of this query exceed the set limit of 64000000 bytes.' },
    ],
  ];
  for (const [name, expected] of states) {
    it(`are told of ${name}: ${Object.values(expected).join(', ')}`, async () => {
      const read: Record<string, unknown> = { ...(await openScene().azure.readBackendTraffic(idOf(name), 30)) };
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, read[key]])), expected);
    });
  }

  it('are given again for some minutes, unless they are to be fresh', async () => {
    const scene = openScene();
    const asked = () => scene.requests.filter(({ path }) => query.test(path)).length;
    const id = idOf('contoso-shop-prod');
    const first = await scene.azure.readBackendTraffic(id, 30);
    assert.equal(await scene.azure.readBackendTraffic(id, 30), first);
    assert.equal(asked(), 1);
    await scene.azure.readBackendTraffic(id, 30, { fresh: true });
    assert.equal(asked(), 2);
    await scene.pause(5 * 60_000);
    await scene.azure.readBackendTraffic(id, 30);
    assert.equal(asked(), 3);
  });

  it('are cancelled at any step, and nothing is kept then', async () => {
    for (const step of [/diagnosticSettings$/, /workspaces\/contoso-logs$/, query]) {
      const scene = openScene();
      const stop = new AbortController();
      const azure = scene.connect({ onRequest: (_, path) => void (step.test(path) && stop.abort()) });
      const reading = azure.readBackendTraffic(idOf('contoso-shop-prod'), 30, { signal: stop.signal });
      await assert.rejects(reading, (error) => failureCode(error) === 'cancelled', String(step));
    }
  });

  it('are no answer where the table is another one', async () => {
    const azure = openScene().connect({ rewrite: (said, path) => (query.test(path) ? { tables: [7] } : said) });
    const reading = azure.readBackendTraffic(idOf('contoso-shop-prod'), 30);
    await assert.rejects(reading, (error) => failureCode(error) === 'malformed');
  });
});
