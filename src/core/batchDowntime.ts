// The time that is chosen for instances which are down while they change: whether it has gone by with nobody there.

import type { BatchPlan } from './batch.ts';
import { isSettled } from './batchProgress.ts';
import type { Batch } from './batchProgress.ts';

/** What begins later than this (milliseconds) after a chosen time does not begin at that time any more. */
export const mostLateMs = 3_600_000;

/** Milliseconds since 1970; null: after all others. */
export function downtimeOf({ downtimeAt }: Pick<BatchPlan, 'downtimeAt'>): number | null {
  const time = downtimeAt === null ? NaN : Date.parse(downtimeAt);
  return Number.isNaN(time) ? null : time;
}

export function isPast(downtimeAt: string, now: number): boolean {
  return Date.parse(downtimeAt) <= now;
}

/**
 * The chosen time has gone by, none of those that it was chosen for has begun, and nobody has said since that they may.
 * Where no window was there at that time, they are not to go down at any other.
 * @param now milliseconds since 1970
 */
export function hasGoneBy({ plan, items, resumedAt }: Batch, now: number): boolean {
  const time = downtimeOf(plan);
  if (time === null || now <= time + mostLateMs || Date.parse(plan.startedAt) >= time) return false;
  if (resumedAt !== null && Date.parse(resumedAt) >= time) return false;
  return items.every(({ startedAt }, index) => plan.items[index]?.wave !== 3 || startedAt === null);
}

/** Nothing else is left to do than those that wait for the chosen time. */
export function onlyDowntimeIsLeft({ plan, items }: Batch): boolean {
  const rest = [...items.entries()].filter(([, { state }]) => !isSettled(state));
  return rest.length > 0 && rest.every(([index, { state }]) => state === 'waiting' && plan.items[index]?.wave === 3);
}
