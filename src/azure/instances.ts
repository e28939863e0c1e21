// Instances: rows of Resource Graph and resources of ARM through one lenient reading.

import { ArmError } from '../core/failure.ts';
import type { GatewayHost, Instance, RegionalHost, Subscription } from '../core/instance.ts';
import { normaliseMap } from '../core/tls/customProperties.ts';
import { allRows, rawCall } from './clients.ts';
import type { Connection } from './connection.ts';
import { asList, asMoment, asRecord, asText, regionName } from './json.ts';
import type { Json } from './json.ts';
import { parseServiceId } from './resourceIds.ts';

/**
 * The instance in a Resource Graph row or an ARM resource; null where it has no id of an API Management service.
 * @param tenantId the tenant of the subscription, where the source does not state it
 * @param readAt ISO 8601, UTC
 */
export function toInstance(raw: unknown, tenantId: string, readAt: string): Instance | null {
  const row = asRecord(raw);
  const id = asText(row['id']);
  if (id === null) return null;
  const parsed = parsedOrNull(id);
  if (parsed === null || parsed.below.length > 0) return null;
  const properties = asRecord(row['properties']);
  const sku = asRecord(row['sku']);
  return {
    id,
    name: asText(row['name']) ?? parsed.service,
    resourceGroup: parsed.resourceGroup,
    subscriptionId: parsed.subscriptionId,
    tenantId: asText(row['tenantId']) ?? tenantId,
    location: regionName(row['location']) ?? '',
    otherRegions: asList(properties['additionalLocations']).flatMap(
      (entry) => regionName(asRecord(entry)['location']) ?? [],
    ),
    regionalHosts: regionalHosts(row['location'], properties),
    tier: asText(sku['name']) ?? '',
    units: typeof sku['capacity'] === 'number' ? sku['capacity'] : 0,
    provisioningState: asText(properties['provisioningState']) ?? 'Unknown',
    createdAt: asMoment(properties['createdAtUtc']),
    platformVersion: asText(properties['platformVersion']),
    etag: asText(row['etag']),
    customProperties: normaliseMap(properties['customProperties']),
    gatewayUrl: asText(properties['gatewayUrl']),
    hosts: asList(properties['hostnameConfigurations']).flatMap((entry) => toHost(asRecord(entry))),
    ...(properties['enableClientCertificate'] === true ? { enableClientCertificate: true as const } : {}),
    readAt,
  };
}

function regionalHosts(location: unknown, properties: Json): RegionalHost[] {
  const places = [{ ...properties, location }, ...asList(properties['additionalLocations']).map(asRecord)];
  return places.flatMap((place) => {
    const region = regionName(place['location']);
    const url = URL.parse(asText(place['gatewayRegionalUrl']) ?? '');
    const hostName = url?.protocol === 'https:' ? url.hostname.toLowerCase() : '';
    return region === null || hostName === '' ? [] : [{ region, hostName, disabled: place['disableGateway'] === true }];
  });
}

function parsedOrNull(id: string): ReturnType<typeof parseServiceId> | null {
  try {
    return parseServiceId(id);
  } catch {
    return null;
  }
}

function toHost(entry: Json): GatewayHost[] {
  const hostName = asText(entry['hostName']);
  if (hostName === null) return [];
  return [
    {
      hostName,
      type: asText(entry['type']) ?? '',
      isDefault: entry['defaultSslBinding'] === true,
      negotiateClientCertificate: entry['negotiateClientCertificate'] === true,
      certificateExpiry: asMoment(asRecord(entry['certificate'])['expiry']),
    },
  ];
}

/** The instance from an answer of ARM. Rejects with "malformed" where it is none. */
export function instanceFrom(raw: unknown, tenantId: string, readAt: string): Instance {
  const instance = toInstance(raw, tenantId, readAt);
  if (instance === null)
    throw new ArmError({ code: 'malformed', serviceMessage: 'The answer is not the instance that was asked for.' });
  return instance;
}

export async function readInstance(connection: Connection, id: string, signal?: AbortSignal): Promise<Instance> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client, tenantId } = await connection.management(subscriptionId, signal);
  const raw = await client.apiManagementService.get(resourceGroup, service, rawCall(signal));
  return instanceFrom(raw, tenantId, connection.moment());
}

/** All instances of a subscription by the plain ARM list. */
export async function listInstances(
  connection: Connection,
  subscription: Subscription,
  signal?: AbortSignal,
): Promise<Instance[]> {
  const { client } = await connection.management(subscription.id, signal);
  const rows = await allRows(signal, (options) => client.apiManagementService.list(options));
  const readAt = connection.moment();
  return rows.flatMap((row) => toInstance(row, subscription.tenantId, readAt) ?? []);
}
