// Diagnostic settings, Log Analytics workspaces, and the answers to the queries that the product sends there.

import type { ArmAnswer, ArmRequest } from './answer.ts';
import { armError, forbiddenError, jsonAnswer } from './answer.ts';
import { asksForBackends, backendTable, backendTableAnswer } from './backendLogs.ts';
import { failureQuestion, failureTable } from './failureLogs.ts';
import type { MapAt } from './failureLogs.ts';
import { asksForHosts, hostTableAnswer } from './hostLogs.ts';
import { serviceId, workspaceId } from './model.ts';
import type { Estate, SampleService, SampleTraffic, SampleWorkspace } from './model.ts';

const insights = 'microsoft.insights';

/** The list of the diagnostic settings of an instance. */
export function settingsAnswer(service: SampleService, { workspaces = [] }: Estate): ArmAnswer {
  const { logs } = service;
  const id = serviceId(service);
  if (logs?.forbidden) return forbiddenError('Microsoft.Insights/diagnosticSettings/read', id);
  if (logs === undefined) return jsonAnswer(200, { value: [] });
  const [known] = workspaces;
  const named = logs.to === 'storage' ? undefined : logs.to.workspace;
  const workspace = workspaces.find(({ name }) => name === named) ?? (known && { ...known, name: named ?? '' });
  const category = (name: string | null, group: string | null, enabled: boolean) => ({
    category: name,
    categoryGroup: group,
    enabled,
    retentionPolicy: { enabled: false, days: 0 },
  });
  const properties = {
    storageAccountId:
      logs.to === 'storage' ? `${id.split('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/logs` : null,
    workspaceId: logs.to === 'storage' || workspace === undefined ? null : workspaceId(workspace),
    logAnalyticsDestinationType: logs.to !== 'storage' && logs.to.table === 'dedicated' ? 'Dedicated' : null,
    logs:
      logs.logs === 'all'
        ? [category(null, 'allLogs', true)]
        : [category('GatewayLogs', null, logs.logs === 'gateway'), category('WebSocketConnectionLogs', null, false)],
    metrics: [
      { category: 'AllMetrics', enabled: logs.logs === 'metricsOnly', retentionPolicy: { enabled: false, days: 0 } },
    ],
  };
  const setting = {
    id: `${id}/providers/${insights}/diagnosticSettings/to-logs`,
    type: 'Microsoft.Insights/diagnosticSettings',
    name: 'to-logs',
    properties,
  };
  return jsonAnswer(200, { value: [setting] });
}

/** A workspace by its path. */
export function workspaceAnswer({ workspaces = [] }: Estate, path: string): ArmAnswer {
  const found = workspaces.find((workspace) => workspaceId(workspace).toLowerCase() === path.toLowerCase());
  if (found === undefined) {
    const message = `The Resource 'Microsoft.OperationalInsights/workspaces/${path.split('/').at(-1)}' was not found.`;
    return armError(404, 'ResourceNotFound', message);
  }
  const id = workspaceId(found);
  if (found.forbidden === 'read') return forbiddenError('Microsoft.OperationalInsights/workspaces/read', id);
  const { name, location, customerId } = found;
  const properties = { customerId, provisioningState: 'Succeeded', sku: { name: 'pergb2018' }, retentionInDays: 90 };
  return jsonAnswer(200, { id, name, location, type: 'Microsoft.OperationalInsights/workspaces', properties });
}

const queryPath = /^\/v1\/workspaces\/([0-9a-f-]+)\/query$/i;

/** The answer of Log Analytics. `now`: milliseconds since 1970. */
export function logsAnswer(estate: Estate, request: ArmRequest, now: number, mapAt: MapAt): ArmAnswer {
  const path = new URL(request.url).pathname;
  const [, customerId] = queryPath.exec(path) ?? [];
  if (customerId === undefined || request.method !== 'POST')
    return armError(404, 'PathNotFoundError', `The requested path does not exist: ${path}.`);
  const workspace = estate.workspaces?.find((one) => one.customerId.toLowerCase() === customerId.toLowerCase());
  if (workspace === undefined) return armError(404, 'WorkspaceNotFoundError', 'The workspace could not be found.');
  if (workspace.forbidden === 'query') {
    const message = 'The provided credentials have insufficient access to perform the requested operation';
    return armError(403, 'InsufficientAccessError', message);
  }
  const { query = '' } = parsed(request.body);
  const failures = failureQuestion(String(query));
  const asked = failures ?? askedFor(request.body);
  if (asked === undefined) return badQuery('SyntaxError', 'SYN0002', 'Query could not be parsed.');
  if (workspace.withoutTables) {
    const text =
      "union: must have at least one operand that can be evaluated successfully when running with 'Fuzzy' mode.";
    return badQuery('SemanticError', 'SEM0056', text);
  }
  if (workspace.basicPlan) {
    const text = "Query of Basic Logs table is not supported with the API '/query'. You can use '/search' instead.";
    return badQuery('UnsupportedApiQueryValidationError', 'UnsupportedApiQueryValidationError', text);
  }
  const service = estate.services.find((one) => serviceId(one).toLowerCase() === asked.instanceId.toLowerCase());
  const sent = service?.logs?.to !== 'storage' && service?.logs?.to.workspace === workspace.name;
  if ('changedAt' in asked) return failureTable(sent ? service : undefined, asked, mapAt, now);
  if (asksForBackends(asked.query))
    return backendTableAnswer(
      backendTable(sent ? service : undefined, asked.days, now),
      workspace.partial && partialError,
    );
  const traffic = inWindow(sent ? (service?.logs?.traffic ?? []) : [], asked.days);
  if (asksForHosts(asked.query)) return hostTableAnswer(service, traffic, now, workspace.partial && partialError);
  return tableAnswer(workspace, traffic, now);
}

/** What the product's query asks for; undefined where it is another query. The language itself is not known here. */
function askedFor(
  body: string | undefined,
): { readonly instanceId: string; readonly days: number; readonly query: string } | undefined {
  const { query, timespan } = parsed(body);
  if (typeof query !== 'string') return undefined;
  const ids = [...query.matchAll(/_ResourceId =~ '([^']+)'/g)].map(([, id]) => id);
  const days = [...query.matchAll(/TimeGenerated > ago\((\d+)d\)/g)].map(([, count]) => Number(count));
  const tables = /union isfuzzy=true[^;]*\bApiManagementGatewayLogs\b[^;]*\bAzureDiagnostics\b[^;]*;/.test(query);
  const [instanceId] = ids;
  const [window] = days;
  const agreed = new Set(ids).size === 1 && new Set(days).size === 1 && timespan === `P${window}D`;
  return tables && agreed && instanceId !== undefined && window !== undefined
    ? { instanceId, days: window, query }
    : undefined;
}

function parsed(body: string | undefined): { readonly query?: unknown; readonly timespan?: unknown } {
  try {
    return Object(JSON.parse(body ?? '')) as object;
  } catch {
    return {};
  }
}

/** The sample's counts are of 30 days. */
function inWindow(traffic: readonly SampleTraffic[], days: number): SampleTraffic[] {
  return traffic
    .filter(({ lastHoursAgo }) => lastHoursAgo < days * 24)
    .map((one) => ({ ...one, requests: Math.max(1, Math.round((one.requests * days) / 30)) }));
}

const columns = [
  ['Level', 'string'],
  ['Version', 'string'],
  ['Api', 'string'],
  ['Operation', 'string'],
  ['Requests', 'long'],
  ['Callers', 'long'],
  ['Addresses', 'dynamic'],
  ['LastSeen', 'datetime'],
] as const;

function tableAnswer(workspace: SampleWorkspace, traffic: readonly SampleTraffic[], now: number): ArmAnswer {
  const moment = (hoursAgo: number) => new Date(now - hoursAgo * 3_600_000 - 60_000).toISOString();
  const versions = [...new Set(traffic.map(({ version }) => version))].sort();
  const totals = versions.map((version) => {
    const own = traffic.filter((one) => one.version === version);
    const requests = own.reduce((sum, one) => sum + one.requests, 0);
    const callers = new Set(own.flatMap((one) => one.callers)).size;
    return [
      'version',
      version,
      '',
      '',
      requests,
      callers,
      '[]',
      moment(Math.min(...own.map((one) => one.lastHoursAgo))),
    ];
  });
  const rows = [...traffic]
    .sort((a, b) => a.version.localeCompare(b.version) || a.lastHoursAgo - b.lastHoursAgo)
    .map(({ version, api, operation, requests, callers, lastHoursAgo }) => {
      const addresses = JSON.stringify(callers);
      return ['operation', version, api, operation, requests, callers.length, addresses, moment(lastHoursAgo)];
    });
  const table = {
    name: 'PrimaryResult',
    columns: columns.map(([name, type]) => ({ name, type })),
    rows: [...totals, ...rows],
  };
  return jsonAnswer(200, { tables: [table], ...(workspace.partial ? { error: partialError } : {}) });
}

/** As Log Analytics reports that it looked at a part of the data only. */
const partialError = {
  code: 'PartialError',
  message: 'There were some errors when processing your query.',
  details: [
    {
      code: 'EngineError',
      message: 'Something went wrong processing your query on the server.',
      innererror: { code: '-2133196797', message: 'The results of this query exceed the set limit of 64000000 bytes.' },
    },
  ],
};

function badQuery(kind: string, code: string, text: string): ArmAnswer {
  const innererror = { code: kind, message: `A ${kind} occurred.`, innererror: { code, message: text } };
  return jsonAnswer(400, {
    error: { code: 'BadArgumentError', message: 'The request had some invalid properties', innererror },
  });
}
