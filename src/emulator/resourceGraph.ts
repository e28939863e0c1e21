// Azure Resource Graph for the queries that the product sends: API Management instances and gateways, and subscriptions.
// Wire shape: Microsoft.ResourceGraph 2024-04-01.

import { visibleSubscriptions } from './account.ts';
import type { Caller } from './account.ts';
import { forbiddenError, jsonAnswer } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { gatewayProperties } from './gatewayBodies.ts';
import { parseQuery, project } from './graphQuery.ts';
import type { ParsedQuery } from './graphQuery.ts';
import { gatewayId, serviceId } from './model.ts';
import type { Estate, SampleGateway, SampleService, SampleSubscription } from './model.ts';
import type { ServiceState } from './state.ts';
import { serviceProperties } from './wire.ts';

const mostRows = 1000;

interface Query extends ParsedQuery {
  readonly subscriptions: readonly string[] | undefined;
  readonly top: number;
  readonly from: number;
}

/** A row that is made only when it is on the page. */
interface Row {
  readonly id: string;
  readonly show: () => object;
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
  const wanted = query.subscriptions && new Set(query.subscriptions.map((id) => id.toLowerCase()));
  const asked = visible.filter(({ id }) => wanted === undefined || wanted.has(id.toLowerCase()));
  const readable = new Map(asked.filter(({ forbidden }) => !forbidden).map((one) => [one.id, one]));
  if (readable.size === 0) {
    const scope = `/subscriptions/${asked[0]?.id ?? query.subscriptions?.[0] ?? ''}`;
    return forbiddenError('Microsoft.ResourceGraph/resources/read', scope);
  }
  const rows = query.table === 'resources' ? resources(estate, readable, query, stateOf) : containers(readable, query);
  const named = rows.filter(({ id }) => query.name === null || id.toLowerCase().endsWith(`/${query.name}`));
  return page(named, query);
}

function resources(
  estate: Estate,
  readable: ReadonlyMap<string, SampleSubscription>,
  { types }: ParsedQuery,
  stateOf: (service: SampleService) => ServiceState,
): Row[] {
  const services = types.includes('microsoft.apimanagement/service') ? estate.services : [];
  const gateways = types.includes('microsoft.apimanagement/gateways') ? (estate.gateways ?? []) : [];
  const tenantOf = (subscriptionId: string) => readable.get(subscriptionId)?.tenantId ?? '';
  const rows = [
    ...services
      .filter(({ subscriptionId }) => readable.has(subscriptionId))
      .map((service) => ({
        id: serviceId(service),
        show: () => serviceRow(service, stateOf(service), tenantOf(service.subscriptionId)),
      })),
    ...gateways
      .filter(({ subscriptionId }) => readable.has(subscriptionId))
      .map((gateway) => ({
        id: gatewayId(gateway),
        show: () => gatewayRow(gateway, tenantOf(gateway.subscriptionId)),
      })),
  ];
  return sorted(rows);
}

function containers(readable: ReadonlyMap<string, SampleSubscription>, { types }: ParsedQuery): Row[] {
  if (!types.includes('microsoft.resources/subscriptions')) return [];
  return sorted(
    [...readable.values()].map((subscription) => ({
      id: `/subscriptions/${subscription.id}`,
      show: () => subscriptionRow(subscription),
    })),
  );
}

function sorted(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row) => ({ key: row.id.toLowerCase(), row }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}

function page(rows: readonly Row[], query: Query): ArmAnswer {
  const data = rows.slice(query.from, query.from + query.top).map(({ show }) => project(show(), query.columns));
  const next = query.from + data.length;
  const more = next < rows.length;
  return jsonAnswer(
    200,
    {
      totalRecords: rows.length,
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
  const parsed = parseQuery(sent['query']);
  if (typeof parsed === 'string') return parsed;
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
  return { ...parsed, subscriptions, top, from };
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

/** What every row has, as Resource Graph gives it: type in lower case, resource group apart, no etag. */
function common(id: string, name: string, type: string, tenantId: string, location: string): object {
  const [, , subscriptionId, , resourceGroup = ''] = id.split('/');
  return {
    id,
    name,
    type,
    tenantId,
    kind: '',
    location: location.toLowerCase().replaceAll(' ', ''),
    resourceGroup,
    subscriptionId,
    managedBy: '',
    plan: null,
    identity: null,
    zones: null,
    extendedLocation: null,
  };
}

function serviceRow(service: SampleService, state: ServiceState, tenantId: string): object {
  return {
    ...common(serviceId(service), service.name, 'microsoft.apimanagement/service', tenantId, service.location),
    sku: { name: service.tier, capacity: service.units },
    properties: serviceProperties(service, state),
    tags: service.tags ?? {},
  };
}

function gatewayRow(gateway: SampleGateway, tenantId: string): object {
  return {
    ...common(gatewayId(gateway), gateway.name, 'microsoft.apimanagement/gateways', tenantId, gateway.location),
    sku: { name: gateway.tier, capacity: gateway.units },
    properties: gatewayProperties(gateway),
    tags: {},
  };
}

function subscriptionRow({ id, name, tenantId }: SampleSubscription): object {
  return {
    ...common(`/subscriptions/${id}`, name, 'microsoft.resources/subscriptions', tenantId, ''),
    sku: null,
    properties: { state: 'Enabled' },
    tags: {},
  };
}
