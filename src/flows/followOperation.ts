// Follow: an operation from wherever it stands to its end, then what was sent against what is there.

import type { Azure } from '../azure/access.ts';
import { failureCode, isArmError } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { Operation } from '../core/history.ts';
import type { Instance } from '../core/instance.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { close, entryFor, reasonText, settle } from './records.ts';
import type { EndedOutcome, Records } from './records.ts';

export interface FollowInput extends Records {
  readonly azure: Azure;
  readonly operation: Operation;
  readonly now: () => Date;
  /** Milliseconds since the change was sent. */
  readonly onProgress?: (progress: { readonly elapsedMs: number }) => void;
  readonly signal?: AbortSignal;
  /** Looks at the gateway itself once the operation has ended well; what it throws is left out. */
  readonly verify?: (instance: Instance) => Promise<readonly Survey[]>;
}

export type FollowOutcome =
  | (EndedOutcome & { readonly gateway: readonly Survey[] })
  /** Not ended, and still kept: following it again goes on where it stands. */
  | { readonly kind: 'stopped'; readonly failure: FailureDetails };

/** Azure gives an update up to three hours (the limit that terraform-provider-azurerm uses for this resource). */
export const followLimitMs = 3 * 60 * 60 * 1000;

/** Never rejects but for `record` and `forget`. An abort stops the following, not the operation. */
export async function followOperation(input: FollowInput): Promise<FollowOutcome> {
  const outcome = await follow(input);
  if (outcome.kind === 'stopped') return outcome;
  return { ...outcome, gateway: await verified(input, outcome) };
}

async function follow(
  input: FollowInput,
): Promise<EndedOutcome | { readonly kind: 'stopped'; readonly failure: FailureDetails }> {
  const { operation } = input;
  const reached = await readToEnd(input);
  const endedAt = input.now().toISOString();
  if ('instance' in reached) return settle(input, operation, reached.instance, endedAt);
  const { failure } = reached;
  if (failure.code === 'operationFailed') {
    const entry = entryFor(operation, 'failed', endedAt, reasonText(failure));
    await close(input, entry);
    return { kind: 'failed', entry, failure };
  }
  if (failure.code === 'operationStuck' || failure.code === 'notFound') {
    const entry = entryFor(operation, 'unknown', endedAt, reasonText(failure));
    await close(input, entry);
    return { kind: 'unknown', entry, failure };
  }
  return { kind: 'stopped', failure };
}

async function readToEnd(
  input: FollowInput,
): Promise<{ readonly instance: Instance } | { readonly failure: FailureDetails }> {
  const { azure, operation } = input;
  const limit = new AbortController();
  const signal = input.signal ? AbortSignal.any([input.signal, limit.signal]) : limit.signal;
  const onPoll = () => {
    const elapsedMs = input.now().getTime() - Date.parse(operation.startedAt);
    input.onProgress?.({ elapsedMs });
    if (elapsedMs >= followLimitMs) limit.abort();
  };
  try {
    return { instance: await azure.followUpdate(operation.instanceId, operation.resume ?? '', { signal, onPoll }) };
  } catch (error) {
    if (limit.signal.aborted && !input.signal?.aborted) return { failure: { code: 'operationStuck' } };
    // One "not found" may be a hiccup of a region; two are an instance that is gone.
    if (failureCode(error) === 'notFound') return readAgain(input);
    return { failure: isArmError(error) ? error.details : { code: 'unknown', serviceMessage: String(error) } };
  }
}

async function readAgain({ azure, operation, signal }: FollowInput): Promise<{ readonly failure: FailureDetails }> {
  try {
    await azure.readInstance(operation.instanceId, signal ? { signal } : {});
    return { failure: { code: 'unavailable' } };
  } catch (error) {
    return { failure: isArmError(error) ? error.details : { code: 'unknown', serviceMessage: String(error) } };
  }
}

async function verified(input: FollowInput, outcome: EndedOutcome): Promise<readonly Survey[]> {
  if (outcome.kind !== 'done' && outcome.kind !== 'different') return [];
  try {
    return (await input.verify?.(outcome.instance)) ?? [];
  } catch {
    return [];
  }
}
