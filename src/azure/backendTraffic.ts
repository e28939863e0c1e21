// Traffic of an instance by backend host, from the gateway logs. Kept for some minutes.

import type { BackendTraffic } from '../core/backendTraffic.ts';
import type { TrafficDays } from '../core/traffic.ts';
import type { TrafficOptions } from './access.ts';
import { backendTrafficQuery, readBackendTrafficAnswer } from './backendTrafficQuery.ts';
import type { Connection } from './connection.ts';
import { askGatewayLogs } from './gatewayLogs.ts';
import { keptMs } from './traffic.ts';

export type ReadBackendTraffic = (
  instanceId: string,
  days: TrafficDays,
  options?: TrafficOptions,
) => Promise<BackendTraffic>;

/** @param now the time of this machine */
export function backendTrafficReader(connection: Connection, now: () => Date): ReadBackendTraffic {
  const kept = new Map<string, BackendTraffic>();
  return async (instanceId, days, { signal, fresh = false } = {}) => {
    const key = `${instanceId.toLowerCase()} ${days}`;
    const known = kept.get(key);
    if (!fresh && known && now().getTime() - Date.parse(known.readAt) < keptMs) return known;
    const outcome = await askGatewayLogs(connection, {
      instanceId,
      query: backendTrafficQuery(instanceId, days),
      days,
      read: readBackendTrafficAnswer,
      hasRows: ({ hosts }) => hosts.length > 0,
      signal,
    });
    const reading: BackendTraffic = { ...readingOf(outcome), days, readAt: now().toISOString() };
    kept.set(key, reading);
    return reading;
  };
}

type Outcome = Awaited<ReturnType<typeof askGatewayLogs<ReturnType<typeof readBackendTrafficAnswer>>>>;
type State = BackendTraffic extends infer One ? (One extends unknown ? Omit<One, 'days' | 'readAt'> : never) : never;

function readingOf(outcome: Outcome): State {
  if (outcome.state !== 'answered') return outcome;
  const { source, value, problem } = outcome;
  if (problem !== '') return { state: 'partial', problem, source, ...value };
  return value.hosts.length === 0 ? { state: 'noData', source } : { state: 'read', source, ...value };
}
