// What the gateway's logs say of the backends that it called: requests by host, API and operation. Values and pure logic only.

import * as l10n from '@vscode/l10n';
import type { LogReading, LogSource, TrafficDays } from './traffic.ts';

/** Requests to one address, as the log writes it. */
export interface LoggedHost {
  /** Such as https. */
  readonly scheme: string;
  /** Host and port without user name, in lower case; the port may be left out. */
  readonly authority: string;
  readonly requests: number;
  /** Requests that came to no answer because the connection to the backend failed: TLS, DNS, a reset, no free port. */
  readonly failures: number;
  /** What the gateway said of one of those, or empty. */
  readonly failureText: string;
  /** Answers of the backend with a status of 500 or more. */
  readonly serverErrors: number;
  /** ISO 8601, UTC; null where it cannot be read. */
  readonly lastSeen: string | null;
}

/** Requests of one operation to one address. */
export interface LoggedCall {
  readonly scheme: string;
  readonly authority: string;
  /** Name (not title) of the API and of its operation; empty where none matched. */
  readonly api: string;
  readonly operation: string;
  readonly requests: number;
  /** The path of one GET or HEAD among them, without query; empty where there was none. */
  readonly path: string;
}

export interface BackendTrafficRows {
  readonly source: LogSource;
  /** Most requests first. */
  readonly hosts: readonly LoggedHost[];
  readonly calls: readonly LoggedCall[];
  /** There are more hosts than were read. */
  readonly cut: boolean;
}

export type BackendTraffic = LogReading<BackendTrafficRows>;

/** Most hosts, and most combinations of host, API and operation, that are read. */
export const mostLoggedHosts = 1000;
export const mostLoggedCalls = 3000;

/** What the logs say of calls to one host, whatever the spelling of its address. */
export interface SeenTraffic extends Omit<LoggedHost, 'scheme' | 'authority'> {
  readonly days: TrafficDays;
  /** ISO 8601, UTC: when the logs were read. */
  readonly readAt: string;
  /** The busiest operations first; bounded. */
  readonly calls: readonly Omit<LoggedCall, 'scheme' | 'authority'>[];
}

/** "catalog-api › list-products". */
export function callName(api: string, operation: string): string {
  const names = [api, operation].filter((name) => name !== '').join(' › ');
  return names === '' ? l10n.t('requests that no API matched') : names;
}

/** How much hangs on a backend. */
export type BackendWeight = Pick<SeenTraffic, 'requests' | 'days'>;
