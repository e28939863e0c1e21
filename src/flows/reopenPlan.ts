// A saved plan against the present: the instance is looked for, read and probed again, and the plan made anew of the
// same changes. Nothing else of the file counts.

import type { Directory } from '../azure/connection.ts';
import { isArmError } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import { sameId } from '../core/instance.ts';
import { comparePlans } from '../core/tls/planComparison.ts';
import type { PlanComparison } from '../core/tls/planComparison.ts';
import { cloudOf } from '../core/tls/planFile.ts';
import type { SavedPlan } from '../core/tls/planFile.ts';
import { checkSettings } from './checkSettings.ts';
import type { CheckInput, CheckResult } from './checkSettings.ts';

export type Reopened =
  | { readonly kind: 'checked'; readonly check: CheckResult; readonly comparison: PlanComparison }
  /** The plan is of the sample estate, and that is not open; or the other way round. */
  | { readonly kind: 'otherEstate'; readonly wanted: SavedPlan['estate'] }
  /** The plan is of another cloud than the one that is chosen; by its address of Azure Resource Manager. */
  | { readonly kind: 'otherCloud'; readonly wanted: string }
  /** No account that is signed in reaches the tenant of the plan. */
  | { readonly kind: 'otherTenant'; readonly tenantId: string }
  /** The tenant is reached, its subscription is not. */
  | { readonly kind: 'otherSubscription'; readonly subscriptionId: string }
  | { readonly kind: 'moved'; readonly to: string }
  | { readonly kind: 'gone'; readonly failure: FailureDetails };

export interface ReopenInput extends Omit<CheckInput, 'instanceId'> {
  readonly saved: SavedPlan;
  /** Where the instance is, if it has been moved since; default: as the plan says. */
  readonly instanceId?: string;
  /** The estate that is open. */
  readonly estate: SavedPlan['estate'];
  /** The address of Azure Resource Manager in the cloud that is chosen. */
  readonly resourceManager: string;
  /** Every tenant and subscription that is reached, chosen or not. */
  readonly readDirectory: (signal?: AbortSignal) => Promise<Directory>;
  readonly now: () => Date;
}

/** How Azure answers where it does not show an instance to an account. */
const outOfSight: readonly FailureCode[] = ['notFound', 'forbidden', 'unauthorized', 'refused'];

/** Rejects where the instance is in reach and cannot be read all the same, and with "cancelled" once aborted. */
export async function reopenPlan(input: ReopenInput): Promise<Reopened> {
  const { saved, estate, resourceManager, now, ...check } = input;
  if (saved.estate !== estate) return { kind: 'otherEstate', wanted: saved.estate };
  // In the sample estate no cloud is asked.
  if (estate === 'azure' && saved.cloud !== undefined && saved.cloud !== cloudOf(resourceManager))
    return { kind: 'otherCloud', wanted: saved.cloud };
  const instanceId = input.instanceId ?? saved.instance.id;
  try {
    const result = await checkSettings({ ...check, instanceId, changes: saved.changes });
    return { kind: 'checked', check: result, comparison: comparePlans(saved, { ...result, now: now() }) };
  } catch (error) {
    if (!isArmError(error)) throw error;
    const { details } = error;
    if (details.code === 'moved' && details.movedTo !== undefined) return { kind: 'moved', to: details.movedTo };
    if (!outOfSight.includes(details.code)) throw error;
    const place = await whereNot(input, instanceId);
    if (place) return place;
    if (details.code === 'notFound') return { kind: 'gone', failure: details };
    throw error;
  }
}

/** Which part of the way to the instance is out of reach; null where none is, or where nobody can tell. */
async function whereNot({ saved, readDirectory, signal }: ReopenInput, instanceId: string): Promise<Reopened | null> {
  const { tenantId } = saved.instance;
  const [, subscriptionId = ''] = /^\/subscriptions\/([^/]+)\//i.exec(instanceId) ?? [];
  let directory: Directory;
  try {
    directory = await readDirectory(signal);
  } catch (error) {
    if (isArmError(error) && error.details.code === 'cancelled') throw error;
    return null;
  }
  if (!directory.tenants.some(({ id }) => sameId(id, tenantId))) return { kind: 'otherTenant', tenantId };
  if (!directory.subscriptions.some(({ id }) => sameId(id, subscriptionId)))
    return { kind: 'otherSubscription', subscriptionId };
  return null;
}
