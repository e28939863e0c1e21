// Every query that is sent, by Kusto's own parser and analysis, against the documented tables.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { estateQuery, nameQuery, subscriptionsQuery } from '../../../src/azure/graph.ts';
import { trafficQuery } from '../../../src/azure/trafficQuery.ts';
import { analyse, withoutTable } from '../../support/kusto.ts';
import type { Diagnostic, Schema } from '../../support/kusto.ts';
import {
  azureDiagnostics,
  azureDiagnosticsOfGateways,
  gatewayLogs,
  resourceGraph,
  resourceGraphOperators,
} from '../../support/kustoTables.ts';
import { id, logQueries } from './logQueries.ts';

const own = 'ApiManagementGatewayLogs';
const legacy = 'AzureDiagnostics';
const onlyOwn: Schema = { [own]: gatewayLogs };
const both: Schema = { [own]: gatewayLogs, [legacy]: azureDiagnosticsOfGateways };

const missing = (table: string): Diagnostic => ({
  code: 'KS205',
  severity: 'Warning',
  message: `The fuzzy name '${table}' does not refer to any known or currently accessible table.`,
  about: table,
});

/** Of errors the code and what it is about. */
function errors(query: string, schema: Schema): string[] {
  const { diagnostics } = analyse(query, schema);
  return diagnostics.filter(({ severity }) => severity === 'Error').map(({ code, about }) => `${code} ${about}`);
}

function replaced(query: string, from: string, to: string): string {
  assert.ok(query.includes(from), `${from} is in the query`);
  return query.replace(from, to);
}

describe('queries of logs, by the parser of Kusto', () => {
  // What was never written to AzureDiagnostics has no column there; where its columns ran out, there is a bag.
  const workspaces: Readonly<Record<string, Schema>> = {
    'both tables': both,
    'both tables, the older one with a bag for what has no column': {
      [own]: gatewayLogs,
      [legacy]: { ...azureDiagnostics, apiId_g: 'guid', AdditionalFields: 'dynamic' },
    },
  };
  const alone: readonly { readonly there: Schema; readonly not: string }[] = [
    { there: onlyOwn, not: legacy },
    { there: { [legacy]: { ...azureDiagnosticsOfGateways, AdditionalFields: 'string' } }, not: own },
  ];
  for (const { name, of, answer } of logQueries) {
    it(`${name}: asks for what there is, and gets what its reader takes`, () => {
      for (const [workspace, schema] of Object.entries(workspaces)) {
        const { diagnostics, columns } = analyse(of(id), schema);
        assert.deepEqual(diagnostics, [], workspace);
        assert.deepEqual(columns, answer, workspace);
      }
    });

    it(`${name}: does with one of the tables`, () => {
      for (const { there, not } of alone) {
        const query = of(id);
        const analysis = analyse(query, there);
        // The parser goes on with a table of unknown columns, the service without it.
        assert.deepEqual(analysis.diagnostics, [missing(not)]);
        const { diagnostics, columns } = analyse(withoutTable(query, not, analysis), there);
        assert.deepEqual(diagnostics, []);
        assert.deepEqual(columns, answer);
      }
    });
  }

  const traffic = trafficQuery(id, 30);
  const mistakes: readonly (readonly [what: string, from: string, to: string, error: string])[] = [
    ['a column that the first table does not have', '= ClientTlsVersion', '= ClientTlsCipher', 'KS142 ClientTlsCipher'],
    ['a column that the second table does not have', "Category == 'G", "Kind == 'G", 'KS142 Kind'],
    ['a column that the query did not make', 'sum(Requests)', 'sum(Request)', 'KS142 Request'],
    ['a function that there is not', 'dcount_hll(', 'hll_count(', 'KS211 hll_count'],
    ['an operator that there is not', '| summarize', '| summarise', 'KS176 summarise'],
    ['a number where a text belongs', "Category == 'GatewayLogs'", 'Category startswith 5', 'KS106 startswith'],
    ['a text where a sketch belongs', 'hll_merge(Sketch)', 'hll_merge(Version)', 'KS234 Version'],
    ['a pipe that is missing', '| where TimeGenerated', 'where TimeGenerated', 'KS005 where'],
    ['a parenthesis that is missing', 'hll(Caller, 2)', 'hll(Caller, 2', 'KS005 by'],
  ];
  for (const [what, from, to, error] of mistakes) {
    it(`${what} is seen`, () => {
      const found = errors(replaced(traffic, from, to), both);
      assert.ok(found.includes(error), `${error} is not in: ${found.join(', ')}`);
    });
  }

  it('a mistake is seen where the other table is missing, too', () => {
    const { diagnostics } = analyse(replaced(traffic, '= ClientTlsVersion', '= ClientTlsCipher'), {
      [own]: gatewayLogs,
    });
    assert.deepEqual(
      diagnostics.map(({ code, about }) => `${code} ${about}`),
      ['KS142 ClientTlsCipher', `KS205 ${legacy}`],
    );
  });

  it('nothing but isfuzzy lets a table be missing, and nothing but column_ifexists a column', () => {
    assert.deepEqual(errors(replaced(traffic, ' isfuzzy=true', ''), onlyOwn), [`KS204 ${legacy}`]);
    const plain = replaced(traffic, "column_ifexists('apiId_s', '')", 'apiId_s');
    assert.deepEqual(errors(plain, { [own]: gatewayLogs, [legacy]: azureDiagnostics }), ['KS142 apiId_s']);
    assert.deepEqual(errors(plain, both), []);
  });

  it('two types of one column are seen, as they would be two columns of the answer', () => {
    const mixed = replaced(traffic, "Level = 'version', Version,", "Level = 'version', Version = 12,");
    assert.deepEqual(Object.keys(analyse(mixed, both).columns).slice(1, 3), ['Version_long', 'Version_string']);
  });
});

describe('queries of Resource Graph, by the parser of Kusto', () => {
  const queries = { estateQuery, subscriptionsQuery, nameQuery: nameQuery('contoso-shop') ?? '' };
  for (const [name, query] of Object.entries(queries)) {
    it(`${name} asks for what there is, by operators that are supported`, () => {
      const { diagnostics, operators } = analyse(query, resourceGraph);
      assert.deepEqual(diagnostics, []);
      assert.ok(operators.length >= 2);
      assert.deepEqual(
        operators.filter((operator) => !resourceGraphOperators.includes(operator)),
        [],
      );
    });
  }

  it('mistakes are seen', () => {
    assert.deepEqual(errors(estateQuery.replace('location', 'place'), resourceGraph), ['KS142 place']);
    assert.deepEqual(errors(estateQuery.replace('resources', 'resource'), resourceGraph), ['KS204 resource']);
    assert.deepEqual(analyse(`${estateQuery} | sample 5`, resourceGraph).operators.at(-1), 'sample');
  });
});

describe('queries', () => {
  it('are written in the files that are looked at here, and nowhere else', () => {
    const root = path.join(import.meta.dirname, '..', '..', '..');
    const sources = globSync(['src/**/*.ts', 'webview/**/*.{ts,tsx}'], { cwd: root }).filter(
      (file) => !file.startsWith(path.join('src', 'emulator')),
    );
    const written = /['"`\s]\|\s*(?:where|project|summarize|extend|order by|take|top|count|join)\b|\bisfuzzy=/;
    const found = sources.filter((file) => written.test(readFileSync(path.join(root, file), 'utf8')));
    assert.deepEqual(found.map((file) => path.basename(file)).sort(), [
      'backendTrafficQuery.ts',
      'failuresQuery.ts',
      'gatewayTables.ts',
      'graph.ts',
      'hostTraffic.ts',
      'trafficQuery.ts',
    ]);
  });
});
