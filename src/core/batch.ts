// A change of several instances as it is written down: what was decided before it began, and what happens to it.

import * as v from 'valibot';
import { evidenceSchema } from './history.ts';
import { presetIds } from './tls/presets.ts';
import { tierRules } from './tls/tiers.ts';

const map = v.record(v.string(), v.string());

/** More than this is no longer read by anybody before it is started. */
export const mostInstances = 1000;
export const mostAtOnce = 10;

export const aimSchema = v.variant('kind', [
  v.object({ kind: v.literal('preset'), preset: v.picklist(presetIds) }),
  /** The settings as they are at another instance, where the tier of each one allows. */
  v.object({ kind: v.literal('copy'), instanceId: v.string(), instanceName: v.string() }),
  /** Back to the maps before an earlier change of several instances. */
  v.object({ kind: v.literal('undo'), batchId: v.string(), batchName: v.string() }),
]);
export type Aim = v.InferOutput<typeof aimSchema>;

/** 1: no downtime is documented for the tier. 2: nothing is documented. 3: the instance is down meanwhile. */
export type Wave = 1 | 2 | 3;
export const waves: readonly Wave[] = [1, 2, 3];

export function waveOf(tier: string): Wave {
  const { downtime } = tierRules(tier);
  return downtime === 'no' ? 1 : downtime === 'not stated' ? 2 : 3;
}

/**
 * unneeded: there is nothing to change. blocked: the plan has blockers, and nobody has overridden them. notRead: the
 * instance or its map could not be read.
 */
export const leftOutSchema = v.picklist(['unneeded', 'blocked', 'notRead']);
export type LeftOut = v.InferOutput<typeof leftOutSchema>;

export const batchItemSchema = v.object({
  instanceId: v.string(),
  name: v.string(),
  tier: v.string(),
  createdAt: v.nullable(v.string()),
  wave: v.picklist(waves),
  /** What the plan was made on. */
  base: v.object({ etag: v.nullable(v.string()), map }),
  /** The whole map to be written. */
  map,
  /** Its blockers were overridden by typing its name. */
  overridden: v.boolean(),
  /** Null: it takes part. */
  leftOut: v.nullable(leftOutSchema),
  /** What was shown of its plan when the change was confirmed. */
  evidence: v.optional(evidenceSchema),
});
export type BatchItem = v.InferOutput<typeof batchItemSchema>;

/** Written once, before anything begins. Holds no secret. */
export const batchPlanSchema = v.object({
  version: v.literal(1),
  id: v.string(),
  name: v.string(),
  /** ISO 8601, UTC. */
  startedAt: v.string(),
  aim: aimSchema,
  /** Most instances that change at one time. */
  limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostAtOnce)),
  /** Pauses as soon as an instance does not end as planned. */
  stopOnFailure: v.boolean(),
  /** When those that are down meanwhile may begin, ISO 8601, UTC; null: after all others. */
  downtimeAt: v.nullable(v.string()),
  items: v.pipe(v.array(batchItemSchema), v.maxLength(mostInstances)),
});
export type BatchPlan = v.InferOutput<typeof batchPlanSchema>;

/**
 * user: asked for. failure: one did not end as planned. blind: Azure cannot be asked, so that nothing can be seen.
 * late: the time for those that are down meanwhile has gone by with no window there.
 */
const pauseReason = v.picklist(['user', 'failure', 'blind', 'late']);
export type PauseReason = v.InferOutput<typeof pauseReason>;

const at = v.string();
/** `item` is the place in the plan. */
const attempt = { item: v.pipe(v.number(), v.integer(), v.minValue(0)), operationId: v.string() };
/** How the change of an instance ended: as in its history. */
const ended = v.picklist(['done', 'different', 'failed', 'refused', 'unknown']);

/** What happens, one line each; `at`: ISO 8601, UTC. */
export const batchEventSchema = v.variant('kind', [
  /** About to be written, by this operation. */
  v.object({ kind: v.literal('begun'), ...attempt, at }),
  /** Azure has it. */
  v.object({ kind: v.literal('accepted'), ...attempt, at }),
  /** Nothing was written; tried again later. `counts`: not for ever. */
  v.object({
    kind: v.literal('postponed'),
    ...attempt,
    notBefore: v.string(),
    counts: v.boolean(),
    detail: v.string(),
    at,
  }),
  v.object({ kind: v.literal('ended'), ...attempt, result: ended, detail: v.string(), at }),
  v.object({ kind: v.literal('paused'), why: pauseReason, detail: v.string(), at }),
  v.object({ kind: v.literal('resumed'), at }),
  /** For good: what has not begun stays as it is. */
  v.object({ kind: v.literal('stopped'), at }),
]);
export type BatchEvent = v.InferOutput<typeof batchEventSchema>;
export type EndedResult = v.InferOutput<typeof ended>;

/** What a user may ask of a change that has begun. */
export type Wish = 'pause' | 'resume' | 'stop';

/** What a wish is in the journal. @param at ISO 8601, UTC */
export function wishEvent(wish: Wish, at: string): BatchEvent {
  switch (wish) {
    case 'pause':
      return { kind: 'paused', why: 'user', detail: '', at };
    case 'resume':
      return { kind: 'resumed', at };
    case 'stop':
      return { kind: 'stopped', at };
  }
}

/** The lines of a journal, oldest first. A line that was cut costs that line only, and is counted. */
export function readJournal(text: string): { readonly events: readonly BatchEvent[]; readonly unreadable: number } {
  const events: BatchEvent[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = v.safeParse(batchEventSchema, parseJson(line));
    if (parsed.success) events.push(parsed.output);
    else unreadable += 1;
  }
  return { events, unreadable };
}

/** The line to append. Begins with a line break, so that a line cut in half before it stays alone. */
export function journalLine(event: BatchEvent): string {
  return `\n${JSON.stringify(event)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
