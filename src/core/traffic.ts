// What the gateway's logs say of callers: requests by TLS version, API and operation. Values and pure logic only.

import { protocolVersions } from './tls/protocols.ts';
import type { ProtocolVersion } from './tls/protocols.ts';

/** Days back from now that can be chosen. */
export const trafficWindows = [7, 30, 90] as const;
export type TrafficDays = (typeof trafficWindows)[number];

/** unknown: the log names no TLS version, such as for a request without TLS, or one that is not known here. */
export type SeenVersion = ProtocolVersion | 'unknown';

export interface TrafficTotal {
  readonly version: SeenVersion;
  /** As it is in the log; may be empty. */
  readonly versionText: string;
  readonly requests: number;
  /** Distinct addresses, counted by Log Analytics by estimate (HyperLogLog). Null: they cannot be told. */
  readonly callers: number | null;
  /** ISO 8601, UTC; null where it cannot be read. */
  readonly lastSeen: string | null;
}

export interface TrafficRow extends TrafficTotal {
  /** Name (not title) of the API and of its operation; empty where no API or no operation matched the request. */
  readonly api: string;
  readonly operation: string;
  /** Addresses of callers, the first `mostAddresses` of them. */
  readonly addresses: readonly string[];
}

/** Where the logs are. */
export interface LogSource {
  /** Resource id of the Log Analytics workspace. */
  readonly workspaceId: string;
  /** dedicated: the resource-specific table; legacy: AzureDiagnostics, shared by many kinds of resources. */
  readonly table: 'dedicated' | 'legacy';
}

export type MissingLogs =
  /** There is no diagnostic setting at all. */
  | 'noSetting'
  /** No diagnostic setting sends to a Log Analytics workspace. */
  | 'noWorkspace'
  /** Those that do leave the gateway logs out. */
  | 'noGatewayLogs'
  /** The workspace is not there any more. */
  | 'workspaceGone'
  /** Its table of gateway logs is on the Basic or the Auxiliary plan, which are queried elsewhere and at a price. */
  | 'basicPlan'
  /** The cloud of the settings names no address for Log Analytics. */
  | 'noEndpoint';

interface Reading {
  readonly days: TrafficDays;
  /** ISO 8601, UTC. */
  readonly readAt: string;
}

export interface TrafficRows {
  readonly source: LogSource;
  /** One for each version that was seen, oldest version first, unknown ones last. */
  readonly totals: readonly TrafficTotal[];
  readonly rows: readonly TrafficRow[];
  /** There are more rows than were read; the totals are complete all the same. */
  readonly cut: boolean;
}

/** What came of one query of the gateway's logs. Rows: what it asks for. */
export type LogReading<Rows> = Reading &
  (
    | { readonly state: 'notConfigured'; readonly why: MissingLogs }
    /** action: the role action that is missing; scope: the resource id where. */
    | { readonly state: 'noPermission'; readonly action: string; readonly scope: string }
    | { readonly state: 'tableMissing'; readonly source: LogSource }
    | { readonly state: 'noData'; readonly source: LogSource }
    | ({ readonly state: 'read' } & Rows)
    /** Log Analytics gave up on a part; why, in its words. More may have been there. */
    | ({ readonly state: 'partial'; readonly problem: string } & Rows)
  );

export type Traffic = LogReading<TrafficRows>;
export type LogRead<Rows> = Reading &
  (({ readonly state: 'read' } & Rows) | ({ readonly state: 'partial'; readonly problem: string } & Rows));
export type TrafficRead = LogRead<TrafficRows>;

/** Whether there are rows, complete or not. */
export function hasRows<Rows>(reading: LogReading<Rows> | null | undefined): reading is LogRead<Rows> {
  return reading?.state === 'read' || reading?.state === 'partial';
}

/** Most rows (version, API and operation) and most addresses a row that are read. */
export const mostRows = 1000;
export const mostAddresses = 20;

/**
 * The version in a text of the logs. How the gateway writes it is not documented: "1.2", "TLS 1.2", "TLSv1.2", "Tls12"
 * and "TLS1_2" are taken, in any case.
 */
export function seenVersion(text: string): SeenVersion {
  const [, family, major, minor] = /^\s*(tls|ssl)?\s*v?\s*([123])(?:\s*[._ ]?\s*([0-3]))?\s*$/i.exec(text) ?? [];
  if (major === undefined) return 'unknown';
  if (family?.toLowerCase() === 'ssl') return major === '3' && (minor ?? '0') === '0' ? 'ssl3' : 'unknown';
  if (major !== '1') return 'unknown';
  // "TLS 1" is how some libraries call TLS 1.0; a mere "1" may be anything.
  if (minor === undefined) return family === undefined ? 'unknown' : 'tls10';
  return `tls1${minor}` as ProtocolVersion;
}

/** Counts, moments and callers of the same version in different spellings as one. Callers of two spellings may overlap. */
export function mergeTotals(totals: readonly TrafficTotal[]): TrafficTotal[] {
  const merged = new Map<SeenVersion, TrafficTotal>();
  for (const total of totals) {
    const before = merged.get(total.version);
    merged.set(total.version, before ? sum(before, total) : total);
  }
  const order: readonly SeenVersion[] = [...protocolVersions, 'unknown'];
  return [...merged.values()].sort((a, b) => order.indexOf(a.version) - order.indexOf(b.version));
}

function sum(a: TrafficTotal, b: TrafficTotal): TrafficTotal {
  return {
    version: a.version,
    versionText: [...new Set([a.versionText, b.versionText])].filter((text) => text !== '').join(', '),
    requests: a.requests + b.requests,
    // At least as many as the larger of the two, at most their sum: neither is known to be right.
    callers: a.requests === 0 ? b.callers : b.requests === 0 ? a.callers : null,
    lastSeen: later(a.lastSeen, b.lastSeen),
  };
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

/** What was seen of a version; null: nothing is known of it, or nothing was seen. */
export function totalOf(traffic: Traffic | null, version: SeenVersion): TrafficTotal | null {
  return hasRows(traffic) ? (traffic.totals.find((total) => total.version === version) ?? null) : null;
}

/** Requests of which the logs do not tell a version that is known here. */
export function requestsWithoutVersion(traffic: TrafficRead): number {
  return totalOf(traffic, 'unknown')?.requests ?? 0;
}
