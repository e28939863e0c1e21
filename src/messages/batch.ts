// The contract between the panel of a change of several instances (host) and its page. State goes whole, then in parts.

import * as v from 'valibot';
import { aimSchema, leftOutSchema, mostAtOnce, mostInstances, waves } from '../core/batch.ts';
import { itemStates } from '../core/batchProgress.ts';
import { presetIds } from '../core/tls/presets.ts';
import type { PresetId } from '../core/tls/presets.ts';
import type { BatchPart } from './batchParts.ts';

const text = v.string();
const optionalText = v.nullable(text);
const id = v.pipe(text, v.maxLength(2000));
const time = v.pipe(
  text,
  v.maxLength(40),
  v.check((iso) => !Number.isNaN(Date.parse(iso)), 'not a time'),
);

/** planned: nothing has begun. */
export const rowStates = ['planned', ...itemStates] as const;
export type RowState = (typeof rowStates)[number];

export const rowSchema = v.object({
  id: text,
  name: text,
  subscriptionName: text,
  tier: text,
  wave: v.picklist(waves),
  state: v.picklist(rowStates),
  leftOut: v.nullable(leftOutSchema),
  /** Whether its backends were read and probed with the planned offer. */
  check: v.picklist(['no', 'running', 'done', 'failed']),
  /** Settings that change. */
  changes: v.number(),
  blockers: v.number(),
  warnings: v.number(),
  /** Nothing overrides them: there is nothing that could be written, or nobody to take it. */
  absolute: v.boolean(),
  overridden: v.boolean(),
  /** ISO 8601, UTC. */
  startedAt: optionalText,
  endedAt: optionalText,
  /** Why it is left out or did not end as planned, in a sentence; or empty. */
  detail: text,
});
export type BatchRow = v.InferOutput<typeof rowSchema>;

const optionsSchema = v.object({
  limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostAtOnce)),
  stopOnFailure: v.boolean(),
  /** ISO 8601, UTC; null: after all others. */
  downtimeAt: v.nullable(time),
});
export type BatchOptions = v.InferOutput<typeof optionsSchema>;

export const batchStateSchema = v.object({
  phase: v.picklist(['planning', 'running', 'paused', 'ended']),
  /** The id under which it begins, or has begun. */
  batchId: text,
  /** Null: not chosen yet. */
  aim: v.nullable(aimSchema),
  /** ISO 8601, UTC; null while it is planned. */
  startedAt: optionalText,
  ...optionsSchema.entries,
  rows: v.array(rowSchema),
  /** Instances that have been checked, of how many; and hosts that have been probed. */
  checking: v.nullable(v.object({ done: v.number(), total: v.number(), hosts: v.number() })),
  /** Why it pauses, in a sentence; or empty. */
  pause: text,
  stopped: v.boolean(),
  /** Another window has it in hand: what is asked for here is passed on to it. */
  foreign: v.boolean(),
  /** That window was asked for something, and has not answered yet. */
  asked: v.boolean(),
  sample: v.boolean(),
  problem: text,
  notice: text,
});
export type BatchState = v.InferOutput<typeof batchStateSchema>;

/** The plan of one row, in sentences. */
export interface RowDetails {
  readonly changes: readonly string[];
  readonly findings: readonly { readonly severity: 'blocker' | 'warning' | 'note'; readonly text: string }[];
  /** What is not taken over or taken back, and why. */
  readonly left: readonly string[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

const batchId = v.pipe(text, v.maxLength(100));

/**
 * What the page keeps, so that it finds its batch or its plan again. VS Code writes it late: a plan may have begun since,
 * under the same id.
 */
export const keptBatchSchema = v.variant('kind', [
  v.object({ kind: v.literal('batch'), batchId }),
  v.object({
    kind: v.literal('plan'),
    batchId,
    instanceIds: v.pipe(v.array(id), v.maxLength(mostInstances)),
    aim: v.nullable(aimSchema),
    ...optionsSchema.entries,
  }),
]);
export type KeptBatch = v.InferOutput<typeof keptBatchSchema>;

/** What the page asks the host for. */
export type BatchToHost = {
  ready: () => BatchState;
  choosePreset: (argument: { preset: PresetId }) => void;
  /** The host asks which instance the settings are to be taken from. */
  chooseSource: () => void;
  setOptions: (argument: BatchOptions) => void;
  addInstances: () => void;
  remove: (argument: { id: string }) => void;
  details: (argument: { id: string }) => RowDetails;
  /** Reads all instances again and probes their backends with the planned offers, streams snapshots. */
  check: () => void;
  cancel: () => void;
  /** True where the name is that of the instance: its blockers are overridden. Another name takes that back. */
  override: (argument: { id: string; name: string }) => boolean;
  edit: (argument: { id: string }) => void;
  /** Confirms modally and begins. */
  start: () => void;
  pause: () => void;
  resume: () => void;
  /** For good, after a question. */
  stop: () => void;
  /** Opens the plan that takes all of it back. */
  undo: () => void;
  /** Opens a plan with the same aim for those that were not done. */
  planRest: () => void;
  save: (argument: { format: 'csv' | 'markdown' }) => void;
  dismiss: () => void;
  showLog: () => void;
};

/** What the host tells the page. */
export type BatchToWebview = {
  state: (state: BatchState) => void;
  /** What is other than in the state before. */
  part: (part: BatchPart) => void;
};

const nothing = v.optional(v.unknown());
const oneRow = v.object({ id });

/** The shape of every argument from the page; what does not fit is refused before a handler sees it. */
export const batchToHostSchemas = {
  ready: nothing,
  choosePreset: v.object({ preset: v.picklist(presetIds) }),
  chooseSource: nothing,
  setOptions: optionsSchema,
  addInstances: nothing,
  remove: oneRow,
  details: oneRow,
  check: nothing,
  cancel: nothing,
  override: v.object({ id, name: v.pipe(text, v.maxLength(200)) }),
  edit: oneRow,
  start: nothing,
  pause: nothing,
  resume: nothing,
  stop: nothing,
  undo: nothing,
  planRest: nothing,
  save: v.object({ format: v.picklist(['csv', 'markdown']) }),
  dismiss: nothing,
  showLog: nothing,
} satisfies Record<keyof BatchToHost, v.GenericSchema>;
