// A change of several instances that has begun, as rows of its page and as a file.

import { Uri, l10n, window, workspace } from 'vscode';
import type { BatchItem } from '../../core/batch.ts';
import type { Batch } from '../../core/batchProgress.ts';
import { batchCsv, batchMarkdown, changesOf } from '../../core/batchReport.ts';
import { itemDetail } from '../../core/batchText.ts';
import type { BatchRow } from '../../messages/batch.ts';
import type { Estate } from '../estate.ts';

/** Gives the rows of a batch; what never changes of them is worked out once. */
export function begunRows(estate: Estate): (batch: Batch) => BatchRow[] {
  const counts = new WeakMap<BatchItem, number>();
  const changeCount = (item: BatchItem): number => {
    const known = counts.get(item) ?? changesOf(item).length;
    counts.set(item, known);
    return known;
  };
  return (batch) =>
    batch.plan.items.flatMap((item, index) => {
      const progress = batch.items[index];
      if (!progress) return [];
      const instance = estate.instance(item.instanceId);
      return {
        id: item.instanceId,
        name: item.name,
        subscriptionName: instance ? estate.subscriptionName(instance.subscriptionId) : '',
        tier: item.tier,
        wave: item.wave,
        state: progress.state,
        leftOut: item.leftOut,
        check: 'no',
        changes: changeCount(item),
        // As they were shown when it was confirmed.
        blockers: found(item, 'blocker'),
        warnings: found(item, 'warning'),
        absolute: false,
        overridden: item.overridden,
        startedAt: progress.startedAt,
        endedAt: progress.endedAt,
        detail: itemDetail(item, progress),
      };
    });
}

function found({ evidence }: BatchItem, wanted: 'blocker' | 'warning'): number {
  return evidence?.findings.filter(({ severity }) => severity === wanted).length ?? 0;
}

/** Asks where to. Undefined: the user gave up. */
export async function saveReport(batch: Batch, format: 'csv' | 'markdown'): Promise<Uri | undefined> {
  const name = `tls-${batch.plan.startedAt.slice(0, 16).replace(/[^\d]/g, '-')}.${format === 'csv' ? 'csv' : 'md'}`;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
    filters: format === 'csv' ? { CSV: ['csv'] } : { Markdown: ['md'] },
    title: l10n.t('Save the report'),
  });
  if (!uri) return undefined;
  const text = format === 'csv' ? batchCsv(batch) : batchMarkdown(batch);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}
