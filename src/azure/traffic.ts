// What the gateway logs of an instance say of its traffic: of callers, and of backends. Kept for some minutes.

import type { BackendTrafficRows } from '../core/backendTraffic.ts';
import type { LogReading, LogSource, TrafficDays, TrafficRows } from '../core/traffic.ts';
import type { TrafficOptions } from './access.ts';
import { backendTrafficQuery, readBackendTrafficAnswer } from './backendTrafficQuery.ts';
import type { Connection } from './connection.ts';
import { askGatewayLogs } from './gatewayLogs.ts';
import { readTrafficAnswer, trafficQuery } from './trafficQuery.ts';

export type LogReader<Rows> = (
  instanceId: string,
  days: TrafficDays,
  options?: TrafficOptions,
) => Promise<LogReading<Rows>>;

export interface LogQuestion<Value> {
  readonly query: (instanceId: string, days: TrafficDays) => string;
  readonly read: (body: unknown) => Value;
  /** Whether there is anything in it; else the next workspace is asked. */
  readonly hasRows: (value: Value) => boolean;
  /** What no rows mean: that the logs are empty, or that there was nothing of what was asked for. */
  readonly withoutRows: 'noData' | 'read';
}

/** What was read is given again for so long, in milliseconds: logs arrive minutes late in any case. */
const keptMs = 5 * 60_000;

/** @param now the time of this machine */
export function logReader<Value extends object>(
  connection: Connection,
  now: () => Date,
  question: LogQuestion<Value>,
): LogReader<Value & { readonly source: LogSource }> {
  type Reading = LogReading<Value & { readonly source: LogSource }>;
  const kept = new Map<string, Reading>();
  const isRecent = (readAt: string) => now().getTime() - Date.parse(readAt) < keptMs;
  return async (instanceId, days, { signal, fresh = false } = {}) => {
    const key = `${instanceId.toLowerCase()} ${days}`;
    const known = kept.get(key);
    if (!fresh && known && isRecent(known.readAt)) return known;
    const { read, hasRows } = question;
    const query = question.query(instanceId, days);
    const outcome = await askGatewayLogs(connection, { instanceId, query, days, read, hasRows, signal });
    const when = { days, readAt: now().toISOString() };
    let reading: Reading;
    if (outcome.state !== 'answered') reading = { ...outcome, ...when };
    else {
      const { source, value, problem } = outcome;
      if (problem !== '') reading = { state: 'partial', problem, source, ...value, ...when };
      else if (question.withoutRows === 'noData' && !hasRows(value)) reading = { state: 'noData', source, ...when };
      else reading = { state: 'read', source, ...value, ...when };
    }
    // What is too old to be given again only takes space.
    for (const [other, { readAt }] of kept) if (!isRecent(readAt)) kept.delete(other);
    kept.set(key, reading);
    return reading;
  };
}

export function trafficReader(connection: Connection, now: () => Date): LogReader<TrafficRows> {
  return logReader(connection, now, {
    query: trafficQuery,
    read: readTrafficAnswer,
    hasRows: ({ totals }) => totals.length > 0,
    withoutRows: 'noData',
  });
}

export function backendTrafficReader(connection: Connection, now: () => Date): LogReader<BackendTrafficRows> {
  return logReader(connection, now, {
    query: backendTrafficQuery,
    read: readBackendTrafficAnswer,
    hasRows: ({ hosts }) => hosts.length > 0,
    withoutRows: 'noData',
  });
}
