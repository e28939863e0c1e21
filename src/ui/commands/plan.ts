// Commands of plans: what they are for is found here, the rest is loaded.

import { Uri } from 'vscode';
import { idKey } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import { instancesFor } from './pick.ts';
import type { Target } from './pick.ts';

/** What the open editor of the instance knows, with its draft; else the kept draft and what is read now. */
async function sourceFor(services: Services, instance: Instance) {
  const { sourceOf } = await import('../plans.ts');
  const source = services.editors.get(idKey(instance.id))?.planSource();
  // One that has just been opened has not read its backends yet.
  if (!source?.backends) return sourceOf(services, instance);
  const draft = await services.drafts.of(instance.id);
  return { source, changes: draft?.changes ?? {} };
}

async function withSource(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
  act: 'savePlanAs' | 'copyPlan',
): Promise<void> {
  const [instance] = await instancesFor(services, target, selection);
  if (!instance) return;
  const plans = await import('../plans.ts');
  const { source, changes } = await sourceFor(services, instance);
  await plans[act](services, source, changes);
}

export const savePlan = (services: Services, target: Target, selection: readonly Node[] | undefined) =>
  withSource(services, target, selection, 'savePlanAs');

export const copyPlan = (services: Services, target: Target, selection: readonly Node[] | undefined) =>
  withSource(services, target, selection, 'copyPlan');

/** @param target the address of a file, as explorer and editor hand it over, or nothing */
const uriOf = (target: unknown) => (target instanceof Uri ? target : undefined);

export async function openPlan(services: Services, target: unknown): Promise<void> {
  const plans = await import('../plans.ts');
  await plans.openPlan(services, uriOf(target));
}

export async function checkPlan(services: Services, target: unknown): Promise<void> {
  const plans = await import('../plans.ts');
  await plans.checkPlan(services, uriOf(target));
}
