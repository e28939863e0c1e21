// One query of the gateway logs of an instance: from its diagnostic settings to a workspace, and the answer there.

import type { LogSource, MissingLogs } from '../core/traffic.ts';
import type { Connection } from './connection.ts';
import { readLogSources, readWorkspace } from './diagnosticSettings.ts';
import type { Workspace } from './diagnosticSettings.ts';
import { toArmError } from './errors.ts';
import type { LogsAnswer } from './logs.ts';

export interface LogQuery<Value> {
  readonly instanceId: string;
  /** In the Kusto query language. */
  readonly query: string;
  /** No row that is older than this is looked at, whatever the query says. */
  readonly days: number;
  readonly read: (body: unknown) => Value;
  /** Whether there is anything in it; else the next workspace is asked. */
  readonly hasRows: (value: Value) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Missing permissions and missing logs are states; every other failure is thrown. */
export type LogOutcome<Value> =
  | { readonly state: 'notConfigured'; readonly why: MissingLogs }
  | { readonly state: 'noPermission'; readonly action: string; readonly scope: string }
  | { readonly state: 'tableMissing'; readonly source: LogSource }
  /** problem: why a part of the answer is missing, in the words of the service; empty where it is whole. */
  | { readonly state: 'answered'; readonly source: LogSource; readonly value: Value; readonly problem: string };

export async function askGatewayLogs<Value>(
  connection: Connection,
  question: LogQuery<Value>,
): Promise<LogOutcome<Value>> {
  const { instanceId, signal } = question;
  let sources: readonly LogSource[] | MissingLogs;
  try {
    sources = await readLogSources(connection, instanceId, signal);
  } catch (error) {
    return notPermitted(error, 'Microsoft.Insights/diagnosticSettings/read', instanceId, signal);
  }
  if (typeof sources === 'string') return { state: 'notConfigured', why: sources };
  // Each workspace has the same rows: the first that gives any is enough.
  let first: LogOutcome<Value> | undefined;
  for (const source of sources) {
    const outcome = await fromSource(connection, question, source);
    if (outcome.state === 'answered' && (outcome.problem !== '' || question.hasRows(outcome.value))) return outcome;
    first ??= outcome;
  }
  return first ?? { state: 'notConfigured', why: 'noGatewayLogs' };
}

async function fromSource<Value>(
  connection: Connection,
  { query, days, read, signal }: LogQuery<Value>,
  source: LogSource,
): Promise<LogOutcome<Value>> {
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
    answer = await queryLogs(way, { customerId: workspace.customerId, query, days }, signal);
  } catch (error) {
    return notPermitted(error, 'Microsoft.OperationalInsights/workspaces/query/read', source.workspaceId, signal);
  }
  if (answer.kind === 'tableMissing') return { state: 'tableMissing', source };
  if (answer.kind === 'basicPlan') return { state: 'notConfigured', why: 'basicPlan' };
  return { state: 'answered', source, value: read(answer.body), problem: answer.problem };
}

/** A subscription that is not seen is one that may not be. */
function notPermitted(
  error: unknown,
  action: string,
  scope: string,
  signal: AbortSignal | undefined,
): Extract<LogOutcome<never>, { state: 'noPermission' }> {
  const failure = toArmError(error, signal);
  const { code, serviceCode, action: stated, scopes } = failure.details;
  if (code !== 'forbidden' && serviceCode !== 'SubscriptionNotFound') throw failure;
  return { state: 'noPermission', action: stated ?? action, scope: scopes?.[0] ?? scope };
}
