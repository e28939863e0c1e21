// Operations for which the gateway may ask the client for a certificate in the middle of a connection: an estimate out of
// policies, host names, logs and what Azure Advisor says. No public interface of Azure gives the list that the portal shows.

import { effectivePolicy, indexPolicies } from './effectivePolicy.ts';
import type { EffectiveAsk, EffectivePolicy, PolicyGap } from './effectivePolicy.ts';
import type { FailureDetails } from './failure.ts';
import { gatewayNames } from './gatewayNames.ts';
import type { Instance } from './instance.ts';
import type { PolicyReading } from './policyFacts.ts';
import { tierRules } from './tls/tiers.ts';
import { hasRows } from './traffic.ts';
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
 * low: only some requests are asked, or it is not known whether there are any. medium: what is between.
 */
export type Confidence = 'high' | 'medium' | 'low';

export interface RenegotiationRow {
  /** As people call it. */
  readonly api: string;
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
  readonly total: number;
  readonly counts: Readonly<Record<Confidence, number>>;
}

export function summaryOf({ rows, ...rest }: RenegotiationList): RenegotiationSummary {
  const count = (wanted: Confidence) => rows.filter(({ confidence }) => confidence === wanted).length;
  const counts = { high: count('high'), medium: count('medium'), low: count('low') };
  return { ...rest, total: rows.length, counts };
}

/** Most rows of a list: more than anybody looks through, and still quick to send. */
export const mostRenegotiations = 5000;

export interface RenegotiationHosts {
  /** Names, in lower case, for which the certificate is not asked for in the first handshake. */
  readonly asking: ReadonlySet<string>;
  /** Those of them that are configured: without the names of regions. */
  readonly configured: readonly string[];
  /** Every name of the gateway that is known. */
  readonly all: ReadonlySet<string>;
}

/** Regional names have no setting of their own and share that of the built-in name [not confirmed]. */
export function renegotiationHosts(instance: Instance): RenegotiationHosts {
  const all = gatewayNames(instance);
  if (!tierRules(instance.tier).renegotiation)
    return { asking: new Set(), configured: [], all: new Set(all.map(({ host }) => host)) };
  const inFirst = new Set(
    instance.hosts
      .filter(({ type, negotiateClientCertificate }) => type.toLowerCase() === 'proxy' && negotiateClientCertificate)
      .map(({ hostName }) => hostName.toLowerCase()),
  );
  const builtIn = all.find(({ kind }) => kind === 'default')?.host ?? '';
  const asking = all.filter(({ host, kind }) => !inFirst.has(kind === 'regional' ? builtIn : host));
  return {
    asking: new Set(asking.map(({ host }) => host)),
    configured: asking.flatMap(({ host, kind }) => (kind === 'regional' ? [] : [host])).sort(),
    all: new Set(all.map(({ host }) => host)),
  };
}

export interface Titles {
  /** By name, in lower case. */
  readonly apis: ReadonlyMap<string, string>;
  /** By API and operation name, in lower case: "GET /orders". */
  readonly operations: ReadonlyMap<string, string>;
}

export interface EstimateInput {
  readonly hosts: RenegotiationHosts;
  readonly policies: PolicyReading;
  /** Null: the logs could not be read. */
  readonly traffic: HostTraffic | null;
  readonly advice: RenegotiationAdvice;
  readonly titles: Titles;
}

export interface Estimate {
  readonly rows: readonly RenegotiationRow[];
  readonly cut: boolean;
  readonly gaps: readonly PolicyGap[];
}

export function operationKey(api: string, operation: string): string {
  return `${api}/${operation}`.toLowerCase();
}

/**
 * Rows out of what was seen where the logs were read whole: an operation that nobody called is none. Else also of what
 * was not seen, with traffic that is not known.
 */
export function estimateRenegotiations(input: EstimateInput): Estimate {
  const { traffic, hosts } = input;
  const index = indexPolicies(input.policies);
  const cache = new Map<string, EffectivePolicy>();
  const gaps = new Map<string, PolicyGap>();
  const applying = (api: string, operation: string | null): EffectivePolicy => {
    const own = operation !== null && index.at({ kind: 'operation', api, operation }).state !== 'none';
    const key = own ? operationKey(api, operation) : api.toLowerCase();
    const known = cache.get(key) ?? effectivePolicy(index, api, own ? operation : null);
    cache.set(key, known);
    for (const gap of known.gaps) gaps.set(JSON.stringify(gap), gap);
    return known;
  };
  const rows: RenegotiationRow[] = [];
  const seen = new Set<string>();
  const add = (row: RenegotiationRow) => void rows.push(row);
  if (hasRows(traffic)) {
    for (const one of traffic.rows) {
      if (!mayRenegotiate(one, hosts)) continue;
      const api = one.api.replace(/;rev=\d+$/i, '');
      seen.add(operationKey(api, one.operation));
      const { asks } = applying(api, one.operation === '' ? null : one.operation);
      if (asks.length > 0) add(seenRow(input, { ...one, api }, asks));
    }
  }
  if (!isWhole(traffic)) unseenRows(input, applying, seen).forEach(add);
  rows.sort(byWeight);
  const cut = rows.length > mostRenegotiations || (hasRows(traffic) && traffic.cut);
  return { rows: rows.slice(0, mostRenegotiations), cut, gaps: [...gaps.values()] };
}

/** Nothing more than what is in it was there. */
function isWhole(traffic: HostTraffic | null): boolean {
  return (traffic?.state === 'read' && !traffic.cut) || traffic?.state === 'noData';
}

/** A name that is not configured may be one of the gateway's all the same. */
function mayRenegotiate({ host, version }: HostTrafficRow, { asking, all }: RenegotiationHosts): boolean {
  if (version === 'tls13' || version === 'unknown') return false;
  return asking.has(host) || !all.has(host);
}

function seenRow(input: EstimateInput, row: HostTrafficRow, asks: readonly EffectiveAsk[]): RenegotiationRow {
  const { host, version, requests, callers, lastSeen } = row;
  const covers = row.operation === '' ? 'none' : 'one';
  return {
    ...common(input, row.api, covers === 'one' ? row.operation : null, host, asks),
    covers,
    version,
    requests,
    callers,
    lastSeen,
    confidence: confidenceOf(asks, true, isAdvised(input.advice, host), input.hosts.all.has(host)),
  };
}

function common(
  { titles, hosts, advice }: EstimateInput,
  api: string,
  operation: string | null,
  host: string,
  asks: readonly EffectiveAsk[],
): Pick<RenegotiationRow, 'api' | 'operation' | 'host' | 'asks' | 'advised' | 'foreignHost'> {
  const named = operation === null ? '' : (titles.operations.get(operationKey(api, operation)) ?? operation);
  return {
    api: titles.apis.get(api.toLowerCase()) ?? api,
    operation: named,
    host,
    asks,
    advised: isAdvised(advice, host),
    foreignHost: !hosts.all.has(host),
  };
}

function isAdvised(advice: RenegotiationAdvice, host: string): boolean {
  if (advice.state !== 'read' || !advice.found) return false;
  return advice.hosts.length === 0 || advice.hosts.includes(host);
}

const steps: readonly Confidence[] = ['low', 'medium', 'high'];

function confidenceOf(asks: readonly EffectiveAsk[], seen: boolean, advised: boolean, knownHost: boolean): Confidence {
  const sure = asks.some(({ conditional }) => !conditional) && seen && knownHost;
  return steps[(sure ? 1 : 0) + (advised ? 1 : 0)] ?? 'low';
}

/** Each API as a whole, and those of its operations that a policy of their own sets apart. */
function unseenRows(
  input: EstimateInput,
  applying: (api: string, operation: string | null) => EffectivePolicy,
  seen: ReadonlySet<string>,
): RenegotiationRow[] {
  const hosts = input.hosts.configured;
  const special = Map.groupBy(
    input.policies.policies.flatMap(({ scope }) => (scope.kind === 'operation' ? [scope] : [])),
    ({ api }) => api.toLowerCase(),
  );
  const seenApis = new Set([...seen].map((key) => key.split('/')[0] ?? ''));
  const names = new Set([...input.titles.apis.keys(), ...special.keys()]);
  const row = (
    api: string,
    operation: string | null,
    covers: RenegotiationRow['covers'],
    asks: readonly EffectiveAsk[],
  ) =>
    hosts.map((host): RenegotiationRow => ({
      ...common(input, api, operation, host, asks),
      covers,
      version: null,
      requests: null,
      callers: null,
      lastSeen: null,
      confidence: confidenceOf(asks, false, isAdvised(input.advice, host), true),
    }));
  return [...names].flatMap((api) => {
    const whole = applying(api, null).asks;
    const apart = (special.get(api) ?? []).map(({ operation }) => ({ operation, ...applying(api, operation) }));
    const different = apart.filter(({ asks }) => JSON.stringify(asks) !== JSON.stringify(whole));
    const covers = different.length === 0 && !seenApis.has(api) ? 'all' : 'other';
    return [
      ...(whole.length === 0 ? [] : row(api, null, covers, whole)),
      ...different
        .filter(({ asks, operation }) => asks.length > 0 && !seen.has(operationKey(api, operation)))
        .flatMap(({ asks, operation }) => row(api, operation, 'one', asks)),
    ];
  });
}

/** What is surest first, then what is used most. */
function byWeight(a: RenegotiationRow, b: RenegotiationRow): number {
  return steps.indexOf(b.confidence) - steps.indexOf(a.confidence) || (b.requests ?? -1) - (a.requests ?? -1);
}
