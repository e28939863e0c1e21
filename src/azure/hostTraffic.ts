// Requests with TLS 1.2 or earlier by operation and host name, from the gateway logs: the query, its answer, and what is kept.

import { mostHostRows } from '../core/renegotiation.ts';
import type { HostTrafficRow, HostTrafficRows } from '../core/renegotiation.ts';
import { seenVersion } from '../core/traffic.ts';
import type { TrafficDays } from '../core/traffic.ts';
import type { Connection } from './connection.ts';
import { gatewayLogs } from './gatewayTables.ts';
import { asMoment } from './json.ts';
import { readTable } from './logTable.ts';
import { logReader } from './traffic.ts';
import type { LogReader } from './traffic.ts';
import { asCount, shortText } from './trafficQuery.ts';

/**
 * Of a URL only the host name leaves the workspace. What is certainly TLS 1.3, in any spelling, stays behind; the latest
 * rows come first, and one more than is taken.
 */
export function hostTrafficQuery(instanceId: string, days: TrafficDays): string {
  return [
    gatewayLogs(instanceId, `TimeGenerated > ago(${days}d)`, ['Version', 'Api', 'Operation', 'Url', 'Caller']),
    'logs',
    "| where not(Version matches regex @'1[._ ]?3\\s*$')",
    "| extend Host = tolower(extract(@'^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@]*)', 1, Url))",
    '| summarize Requests = count(), Callers = dcount(Caller, 2), LastSeen = max(TimeGenerated) by Version, Api, Operation, Host',
    `| top ${mostHostRows + 1} by LastSeen desc`,
  ].join('\n');
}

const columns = ['Version', 'Api', 'Operation', 'Host', 'Requests', 'Callers', 'LastSeen'] as const;

/** Reads the first table of an answer. Rejects with "malformed" where it is not the one that was asked for. */
export function readHostTrafficAnswer(body: unknown): {
  readonly rows: readonly HostTrafficRow[];
  readonly cut: boolean;
} {
  const rows = readTable(body, columns);
  return { rows: merged(rows.slice(0, mostHostRows).map(toRow)), cut: rows.length > mostHostRows };
}

function toRow(cell: (name: (typeof columns)[number]) => unknown): HostTrafficRow {
  return {
    api: shortText(cell('Api')),
    operation: shortText(cell('Operation')),
    host: shortText(cell('Host')).toLowerCase(),
    version: seenVersion(shortText(cell('Version'))),
    requests: asCount(cell('Requests')) ?? 0,
    callers: asCount(cell('Callers')),
    lastSeen: asMoment(cell('LastSeen')),
  };
}

/** The same version in different spellings as one. Whether their callers are the same is not known then. */
function merged(rows: readonly HostTrafficRow[]): HostTrafficRow[] {
  const found = new Map<string, HostTrafficRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.api, row.operation, row.host, row.version]);
    const before = found.get(key);
    const lastSeen =
      [before?.lastSeen ?? null, row.lastSeen]
        .flatMap((one) => one ?? [])
        .sort()
        .at(-1) ?? null;
    found.set(key, before ? { ...row, requests: before.requests + row.requests, callers: null, lastSeen } : row);
  }
  return [...found.values()];
}

/** @param now the time of this machine */
export function hostTrafficReader(connection: Connection, now: () => Date): LogReader<HostTrafficRows> {
  return logReader(connection, now, {
    query: hostTrafficQuery,
    read: readHostTrafficAnswer,
    hasRows: ({ rows }) => rows.length > 0,
    // The query leaves out what is certainly TLS 1.3.
    withoutRows: 'read',
  });
}
