// The ways to Azure of all accounts: their clients, and by which account and tenant each subscription is reached.

import type { ApiManagementClient } from '@azure/arm-apimanagement';
import type { ArmError } from '../core/failure.ts';
import type { Subscription } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { Clients } from './clients.ts';
import { toArmError } from './errors.ts';
import { openSharing } from './sharing.ts';
import type { Sharing } from './sharing.ts';
import { readVia, viaText } from './via.ts';

/** A tenant as one account sees it. Two accounts may be in the same one and see different subscriptions. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** By which account and tenant it is reached (`viaText`): unlike the id, it is there once. */
  readonly via: string;
}

/** What of the estate is to be read, by ids; null: all that there is, and all that will be. */
export interface Chosen {
  readonly tenants: readonly string[] | null;
  readonly subscriptions: readonly string[] | null;
}

/** Every tenant and subscription, chosen or not. A tenant that does not answer has no subscriptions here. */
export interface Directory {
  readonly tenants: readonly Tenant[];
  readonly subscriptions: readonly Subscription[];
}

export interface Connection {
  readonly clients: Clients;
  /** Now, as ISO 8601, UTC. */
  readonly moment: () => string;
  /** The chosen tenants of all accounts. An account that does not answer is here as a tenant that does not either. */
  tenants(signal?: AbortSignal): Promise<Tenant[]>;
  /** The chosen subscriptions that a tenant's credential reaches. From then on they are reached by that tenant. */
  subscriptions(tenant: Tenant, signal?: AbortSignal): Promise<Subscription[]>;
  directory(signal?: AbortSignal): Promise<Directory>;
  /** The name of the account by which a subscription is reached, as far as that is known yet. */
  accountOf(subscriptionId: string): string | undefined;
  /** The client for a subscription. Looks the tenant up where it is not known yet, such as after a restart. */
  management(subscriptionId: string, signal?: AbortSignal): Promise<Management>;
  /** For what several readings begin with. */
  readonly shared: Sharing;
}

export interface Management {
  readonly client: ApiManagementClient;
  readonly tenantId: string;
  /** By which account and tenant it is reached (`viaText`); null: the home of the first account. */
  readonly via: string | null;
}

export interface ConnectionOptions {
  /** How each account is shown; one without a name where not stated. */
  readonly accounts?: readonly string[];
  readonly chosen?: Chosen;
}

const tenantsAtOnce = 4;

export function openConnection(
  clients: Clients,
  moment: () => string,
  { accounts = [''], chosen = { tenants: null, subscriptions: null } }: ConnectionOptions = {},
): Connection {
  /** Lower-cased subscription id -> the tenant whose credential reaches it, and the tenant that it belongs to. */
  const reachedBy = new Map<string, { readonly via: string; readonly tenantId: string }>();
  /** By the `via` of its home: why an account did not answer. */
  const silent = new Map<string, ArmError>();

  async function tenantsOf(account: number, signal?: AbortSignal): Promise<Tenant[]> {
    const found: Tenant[] = [];
    const label = accounts.length > 1 ? ` (${accounts[account]})` : '';
    const list = clients.directory(viaText({ account, tenantId: null })).tenants.list(abortable(signal));
    for await (const { tenantId, displayName } of list) {
      if (!tenantId) continue;
      found.push({ id: tenantId, name: `${displayName ?? tenantId}${label}`, via: viaText({ account, tenantId }) });
    }
    return found;
  }

  async function everyTenant(signal?: AbortSignal): Promise<Tenant[]> {
    silent.clear();
    const lists = await inParallel([...accounts.keys()], tenantsAtOnce, async (account) => {
      try {
        return await tenantsOf(account, signal);
      } catch (error) {
        const failure = toArmError(error, signal);
        if (failure.details.code === 'cancelled') throw failure;
        const name = accounts[account] ?? '';
        const via = viaText({ account, tenantId: null });
        silent.set(via, failure);
        return [{ id: name, name, via }];
      }
    });
    if (silent.size === accounts.length) for (const failure of silent.values()) throw failure;
    return lists.flat();
  }

  async function everySubscription(tenant: Tenant, signal?: AbortSignal): Promise<Subscription[]> {
    const failure = silent.get(tenant.via);
    if (failure) throw failure;
    const found: Subscription[] = [];
    for await (const row of clients.directory(tenant.via).subscriptions.list(abortable(signal))) {
      if (!row.subscriptionId) continue;
      const tenantId = row.tenantId ?? tenant.id;
      const key = row.subscriptionId.toLowerCase();
      // A delegated subscription (Lighthouse) appears in two tenants: its own is asked where the account is in it.
      if (!reachedBy.has(key) || tenant.id === tenantId) reachedBy.set(key, { via: tenant.via, tenantId });
      found.push({ id: row.subscriptionId, name: row.displayName ?? row.subscriptionId, tenantId });
    }
    return found;
  }

  /** The subscriptions of every tenant that answers. */
  async function directory(signal?: AbortSignal): Promise<Directory> {
    const tenants = await everyTenant(signal);
    const lists = await inParallel(tenants, tenantsAtOnce, async (tenant) => {
      try {
        return await everySubscription(tenant, signal);
      } catch (error) {
        // A call to a subscription of it tells what is wrong.
        const failure = toArmError(error, signal);
        if (failure.details.code === 'cancelled') throw failure;
        return [];
      }
    });
    const distinct = new Map(lists.flat().map((subscription) => [subscription.id.toLowerCase(), subscription]));
    return { tenants, subscriptions: [...distinct.values()] };
  }

  const isChosen = (ids: readonly string[] | null, id: string) =>
    ids === null || ids.some((one) => one.toLowerCase() === id.toLowerCase());

  return {
    clients,
    moment,
    shared: openSharing(),
    tenants: async (signal) =>
      (await everyTenant(signal)).filter(({ id, via }) => silent.has(via) || isChosen(chosen.tenants, id)),
    subscriptions: async (tenant, signal) =>
      (await everySubscription(tenant, signal)).filter(({ id }) => isChosen(chosen.subscriptions, id)),
    directory,
    accountOf: (subscriptionId) => {
      const known = reachedBy.get(subscriptionId.toLowerCase());
      return known && accounts[readVia(known.via).account];
    },
    management: async (subscriptionId, signal) => {
      const key = subscriptionId.toLowerCase();
      if (!reachedBy.has(key)) await directory(signal);
      const known = reachedBy.get(key);
      const via = known?.via ?? null;
      return { client: clients.management(via, subscriptionId), tenantId: known?.tenantId ?? '', via };
    },
  };
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
