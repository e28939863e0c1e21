// The estimate of which operations ask clients for a certificate by renegotiation: host names, logs, Azure Advisor, policies.

import type { ApiEntity, Azure } from '../azure/access.ts';
import { breathe } from '../azure/clock.ts';
import { ArmError, failureCode, failureDetails } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { Instance } from '../core/instance.ts';
import type { PolicyReading, PolicyScope } from '../core/policyFacts.ts';
import type {
  HostTraffic,
  RenegotiationList,
  RenegotiationProgress,
  RenegotiationRow,
  RenegotiationSource,
} from '../core/renegotiation.ts';
import { estimateInSteps, operationKey, renegotiationHosts } from '../core/renegotiationEstimate.ts';
import type { Estimate, EstimateInput } from '../core/renegotiationEstimate.ts';
import { tierRules } from '../core/tls/tiers.ts';
import { hasRows } from '../core/traffic.ts';
import type { TrafficDays } from '../core/traffic.ts';

export interface RenegotiationOptions {
  readonly days: TrafficDays;
  /** Asks anew what was read some minutes ago. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RenegotiationProgress) => void;
}

/** Rejects where the APIs cannot be listed; everything else that cannot be read is told among the sources. */
export async function readRenegotiations(
  azure: Azure,
  instance: Instance,
  options: RenegotiationOptions,
): Promise<RenegotiationList> {
  const { days, fresh = false, onProgress = () => undefined } = options;
  const call = options.signal ? { signal: options.signal } : {};
  const hosts = renegotiationHosts(instance);
  const nothing = { rows: [], cut: false, more: false, days, readAt: instance.readAt };
  if (!tierRules(instance.tier).renegotiation) return { ...nothing, sources: [{ kind: 'tier', tier: instance.tier }] };
  const hostSource: RenegotiationSource = { kind: 'hosts', asking: hosts.configured };
  if (hosts.asking.size === 0) return { ...nothing, sources: [hostSource] };
  onProgress({ step: 'logs', done: 0, total: 0 });
  const [apis, traffic, advice] = await Promise.all([
    azure.readApis(instance.id, call),
    orFailure(azure.readHostTraffic(instance.id, days, { ...call, fresh })),
    azure.readAdvice(instance.id, [...hosts.all], call),
  ]);
  const logs = 'code' in traffic ? null : traffic;
  const { weightOf, operations } = weights(logs);
  const policies = await azure.readPolicies(instance.id, {
    ...call,
    fresh,
    weightOf,
    operations,
    onProgress: (progress) => onProgress({ step: 'policies', ...progress }),
  });
  const input: EstimateInput = { hosts, policies, traffic: logs, advice, titles: titlesOf(apis) };
  const estimate = await inSlices(estimateInSteps(input), options.signal);
  const rows = await withTitles(azure, instance.id, estimate.rows, call, () =>
    onProgress({ step: 'operations', done: 0, total: 0 }),
  );
  return {
    rows,
    cut: estimate.cut,
    more: policies.unread.some(({ why }) => why === null),
    days,
    readAt: policies.readAt,
    sources: [
      hostSource,
      policySource(policies),
      ...gapSources(estimate),
      { kind: 'logs', traffic: 'code' in traffic ? traffic : shortened(traffic), withoutVersion: withoutVersion(logs) },
      { kind: 'advisor', advice },
    ],
  };
}

/** At most so long at a stretch, in milliseconds: whatever else runs in this process goes on meanwhile. */
const sliceMs = 10;

async function inSlices<Value>(steps: Generator<void, Value>, signal: AbortSignal | undefined): Promise<Value> {
  let begun = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (performance.now() - begun < sliceMs) continue;
    await breathe();
    if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
    begun = performance.now();
  }
}

async function orFailure<Value>(work: Promise<Value>): Promise<Value | FailureDetails> {
  try {
    return await work;
  } catch (error) {
    if (failureCode(error) === 'cancelled') throw error;
    return failureDetails(error);
  }
}

/** What most requests depend on is read first. */
function weights(traffic: HostTraffic | null): {
  readonly weightOf: (scope: PolicyScope) => number;
  readonly operations: readonly { readonly api: string; readonly operation: string }[];
} {
  const requests = new Map<string, number>();
  const operations = new Map<string, { readonly api: string; readonly operation: string }>();
  const add = (key: string, count: number) => requests.set(key, (requests.get(key) ?? 0) + count);
  for (const { api, operation, requests: count } of hasRows(traffic) ? traffic.rows : []) {
    if (api === '') continue;
    add(api.toLowerCase(), count);
    if (operation === '') continue;
    add(operationKey(api, operation), count);
    operations.set(operationKey(api, operation), { api, operation });
  }
  return {
    operations: [...operations.values()],
    weightOf: (scope) => {
      if (scope.kind === 'api') return requests.get(scope.api.toLowerCase()) ?? 0;
      return scope.kind === 'operation' ? (requests.get(operationKey(scope.api, scope.operation)) ?? 0) : 0;
    },
  };
}

/** APIs of the same title, such as versions of one, are told apart by their names. */
function titlesOf(apis: readonly ApiEntity[]): ReadonlyMap<string, string> {
  const count = new Map<string, number>();
  for (const { title } of apis) count.set(title, (count.get(title) ?? 0) + 1);
  return new Map(
    apis.map(({ name, title }) => [name.toLowerCase(), (count.get(title) ?? 0) > 1 ? `${title} (${name})` : title]),
  );
}

/** Operations are listed only for the APIs that have rows of single operations. */
async function withTitles(
  azure: Azure,
  instanceId: string,
  rows: readonly RenegotiationRow[],
  call: { readonly signal?: AbortSignal },
  onStart: () => void,
): Promise<readonly RenegotiationRow[]> {
  const apis = [...new Set(rows.flatMap(({ covers, apiName }) => (covers === 'one' ? [apiName] : [])))];
  if (apis.length === 0) return rows;
  onStart();
  const lists = await orFailure(azure.readOperationsOf(instanceId, apis, call));
  if ('code' in lists) return rows;
  const titles = new Map<string, string>();
  for (const [api, list] of lists)
    for (const { name, method, urlTemplate } of list ?? [])
      titles.set(operationKey(api, name), `${method} ${urlTemplate}`.trim() || name);
  return rows.map((row) => ({
    ...row,
    operation: titles.get(operationKey(row.apiName, row.operationName)) ?? row.operation,
  }));
}

function policySource(reading: PolicyReading): RenegotiationSource {
  const { policies, unread, missing, leftOut } = reading;
  const malformed = policies.filter(({ facts }) => facts === null).length;
  return {
    kind: 'policies',
    read: policies.length,
    unread: unread.length,
    left: unread.filter(({ why }) => why === null).length,
    why: unread.find(({ why }) => why !== null)?.why ?? null,
    notListed: missing.find(({ list }) => list === 'policies')?.why ?? null,
    malformed,
    leftOut,
  };
}

function gapSources({ gaps }: Estimate): RenegotiationSource[] {
  return (['fragment', 'namedValue', 'product'] as const).flatMap((what): RenegotiationSource[] => {
    const names = [...new Set(gaps.flatMap((gap) => (gap.kind === what ? [gap.name] : [])))].sort();
    return names.length === 0 ? [] : [{ kind: 'gaps', what, names }];
  });
}

/** Without its rows: what matters of them is in the list. */
function shortened(traffic: HostTraffic): HostTraffic {
  return hasRows(traffic) ? { ...traffic, rows: [] } : traffic;
}

function withoutVersion(traffic: HostTraffic | null): number {
  if (!hasRows(traffic)) return 0;
  return traffic.rows.reduce((sum, { version, requests }) => sum + (version === 'unknown' ? requests : 0), 0);
}
