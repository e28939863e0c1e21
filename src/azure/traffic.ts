// Traffic of an instance: from its diagnostic settings to their workspace, and one query there. Kept for some minutes.

import type { LogSource, MissingLogs, Traffic, TrafficDays } from '../core/traffic.ts';
import type { TrafficOptions } from './access.ts';
import type { Connection } from './connection.ts';
import { readLogSources, readWorkspace } from './diagnosticSettings.ts';
import type { Workspace } from './diagnosticSettings.ts';
import { toArmError } from './errors.ts';
import type { LogsAnswer } from './logs.ts';
import { readTrafficAnswer, trafficQuery } from './trafficQuery.ts';

export type ReadTraffic = (instanceId: string, days: TrafficDays, options?: TrafficOptions) => Promise<Traffic>;

/** What was read is given again for so long, in milliseconds: logs arrive minutes late in any case. */
const keptMs = 5 * 60_000;

/** @param now the time of this machine */
export function trafficReader(connection: Connection, now: () => Date): ReadTraffic {
  const kept = new Map<string, Traffic>();
  return async (instanceId, days, { signal, fresh = false } = {}) => {
    const key = `${instanceId.toLowerCase()} ${days}`;
    const known = kept.get(key);
    if (!fresh && known && now().getTime() - Date.parse(known.readAt) < keptMs) return known;
    const outcome = await outcomeOf({ connection, instanceId, days, signal });
    const traffic: Traffic = { ...outcome, days, readAt: now().toISOString() };
    kept.set(key, traffic);
    return traffic;
  };
}

/** `Traffic` without what every state has. */
type Outcome = Traffic extends infer One ? (One extends unknown ? Omit<One, 'days' | 'readAt'> : never) : never;

interface Question {
  readonly connection: Connection;
  readonly instanceId: string;
  readonly days: TrafficDays;
  readonly signal: AbortSignal | undefined;
}

async function outcomeOf(question: Question): Promise<Outcome> {
  const { connection, instanceId, signal } = question;
  let sources: readonly LogSource[] | MissingLogs;
  try {
    sources = await readLogSources(connection, instanceId, signal);
  } catch (error) {
    return notPermitted(error, 'Microsoft.Insights/diagnosticSettings/read', instanceId, signal);
  }
  if (typeof sources === 'string') return { state: 'notConfigured', why: sources };
  // Each workspace has the same rows: the first that gives any is enough.
  let first: Outcome | undefined;
  for (const source of sources) {
    const outcome = await fromSource(question, source);
    if (outcome.state === 'read' || outcome.state === 'partial') return outcome;
    first ??= outcome;
  }
  return first ?? { state: 'notConfigured', why: 'noGatewayLogs' };
}

async function fromSource({ connection, instanceId, days, signal }: Question, source: LogSource): Promise<Outcome> {
  let workspace: Workspace;
  try {
    workspace = await readWorkspace(connection, source.workspaceId, signal);
  } catch (error) {
    const { code, serviceCode } = toArmError(error, signal).details;
    if (code === 'notFound' && serviceCode !== 'SubscriptionNotFound')
      return { state: 'notConfigured', why: 'workspaceGone' };
    return notPermitted(error, 'Microsoft.OperationalInsights/workspaces/read', source.workspaceId, signal);
  }
  const way = connection.clients.logs(workspace.via);
  if (way === null) return { state: 'notConfigured', why: 'noEndpoint' };
  const { queryLogs } = await import('./logs.ts');
  let answer: LogsAnswer;
  try {
    const question = { customerId: workspace.customerId, query: trafficQuery(instanceId, days), days };
    answer = await queryLogs(way, question, signal);
  } catch (error) {
    return notPermitted(error, 'Microsoft.OperationalInsights/workspaces/query/read', source.workspaceId, signal);
  }
  if (answer.kind === 'tableMissing') return { state: 'tableMissing', source };
  const { problem } = answer;
  const rows = { source, ...readTrafficAnswer(answer.body) };
  if (problem !== '') return { state: 'partial', problem, ...rows };
  return rows.totals.length === 0 ? { state: 'noData', source } : { state: 'read', ...rows };
}

/** Missing permissions are a state; every other failure is thrown. A subscription that is not seen is one that may not be. */
function notPermitted(error: unknown, action: string, scope: string, signal: AbortSignal | undefined): Outcome {
  const failure = toArmError(error, signal);
  const { code, serviceCode, action: stated, scopes } = failure.details;
  if (code !== 'forbidden' && serviceCode !== 'SubscriptionNotFound') throw failure;
  return { state: 'noPermission', action: stated ?? action, scope: scopes?.[0] ?? scope };
}
