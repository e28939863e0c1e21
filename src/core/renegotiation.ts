// Operations for which the gateway may ask the client for a certificate in the middle of a connection: an estimate out of
// policies, host names, logs and what Azure Advisor says. No public interface of Azure gives the list that the portal shows.

import type { EffectiveAsk } from './effectivePolicy.ts';
import type { FailureDetails } from './failure.ts';
import type { PolicyReading } from './policyFacts.ts';
import type { LogReading, LogSource, SeenVersion, TrafficDays } from './traffic.ts';

/** Requests with TLS 1.2 or earlier, or without a version that is known here, by operation and host name. */
export interface HostTrafficRow {
  /** Names; empty where none matched. */
  readonly api: string;
  readonly operation: string;
  /** In lower case; empty where the log names none. */
  readonly host: string;
  readonly version: SeenVersion;
  readonly requests: number;
  /** Distinct addresses; null: they cannot be told. */
  readonly callers: number | null;
  /** ISO 8601, UTC; null where it cannot be read. */
  readonly lastSeen: string | null;
}

export interface HostTrafficRows {
  readonly source: LogSource;
  readonly rows: readonly HostTrafficRow[];
  /** There are more rows than were read. */
  readonly cut: boolean;
}
export type HostTraffic = LogReading<HostTrafficRows>;
/** Most rows that are read. */
export const mostHostRows = 10_000;

/** What Azure Advisor says of blocked renegotiations. found: the recommendation is there for this instance. */
export type RenegotiationAdvice =
  | {
      readonly state: 'read';
      readonly found: boolean;
      /** Names in lower case that the recommendation states anywhere; where is not documented. */
      readonly hosts: readonly string[];
      /** ISO 8601, UTC; null where not stated. */
      readonly updated: string | null;
    }
  | { readonly state: 'failed'; readonly why: FailureDetails };

/**
 * high: the policy asks every request, such requests were seen, and Azure Advisor reports blocked renegotiations.
 * low: only some requests are asked, or the policy only may ask, or it is not known whether there are any, or with which
 * version. medium: what is between.
 */
export type Confidence = 'high' | 'medium' | 'low';

export interface RenegotiationRow {
  /** As people call it. */
  readonly api: string;
  /** Names, by which Azure calls them; the latter is empty where the row is not of one operation. */
  readonly apiName: string;
  readonly operationName: string;
  /** Method and template; for `all`, of every operation; for `other`, of those that are not listed; for `none`, of none. */
  readonly operation: string;
  readonly covers: 'one' | 'all' | 'other' | 'none';
  /** In lower case; empty: the log names none. */
  readonly host: string;
  /** Null where the traffic is not known; then `requests`, `callers` and `lastSeen` are too. */
  readonly version: SeenVersion | null;
  readonly requests: number | null;
  readonly callers: number | null;
  readonly lastSeen: string | null;
  readonly confidence: Confidence;
  readonly asks: readonly EffectiveAsk[];
  /** Azure Advisor names the host, or the instance without host names. */
  readonly advised: boolean;
  /** The host is none of those that are configured. */
  readonly foreignHost: boolean;
}

/** What was read to make the list, and what could not be. Sentences are in renegotiationText.ts. */
export type RenegotiationSource =
  | { readonly kind: 'tier'; readonly tier: string }
  | { readonly kind: 'hosts'; readonly asking: readonly string[] }
  | {
      readonly kind: 'policies';
      readonly read: number;
      readonly unread: number;
      /** Of those that were not read: left for another reading, to spare Azure. */
      readonly left: number;
      readonly why: FailureDetails | null;
      readonly notListed: FailureDetails | null;
      readonly malformed: number;
      readonly leftOut: PolicyReading['leftOut'];
    }
  | { readonly kind: 'gaps'; readonly what: 'fragment' | 'namedValue' | 'product'; readonly names: readonly string[] }
  | { readonly kind: 'logs'; readonly traffic: HostTraffic | FailureDetails; readonly withoutVersion: number }
  | { readonly kind: 'advisor'; readonly advice: RenegotiationAdvice };

export interface RenegotiationList {
  readonly rows: readonly RenegotiationRow[];
  /** There are more than `mostRenegotiations`. */
  readonly cut: boolean;
  readonly sources: readonly RenegotiationSource[];
  readonly days: TrafficDays;
  /** Policies are left: another reading goes on where this one ended. */
  readonly more: boolean;
  /** ISO 8601, UTC. */
  readonly readAt: string;
}

/** logs: logs, Azure Advisor and the list of APIs. `total` is 0 where it is not known how much there is. */
export interface RenegotiationProgress {
  readonly step: 'logs' | 'policies' | 'operations';
  readonly done: number;
  readonly total: number;
}

/** A list without its rows, of which there may be thousands. */
export interface RenegotiationSummary extends Omit<RenegotiationList, 'rows'> {
  /** Rows: an operation has one for each host and version. */
  readonly total: number;
  /** Operations in them; what stands for several of an API counts once. */
  readonly operations: number;
  /** Of those, how many of medium or high confidence. */
  readonly sure: number;
  /** There are more operations: a row stands for several, or the list is cut. */
  readonly atLeast: boolean;
}

export function summaryOf({ rows, ...rest }: RenegotiationList): RenegotiationSummary {
  const count = (some: readonly RenegotiationRow[]) =>
    new Set(some.map((row) => JSON.stringify([row.apiName, row.covers, row.operationName]).toLowerCase())).size;
  return {
    ...rest,
    total: rows.length,
    operations: count(rows),
    sure: count(rows.filter(({ confidence }) => confidence !== 'low')),
    atLeast: rest.cut || rows.some(({ covers }) => covers === 'all' || covers === 'other'),
  };
}

/** Most rows of a list: more than anybody looks through, and still quick to send. */
export const mostRenegotiations = 5000;
