// What a gateway calls: backend entities, APIs with their service URLs, operations.

import type { ApiEntity, BackendEntity, OperationEntity } from './access.ts';
import { openBatch, readLists } from './batch.ts';
import { allRows } from './clients.ts';
import type { Connection } from './connection.ts';
import { asList, asRecord, asText } from './json.ts';
import { nameBelow, parseServiceId } from './resourceIds.ts';

export async function readBackends(connection: Connection, id: string, signal?: AbortSignal): Promise<BackendEntity[]> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client } = await connection.management(subscriptionId, signal);
  const rows = await allRows(signal, (options) => client.backend.listByService(resourceGroup, service, options));
  return rows.map(toBackend);
}

function toBackend(raw: unknown): BackendEntity {
  const row = asRecord(raw);
  const properties = asRecord(row['properties']);
  const members = asList(asRecord(properties['pool'])['services']).flatMap(
    (entry) => asText(asRecord(entry)['id']) ?? [],
  );
  const tls = asRecord(properties['tls']);
  const credentials = asRecord(properties['credentials']);
  const name = asText(row['name']) ?? '';
  return {
    id: asText(row['id']) ?? '',
    name,
    title: asText(properties['title']) ?? name,
    url: asText(properties['url']) ?? '',
    type: asText(properties['type'])?.toLowerCase() === 'pool' || members.length > 0 ? 'Pool' : 'Single',
    poolMembers: members,
    validateChain: tls['validateCertificateChain'] !== false,
    validateName: tls['validateCertificateName'] !== false,
    clientCertificate: asList(credentials['certificateIds']).length + asList(credentials['certificate']).length > 0,
  };
}

/** What APIs and operations have in common: id, name, and the title that people gave. */
function displayed(raw: unknown) {
  const row = asRecord(raw);
  const properties = asRecord(row['properties']);
  const name = asText(row['name']) ?? '';
  return { id: asText(row['id']) ?? '', name, title: asText(properties['displayName']) ?? name, properties };
}

export async function readApis(connection: Connection, id: string, signal?: AbortSignal): Promise<ApiEntity[]> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client } = await connection.management(subscriptionId, signal);
  const rows = await connection.shared(`${id}/apis`, signal, (signal) =>
    allRows(signal, (options) => client.api.listByService(resourceGroup, service, options)),
  );
  return rows.map((raw) => {
    const { properties, ...named } = displayed(raw);
    return {
      ...named,
      path: asText(properties['path']) ?? '',
      serviceUrl: asText(properties['serviceUrl']),
    };
  });
}

export async function readOperations(
  connection: Connection,
  apiId: string,
  signal?: AbortSignal,
): Promise<OperationEntity[]> {
  const id = parseServiceId(apiId);
  const { client } = await connection.management(id.subscriptionId, signal);
  const rows = await allRows(signal, (options) =>
    client.apiOperation.listByApi(id.resourceGroup, id.service, nameBelow(id, 'apis'), options),
  );
  return rows.map(toOperation);
}

function toOperation(raw: unknown): OperationEntity {
  const { properties, ...named } = displayed(raw);
  return {
    ...named,
    method: asText(properties['method']) ?? '',
    urlTemplate: asText(properties['urlTemplate']) ?? '',
  };
}

/** Requests for the operations of many APIs, without pages of lists. */
const mostRequests = 5;

/** By name of the API; null where its operations could not be read, or not in so few requests. */
export async function readOperationsOf(
  connection: Connection,
  instanceId: string,
  apis: readonly string[],
  pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly OperationEntity[] | null>> {
  const { subscriptionId } = parseServiceId(instanceId);
  const { client } = await connection.management(subscriptionId, signal);
  const batch = openBatch({ connection, subscriptionId, apiVersion: client.apiVersion, mostRequests, pause, signal });
  const lists = await readLists(
    batch,
    apis.map((api) => encodeURI(`${instanceId}/apis/${api}/operations`)),
  );
  return new Map(apis.map((api, index) => [api, lists[index]?.map(toOperation) ?? null]));
}
