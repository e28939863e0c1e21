// Azure Resource Graph for the one kind of query that the product sends: API Management instances, plainly projected.
// Wire shape: Microsoft.ResourceGraph 2024-04-01.

import { visibleSubscriptions } from './account.ts';
import type { Caller } from './account.ts';
import { forbiddenError, jsonAnswer } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { serviceId } from './model.ts';
import type { Estate, SampleService } from './model.ts';
import type { ServiceState } from './state.ts';
import { serviceProperties } from './wire.ts';

const mostRows = 1000;

interface Query {
  readonly subscriptions: readonly string[] | undefined;
  readonly query: string;
  readonly top: number;
  readonly from: number;
}

export function answerQuery(
  estate: Estate,
  caller: Caller,
  request: ArmRequest,
  stateOf: (service: SampleService) => ServiceState,
): ArmAnswer {
  const query = readQuery(request.body);
  if (typeof query === 'string') return invalidQuery(query);
  const visible = visibleSubscriptions(estate, caller);
  const wanted = query.subscriptions?.map((id) => id.toLowerCase());
  const asked = visible.filter(({ id }) => wanted === undefined || wanted.includes(id.toLowerCase()));
  const readable = new Set(asked.filter((subscription) => !subscription.forbidden).map(({ id }) => id));
  if (readable.size === 0) {
    const scope = `/subscriptions/${asked[0]?.id ?? wanted?.[0] ?? ''}`;
    return forbiddenError('Microsoft.ResourceGraph/resources/read', scope);
  }
  const services = estate.services
    .filter(({ subscriptionId }) => readable.has(subscriptionId))
    .sort((a, b) => (serviceId(a).toLowerCase() < serviceId(b).toLowerCase() ? -1 : 1));
  const columns = projectedColumns(query.query);
  if (columns === undefined) return invalidQuery('The sample estate answers projections of plain column names only.');
  return page(services, query, (service) => pick(row(estate, service, stateOf(service)), columns));
}

function page(services: readonly SampleService[], query: Query, show: (service: SampleService) => object): ArmAnswer {
  const data = services.slice(query.from, query.from + query.top).map(show);
  const next = query.from + data.length;
  const more = next < services.length;
  return jsonAnswer(
    200,
    {
      totalRecords: services.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: 'false',
      ...(more ? { $skipToken: Buffer.from(JSON.stringify({ from: next })).toString('base64') } : {}),
    },
    { 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05' },
  );
}

function invalidQuery(message: string): ArmAnswer {
  return jsonAnswer(400, {
    error: {
      code: 'BadRequest',
      message: 'Please provide below info when asking for support.',
      details: [{ code: 'InvalidQuery', message }],
    },
  });
}

/** The query, or what is wrong with it. */
function readQuery(body: string | undefined): Query | string {
  const sent = parse(body);
  if (sent === undefined || typeof sent['query'] !== 'string') return 'Query is missing or not a text.';
  if (!/\btype\s*(=~|==)\s*['"]microsoft\.apimanagement\/service['"]/i.test(sent['query'])) {
    return 'The sample estate knows the type microsoft.apimanagement/service only.';
  }
  const options = isRecord(sent['options']) ? sent['options'] : {};
  if (options['resultFormat'] !== undefined && options['resultFormat'] !== 'objectArray') {
    return 'The sample estate answers with resultFormat objectArray only.';
  }
  const top = options['$top'] ?? mostRows;
  if (typeof top !== 'number' || top < 1 || top > mostRows) return `$top must be between 1 and ${mostRows}.`;
  const from = readSkipToken(options['$skipToken']);
  if (from === undefined) return 'The skip token is not valid.';
  const ids: unknown = sent['subscriptions'];
  const subscriptions = Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined;
  return { subscriptions, query: sent['query'], top, from };
}

function readSkipToken(token: unknown): number | undefined {
  if (token === undefined || token === null) return 0;
  const from = typeof token === 'string' ? parse(Buffer.from(token, 'base64').toString())?.['from'] : undefined;
  return typeof from === 'number' && Number.isInteger(from) && from >= 0 ? from : undefined;
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The columns of `| project a, b, c`; all where there is no projection; undefined where one is more than names. */
function projectedColumns(query: string): readonly string[] | 'all' | undefined {
  const [, list] = /\|\s*project\s+([^|]+)/i.exec(query) ?? [];
  if (list === undefined) return /\|\s*(extend|summarize|join|mv-expand)\b/i.test(query) ? undefined : 'all';
  const names = list.split(',').map((name) => name.trim());
  return names.every((name) => /^\w+$/.test(name)) ? names : undefined;
}

function pick(row: Readonly<Record<string, unknown>>, columns: readonly string[] | 'all'): object {
  return columns === 'all' ? row : Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
}

/** As Resource Graph gives it: type in lower case, resource group apart, no etag. */
function row(estate: Estate, service: SampleService, state: ServiceState): Readonly<Record<string, unknown>> {
  const subscription = estate.subscriptions.find(({ id }) => id === service.subscriptionId);
  return {
    id: serviceId(service),
    name: service.name,
    type: 'microsoft.apimanagement/service',
    tenantId: subscription?.tenantId ?? '',
    kind: '',
    location: service.location.toLowerCase().replaceAll(' ', ''),
    resourceGroup: service.resourceGroup,
    subscriptionId: service.subscriptionId,
    managedBy: '',
    sku: { name: service.tier, capacity: service.units },
    plan: null,
    properties: serviceProperties(service, state),
    tags: service.tags ?? {},
    identity: null,
    zones: null,
    extendedLocation: null,
  };
}
