// Gateways beside the managed one of an instance: workspace gateways and self-hosted ones.

import type { GatewayConnection, SelfHostedGateway, SelfHostedHost } from './access.ts';
import type { Subscription, WorkspaceGateway } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import { allRows } from './clients.ts';
import type { Connection } from './connection.ts';
import { asList, asRecord, asText, regionName } from './json.ts';
import { gatewayIdOrNull, parseGatewayId, parseServiceId } from './resourceIds.ts';

const listsAtOnce = 4;

/** The workspace gateway in a Resource Graph row or an ARM resource; null where it has no id of one. */
export function toWorkspaceGateway(raw: unknown, tenantId: string, readAt: string): WorkspaceGateway | null {
  const row = asRecord(raw);
  const id = asText(row['id']);
  const parsed = id === null ? null : gatewayIdOrNull(id);
  if (id === null || parsed === null) return null;
  const sku = asRecord(row['sku']);
  return {
    id,
    name: asText(row['name']) ?? parsed.gateway,
    resourceGroup: parsed.resourceGroup,
    subscriptionId: parsed.subscriptionId,
    tenantId: asText(row['tenantId']) ?? tenantId,
    location: regionName(row['location']) ?? '',
    tier: asText(sku['name']) ?? '',
    units: typeof sku['capacity'] === 'number' ? sku['capacity'] : 0,
    provisioningState: asText(asRecord(row['properties'])['provisioningState']) ?? 'Unknown',
    readAt,
  };
}

/** All workspace gateways of a subscription by the plain ARM list. */
export async function listWorkspaceGateways(
  connection: Connection,
  subscription: Subscription,
  signal?: AbortSignal,
): Promise<WorkspaceGateway[]> {
  const { client } = await connection.management(subscription.id, signal);
  const rows = await allRows(signal, (options) => client.apiGateway.list(options));
  const readAt = connection.moment();
  return rows.flatMap((row) => toWorkspaceGateway(row, subscription.tenantId, readAt) ?? []);
}

export async function readGatewayConnections(
  connection: Connection,
  gatewayId: string,
  signal?: AbortSignal,
): Promise<GatewayConnection[]> {
  const { resourceGroup, gateway, subscriptionId } = parseGatewayId(gatewayId);
  const { client } = await connection.management(subscriptionId, signal);
  const rows = await allRows(signal, (options) =>
    client.apiGatewayConfigConnection.listByGateway(resourceGroup, gateway, options),
  );
  return rows.map(toConnection);
}

function toConnection(raw: unknown): GatewayConnection {
  const properties = asRecord(asRecord(raw)['properties']);
  const sourceId = asText(properties['sourceId']) ?? '';
  // The examples of the REST description write "services" where ids of instances have "service".
  const [, base, group, name, workspace] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ApiManagement)\/services?\/([^/]+)\/workspaces\/([^/]+)$/i.exec(
      sourceId,
    ) ?? [];
  const hostNames = [properties['defaultHostname'], ...asList(properties['hostnames'])].flatMap(
    (host) => asText(host) ?? [],
  );
  return {
    instanceId: base === undefined || group === undefined || name === undefined ? null : `${base}/service/${name}`,
    instanceName: name ?? '',
    workspace: workspace ?? sourceId,
    hostNames: [...new Set(hostNames)],
  };
}

/** The self-hosted gateways of an instance, each with its host names. */
export async function readSelfHosted(
  connection: Connection,
  id: string,
  signal?: AbortSignal,
): Promise<SelfHostedGateway[]> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client } = await connection.management(subscriptionId, signal);
  const rows = await allRows(signal, (options) => client.gateway.listByService(resourceGroup, service, options));
  return inParallel(rows, listsAtOnce, async (raw) => {
    const row = asRecord(raw);
    const properties = asRecord(row['properties']);
    const gatewayId = asText(row['id']) ?? '';
    // The last segment is what paths take; in examples `name` differs from it.
    const name = gatewayId.split('/').at(-1) ?? '';
    const hosts = await allRows(signal, (options) =>
      client.gatewayHostnameConfiguration.listByService(resourceGroup, service, name, options),
    );
    return {
      id: gatewayId,
      name,
      description: asText(properties['description']) ?? '',
      place: asText(asRecord(properties['locationData'])['name']) ?? '',
      hosts: hosts.flatMap(toSelfHostedHost),
    };
  });
}

function toSelfHostedHost(raw: unknown): SelfHostedHost[] {
  const properties = asRecord(asRecord(raw)['properties']);
  const hostName = asText(properties['hostname']);
  if (hostName === null) return [];
  const flag = (name: string) => (typeof properties[name] === 'boolean' ? properties[name] : null);
  return [
    {
      hostName,
      negotiateClientCertificate: flag('negotiateClientCertificate'),
      tls10: flag('tls10Enabled'),
      tls11: flag('tls11Enabled'),
      http2: flag('http2Enabled'),
    },
  ];
}
