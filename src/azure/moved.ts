// An instance that is not at its address any more: where it is now, after a move to another resource group or subscription.

import { ArmError } from '../core/failure.ts';
import { sameId } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { nameQuery } from './graph.ts';
import { listInstances, readInstance } from './instances.ts';
import { asList, asRecord, asText } from './json.ts';
import { parseServiceId } from './resourceIds.ts';

const tenantsAtOnce = 4;

/** Rejects with "moved" where the instance is found at another id, with "notFound" where it is not found at all. */
export async function readInstanceOrPlace(connection: Connection, id: string, signal?: AbortSignal): Promise<Instance> {
  try {
    return await readInstance(connection, id, signal);
  } catch (error) {
    const { details } = toArmError(error, signal);
    if (details.code !== 'notFound') throw error;
    const movedTo = await placeOf(connection, id, signal);
    throw movedTo === null ? error : new ArmError({ ...details, code: 'moved', movedTo });
  }
}

/**
 * The id under which an instance of the same name is found now; null where there is none, or nobody can be asked. The
 * name of an instance is unique in all of Azure (it is a host name). A move keeps the tenant.
 */
async function placeOf(connection: Connection, id: string, signal?: AbortSignal): Promise<string | null> {
  for (const ids of [idsInSubscription, idsInTenant]) {
    try {
      const found = (await ids(connection, id, signal)).find((other) => !sameId(other, id) && sameName(other, id));
      if (found !== undefined) return found;
    } catch (error) {
      const failure = toArmError(error, signal);
      if (failure.details.code === 'cancelled') throw failure;
    }
  }
  return null;
}

/** By the plain list, which is up to date at once. */
async function idsInSubscription(connection: Connection, id: string, signal?: AbortSignal): Promise<string[]> {
  const { subscriptionId } = parseServiceId(id);
  const { tenantId } = await connection.management(subscriptionId, signal);
  const instances = await listInstances(connection, { id: subscriptionId, name: '', tenantId }, signal);
  return instances.map((instance) => instance.id);
}

async function idsInTenant(connection: Connection, id: string, signal?: AbortSignal): Promise<string[]> {
  const { subscriptionId, service } = parseServiceId(id);
  const query = nameQuery(service);
  if (query === null) return [];
  const { tenantId } = await connection.management(subscriptionId, signal);
  const tenants = (await connection.tenants(signal)).filter((tenant) => sameId(tenant.id, tenantId));
  const answers = await inParallel(tenants, tenantsAtOnce, async ({ via }) =>
    connection.clients
      .graph(via)
      .resources({ query, options: { resultFormat: 'objectArray' } }, signal ? { abortSignal: signal } : {}),
  );
  return answers.flatMap(({ data }) => asList(data).flatMap((row) => asText(asRecord(row)['id']) ?? []));
}

function sameName(a: string, b: string): boolean {
  return sameId(parseServiceId(a).service, parseServiceId(b).service);
}
