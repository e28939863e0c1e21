// One status bar item while changes of several instances run or are paused: how many of how many.

import { StatusBarAlignment, l10n, window } from 'vscode';
import type { Disposable } from 'vscode';
import { progressText } from '../core/batchText.ts';
import { hasEnded, isActive, nextOf, phaseOf } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';
import { momentText } from '../core/time.ts';
import type { Batches } from './batches.ts';

export function showBatchStatus(batches: Pick<Batches, 'open' | 'onDidChange'>): Disposable {
  const item = window.createStatusBarItem('apimTls.batches', StatusBarAlignment.Left, 49);
  item.name = l10n.t('API Management TLS changes of several instances');
  item.command = 'apimTls.showBatches';

  function draw(): void {
    const [first] = batches.open();
    if (!first) return item.hide();
    const { batch, problem } = first;
    const taking = batch.items.filter(({ state }) => state !== 'leftOut');
    const ended = taking.filter(({ state }) => hasEnded(state)).length;
    const paused = phaseOf(batch) === 'paused' || problem !== '';
    const waitsUntil = paused ? null : timeOfNext(batch);
    const text = paused
      ? l10n.t('TLS: paused, {0} of {1} instances', ended, taking.length)
      : waitsUntil !== null
        ? l10n.t('TLS: {0} of {1} instances, goes on {2}', ended, taking.length, momentText(waitsUntil))
        : l10n.t('TLS: {0} of {1} instances', ended, taking.length);
    item.text = `$(${paused ? 'debug-pause' : waitsUntil !== null ? 'clock' : 'sync~spin'}) ${text}`;
    item.accessibilityInformation = { label: text };
    item.tooltip = problem === '' ? progressText(batch) : problem;
    item.show();
  }

  const subscription = batches.onDidChange(draw);
  return {
    dispose: () => {
      subscription.dispose();
      item.dispose();
    },
  };
}

/** ISO 8601, where nothing is at work and the next one waits for its time. */
function timeOfNext(batch: Batch): string | null {
  if (batch.items.some(({ state }) => isActive(state))) return null;
  const { wakeAt } = nextOf(batch, Date.now());
  return wakeAt === null ? null : new Date(wakeAt).toISOString();
}
