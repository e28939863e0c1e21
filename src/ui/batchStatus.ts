// One status bar item while changes of several instances run or are paused: how many of how many.

import { StatusBarAlignment, l10n, window } from 'vscode';
import type { Disposable } from 'vscode';
import { progressText } from '../core/batchText.ts';
import { isSettled, phaseOf } from '../core/batchProgress.ts';
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
    const ended = taking.filter(({ state }) => isSettled(state)).length;
    const paused = phaseOf(batch) === 'paused' || problem !== '';
    const text = paused
      ? l10n.t('TLS: paused, {0} of {1} instances', ended, taking.length)
      : l10n.t('TLS: {0} of {1} instances', ended, taking.length);
    item.text = `$(${paused ? 'debug-pause' : 'sync~spin'}) ${text}`;
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
