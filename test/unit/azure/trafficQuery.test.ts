import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sourcesIn } from '../../../src/azure/diagnosticSettings.ts';
import { readTrafficAnswer, trafficQuery } from '../../../src/azure/trafficQuery.ts';
import { failureCode } from '../../../src/core/failure.ts';
import { mostAddresses, mostRows } from '../../../src/core/traffic.ts';

const id = '/subscriptions/3c1f/resourceGroups/rg (a)/providers/Microsoft.ApiManagement/service/contoso-shop';
const names = ['Level', 'Version', 'Api', 'Operation', 'Requests', 'Callers', 'Addresses', 'LastSeen'];
const table = (rows: readonly unknown[], columns: readonly string[] = names) => ({
  tables: [{ name: 'PrimaryResult', columns: columns.map((name) => ({ name, type: 'string' })), rows }],
});
const row = (level: string, version: unknown, requests: unknown = 5, addresses: unknown = '["192.0.2.1"]') => [
  level,
  version,
  'orders',
  'get',
  requests,
  1,
  addresses,
  '2026-11-20T09:00:00Z',
];

describe('traffic query', () => {
  it('asks both tables for one instance and one window', () => {
    const query = trafficQuery(id, 30);
    assert.equal(query.split(`_ResourceId =~ '${id}'`).length, 3);
    assert.equal(query.split('TimeGenerated > ago(30d)').length, 3);
    assert.match(query, /union isfuzzy=true\s+\(ApiManagementGatewayLogs \|[\s\S]*\(AzureDiagnostics \|/);
  });

  it('reads AzureDiagnostics by every name that a value may have there', () => {
    const [, legacy = ''] = trafficQuery(id, 30).split('(AzureDiagnostics |');
    assert.match(legacy, /extend Bag = todynamic\(column_ifexists\('AdditionalFields', ''\)\)/);
    for (const name of ['clientTlsVersion', 'apiId', 'operationId', 'callerIpAddress'])
      for (const reading of [`'${name}_s', ''`, `'${name}_g', guid(null)`, `(Bag.${name})`, `(Bag.${name}_s)`])
        assert.ok(legacy.includes(reading), reading);
    assert.ok(legacy.includes("'CallerIPAddress', ''"));
  });

  it('takes names of resource groups in any script', () => {
    const named = id.replace('rg (a)', 'rg-größe_日本語.1');
    assert.equal(trafficQuery(named, 30).split(`_ResourceId =~ '${named}'`).length, 3);
    for (const bad of ["'", '"', '\\', '\n', '\u2028', '\u2019', '|', '\u202e'])
      assert.throws(
        () => trafficQuery(`${id}${bad}`, 30),
        (error) => failureCode(error) === 'notFound',
      );
  });

  it('lets nothing into its literals but the characters of ids', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("'", '"', '\\', '\n', '|', ';', '`', '\u202e', '*'), (text, bad) => {
        assert.throws(() => trafficQuery(`${id}${text}${bad}`, 7), { name: 'ArmError' });
      }),
    );
    const literals = trafficQuery(id, 90).match(/'[^']*'/g) ?? [];
    assert.ok(literals.every((literal) => /^'[\w\-./() ]*'$/.test(literal)));
  });
});

describe('traffic answer', () => {
  it('is read by the names of its columns, whatever their order', () => {
    const [shuffled] = [[...names].reverse()];
    const { totals, rows } = readTrafficAnswer(
      table([row('operation', '1.0').reverse(), row('version', '1.0').reverse()], shuffled),
    );
    assert.deepEqual(rows, [
      {
        version: 'tls10',
        versionText: '1.0',
        api: 'orders',
        operation: 'get',
        requests: 5,
        callers: 1,
        addresses: ['192.0.2.1'],
        lastSeen: '2026-11-20T09:00:00.000Z',
      },
    ]);
    assert.deepEqual(
      totals.map(({ version, requests }) => [version, requests]),
      [['tls10', 5]],
    );
  });

  it('is bounded in rows and addresses, and says where it was cut', () => {
    const addresses = JSON.stringify(Array.from({ length: 50 }, (_, i) => `192.0.2.${i}`));
    const many = Array.from({ length: mostRows + 1 }, () => row('operation', '1.2', 1, addresses));
    const cut = readTrafficAnswer(table([row('version', '1.2', 9_000_000_000), ...many]));
    assert.deepEqual([cut.rows.length, cut.cut, cut.rows[0]?.addresses.length], [mostRows, true, mostAddresses]);
    assert.equal(cut.totals[0]?.requests, 9_000_000_000);
    assert.equal(readTrafficAnswer(table(many.slice(1))).cut, false);
  });

  it('takes numbers in texts, and nothing for what is no count, no date and no list', () => {
    const { rows } = readTrafficAnswer(
      table([
        ['operation', 7, null, { a: 1 }, '12', '-1', 'no json', 'yesterday'],
        ['operation', 'TLS\u202e1.2', 'a\nb', '', 1.5, 1e300, ['192.0.2.1', 5, '', '192.0.2.1'], null],
      ]),
    );
    assert.deepEqual(
      rows.map(({ versionText, api, operation, requests, callers, addresses, lastSeen }) => [
        versionText,
        api,
        operation,
        requests,
        callers,
        addresses,
        lastSeen,
      ]),
      [
        ['', '', '', 12, null, [], null],
        ['TLS 1.2', 'a b', '', 0, null, ['192.0.2.1'], null],
      ],
    );
  });

  it('never throws anything but "malformed", whatever the service says', () => {
    const cells = fc.array(fc.anything(), { maxLength: 9 });
    const tables = fc.array(cells).map((rows) => table(rows));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          tables,
          fc.array(fc.anything()).map((list) => ({ tables: list })),
        ),
        (body) => {
          try {
            const { totals, rows } = readTrafficAnswer(body);
            for (const { requests, callers } of [...totals, ...rows])
              assert.ok(Number.isSafeInteger(requests) && requests >= 0 && (callers === null || callers >= 0));
          } catch (error) {
            assert.equal(failureCode(error), 'malformed');
          }
        },
      ),
    );
  });
});

describe('diagnostic settings', () => {
  const workspace = (name: string) =>
    `/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/${name}`;
  const gateway = [{ category: 'GatewayLogs', enabled: true }];
  const of = (...settings: readonly object[]) => sourcesIn({ value: settings.map((properties) => ({ properties })) });

  it('lead to the workspaces of gateway logs, the resource-specific table first, each once', () => {
    const sources = of(
      { workspaceId: workspace('old'), logs: gateway },
      {
        workspaceId: workspace('NEW'),
        logs: [{ categoryGroup: 'allLogs', enabled: true }],
        logAnalyticsDestinationType: 'Dedicated',
      },
      { workspaceId: workspace('new'), logs: gateway, logAnalyticsDestinationType: 'AzureDiagnostics' },
    );
    assert.deepEqual(sources, [
      { workspaceId: workspace('NEW'), table: 'dedicated' },
      { workspaceId: workspace('old'), table: 'legacy' },
    ]);
  });

  it('say why there are none', () => {
    assert.equal(of(), 'noSetting');
    assert.equal(of({ storageAccountId: '/x', logs: gateway }), 'noWorkspace');
    assert.equal(of({ workspaceId: `${workspace('a')}/../../b?x=1`, logs: gateway }), 'noWorkspace');
    assert.equal(
      of({ workspaceId: workspace('a'), logs: [{ category: 'GatewayLogs', enabled: false }] }),
      'noGatewayLogs',
    );
    assert.equal(
      of({ workspaceId: workspace('a'), logs: [{ categoryGroup: 'audit', enabled: true }] }),
      'noGatewayLogs',
    );
  });

  it('are read from any answer without a throw', () => {
    const setting = fc.record({ properties: fc.record({ workspaceId: fc.anything(), logs: fc.anything() }) });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ value: fc.array(fc.oneof(setting, fc.anything())) })), (body) => {
        sourcesIn(body);
      }),
    );
  });
});
