// What of a snapshot of several instances is other than in the one before: of hundreds of rows, a few change at a time.

import * as v from 'valibot';
import { batchStateSchema, rowSchema } from './batch.ts';
import type { BatchRow, BatchState } from './batch.ts';

export interface BatchPart {
  /** Fields that are new as a whole. */
  readonly fields: Partial<Omit<BatchState, 'rows'>>;
  /** New and changed rows. */
  readonly rows: readonly BatchRow[];
  /** The ids of all rows; null where these are as before, in the same order. */
  readonly order: readonly string[] | null;
}

/** The part that takes `before` to `after`. Of fields, what is the same object is taken to be the same. */
export function batchPartBetween(before: BatchState, after: BatchState): BatchPart {
  const names = (Object.keys(after) as (keyof BatchState)[]).filter((name) => name !== 'rows');
  const known = new Map(before.rows.map((row) => [row.id, row]));
  const moved =
    before.rows.length !== after.rows.length || after.rows.some(({ id }, index) => id !== before.rows[index]?.id);
  return {
    fields: Object.fromEntries(names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name]])),
    rows: after.rows.filter((row) => !sameRow(known.get(row.id), row)),
    order: moved ? after.rows.map(({ id }) => id) : null,
  };
}

/** Rows that have not changed stay the same objects; all of them, where none has. */
export function withBatchPart(before: BatchState, { fields, rows, order }: BatchPart): BatchState {
  if (rows.length === 0 && order === null) return { ...before, ...fields };
  const fresh = new Map(rows.map((row) => [row.id, row]));
  if (order === null) return { ...before, ...fields, rows: before.rows.map((row) => fresh.get(row.id) ?? row) };
  const known = new Map(before.rows.map((row) => [row.id, row]));
  return { ...before, ...fields, rows: order.flatMap((id) => fresh.get(id) ?? known.get(id) ?? []) };
}

/** Rows hold texts, numbers and the like, no objects. */
function sameRow(before: BatchRow | undefined, after: BatchRow): boolean {
  if (before === undefined || before === after) return before === after;
  return (Object.keys(after) as (keyof BatchRow)[]).every((name) => before[name] === after[name]);
}

const partSchema = v.object({
  fields: v.partial(v.omit(batchStateSchema, ['rows'])),
  rows: v.array(rowSchema),
  order: v.nullable(v.array(v.string())),
});

/** A part of a snapshot, or an error that says that it came in a wrong shape. */
export function readBatchPart(value: unknown): BatchPart {
  const parsed = v.safeParse(partSchema, value);
  if (!parsed.success) throw new Error('A part of the state of the change came in a wrong shape and was left out.');
  return parsed.output as BatchPart;
}

/** The snapshot, or an error that says that it came in a wrong shape. */
export function readBatchState(value: unknown): BatchState {
  const parsed = v.safeParse(batchStateSchema, value);
  if (!parsed.success) throw new Error('The state of the change came in a wrong shape and was left out.');
  return parsed.output;
}
