import assert from 'node:assert/strict';
import { failureCode } from '../../src/core/failure.ts';
import { totalOf } from '../../src/core/traffic.ts';
import type { Traffic } from '../../src/core/traffic.ts';
import { trafficHelpText } from '../../src/core/trafficText.ts';
import type { SampleService } from '../../src/emulator/model.ts';
import { idOf, openScene } from './scene.ts';

const query = /^\/v1\/workspaces\//;
const counts = (traffic: Traffic) =>
  'totals' in traffic ? traffic.totals.map(({ version, requests, callers }) => [version, requests, callers]) : [];

describe('traffic by the logs of the gateway', () => {
  it('counts requests and distinct callers by TLS version, in the resource-specific table', async () => {
    const { azure, now } = openScene();
    const traffic = await azure.readTraffic(idOf('contoso-shop-prod'), 30);
    assert.equal(traffic.state, 'read');
    assert.deepEqual(counts(traffic).slice(0, 2), [
      ['tls10', 1204, 3],
      ['tls11', 12, 1],
    ]);
    const lastSeen = Date.parse(totalOf(traffic, 'tls10')?.lastSeen ?? '');
    assert.equal(Math.floor((now().getTime() - lastSeen) / 3_600_000), 2);
    assert.equal(totalOf(traffic, 'ssl3'), null);
    assert.ok(traffic.state === 'read' && traffic.source.table === 'dedicated' && !traffic.cut);
    const old = traffic.rows.filter(({ version }) => version === 'tls10');
    assert.deepEqual(
      old.map(({ api, operation, requests, addresses }) => [api, operation, requests, addresses]),
      [
        ['inventory-api', '', 1093, ['192.0.2.15', '192.0.2.16']],
        ['orders-api', 'place-order', 107, ['192.0.2.15']],
        ['', '', 4, ['198.51.100.23']],
      ],
    );
  });

  it('counts within the window that is asked for', async () => {
    const { azure } = openScene();
    const id = idOf('contoso-shop-prod');
    const week = await azure.readTraffic(id, 7);
    const quarter = await azure.readTraffic(id, 90);
    assert.equal(totalOf(week, 'tls11'), null, 'last seen before that');
    assert.equal(totalOf(quarter, 'tls10')?.requests, 3612);
    assert.deepEqual([week.days, quarter.days], [7, 90]);
  });

  it('reads AzureDiagnostics, and versions in other spellings', async () => {
    const { azure } = openScene();
    const legacy = await azure.readTraffic(idOf('contoso-legacy'), 30);
    assert.ok(legacy.state === 'read' && legacy.source.table === 'legacy');
    assert.deepEqual(
      counts(legacy).map(([version]) => version),
      ['tls10', 'tls11', 'tls12'],
    );
    const modern = await azure.readTraffic(idOf('contoso-payments'), 30);
    assert.deepEqual(
      counts(modern).map(([version]) => version),
      ['tls12', 'tls13'],
    );
  });

  const states: readonly (readonly [string, Partial<Record<string, unknown>>])[] = [
    ['contoso-events', { state: 'notConfigured', why: 'noSetting' }],
    ['contoso-archive', { state: 'notConfigured', why: 'noWorkspace' }],
    ['contoso-audit', { state: 'notConfigured', why: 'noGatewayLogs' }],
    ['contoso-mobile', { state: 'notConfigured', why: 'workspaceGone' }],
    ['contoso-hr', { state: 'noPermission', action: 'Microsoft.Insights/diagnosticSettings/read' }],
    ['contoso-hub', { state: 'noPermission', action: 'Microsoft.OperationalInsights/workspaces/read' }],
    ['contoso-global', { state: 'noPermission', action: 'Microsoft.OperationalInsights/workspaces/query/read' }],
    ['contoso-trust', { state: 'tableMissing' }],
    ['contoso-logistics', { state: 'noData' }],
    [
      'contoso-shop-dev',
      { state: 'partial', problem: 'The results of this query exceed the set limit of 64000000 bytes.' },
    ],
  ];
  for (const [name, expected] of states) {
    it(`tells of ${name}: ${Object.values(expected).join(', ')}`, async () => {
      const traffic: Record<string, unknown> = { ...(await openScene().azure.readTraffic(idOf(name), 30)) };
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, traffic[key]])), expected);
    });
  }

  it('tells of a table on the plan Basic that it is not queried', async () => {
    const having = (service: SampleService): SampleService =>
      service.logs === undefined
        ? service
        : { ...service, logs: { ...service.logs, to: { workspace: 'contoso-cheap-logs', table: 'dedicated' } } };
    const told = await openScene({ having }).azure.readTraffic(idOf('contoso-shop-prod'), 30);
    assert.ok(told.state === 'notConfigured' && told.why === 'basicPlan');
    assert.equal(trafficHelpText(told), '', 'the diagnostic setting is there');
  });

  it('gives what it has read some minutes ago again, by instance and window, unless it is to be fresh', async () => {
    const scene = openScene();
    const asked = () => scene.requests.filter(({ path }) => query.test(path)).length;
    const id = idOf('contoso-shop-prod');
    const first = await scene.azure.readTraffic(id, 30);
    assert.equal(
      await scene.azure.readTraffic(id.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), 30),
      first,
    );
    assert.equal(asked(), 1);
    await scene.azure.readTraffic(id, 7);
    await scene.azure.readTraffic(id, 30, { fresh: true });
    assert.equal(asked(), 3);
    await scene.pause(5 * 60_000);
    await scene.azure.readTraffic(id, 30);
    assert.equal(asked(), 4);
  });

  it('asks three things of Azure, the query included', async () => {
    const scene = openScene();
    await scene.azure.readInstance(idOf('contoso-shop-prod'));
    scene.requests.length = 0;
    await scene.azure.readTraffic(idOf('contoso-shop-prod'), 30);
    assert.deepEqual(
      scene.requests.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`),
      [
        'GET Microsoft.Insights/diagnosticSettings',
        'GET workspaces/contoso-logs',
        'POST 5d9b1c3e-2f47-4c1a-8e06-b1f20a7c9d41/query',
      ],
    );
  });

  it('is cancelled at any of its steps, and keeps nothing then', async () => {
    for (const step of [/diagnosticSettings$/, /workspaces\/contoso-logs$/, query]) {
      const scene = openScene();
      const stop = new AbortController();
      const azure = scene.connect({ onRequest: (_, path) => void (step.test(path) && stop.abort()) });
      const reading = azure.readTraffic(idOf('contoso-shop-prod'), 30, { signal: stop.signal });
      await assert.rejects(reading, (error) => failureCode(error) === 'cancelled', String(step));
      const again = await scene.azure.readTraffic(idOf('contoso-shop-prod'), 30);
      assert.equal(again.state, 'read');
    }
  });

  it('repeats a query that met a failing service once, and tells the failure of the second', async () => {
    const scene = openScene();
    scene.faults.add({ match: { path: query }, times: 1, fault: { kind: 'unavailable', retryAfterSeconds: 0 } });
    assert.equal((await scene.azure.readTraffic(idOf('contoso-shop-prod'), 30)).state, 'read');
    scene.faults.add({ match: { path: query }, times: 2, fault: { kind: 'serverError' } });
    const failing = scene.azure.readTraffic(idOf('contoso-shop-prod'), 7);
    await assert.rejects(failing, (error) => failureCode(error) === 'unavailable');
  });

  it('gives up on a query that hangs, after its time', async () => {
    const scene = openScene({ timeoutMs: 30 });
    scene.faults.add({ match: { path: query }, times: Infinity, fault: { kind: 'hang' } });
    const hanging = scene.azure.readTraffic(idOf('contoso-shop-prod'), 30);
    await assert.rejects(hanging, (error) => failureCode(error) === 'timeout');
  });

  const nonsense: readonly (readonly [string, unknown])[] = [
    ['no tables', {}],
    ['tables that are none', { tables: [7] }],
    ['rows that are none', { tables: [{ name: 'x', columns: [], rows: [1] }] }],
    ['another table', { tables: [{ name: 'x', columns: [{ name: 'Level', type: 'string' }], rows: [['version']] }] }],
    ['no table at all', { tables: [] }],
  ];
  for (const [what, body] of nonsense) {
    it(`takes ${what} for no answer`, async () => {
      const azure = openScene().connect({ rewrite: (said, path) => (query.test(path) ? body : said) });
      const reading = azure.readTraffic(idOf('contoso-shop-prod'), 30);
      await assert.rejects(reading, (error) => failureCode(error) === 'malformed');
    });
  }

  it('takes a token that Log Analytics does not accept for what it is, and not for a missing permission', async () => {
    const error = {
      error: { code: 'InvalidAuthenticationTokenAudience', message: 'The access token is for another.' },
    };
    const azure = openScene().connect({ rewrite: (said, path) => (query.test(path) ? error : said) });
    // The rewritten answer keeps its status: that of a workspace that may not be queried.
    const reading = azure.readTraffic(idOf('contoso-global'), 30);
    await assert.rejects(reading, (failure) => failureCode(failure) === 'unauthorized');
  });

  it('does not ask where the query may go elsewhere than to Log Analytics', async () => {
    const scene = openScene();
    const azure = scene.connect({
      rewrite: (said, path) =>
        path.endsWith('/diagnosticSettings')
          ? {
              value: [
                {
                  properties: {
                    workspaceId: '/elsewhere?x=/workspaces/1',
                    logs: [{ category: 'GatewayLogs', enabled: true }],
                  },
                },
              ],
            }
          : said,
    });
    const traffic = await azure.readTraffic(idOf('contoso-shop-prod'), 30);
    assert.ok(traffic.state === 'notConfigured' && traffic.why === 'noWorkspace');
  });
});
