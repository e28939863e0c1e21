// Failed connections of an instance since a change, by its gateway logs.

import type { FailureReading, FailureWindow } from '../core/loggedFailures.ts';
import type { Connection } from './connection.ts';
import { failuresQuery, readFailuresAnswer } from './failuresQuery.ts';
import { askGatewayLogs } from './gatewayLogs.ts';

const day = 86_400_000;

/** What the user can put right is a state; every other failure is thrown. */
export async function readFailures(
  connection: Connection,
  instanceId: string,
  window: FailureWindow,
  signal?: AbortSignal,
): Promise<FailureReading> {
  const age = Date.parse(connection.moment()) - Date.parse(window.from);
  const outcome = await askGatewayLogs(connection, {
    instanceId,
    query: failuresQuery(instanceId, window),
    days: Math.max(1, Math.ceil(age / day)),
    read: readFailuresAnswer,
    hasRows: ({ versions }) => versions.length > 0,
    signal,
  });
  if (outcome.state !== 'answered') return { ...outcome, window };
  const { source, value, problem } = outcome;
  return problem === ''
    ? { state: 'read', window, source, ...value }
    : { state: 'partial', window, problem, source, ...value };
}
