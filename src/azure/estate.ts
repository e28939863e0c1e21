// The whole estate: tenants, subscriptions, and all instances by Resource Graph. One that fails is told, not thrown.

import { signInCodes } from '../core/failure.ts';
import type { ArmError } from '../core/failure.ts';
import { notListedCode } from '../core/instance.ts';
import type { CustomProperties, EstateFailure, Instance, Subscription, WorkspaceGateway } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { EstateReading } from './access.ts';
import type { Connection, Tenant } from './connection.ts';
import { toArmError } from './errors.ts';
import { listWorkspaceGateways } from './gateways.ts';
import { listInstances } from './instances.ts';
import { graphIsOfNoUse, queryInstances, queryReadable, subscriptionsPerQuery } from './graph.ts';

const tenantsAtOnce = 6;
const listsAtOnce = 6;
/**
 * Resource Graph leaves out in silence what the account may not read. So many subscriptions without rows are asked by
 * the plain list in one reading; of the others it is told what is known.
 */
const mostSilentAsked = 50;

interface Collected {
  readonly subscriptions: Map<string, Subscription>;
  readonly instances: Map<string, Instance>;
  readonly gateways: Map<string, WorkspaceGateway>;
  readonly failures: EstateFailure[];
  readonly notAsked: Subscription[];
  /** Text of a map -> the one copy of it: instances of one estate have few different maps. */
  readonly maps: Map<string, CustomProperties>;
  readonly page: () => void;
}

/** Subscriptions of which Resource Graph told nothing. */
interface Silent {
  /** Resource Graph does not know the subscription either: most likely the account may not read it. */
  readonly unlisted: readonly Subscription[];
  readonly empty: readonly Subscription[];
}

export async function readEstate(
  connection: Connection,
  options: { readonly signal?: AbortSignal; readonly onPage?: (reading: EstateReading) => void },
): Promise<EstateReading> {
  const { signal, onPage } = options;
  const collected: Collected = {
    subscriptions: new Map(),
    instances: new Map(),
    gateways: new Map(),
    failures: [],
    notAsked: [],
    maps: new Map(),
    page: () => onPage?.(readingOf(collected)),
  };
  const reached = await reachedSubscriptions(connection, collected, signal);
  const batches = [...reached].flatMap(([tenant, subscriptions]) =>
    slices(subscriptions, subscriptionsPerQuery).map((batch) => ({ tenant, batch })),
  );
  const silent = await inParallel(batches, tenantsAtOnce, ({ tenant, batch }) =>
    readBatch(connection, collected, tenant, batch, signal),
  );
  await askSilent(connection, collected, silent, signal);
  return readingOf(collected);
}

function slices<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function readingOf(collected: Collected): EstateReading {
  return {
    subscriptions: [...collected.subscriptions.values()],
    instances: [...collected.instances.values()],
    gateways: [...collected.gateways.values()],
    failures: [...collected.failures],
    notAsked: [...collected.notAsked],
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
      collected.failures.push(failureOf('tenant', nameOf(tenant), stopIfCancelled(error, signal)));
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
  const result = new Map<Tenant, Subscription[]>(tenants.map((tenant) => [tenant, []]));
  for (const [key, tenant] of owner) {
    const subscription = collected.subscriptions.get(key);
    if (subscription) result.get(tenant)?.push(subscription);
  }
  return result;
}

const nobody: Silent = { unlisted: [], empty: [] };

async function readBatch(
  connection: Connection,
  collected: Collected,
  tenant: Tenant,
  batch: readonly Subscription[],
  signal: AbortSignal | undefined,
): Promise<Silent> {
  const heard = new Set<string>();
  // Asked beside the instances: where it fails, nothing is known of the subscriptions without rows.
  const readable = queryReadable(connection, tenant, batch, signal).catch(() => null);
  try {
    for await (const { instances, gateways } of queryInstances(connection, tenant, batch, signal)) {
      for (const { subscriptionId } of [...instances, ...gateways]) heard.add(subscriptionId.toLowerCase());
      keep(collected, instances, gateways);
      collected.page();
    }
  } catch (error) {
    const failure = stopIfCancelled(error, signal);
    if (failure.details.code === 'forbidden') return { unlisted: batch, empty: [] };
    if (graphIsOfNoUse(failure)) collected.failures.push(failureOf('tenant', nameOf(tenant), failure));
    else await readOneByOne(connection, collected, batch, 'everything', signal);
    collected.page();
    return nobody;
  }
  const known = await readable;
  const silent = batch.filter(({ id }) => !heard.has(id.toLowerCase()));
  const isListed = ({ id }: Subscription) => known === null || known.has(id.toLowerCase());
  return { unlisted: silent.filter((one) => !isListed(one)), empty: silent.filter(isListed) };
}

/** Asks for the reason why a subscription has no rows, the likeliest refusals first. */
async function askSilent(
  connection: Connection,
  collected: Collected,
  silent: readonly Silent[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const unlisted = silent.flatMap((one) => one.unlisted);
  const empty = silent.flatMap((one) => one.empty);
  const asked = [...unlisted, ...empty].slice(0, mostSilentAsked);
  await readOneByOne(connection, collected, asked, 'instances', signal);
  for (const { id, name } of unlisted.slice(mostSilentAsked))
    collected.failures.push({ scope: 'subscription', id, name, code: notListedCode, message: '' });
  collected.notAsked.push(...empty.slice(Math.max(0, mostSilentAsked - unlisted.length)));
}

async function readOneByOne(
  connection: Connection,
  collected: Collected,
  subscriptions: readonly Subscription[],
  what: 'instances' | 'everything',
  signal: AbortSignal | undefined,
): Promise<void> {
  await inParallel(subscriptions, listsAtOnce, async (subscription) => {
    try {
      keep(collected, await listInstances(connection, subscription, signal), []);
      if (what === 'everything') keep(collected, [], await gatewaysWhereKnown(connection, subscription, signal));
    } catch (error) {
      collected.failures.push(failureOf('subscription', subscription, stopIfCancelled(error, signal)));
    }
  });
}

/** Not every cloud has workspace gateways: where the type is not known, there are none. */
async function gatewaysWhereKnown(
  connection: Connection,
  subscription: Subscription,
  signal: AbortSignal | undefined,
): Promise<readonly WorkspaceGateway[]> {
  try {
    return await listWorkspaceGateways(connection, subscription, signal);
  } catch (error) {
    const failure = stopIfCancelled(error, signal);
    if (failure.details.code === 'notFound' || failure.details.code === 'refused') return [];
    throw failure;
  }
}

function keep(collected: Collected, instances: readonly Instance[], gateways: readonly WorkspaceGateway[]): void {
  for (const instance of instances)
    collected.instances.set(instance.id.toLowerCase(), {
      ...instance,
      customProperties: oneCopy(collected.maps, instance.customProperties),
    });
  for (const gateway of gateways) collected.gateways.set(gateway.id.toLowerCase(), gateway);
}

function oneCopy(maps: Map<string, CustomProperties>, map: CustomProperties | null): CustomProperties | null {
  if (map === null) return null;
  const text = JSON.stringify(map);
  const known = maps.get(text);
  if (known) return known;
  maps.set(text, map);
  return map;
}

function stopIfCancelled(error: unknown, signal: AbortSignal | undefined): ArmError {
  const failure = toArmError(error, signal);
  if (failure.details.code === 'cancelled') throw failure;
  return failure;
}

/** Two accounts may be in the same tenant. */
function nameOf({ via, name }: Tenant): { readonly id: string; readonly name: string } {
  return { id: via, name };
}

function failureOf(
  scope: EstateFailure['scope'],
  of: { readonly id: string; readonly name: string },
  failure: ArmError,
): EstateFailure {
  const { code, serviceCode, serviceMessage } = failure.details;
  const told = signInCodes.includes(code) ? code : (serviceCode ?? code);
  return { scope, id: of.id, name: of.name, code: told, message: serviceMessage ?? '' };
}
