// How the estimate of renegotiations is put together: which hosts, which rows, and how sure each is.

import { effectivePolicy, indexPolicies } from './effectivePolicy.ts';
import type { EffectiveAsk, EffectivePolicy, PolicyGap } from './effectivePolicy.ts';
import { asksEveryCaller, gatewayNames } from './gatewayNames.ts';
import type { Instance } from './instance.ts';
import { isCertain } from './policyFacts.ts';
import type { PolicyReading } from './policyFacts.ts';
import { mostRenegotiations } from './renegotiation.ts';
import type {
  Confidence,
  HostTraffic,
  HostTrafficRow,
  RenegotiationAdvice,
  RenegotiationRow,
} from './renegotiation.ts';
import { tierRules } from './tls/tiers.ts';
import { hasRows } from './traffic.ts';

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
  if (!tierRules(instance.tier).renegotiation || asksEveryCaller(instance))
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

export interface EstimateInput {
  readonly hosts: RenegotiationHosts;
  readonly policies: PolicyReading;
  /** Null: the logs could not be read. */
  readonly traffic: HostTraffic | null;
  readonly advice: RenegotiationAdvice;
  /** Titles of APIs by name, in lower case. */
  readonly titles: ReadonlyMap<string, string>;
}

type NamedGap = Exclude<PolicyGap, { kind: 'scope' }>;

export interface Estimate {
  readonly rows: readonly RenegotiationRow[];
  readonly cut: boolean;
  /** What applies and was not read, but for whole policies: those are told by the reading. */
  readonly gaps: readonly NamedGap[];
}

export function operationKey(api: string, operation: string): string {
  return `${api}/${operation}`.toLowerCase();
}

/**
 * Rows out of what was seen where the logs were read whole: an operation that nobody called is none. Else also of what
 * was not seen, with traffic that is not known.
 */
export function estimateRenegotiations(input: EstimateInput): Estimate {
  const steps = estimateInSteps(input);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** The same in steps of well under a millisecond, between which whoever runs them may do something else. */
export function* estimateInSteps(input: EstimateInput): Generator<void, Estimate> {
  const { traffic, hosts } = input;
  const index = indexPolicies(input.policies);
  const cache = new Map<string, EffectivePolicy>();
  const gaps = new Map<string, NamedGap>();
  const applying = (api: string, operation: string | null): EffectivePolicy => {
    const own = operation !== null && index.at({ kind: 'operation', api, operation }).state !== 'none';
    const key = own ? operationKey(api, operation) : api.toLowerCase();
    const known = cache.get(key) ?? effectivePolicy(index, api, own ? operation : null);
    cache.set(key, known);
    for (const gap of known.gaps) if (gap.kind !== 'scope') gaps.set(`${gap.kind} ${gap.name}`, gap);
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
      yield;
    }
  }
  if (!isWhole(traffic)) for (const some of unseenRows(input, applying, seen)) yield some.forEach(add);
  rows.sort(byWeight);
  const cut = rows.length > mostRenegotiations || (hasRows(traffic) && traffic.cut);
  return { rows: rows.slice(0, mostRenegotiations), cut, gaps: [...gaps.values()] };
}

/** Nothing more than what is in it was there. Logs with nothing in them may have been switched on a moment ago. */
function isWhole(traffic: HostTraffic | null): boolean {
  return traffic?.state === 'read' && !traffic.cut && traffic.rows.length > 0;
}

/** A name that is not configured may be one of the gateway's all the same, and a version that is not known one of those. */
function mayRenegotiate({ host, version }: HostTrafficRow, { asking, all }: RenegotiationHosts): boolean {
  if (version === 'tls13') return false;
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
    confidence: confidenceOf(asks, version !== 'unknown', isAdvised(input.advice, host), input.hosts.all.has(host)),
  };
}

function common(
  { titles, hosts, advice }: EstimateInput,
  api: string,
  operation: string | null,
  host: string,
  asks: readonly EffectiveAsk[],
): Pick<
  RenegotiationRow,
  'api' | 'apiName' | 'operation' | 'operationName' | 'host' | 'asks' | 'advised' | 'foreignHost'
> {
  return {
    api: titles.get(api.toLowerCase()) ?? api,
    apiName: api,
    operation: operation ?? '',
    operationName: operation ?? '',
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
  const sure = asks.some(({ conditional, what }) => !conditional && isCertain(what)) && seen && knownHost;
  return steps[(sure ? 1 : 0) + (advised ? 1 : 0)] ?? 'low';
}

/** Each API as a whole, and those of its operations that a policy of their own sets apart. */
function* unseenRows(
  input: EstimateInput,
  applying: (api: string, operation: string | null) => EffectivePolicy,
  seen: ReadonlySet<string>,
): Generator<readonly RenegotiationRow[]> {
  const hosts = input.hosts.configured;
  const special = Map.groupBy(
    input.policies.policies.flatMap(({ scope }) => (scope.kind === 'operation' ? [scope] : [])),
    ({ api }) => api.toLowerCase(),
  );
  const seenApis = new Set([...seen].map((key) => key.split('/')[0] ?? ''));
  const names = new Set([...input.titles.keys(), ...special.keys()]);
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
  for (const api of names) {
    const whole = applying(api, null).asks;
    let covers: RenegotiationRow['covers'] = seenApis.has(api) ? 'other' : 'all';
    for (const { operation } of special.get(api) ?? []) {
      const { asks } = applying(api, operation);
      const isDifferent = JSON.stringify(asks) !== JSON.stringify(whole);
      if (isDifferent) covers = 'other';
      const isNew = isDifferent && asks.length > 0 && !seen.has(operationKey(api, operation));
      yield isNew ? row(api, operation, 'one', asks) : [];
    }
    yield whole.length === 0 ? [] : row(api, null, covers, whole);
  }
}

/** What is surest first, then what is used most. */
function byWeight(a: RenegotiationRow, b: RenegotiationRow): number {
  return steps.indexOf(b.confidence) - steps.indexOf(a.confidence) || (b.requests ?? -1) - (a.requests ?? -1);
}
