// Traffic of an instance by its gateway logs. Kept for some minutes.

import type { Traffic, TrafficDays } from '../core/traffic.ts';
import type { TrafficOptions } from './access.ts';
import type { Connection } from './connection.ts';
import { askGatewayLogs } from './gatewayLogs.ts';
import { readTrafficAnswer, trafficQuery } from './trafficQuery.ts';

export type ReadTraffic = (instanceId: string, days: TrafficDays, options?: TrafficOptions) => Promise<Traffic>;

/** What was read is given again for so long, in milliseconds: logs arrive minutes late in any case. */
export const keptMs = 5 * 60_000;

/** @param now the time of this machine */
export function trafficReader(connection: Connection, now: () => Date): ReadTraffic {
  const kept = new Map<string, Traffic>();
  return async (instanceId, days, { signal, fresh = false } = {}) => {
    const key = `${instanceId.toLowerCase()} ${days}`;
    const known = kept.get(key);
    if (!fresh && known && now().getTime() - Date.parse(known.readAt) < keptMs) return known;
    const outcome = await outcomeOf(connection, instanceId, days, signal);
    const traffic: Traffic = { ...outcome, days, readAt: now().toISOString() };
    kept.set(key, traffic);
    return traffic;
  };
}

/** `Traffic` without what every state has. */
type Outcome = Traffic extends infer One ? (One extends unknown ? Omit<One, 'days' | 'readAt'> : never) : never;

async function outcomeOf(
  connection: Connection,
  instanceId: string,
  days: TrafficDays,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const outcome = await askGatewayLogs(connection, {
    instanceId,
    query: trafficQuery(instanceId, days),
    days,
    read: readTrafficAnswer,
    hasRows: ({ totals }) => totals.length > 0,
    signal,
  });
  if (outcome.state !== 'answered') return outcome;
  const { source, value, problem } = outcome;
  if (problem !== '') return { state: 'partial', problem, source, ...value };
  return value.totals.length === 0 ? { state: 'noData', source } : { state: 'read', source, ...value };
}
