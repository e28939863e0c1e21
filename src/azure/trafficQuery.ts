// The query of gateway logs by TLS version, API and operation, and its answer. Pure: logs.ts sends it.

import { mergeTotals, mostAddresses, mostRows, seenVersion } from '../core/traffic.ts';
import type { TrafficDays, TrafficRow, TrafficTotal } from '../core/traffic.ts';
import { gatewayLogs } from './gatewayTables.ts';
import { asList, asMoment, asText, parseJson } from './json.ts';
import { readTable } from './logTable.ts';
import type { Cell } from './logTable.ts';

/**
 * Rows of two levels: "version", counted over everything, and "operation", oldest version first, at most `mostRows` + 1 of
 * them (one more, so that it is seen where there are more). Up to 8,000 callers are counted exactly (hll, accuracy 2).
 */
export function trafficQuery(instanceId: string, days: TrafficDays): string {
  return [
    gatewayLogs(instanceId, `TimeGenerated > ago(${days}d)`, ['Version', 'Api', 'Operation', 'Caller']),
    'let cells = materialize(logs',
    `  | summarize Requests = count(), Sketch = hll(Caller, 2), Addresses = make_set_if(Caller, isnotempty(Caller), ${mostAddresses}), LastSeen = max(TimeGenerated) by Version, Api, Operation);`,
    'let versions = cells',
    '  | summarize Requests = sum(Requests), Sketch = hll_merge(Sketch), LastSeen = max(LastSeen) by Version',
    "  | project Level = 'version', Version, Api = '', Operation = '', Requests, Callers = dcount_hll(Sketch), Addresses = dynamic([]), LastSeen;",
    'let operations = cells',
    `  | order by Version asc, LastSeen desc | take ${mostRows + 1}`,
    "  | project Level = 'operation', Version, Api, Operation, Requests, Callers = dcount_hll(Sketch), Addresses, LastSeen;",
    'union versions, operations',
  ].join('\n');
}

export interface TrafficAnswer {
  readonly totals: readonly TrafficTotal[];
  readonly rows: readonly TrafficRow[];
  readonly cut: boolean;
}

/** More bytes of foreign text than this are no name and no address. */
const longestText = 300;
/** Versions are few; a service that sends more sends nonsense. */
const mostVersions = 100;

const columns = ['Level', 'Version', 'Api', 'Operation', 'Requests', 'Callers', 'Addresses', 'LastSeen'] as const;

/** Reads the first table of an answer. Rejects with "malformed" where it is not the one that was asked for. */
export function readTrafficAnswer(body: unknown): TrafficAnswer {
  const cells = readTable(body, columns).map((cell) => ({ level: cell('Level'), row: toRow(cell) }));
  const ofLevel = (level: string) => cells.filter((cell) => cell.level === level).map(({ row }) => row);
  const rows = ofLevel('operation');
  return {
    totals: mergeTotals(ofLevel('version').slice(0, mostVersions).map(toTotal)),
    rows: rows.slice(0, mostRows),
    cut: rows.length > mostRows,
  };
}

function toRow(cell: Cell<(typeof columns)[number]>): TrafficRow {
  const versionText = shortText(cell('Version'));
  const addresses = addressesIn(cell('Addresses'));
  return {
    version: seenVersion(versionText),
    versionText,
    api: shortText(cell('Api')),
    operation: shortText(cell('Operation')),
    requests: asCount(cell('Requests')) ?? 0,
    callers: asCount(cell('Callers')),
    addresses,
    lastSeen: asMoment(cell('LastSeen')),
  };
}

function toTotal({ version, versionText, requests, callers, lastSeen }: TrafficRow): TrafficTotal {
  return { version, versionText, requests, callers, lastSeen };
}

export function shortText(value: unknown): string {
  return (asText(value) ?? '')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, longestText);
}

/** A count; null where it is none. Log Analytics writes a long as a number, and some of its encodings as a text. */
export function asCount(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** A dynamic value comes as JSON in a text. */
function addressesIn(value: unknown): string[] {
  const list = typeof value === 'string' ? parseJson(value) : value;
  const texts = asList(list).flatMap((one) => (typeof one === 'string' ? shortText(one) : []));
  return [...new Set(texts)].filter((text) => text !== '').slice(0, mostAddresses);
}
