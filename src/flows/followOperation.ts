// Follow: an operation from wherever it stands to its end, then what was sent against what is there.

import type { Azure, PollListener } from '../azure/access.ts';
import { ArmError, failureCode, failureDetails } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { Operation } from '../core/history.ts';
import type { Instance } from '../core/instance.ts';
import type { EndedOutcome } from '../core/outcome.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { compareReadBack } from '../core/tls/readBack.ts';
import { close, entryFor, reasonText, settle } from './records.ts';
import type { Records } from './records.ts';

export interface FollowInput extends Records {
  readonly azure: Azure;
  readonly operation: Operation;
  readonly now: () => Date;
  /** Milliseconds since the change was sent. */
  readonly onProgress?: (progress: { readonly elapsedMs: number }) => void;
  readonly signal?: AbortSignal;
  /** Waits; rejects where the signal is aborted. Default: the clock of the machine. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Looks at the gateway itself once the operation has ended well; what it throws is left out. */
  readonly verify?: (instance: Instance) => Promise<readonly Survey[]>;
}

export type FollowOutcome =
  | (EndedOutcome & { readonly gateway: readonly Survey[] })
  /** Not ended, and still kept: following it again goes on where it stands. */
  | { readonly kind: 'stopped'; readonly failure: FailureDetails };

/** Azure gives an update up to three hours (the limit that terraform-provider-azurerm uses for this resource). */
export const followLimitMs = 3 * 60 * 60 * 1000;

/**
 * So long after its beginning a change without an answer may still be on its way: from another window, or from one that
 * has ended in the middle. One attempt of a request ends after 60 s, and a few short pauses may come before the last.
 */
export const onItsWayMs = 90_000;
const askAgainMs = 5000;

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
  const reached = await readWhenArrived(input);
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

/** `readToEnd`; an instance at rest that shows nothing of a change that may still be on its way is read again. */
async function readWhenArrived(input: FollowInput): Promise<Reached> {
  const { operation, now, signal } = input;
  const pause = input.pause ?? pauseOnClock;
  for (;;) {
    const reached = await readToEnd(input);
    const leftMs = Date.parse(operation.startedAt) + onItsWayMs - now().getTime();
    if (operation.resume !== null || leftMs <= 0 || !('instance' in reached)) return reached;
    const { customProperties, createdAt } = reached.instance;
    if (compareReadBack(operation.before, operation.sent, customProperties, createdAt).kind !== 'unchanged')
      return reached;
    try {
      await pause(Math.min(askAgainMs, leftMs), signal);
    } catch {
      return { failure: { code: 'cancelled' } };
    }
    input.onProgress?.({ elapsedMs: now().getTime() - Date.parse(operation.startedAt) });
  }
}

function pauseOnClock(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new ArmError({ code: 'cancelled' }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

type Reached = { readonly instance: Instance } | { readonly failure: FailureDetails };

/** How often an instance that was not found for a moment is followed again. */
const mostAttempts = 5;

async function readToEnd(input: FollowInput, attempt = 1): Promise<Reached> {
  const { azure, operation } = input;
  const limit = new AbortController();
  const signal = input.signal ? AbortSignal.any([input.signal, limit.signal]) : limit.signal;
  const onPoll: PollListener = ({ answered }) => {
    const elapsedMs = input.now().getTime() - Date.parse(operation.startedAt);
    input.onProgress?.({ elapsedMs });
    // Without an answer nobody knows that it still goes on: the machine may only just have woken up.
    if (answered && elapsedMs >= followLimitMs) limit.abort();
  };
  try {
    return { instance: await azure.followUpdate(operation.instanceId, operation.resume ?? '', { signal, onPoll }) };
  } catch (error) {
    if (limit.signal.aborted && !input.signal?.aborted) return { failure: { code: 'operationStuck' } };
    // One "not found" may be a hiccup of a region; two are an instance that is gone.
    if (failureCode(error) === 'notFound') return goOnIfThere(input, attempt);
    // Without an address nobody knows whether the failure is that of this change: the map tells.
    if (failureCode(error) === 'operationFailed' && operation.resume === null) return readUnlessTouched(input, error);
    return goOnWhereItIs(input, failureDetails(error), attempt);
  }
}

async function goOnIfThere(input: FollowInput, attempt: number): Promise<Reached> {
  const { azure, operation, signal } = input;
  try {
    await azure.readInstance(operation.instanceId, signal ? { signal } : {});
    return attempt < mostAttempts ? await readToEnd(input, attempt + 1) : { failure: { code: 'unavailable' } };
  } catch (error) {
    return goOnWhereItIs(input, failureDetails(error), attempt);
  }
}

/** An instance that has been moved is followed at its new address, by its own state: the operation's is of no use there. */
async function goOnWhereItIs(input: FollowInput, failure: FailureDetails, attempt: number): Promise<Reached> {
  const { operation } = input;
  if (failure.code !== 'moved' || failure.movedTo === undefined || attempt >= mostAttempts) return { failure };
  const resume = operation.resume === null ? null : '';
  return readToEnd({ ...input, operation: { ...operation, instanceId: failure.movedTo, resume } }, attempt + 1);
}

async function readUnlessTouched({ azure, operation, signal }: FollowInput, error: unknown): Promise<Reached> {
  const failure = failureDetails(error);
  try {
    const instance = await azure.readInstance(operation.instanceId, signal ? { signal } : {});
    const { kind } = compareReadBack(operation.before, operation.sent, instance.customProperties, instance.createdAt);
    return kind === 'different' ? { failure } : { instance };
  } catch {
    return { failure };
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
