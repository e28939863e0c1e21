// The whole estate: tenants, subscriptions, and all instances by Resource Graph. One that fails is told, not thrown.

import { failureCode } from '../core/failure.ts';
import type { ArmError, FailureCode } from '../core/failure.ts';
import type { EstateFailure, Instance, Subscription } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { EstateReading } from './access.ts';
import type { Connection, Tenant } from './connection.ts';
import { toArmError } from './errors.ts';
import { listInstances, toInstance } from './instances.ts';

export const estateQuery =
  "resources | where type =~ 'microsoft.apimanagement/service' " +
  '| project id, name, type, location, resourceGroup, subscriptionId, tenantId, sku, properties | order by id asc';

/** Resource Graph: at most 1,000 rows a page; subscriptions per query as other inventory tools batch them. */
const rowsPerPage = 1000;
const subscriptionsPerQuery = 300;
const mostPages = 1000;
const tenantsAtOnce = 4;
const listsAtOnce = 6;
/** Resource Graph leaves out in silence what the account may not read: so many subscriptions without rows are asked by the plain list. */
const mostSilentAsked = 50;

interface Collected {
  readonly subscriptions: Map<string, Subscription>;
  readonly instances: Map<string, Instance>;
  readonly failures: EstateFailure[];
  readonly page: () => void;
}

export async function readEstate(
  connection: Connection,
  options: { readonly signal?: AbortSignal; readonly onPage?: (reading: EstateReading) => void },
): Promise<EstateReading> {
  const { signal, onPage } = options;
  const collected: Collected = {
    subscriptions: new Map(),
    instances: new Map(),
    failures: [],
    page: () => onPage?.(readingOf(collected)),
  };
  const reached = await reachedSubscriptions(connection, collected, signal);
  await inParallel([...reached], tenantsAtOnce, async ([tenant, subscriptions]) => {
    for (let i = 0; i < subscriptions.length; i += subscriptionsPerQuery) {
      await readBatch(connection, collected, tenant, subscriptions.slice(i, i + subscriptionsPerQuery), signal);
    }
  });
  return readingOf(collected);
}

function readingOf(collected: Collected): EstateReading {
  return {
    subscriptions: [...collected.subscriptions.values()],
    instances: [...collected.instances.values()],
    failures: [...collected.failures],
  };
}

/** Tenant -> the subscriptions to be read through it, each subscription once. */
async function reachedSubscriptions(
  connection: Connection,
  collected: Collected,
  signal: AbortSignal | undefined,
): Promise<Map<Tenant, Subscription[]>> {
  const tenants = await connection.tenants(signal);
  const lists = await inParallel(tenants, tenantsAtOnce, async (tenant) => {
    try {
      return await connection.subscriptions(tenant, signal);
    } catch (error) {
      collected.failures.push(failureOf('tenant', { id: tenant.via, name: tenant.name }, stopIfCancelled(error, signal)));
      return [];
    }
  });
  const owner = new Map<string, Tenant>();
  tenants.forEach((tenant, i) => {
    for (const subscription of lists[i] ?? []) {
      const key = subscription.id.toLowerCase();
      if (!owner.has(key) || subscription.tenantId === tenant.id) owner.set(key, tenant);
      if (!collected.subscriptions.has(key)) collected.subscriptions.set(key, subscription);
    }
  });
  const result = new Map<Tenant, Subscription[]>();
  for (const [key, tenant] of owner) {
    const subscription = collected.subscriptions.get(key);
    if (subscription) result.set(tenant, [...(result.get(tenant) ?? []), subscription]);
  }
  return result;
}

/** Failures after which the plain lists would fail in the same way. */
const hopeless: readonly FailureCode[] = [
  'network',
  'timeout',
  'unauthorized',
  'interactionNeeded',
  'signedOut',
  'toolMissing',
];

async function readBatch(
  connection: Connection,
  collected: Collected,
  tenant: Tenant,
  subscriptions: readonly Subscription[],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await queryGraph(connection, collected, tenant, subscriptions, signal);
    const heard = new Set([...collected.instances.values()].map(({ subscriptionId }) => subscriptionId.toLowerCase()));
    const silent = subscriptions.filter(({ id }) => !heard.has(id.toLowerCase())).slice(0, mostSilentAsked);
    if (silent.length === 0) return;
    await readOneByOne(connection, collected, silent, signal);
    collected.page();
  } catch (error) {
    const failure = stopIfCancelled(error, signal);
    if (hopeless.includes(failureCode(failure))) collected.failures.push(failureOf('tenant', { id: tenant.via, name: tenant.name }, failure));
    else await readOneByOne(connection, collected, subscriptions, signal);
    collected.page();
  }
}

async function queryGraph(
  connection: Connection,
  collected: Collected,
  tenant: Tenant,
  subscriptions: readonly Subscription[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const client = connection.clients.graph(tenant.via);
  let skipToken: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.resources(
      {
        subscriptions: subscriptions.map(({ id }) => id),
        query: estateQuery,
        options: { top: rowsPerPage, resultFormat: 'objectArray', ...(skipToken ? { skipToken } : {}) },
      },
      signal ? { abortSignal: signal } : {},
    );
    if (!Array.isArray(answer.data)) throw new Error('Resource Graph gave no rows.');
    keep(
      collected,
      answer.data.flatMap((row) => toInstance(row, tenant.id, connection.moment()) ?? []),
    );
    collected.page();
    skipToken = answer.skipToken;
    if (!skipToken) return;
  }
}

async function readOneByOne(
  connection: Connection,
  collected: Collected,
  subscriptions: readonly Subscription[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await inParallel(subscriptions, listsAtOnce, async (subscription) => {
    try {
      keep(collected, await listInstances(connection, subscription, signal));
    } catch (error) {
      collected.failures.push(failureOf('subscription', subscription, stopIfCancelled(error, signal)));
    }
  });
}

function keep(collected: Collected, instances: readonly Instance[]): void {
  for (const instance of instances) collected.instances.set(instance.id.toLowerCase(), instance);
}

function stopIfCancelled(error: unknown, signal: AbortSignal | undefined): ArmError {
  const failure = toArmError(error, signal);
  if (failure.details.code === 'cancelled') throw failure;
  return failure;
}

function failureOf(
  scope: EstateFailure['scope'],
  of: { readonly id: string; readonly name: string },
  failure: ArmError,
): EstateFailure {
  const { code, serviceCode, serviceMessage } = failure.details;
  return { scope, id: of.id, name: of.name, code: serviceCode ?? code, message: serviceMessage ?? '' };
}
