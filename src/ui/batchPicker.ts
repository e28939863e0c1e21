// The list of changes of several instances to choose from: those that run, are paused or have ended.

import { l10n, window } from 'vscode';
import type { Batch } from '../core/batchProgress.ts';
import { aimText, progressText } from '../core/batchText.ts';

/** The id of the one that was chosen; undefined: none was. */
export async function pickBatch(batches: readonly Batch[]): Promise<string | undefined> {
  if (batches.length === 0) {
    void window.showInformationMessage(l10n.t('No change of several instances was made from here yet.'));
    return undefined;
  }
  const items = batches.map((batch) => ({
    label: aimText(batch.plan.aim),
    description: new Date(batch.plan.startedAt).toLocaleString(),
    detail: progressText(batch),
    id: batch.plan.id,
  }));
  return (await window.showQuickPick(items, { title: l10n.t('Changes of several instances') }))?.id;
}
