// Queries of Azure Resource Graph: instances, gateways, and which subscriptions it knows.

import { failureCode } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import type { Instance, Subscription, WorkspaceGateway } from '../core/instance.ts';
import type { Connection, Tenant } from './connection.ts';
import { toWorkspaceGateway } from './gateways.ts';
import { toInstance } from './instances.ts';
import { asRecord, asText } from './json.ts';

/** What is read of `properties`: the rest would be most of the answer. */
const columns = [
  'provisioningState',
  'createdAtUtc',
  'platformVersion',
  'gatewayUrl',
  'gatewayRegionalUrl',
  'disableGateway',
  'customProperties',
  'hostnameConfigurations',
  'enableClientCertificate',
  'additionalLocations',
];

export const estateQuery =
  "resources | where type in~ ('microsoft.apimanagement/service', 'microsoft.apimanagement/gateways') " +
  `| project id, name, type, location, tenantId, sku, ${columns.map((name) => `${name} = properties.${name}`).join(', ')} ` +
  '| order by id asc';

export const subscriptionsQuery =
  "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' | project id, subscriptionId | order by id asc";

/** The ids of instances of a name, as it stands in a resource id; null where no instance can have it. */
export function nameQuery(name: string): string | null {
  if (!/^[a-z0-9-]+$/i.test(name)) return null;
  return `resources | where type =~ 'microsoft.apimanagement/service' | where name =~ '${name}' | project id`;
}

/** Resource Graph: at most 1,000 rows a page, and 1,000 subscriptions a query (Azure CLI and PowerShell send as many). */
const rowsPerPage = 1000;
export const subscriptionsPerQuery = 1000;
const mostPages = 1000;

/** Failures after which the plain lists would fail in the same way. */
const hopeless: readonly FailureCode[] = [
  'offline',
  'dns',
  'network',
  'timeout',
  'portal',
  'proxy',
  'certificateRefused',
  'oldTls',
  'clock',
  'unauthorized',
  'interactionNeeded',
  'signedOut',
  'toolMissing',
];

export function graphIsOfNoUse(failure: unknown): boolean {
  return hopeless.includes(failureCode(failure));
}

/** Page by page, in the order of the ids. */
export async function* queryInstances(
  connection: Connection,
  tenant: Tenant,
  subscriptions: readonly Subscription[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly instances: readonly Instance[]; readonly gateways: readonly WorkspaceGateway[] }> {
  for await (const rows of pages(connection, tenant, subscriptions, estateQuery, signal)) {
    const readAt = connection.moment();
    // Columns stand where an ARM resource has properties.
    const resources = rows.map((row) => ({ ...asRecord(row), properties: row }));
    yield {
      instances: resources.flatMap((resource) => toInstance(resource, tenant.id, readAt) ?? []),
      gateways: resources.flatMap((resource) => toWorkspaceGateway(resource, tenant.id, readAt) ?? []),
    };
  }
}

/** The subscriptions, in lower case, that Resource Graph lets the account read. */
export async function queryReadable(
  connection: Connection,
  tenant: Tenant,
  subscriptions: readonly Subscription[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const rows of pages(connection, tenant, subscriptions, subscriptionsQuery, signal)) {
    for (const row of rows) found.add(asText(asRecord(row)['subscriptionId'])?.toLowerCase() ?? '');
  }
  return found;
}

async function* pages(
  connection: Connection,
  tenant: Tenant,
  subscriptions: readonly Subscription[],
  query: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly unknown[]> {
  const client = connection.clients.graph(tenant.via);
  let skipToken: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.resources(
      {
        subscriptions: subscriptions.map(({ id }) => id),
        query,
        options: { top: rowsPerPage, resultFormat: 'objectArray', ...(skipToken ? { skipToken } : {}) },
      },
      signal ? { abortSignal: signal } : {},
    );
    if (!Array.isArray(answer.data)) throw new Error('Resource Graph gave no rows.');
    yield answer.data;
    skipToken = answer.skipToken;
    if (!skipToken) return;
  }
}
