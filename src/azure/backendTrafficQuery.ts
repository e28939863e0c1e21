// The query of gateway logs by backend host, API and operation, and its answer. Pure: logs.ts sends it.

import { plainText } from '../core/failure.ts';
import { mostLoggedCalls, mostLoggedHosts } from '../core/backendTraffic.ts';
import type { BackendTrafficRows, LoggedCall, LoggedHost } from '../core/backendTraffic.ts';
import type { TrafficDays } from '../core/traffic.ts';
import { gatewayLogs } from './gatewayTables.ts';
import { asMoment } from './json.ts';
import { readTable } from './logTable.ts';
import type { Cell } from './logTable.ts';
import { asCount, shortText } from './trafficQuery.ts';

/** What the gateway gives as the reason of a request whose backend could not be spoken to (API Management, error handling). */
const failureReason = 'BackendConnectionFailure';

/**
 * Rows of two levels: "host", counted over everything, and "call", both most requests first and one more of each than is
 * taken, so that it is seen where there are more. Of an address only scheme, host, port and path leave the workspace:
 * user names and queries, in which keys are sent, do not.
 */
export function backendTrafficQuery(instanceId: string, days: TrafficDays): string {
  const address = '[A-Za-z][A-Za-z0-9+.-]*://';
  return [
    gatewayLogs(instanceId, `TimeGenerated > ago(${days}d)`, [
      'Address',
      'Api',
      'Operation',
      'Method',
      'Code',
      'Reason',
      'Message',
    ]),
    'let cells = materialize(logs',
    '  | where isnotempty(Address)',
    `  | extend Scheme = tolower(extract(@'^(${address.slice(0, -3)})://', 1, Address)),`,
    `    Authority = tolower(extract(@'^${address}(?:[^/?#@]*@)?([^/?#@]*)', 1, Address)),`,
    `    Path = extract(@'^${address}[^/?#]*(/[^?#]*)', 1, Address), Failed = Reason == '${failureReason}'`,
    "  | summarize Requests = count(), Failures = countif(Failed), Said = take_anyif(Message, Failed), ServerErrors = countif(Code >= 500), LastSeen = max(TimeGenerated), Path = take_anyif(Path, Method in ('GET', 'HEAD')) by Scheme, Authority, Api, Operation);",
    'let hosts = cells',
    '  | summarize Requests = sum(Requests), Failures = sum(Failures), Said = take_anyif(Said, Failures > 0), ServerErrors = sum(ServerErrors), LastSeen = max(LastSeen) by Scheme, Authority',
    `  | top ${mostLoggedHosts + 1} by Requests desc`,
    "  | project Level = 'host', Scheme, Authority, Api = '', Operation = '', Path = '', Requests, Failures, Said, ServerErrors, LastSeen;",
    'let calls = cells',
    `  | top ${mostLoggedCalls} by Requests desc`,
    "  | project Level = 'call', Scheme, Authority, Api, Operation, Path, Requests, Failures, Said = '', ServerErrors, LastSeen;",
    'union hosts, calls',
  ].join('\n');
}

const columns = [
  'Level',
  'Scheme',
  'Authority',
  'Api',
  'Operation',
  'Path',
  'Requests',
  'Failures',
  'Said',
  'ServerErrors',
  'LastSeen',
] as const;
type Row = Cell<(typeof columns)[number]>;

/** Reads the first table of an answer. Rejects with "malformed" where it is not the one that was asked for. */
export function readBackendTrafficAnswer(body: unknown): Omit<BackendTrafficRows, 'source'> {
  const cells = readTable(body, columns);
  const ofLevel = (level: string) => cells.filter((cell) => cell('Level') === level);
  const hosts = ofLevel('host');
  const byRequests = (a: { readonly requests: number }, b: { readonly requests: number }) => b.requests - a.requests;
  return {
    hosts: hosts.slice(0, mostLoggedHosts).map(toHost).sort(byRequests),
    calls: ofLevel('call').slice(0, mostLoggedCalls).map(toCall).sort(byRequests),
    cut: hosts.length > mostLoggedHosts,
  };
}

function toHost(cell: Row): LoggedHost {
  return {
    ...placeOf(cell),
    requests: asCount(cell('Requests')) ?? 0,
    failures: asCount(cell('Failures')) ?? 0,
    failureText: plainText(shortText(cell('Said'))),
    serverErrors: asCount(cell('ServerErrors')) ?? 0,
    lastSeen: asMoment(cell('LastSeen')),
  };
}

function toCall(cell: Row): LoggedCall {
  return {
    ...placeOf(cell),
    api: shortText(cell('Api')),
    operation: shortText(cell('Operation')),
    requests: asCount(cell('Requests')) ?? 0,
    path: pathIn(cell('Path')),
  };
}

function placeOf(cell: Row): Pick<LoggedHost, 'scheme' | 'authority'> {
  return { scheme: shortText(cell('Scheme')).toLowerCase(), authority: shortText(cell('Authority')).toLowerCase() };
}

const longestPath = 2000;

/** Whole or not at all: a path that was cut is another one. */
function pathIn(value: unknown): string {
  if (typeof value !== 'string' || value.length > longestPath) return '';
  return /^\/[^\s?#\p{Cc}\p{Cf}]*$/u.test(value) ? value : '';
}
