// How far a change of several instances has come, by what has happened to it, and what may begin next.

import type { BatchEvent, BatchPlan, EndedResult, PauseReason, Wave } from './batch.ts';
import type { HistoryEntry } from './history.ts';

/**
 * waiting: for its turn. writing: about to be sent, or sent without an answer. running: Azure is at work. Then the
 * results of a history. leftOut: by the plan. stopped: the whole was stopped before its turn.
 */
export const itemStates = [
  'waiting',
  'writing',
  'running',
  'done',
  'different',
  'failed',
  'refused',
  'unknown',
  'leftOut',
  'stopped',
] as const;
export type ItemState = (typeof itemStates)[number];

export interface ItemProgress {
  readonly state: ItemState;
  /** Of the newest attempt. */
  readonly operationId: string | null;
  /** Attempts that counted and wrote nothing. */
  readonly attempts: number;
  readonly notBefore: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Why it was not done or was postponed, in a sentence; or empty. */
  readonly detail: string;
}

export interface Batch {
  readonly plan: BatchPlan;
  readonly items: readonly ItemProgress[];
  readonly paused: { readonly why: PauseReason; readonly detail: string; readonly at: string } | null;
  readonly stopped: boolean;
  /** When it was last told to go on, ISO 8601, UTC; null: never. */
  readonly resumedAt: string | null;
}

export type Phase = 'running' | 'paused' | 'ended';

export function beginBatch(plan: BatchPlan): Batch {
  const items = plan.items.map(({ leftOut }): ItemProgress => ({
    state: leftOut === null ? 'waiting' : 'leftOut',
    operationId: null,
    attempts: 0,
    notBefore: null,
    startedAt: null,
    endedAt: null,
    detail: '',
  }));
  return { plan, items, paused: null, stopped: false, resumedAt: null };
}

export function isActive(state: ItemState): boolean {
  return state === 'writing' || state === 'running';
}

/** Nothing will happen to it any more. */
export function isSettled(state: ItemState): boolean {
  return state !== 'waiting' && !isActive(state);
}

/** It came to its end: it was neither left out nor left alone. */
export function hasEnded(state: ItemState): boolean {
  return isSettled(state) && state !== 'leftOut' && state !== 'stopped';
}

export function phaseOf(batch: Batch): Phase {
  if (batch.items.every(({ state }) => isSettled(state))) return 'ended';
  return batch.paused === null ? 'running' : 'paused';
}

/** It has paused since without being asked to: that is news. */
export function hasPausedByItself(before: Batch, { paused }: Batch): boolean {
  return before.paused === null && paused !== null && paused.why !== 'user';
}

/** What has become of it. An event that does not fit, such as a second end, changes nothing. */
export function reduceBatch(batch: Batch, event: BatchEvent): Batch {
  switch (event.kind) {
    case 'paused':
      return batch.stopped || phaseOf(batch) === 'ended'
        ? batch
        : { ...batch, paused: { why: event.why, detail: event.detail, at: event.at } };
    case 'resumed':
      return { ...batch, paused: null, resumedAt: event.at };
    case 'stopped':
      return {
        ...batch,
        stopped: true,
        paused: null,
        items: batch.items.map((one) =>
          one.state === 'waiting' ? { ...one, state: 'stopped', notBefore: null } : one,
        ),
      };
    default:
      return withItem(batch, event);
  }
}

type ItemEvent = Extract<BatchEvent, { readonly item: number }>;

function withItem(batch: Batch, event: ItemEvent): Batch {
  const before = batch.items[event.item];
  const after = before && afterEvent(before, event, batch.stopped);
  if (!after) return batch;
  const items = batch.items.with(event.item, after);
  const failed = event.kind === 'ended' && event.result !== 'done';
  if (!failed || !batch.plan.stopOnFailure || batch.stopped || batch.paused) return { ...batch, items };
  const detail = batch.plan.items[event.item]?.name ?? '';
  return { ...batch, items, paused: { why: 'failure', detail, at: event.at } };
}

function afterEvent(before: ItemProgress, event: ItemEvent, stopped: boolean): ItemProgress | undefined {
  // What an attempt has to say when another one is under way comes too late.
  if (event.kind !== 'begun' && event.operationId !== before.operationId) return undefined;
  switch (event.kind) {
    case 'begun':
      if (before.state !== 'waiting') return undefined;
      return {
        ...before,
        state: 'writing',
        operationId: event.operationId,
        notBefore: null,
        startedAt: before.startedAt ?? event.at,
        detail: '',
      };
    case 'accepted':
      return before.state === 'writing' ? { ...before, state: 'running' } : undefined;
    case 'postponed':
      if (!isActive(before.state)) return undefined;
      return {
        ...before,
        state: stopped ? 'stopped' : 'waiting',
        attempts: before.attempts + (event.counts ? 1 : 0),
        notBefore: stopped ? null : event.notBefore,
        detail: event.detail,
      };
    case 'ended':
      return isActive(before.state)
        ? { ...before, state: event.result, endedAt: event.at, detail: event.detail }
        : undefined;
  }
}

/** Which item may begin now, or else when one may that only waits for its time. */
export interface Next {
  readonly item: number | null;
  /** Milliseconds since 1970; null: only when something else has happened. */
  readonly wakeAt: number | null;
}

/**
 * By waves, in the order of the plan, never more at once than the limit.
 * @param now milliseconds since 1970
 * @param held those that are down meanwhile do not begin now
 */
export function nextOf(batch: Batch, now: number, held = false): Next {
  const { plan, items } = batch;
  const none: Next = { item: null, wakeAt: null };
  if (batch.paused || batch.stopped) return none;
  if (items.filter(({ state }) => isActive(state)).length >= plan.limit) return none;
  const open = openWaves(batch, held);
  let first: Next = none;
  for (const [index, { state, notBefore }] of items.entries()) {
    const wave = plan.items[index]?.wave ?? 1;
    if (state !== 'waiting' || !open.has(wave)) continue;
    const due = Math.max(timeOf(notBefore), wave === 3 ? timeOf(plan.downtimeAt) : 0);
    if (due <= now) {
      // The smallest wave goes first, whatever the order of the plan.
      const best = first.item === null ? undefined : plan.items[first.item]?.wave;
      if (best === undefined || wave < best) first = { item: index, wakeAt: null };
    } else if (first.item === null && (first.wakeAt === null || due < first.wakeAt))
      first = { item: null, wakeAt: due };
  }
  return first;
}

/** A wave begins when the one before has ended. The last one may have a time of its own instead. */
function openWaves({ plan, items }: Batch, held: boolean): ReadonlySet<Wave> {
  const unsettled = (wave: Wave) =>
    items.some(({ state }, index) => plan.items[index]?.wave === wave && !isSettled(state));
  const open = new Set<Wave>([1]);
  if (!unsettled(1)) open.add(2);
  if (held) return open;
  if (plan.downtimeAt !== null || (!unsettled(1) && !unsettled(2))) open.add(3);
  return open;
}

function timeOf(iso: string | null): number {
  const time = iso === null ? 0 : Date.parse(iso);
  return Number.isNaN(time) ? 0 : time;
}

/** How many items are in each state. */
export function countsOf(items: readonly { readonly state: ItemState }[]): Readonly<Record<ItemState, number>> {
  const counts = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
  for (const { state } of items) counts[state] += 1;
  return counts;
}

/** What an ended operation means for its item; null where its history says that it still runs. */
export function endedResult(entry: Pick<HistoryEntry, 'result'>): EndedResult | null {
  return entry.result === 'running' ? null : entry.result;
}
