// What the gateway's logs say of failed connections since a change, against the same length of time before it.

import type { LogSource, MissingLogs, SeenVersion } from './traffic.ts';

/** The moments of a question, ISO 8601, UTC. The time before the change is as long as the time since. */
export interface FailureWindow {
  readonly from: string;
  readonly changedAt: string;
  readonly to: string;
}

export interface FailureRow {
  /** Name (not title); empty where the request matched no API. */
  readonly api: string;
  /** Of the gateway's error, such as BackendConnectionFailure. */
  readonly reason: string;
  /** Of the backend; empty where the log names none. */
  readonly host: string;
  readonly since: number;
  readonly before: number;
  /** How many of those since the change say in their message that TLS or a certificate is why. */
  readonly tls: number;
  /** ISO 8601, UTC; null where it cannot be read. */
  readonly lastSeen: string | null;
}

/** Requests of callers by TLS version, failed or not. */
export interface VersionCount {
  readonly version: SeenVersion;
  readonly since: number;
  readonly before: number;
}

export interface LoggedFailures {
  readonly rows: readonly FailureRow[];
  /** There are more rows than were read. */
  readonly cut: boolean;
  readonly versions: readonly VersionCount[];
}

export type FailureReading = { readonly window: FailureWindow } & (
  | { readonly state: 'notConfigured'; readonly why: MissingLogs }
  | { readonly state: 'noPermission'; readonly action: string; readonly scope: string }
  | { readonly state: 'tableMissing'; readonly source: LogSource }
  | ({ readonly state: 'read'; readonly source: LogSource } & LoggedFailures)
  /** Log Analytics gave up on a part; why, in its words. */
  | ({ readonly state: 'partial'; readonly problem: string; readonly source: LogSource } & LoggedFailures)
);

/** Most rows that are read. */
export const mostFailureRows = 50;

/** The longest time before a change that is compared with: more would be another time of the day. */
const longestBaselineMs = 4 * 3_600_000;

/** From the beginning of the change until now, and as long before; the times are those of this machine. */
export function failureWindow(changedAt: string, now: Date): FailureWindow {
  const changed = Date.parse(changedAt);
  const length = Math.min(longestBaselineMs, Math.max(0, now.getTime() - changed));
  const at = (ms: number) => new Date(ms).toISOString();
  return { from: at(changed - length), changedAt: at(changed), to: at(changed + length) };
}

/**
 * problem: none before, and TLS is named or a backend was not reached several times. warning: clearly more than before.
 * note: as before, or too few to tell.
 */
export interface FailureFinding {
  readonly severity: 'problem' | 'warning' | 'note';
  readonly row: FailureRow;
}

/** Fewer more than before may be chance. */
const leastMore = 5;

function severityOf({ reason, since, before, tls }: FailureRow): FailureFinding['severity'] {
  const ofBackend = reason === 'BackendConnectionFailure';
  if (before === 0 && (tls > 0 || (ofBackend && since >= leastMore))) return 'problem';
  return since - before >= leastMore && since >= 2 * before ? 'warning' : 'note';
}

const order: readonly FailureFinding['severity'][] = ['problem', 'warning', 'note'];

/** The worst first, then the most. */
export function failureFindings({ rows }: Pick<LoggedFailures, 'rows'>): FailureFinding[] {
  return rows
    .filter(({ since }) => since > 0)
    .map((row): FailureFinding => ({ severity: severityOf(row), row }))
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.row.since - a.row.since);
}

/** From so many requests before on, none since says something. */
const leastVanished = 5;

/**
 * Versions with which callers came before the change and no longer come. Empty as long as no request since the change
 * is in the logs at all: they arrive late.
 */
export function vanishedVersions({ versions }: Pick<LoggedFailures, 'versions'>): VersionCount[] {
  if (versions.every(({ since }) => since === 0)) return [];
  return versions.filter(
    ({ version, since, before }) => version !== 'unknown' && since === 0 && before >= leastVanished,
  );
}

export function isRead(reading: FailureReading): reading is Extract<FailureReading, { state: 'read' | 'partial' }> {
  return reading.state === 'read' || reading.state === 'partial';
}
