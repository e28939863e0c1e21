// The query of gateway logs for connections that failed since a change and before it, and its answer. Pure.

import { ArmError } from '../core/failure.ts';
import { mostFailureRows } from '../core/loggedFailures.ts';
import type { FailureRow, FailureWindow, LoggedFailures, VersionCount } from '../core/loggedFailures.ts';
import { seenVersion } from '../core/traffic.ts';
import type { SeenVersion } from '../core/traffic.ts';
import { gatewayLogs } from './gatewayTables.ts';
import { asMoment } from './json.ts';
import { readTable } from './logTable.ts';
import type { Cell } from './logTable.ts';
import { asCount, shortText } from './trafficQuery.ts';

/** Reasons by which the gateway names a connection that was not made or was lost (API Management, error handling in policies). */
const reasons = ['BackendConnectionFailure', 'ClientConnectionFailure'];
/** Texts of .NET in which TLS or a certificate is why. None of them is said by a policy. */
const tlsTexts = ['SSL/TLS', 'SSL connection', 'secure channel', 'trust relationship', 'remote certificate'];

function moment(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw new ArmError({ code: 'malformed', serviceMessage: 'The window of the logs has no end.' });
  return `datetime(${new Date(ms).toISOString()})`;
}

/**
 * Rows of two levels: "version", requests by TLS version, and "failure", by API, reason and host of the backend, at most
 * `mostFailureRows` + 1 of them. Of the address of a backend nothing but its host leaves the workspace, and no message.
 */
export function failuresQuery(instanceId: string, { from, changedAt, to }: FailureWindow): string {
  const when = `TimeGenerated between (${moment(from)} .. ${moment(to)})`;
  const list = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(', ');
  return [
    gatewayLogs(instanceId, when, ['Version', 'Api', 'Reason', 'Message', 'Address']),
    'let cells = materialize(logs',
    `  | extend IsSince = TimeGenerated >= ${moment(changedAt)}, IsTls = Message has_any (${list(tlsTexts)})`,
    `  | extend IsFailure = IsTls or Reason in (${list(reasons)})`,
    "  | extend Api = iff(IsFailure, Api, ''), Reason = iff(IsFailure, Reason, ''), Host = iff(IsFailure, tostring(parse_url(Address).Host), '')",
    '  | summarize Since = countif(IsSince), Before = countif(not(IsSince)), Tls = countif(IsSince and IsTls), LastSeen = max(TimeGenerated) by Version, Api, Reason, Host, IsFailure);',
    'let versions = cells',
    '  | summarize Since = sum(Since), Before = sum(Before), LastSeen = max(LastSeen) by Version',
    "  | project Level = 'version', Version, Api = '', Reason = '', Host = '', Since, Before, Tls = 0, LastSeen;",
    'let failures = cells',
    '  | where IsFailure | summarize Since = sum(Since), Before = sum(Before), Tls = sum(Tls), LastSeen = max(LastSeen) by Api, Reason, Host',
    `  | where Since > 0 | order by Since desc | take ${mostFailureRows + 1}`,
    "  | project Level = 'failure', Version = '', Api, Reason, Host, Since, Before, Tls, LastSeen;",
    'union versions, failures',
  ].join('\n');
}

const columns = ['Level', 'Version', 'Api', 'Reason', 'Host', 'Since', 'Before', 'Tls', 'LastSeen'] as const;
type Row = Cell<(typeof columns)[number]>;

/** Versions are few; a service that sends more sends nonsense. */
const mostVersions = 100;

/** Reads the first table of an answer. Rejects with "malformed" where it is not the one that was asked for. */
export function readFailuresAnswer(body: unknown): LoggedFailures {
  const cells = readTable(body, columns);
  const ofLevel = (level: string) => cells.filter((cell) => cell('Level') === level);
  const rows = ofLevel('failure').map(toRow);
  return {
    rows: rows.slice(0, mostFailureRows),
    cut: rows.length > mostFailureRows,
    versions: merged(ofLevel('version').slice(0, mostVersions).map(toCount)),
  };
}

function toRow(cell: Row): FailureRow {
  const since = asCount(cell('Since')) ?? 0;
  return {
    api: shortText(cell('Api')),
    reason: shortText(cell('Reason')),
    host: shortText(cell('Host')).toLowerCase(),
    since,
    before: asCount(cell('Before')) ?? 0,
    tls: Math.min(since, asCount(cell('Tls')) ?? 0),
    lastSeen: asMoment(cell('LastSeen')),
  };
}

function toCount(cell: Row): VersionCount {
  return {
    version: seenVersion(shortText(cell('Version'))),
    since: asCount(cell('Since')) ?? 0,
    before: asCount(cell('Before')) ?? 0,
  };
}

/** One version in different spellings as one. */
function merged(counts: readonly VersionCount[]): VersionCount[] {
  const sums = new Map<SeenVersion, VersionCount>();
  for (const count of counts) {
    const before = sums.get(count.version);
    sums.set(
      count.version,
      before ? { ...count, since: before.since + count.since, before: before.before + count.before } : count,
    );
  }
  return [...sums.values()];
}
