// Where an instance sends its gateway logs: its diagnostic settings, and the workspace that they name.

import { sameId } from '../core/instance.ts';
import type { LogSource, MissingLogs } from '../core/traffic.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { asList, asRecord, asText } from './json.ts';
import { parseServiceId } from './resourceIds.ts';
import { askResource } from './resources.ts';

/** Specifications: Microsoft.Insights, diagnosticsSettings_API.json; Microsoft.OperationalInsights, Workspaces.json. */
const settingsVersion = '2021-05-01-preview';
const workspaceVersion = '2022-10-01';

const workspacePattern =
  /^\/subscriptions\/([^/?#]+)\/resourceGroups\/[^/?#]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/?#]+$/i;

/** The workspaces to which gateway logs are sent, the resource-specific table first; or why there are none. */
export async function readLogSources(
  connection: Connection,
  instanceId: string,
  signal?: AbortSignal,
): Promise<readonly LogSource[] | MissingLogs> {
  const { subscriptionId } = parseServiceId(instanceId);
  const path = encodeURI(`${instanceId}/providers/Microsoft.Insights/diagnosticSettings`);
  const { body } = await connection.shared(path, signal, (signal) =>
    askResource(connection, { subscriptionId, path, apiVersion: settingsVersion, signal }),
  );
  return sourcesIn(body);
}

/** The log sources in a list of diagnostic settings, or why there are none. */
export function sourcesIn(body: unknown): readonly LogSource[] | MissingLogs {
  const settings = asList(asRecord(body)['value']).map((row) => asRecord(asRecord(row)['properties']));
  if (settings.length === 0) return 'noSetting';
  const toWorkspace = settings.filter(({ workspaceId }) => workspacePattern.test(asText(workspaceId) ?? ''));
  if (toWorkspace.length === 0) return 'noWorkspace';
  const sources = toWorkspace
    .filter(({ logs }) => asList(logs).some(sendsGatewayLogs))
    .map(({ workspaceId, logAnalyticsDestinationType: kind }): LogSource => {
      const dedicated = asText(kind)?.toLowerCase() === 'dedicated';
      return { workspaceId: asText(workspaceId) ?? '', table: dedicated ? 'dedicated' : 'legacy' };
    })
    .sort((a, b) => a.table.localeCompare(b.table));
  const isFirst = ({ workspaceId }: LogSource, index: number) =>
    sources.findIndex((one) => sameId(one.workspaceId, workspaceId)) === index;
  return sources.length === 0 ? 'noGatewayLogs' : sources.filter(isFirst);
}

/** By name, or as one of all. */
function sendsGatewayLogs(log: unknown): boolean {
  const { category, categoryGroup, enabled } = asRecord(log);
  if (enabled !== true) return false;
  return asText(category)?.toLowerCase() === 'gatewaylogs' || asText(categoryGroup)?.toLowerCase() === 'alllogs';
}

export interface Workspace {
  /** How it is called in queries. */
  readonly customerId: string;
  /** By which account and tenant it is reached (`viaText`). */
  readonly via: string | null;
}

/** How the workspace is called in queries, and by whom it is reached. Rejects with "notFound" where it is gone. */
export async function readWorkspace(
  connection: Connection,
  workspaceId: string,
  signal?: AbortSignal,
): Promise<Workspace> {
  const subscriptionId = workspacePattern.exec(workspaceId)?.[1] ?? '';
  const { via } = await connection.management(subscriptionId, signal);
  const path = encodeURI(workspaceId);
  const { body } = await connection.shared(path, signal, (signal) =>
    askResource(connection, { subscriptionId, path, apiVersion: workspaceVersion, signal }),
  );
  const customerId = asText(asRecord(asRecord(body)['properties'])['customerId']) ?? '';
  if (!/^[0-9a-f-]{36}$/i.test(customerId))
    throw toArmError({ code: 'PARSE_ERROR', message: 'The workspace states no id for queries.' });
  return { customerId, via };
}
