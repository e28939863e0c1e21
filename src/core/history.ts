// Changes that were made, or are being made, to an instance. Plain data: files, panel and tree show the same.

import * as v from 'valibot';
import { aftermathSchema } from './changeWatch.ts';

const map = v.record(v.string(), v.string());

/** What was known when the change was confirmed, kept with it. Sentences are in the language of that time. */
export const evidenceSchema = v.object({
  /** Findings of the plan that were shown and acknowledged. */
  findings: v.array(v.object({ severity: v.picklist(['blocker', 'warning', 'note']), text: v.string() })),
  /** The instance's name was typed to go on in spite of blockers. */
  overridden: v.boolean(),
  /** Backend hosts, and how many of them were probed before; null: they could not be read. */
  backends: v.nullable(v.object({ hosts: v.number(), probed: v.number() })),
});
export type Evidence = v.InferOutput<typeof evidenceSchema>;

/** An operation that Azure is still carrying out. Holds no secret: a resource address, texts of settings, times. */
export const operationSchema = v.object({
  id: v.string(),
  instanceId: v.string(),
  instanceName: v.string(),
  tenantId: v.string(),
  kind: v.picklist(['change', 'undo']),
  /** ISO 8601, UTC. */
  startedAt: v.string(),
  /** The account that the change is made with, as it is shown. */
  who: v.optional(v.string()),
  before: map,
  sent: map,
  /** The SDK's serialised poller; null until Azure has accepted the request. */
  resume: v.nullable(v.string()),
  /** Part of a change of several instances. */
  batchId: v.optional(v.string()),
  evidence: v.optional(evidenceSchema),
});
export type Operation = v.InferOutput<typeof operationSchema>;

/**
 * running: not ended yet. done: read back as sent. different: ended, yet the map read back is not the one sent.
 * failed: Azure said so. refused: nothing was written. unknown: was followed no further (the reason says why).
 */
export const resultSchema = v.picklist(['running', 'done', 'different', 'failed', 'refused', 'unknown']);
export type OperationResult = v.InferOutput<typeof resultSchema>;

export const historyEntrySchema = v.object({
  /** The id of the operation; a later line with the same id replaces an earlier one. */
  id: v.string(),
  instanceId: v.string(),
  kind: v.picklist(['change', 'undo']),
  startedAt: v.string(),
  endedAt: v.nullable(v.string()),
  /** The account that the change was made with, as it is shown. */
  who: v.string(),
  before: map,
  /** The map that was sent. */
  after: map,
  result: resultSchema,
  /** Keys that differ, or the reason in Azure's words. */
  detail: v.string(),
  /** The change of several instances that it was part of. */
  batchId: v.optional(v.string()),
  /** The map that was read back, where it is not word for word the one that was sent. */
  found: v.optional(map),
  evidence: v.optional(evidenceSchema),
  /** What was seen at the gateway's hosts and in its logs since. */
  aftermath: v.optional(aftermathSchema),
});
export type HistoryEntry = v.InferOutput<typeof historyEntrySchema>;

/**
 * The entries of a history file: one JSON value a line, newest last. Lines that cannot be read are counted, never
 * thrown away by the caller: only whole lines are appended.
 */
export function readHistory(text: string): { readonly entries: readonly HistoryEntry[]; readonly unreadable: number } {
  const byId = new Map<string, HistoryEntry>();
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = v.safeParse(historyEntrySchema, parseJson(line));
    if (parsed.success) {
      byId.delete(parsed.output.id);
      byId.set(parsed.output.id, parsed.output);
    } else unreadable += 1;
  }
  const entries = [...byId.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return { entries, unreadable };
}

/** The line to append for an entry. Begins with a line break, so that a line cut in half before it stays alone. */
export function historyLine(entry: HistoryEntry): string {
  return `\n${JSON.stringify(entry)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
