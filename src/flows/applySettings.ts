// Apply: read again, refuse where anything moved, write the whole map once, and never lose track of what was sent.

import type { Azure, UpdateStart } from '../azure/access.ts';
import { failureCode, failureDetails } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import type { PlanFinding } from '../core/finding.ts';
import type { Evidence, Operation } from '../core/history.ts';
import { isBusy } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import type { ApplyRefusal, EndedOutcome } from '../core/outcome.ts';
import { differences } from '../core/tls/customProperties.ts';
import { blockersOf } from '../core/tls/plan.ts';
import type { Plan } from '../core/tls/plan.ts';
import { compareReadBack } from '../core/tls/readBack.ts';
import { close, entryFor, reasonText, settle } from './records.ts';
import type { Records } from './records.ts';

export interface ApplyInput extends Records {
  readonly azure: Azure;
  readonly plan: Plan;
  readonly kind: Operation['kind'];
  /** The user has confirmed the blockers by name. Those that make writing impossible hold all the same. */
  readonly overrideBlockers: boolean;
  /** The account, as it is shown. */
  readonly who: string;
  readonly now: () => Date;
  readonly newId: () => string;
  /** The change of several instances that this is a part of. */
  readonly batchId?: string;
  /** What was known when the user confirmed it; kept with the change. */
  readonly evidence?: Evidence;
  /** Keeps the operation across reloads; a later one with the same id replaces an earlier one. */
  readonly keep: (operation: Operation) => Promise<void>;
  readonly signal?: AbortSignal;
}

export type ApplyOutcome =
  | ApplyRefusal
  /** To be followed. `doubt`: why it is not certain that Azure took it; following it finds out. */
  | { readonly kind: 'running'; readonly operation: Operation; readonly doubt: FailureDetails | null }
  | { readonly kind: 'ended'; readonly operation: Operation; readonly outcome: EndedOutcome };

/** Blockers that no confirmation can override: there is nothing that could be written, or nobody to take it. */
const absolute: readonly PlanFinding['code'][] = ['mapMissing', 'busy'];
/** Failures after which the service may have taken the change. */
const ambiguous: readonly FailureCode[] = [
  'network',
  'offline',
  'timeout',
  'portal',
  'unavailable',
  'malformed',
  'unknown',
];

/**
 * Rejects only where the instance cannot be read before anything is sent, or the signal is aborted before that.
 * An abort after the change is on its way has no effect: see `followOperation`.
 */
export async function applySettings(input: ApplyInput): Promise<ApplyOutcome> {
  const { azure, plan } = input;
  const refusal = refusedByPlan(plan, input.overrideBlockers);
  if (refusal) return refusal;
  const instance = await azure.readInstance(plan.instanceId, input.signal ? { signal: input.signal } : {});
  const moved = refusedByInstance(plan, instance);
  if (moved) return moved;
  const operation = operationFor(input, instance);
  // Kept before it is sent: whatever happens in between, the next start finds it and asks how it went.
  await input.keep(operation);
  const started = await begin(input, operation);
  if ('failure' in started) return afterFailure(input, operation, started.failure);
  if (started.kind === 'done') {
    const taken = { ...operation, resume: '' };
    return {
      kind: 'ended',
      operation,
      outcome: await settle(input, taken, started.instance, input.now().toISOString()),
    };
  }
  return accepted(input, { ...operation, resume: started.resume }, null);
}

function refusedByPlan(plan: Plan, overrideBlockers: boolean): ApplyRefusal | null {
  const blockers = blockersOf(plan).filter(({ code }) => !overrideBlockers || absolute.includes(code));
  if (blockers.length > 0) return { kind: 'refused', reason: 'blocked', blockers };
  return plan.keyChanges.length === 0 ? { kind: 'refused', reason: 'nothingToChange' } : null;
}

function refusedByInstance(plan: Plan, instance: Instance): ApplyRefusal | null {
  if (isBusy(instance)) return { kind: 'refused', reason: 'busy', state: instance.provisioningState };
  const changed = differences(plan.base.map, instance.customProperties ?? {});
  const sameEtag = plan.base.etag === null || plan.base.etag === instance.etag;
  if (changed.length === 0 && sameEtag && instance.customProperties !== null) return null;
  return { kind: 'refused', reason: 'changed', differences: changed, instance };
}

function operationFor(input: ApplyInput, instance: Instance): Operation {
  return {
    id: input.newId(),
    instanceId: instance.id,
    instanceName: instance.name,
    tenantId: instance.tenantId,
    kind: input.kind,
    startedAt: input.now().toISOString(),
    who: input.who,
    before: { ...instance.customProperties },
    sent: { ...input.plan.map },
    resume: null,
    ...(input.batchId === undefined ? {} : { batchId: input.batchId }),
    ...(input.evidence === undefined ? {} : { evidence: input.evidence }),
  };
}

async function begin(
  input: ApplyInput,
  operation: Operation,
): Promise<UpdateStart | { readonly failure: FailureDetails }> {
  try {
    return await input.azure.beginUpdate(
      operation.instanceId,
      operation.sent,
      input.signal ? { signal: input.signal } : {},
    );
  } catch (error) {
    return { failure: failureDetails(error) };
  }
}

async function accepted(input: ApplyInput, operation: Operation, doubt: FailureDetails | null): Promise<ApplyOutcome> {
  // Azure is at work: a note that cannot be written must not hide that. What was kept first leads to it all the same.
  await Promise.allSettled([input.keep(operation)]);
  await Promise.allSettled([input.record(entryFor(operation, 'running', null, ''))]);
  return { kind: 'running', operation, doubt };
}

async function afterFailure(input: ApplyInput, operation: Operation, failure: FailureDetails): Promise<ApplyOutcome> {
  const refuse = async (reason: 'service' | 'notWritten', told = failure): Promise<ApplyOutcome> => {
    await close(input, entryFor(operation, 'refused', input.now().toISOString(), reasonText(told)));
    return { kind: 'refused', reason, failure: told };
  };
  if (failure.code === 'notFound') return refuse('service', await whereItWent(input, operation, failure));
  if (!ambiguous.includes(failure.code)) return refuse('service');
  let instance: Instance;
  try {
    instance = await input.azure.readInstance(operation.instanceId);
  } catch {
    return accepted(input, operation, failure);
  }
  // Busy: with our change in all likelihood, and following it compares the maps in any case.
  if (isBusy(instance)) return accepted(input, operation, failure);
  const { kind } = compareReadBack(operation.before, operation.sent, instance.customProperties, instance.createdAt);
  if (kind === 'unchanged') return refuse('notWritten');
  return { kind: 'ended', operation, outcome: await settle(input, operation, instance, input.now().toISOString()) };
}

/** Gone between our look at it and the change: "moved" tells more than "notFound". */
async function whereItWent(
  { azure }: ApplyInput,
  { instanceId }: Operation,
  failure: FailureDetails,
): Promise<FailureDetails> {
  return azure.readInstance(instanceId).then(
    () => failure,
    (error: unknown) => (failureCode(error) === 'moved' ? failureDetails(error) : failure),
  );
}
