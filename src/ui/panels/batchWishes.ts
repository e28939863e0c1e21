// What a page of several instances asks for next: its change as it is written down, to take it back, the rest again.

import { l10n } from 'vscode';
import type { Aim, BatchItem, BatchPlan } from '../../core/batch.ts';
import { isPast } from '../../core/batchDowntime.ts';
import type { Batch } from '../../core/batchProgress.ts';
import { aimText, zonedText } from '../../core/batchText.ts';
import { undoable } from '../../flows/planBatch.ts';
import type { BatchOptions } from '../../messages/batch.ts';
import type { BatchWish } from '../batchDoor.ts';
import { told } from '../errors.ts';

/** Throws a sentence where no instance would change, or where the time that was chosen has passed. */
export function planOf(id: string, aim: Aim, options: BatchOptions, items: BatchItem[]): BatchPlan {
  if (!items.some(({ leftOut }) => leftOut === null))
    throw told(l10n.t('There is nothing to change: each instance has these settings already, or is left out.'));
  const now = new Date();
  // A time for nobody is no time.
  const anyDown = items.some(({ leftOut, wave }) => leftOut === null && wave === 3);
  const downtimeAt = anyDown ? options.downtimeAt : null;
  if (downtimeAt !== null && isPast(downtimeAt, now.getTime()))
    throw told(
      l10n.t(
        'The time that was chosen for instances that are down meanwhile has passed: {0}. Choose a later one, or let them come last.',
        zonedText(downtimeAt),
      ),
    );
  return { version: 1, id, name: aimText(aim), startedAt: now.toISOString(), aim, ...options, downtimeAt, items };
}

/** Throws a sentence where no instance was changed. */
export function undoWish(batch: Batch): BatchWish {
  const instanceIds = undoable(batch).map(({ instanceId }) => instanceId);
  if (instanceIds.length === 0) throw told(l10n.t('There is nothing to undo: no instance was changed.'));
  const { id, name } = batch.plan;
  return { instanceIds, aim: { kind: 'undo', batchId: id, batchName: name } };
}

/** The same aim for those that were not done. */
export function restWish({ plan, items }: Batch): BatchWish {
  const rest = plan.items.filter((_, index) => !['done', 'leftOut'].includes(items[index]?.state ?? ''));
  return { instanceIds: rest.map(({ instanceId }) => instanceId), aim: plan.aim };
}
