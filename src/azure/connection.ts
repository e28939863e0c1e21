// One account's way to Azure: its clients, and by which tenant each subscription is reached.

import type { ApiManagementClient } from '@azure/arm-apimanagement';
import { isArmError } from '../core/failure.ts';
import type { Subscription } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { Clients } from './clients.ts';
import { toArmError } from './errors.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
}

export interface Connection {
  readonly clients: Clients;
  /** Now, as ISO 8601, UTC. */
  readonly moment: () => string;
  tenants(signal?: AbortSignal): Promise<Tenant[]>;
  /** The subscriptions that a tenant's credential reaches. From then on they are reached by that tenant. */
  subscriptions(tenant: Tenant, signal?: AbortSignal): Promise<Subscription[]>;
  /** The client for a subscription. Looks the tenant up where it is not known yet, such as after a restart. */
  management(subscriptionId: string, signal?: AbortSignal): Promise<{ client: ApiManagementClient; tenantId: string }>;
}

const tenantsAtOnce = 4;

export function openConnection(clients: Clients, moment: () => string): Connection {
  /** Lower-cased subscription id -> the tenant whose credential reaches it, and the tenant that it belongs to. */
  const reachedBy = new Map<string, { readonly through: string; readonly tenantId: string }>();

  async function tenants(signal?: AbortSignal): Promise<Tenant[]> {
    const found: Tenant[] = [];
    for await (const { tenantId, displayName } of clients.directory(null).tenants.list(abortable(signal))) {
      if (tenantId) found.push({ id: tenantId, name: displayName ?? tenantId });
    }
    return found;
  }

  async function subscriptions(tenant: Tenant, signal?: AbortSignal): Promise<Subscription[]> {
    const found: Subscription[] = [];
    for await (const row of clients.directory(tenant.id).subscriptions.list(abortable(signal))) {
      if (!row.subscriptionId) continue;
      const tenantId = row.tenantId ?? tenant.id;
      const key = row.subscriptionId.toLowerCase();
      const known = reachedBy.get(key);
      // A delegated subscription (Lighthouse) appears in two tenants: its own is asked where the account is in it.
      if (!known || tenant.id === tenantId) reachedBy.set(key, { through: tenant.id, tenantId });
      found.push({ id: row.subscriptionId, name: row.displayName ?? row.subscriptionId, tenantId });
    }
    return found;
  }

  async function lookUp(subscriptionId: string, signal?: AbortSignal): Promise<void> {
    await inParallel(await tenants(signal), tenantsAtOnce, async (tenant) => {
      if (reachedBy.has(subscriptionId.toLowerCase())) return;
      try {
        await subscriptions(tenant, signal);
      } catch (error) {
        // A tenant that does not answer is not the one; the call itself tells what is wrong.
        const failure = toArmError(error, signal);
        if (failure.details.code === 'cancelled' || !isArmError(failure)) throw failure;
      }
    });
  }

  return {
    clients,
    moment,
    tenants,
    subscriptions,
    management: async (subscriptionId, signal) => {
      if (!reachedBy.has(subscriptionId.toLowerCase())) await lookUp(subscriptionId, signal);
      const known = reachedBy.get(subscriptionId.toLowerCase());
      return { client: clients.management(known?.through ?? null, subscriptionId), tenantId: known?.tenantId ?? '' };
    },
  };
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
