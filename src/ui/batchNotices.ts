// What the user is told of a change of several instances while its page may be closed: once, about all of them.

import { l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { aimText, pauseText, progressText } from '../core/batchText.ts';
import { countsOf } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';

export async function sayEnded(batch: Batch, log: LogOutputChannel, show: () => void): Promise<void> {
  const { failed, different, unknown, refused } = countsOf(batch.items);
  const sentence = `${aimText(batch.plan.aim)}: ${progressText(batch)}`;
  log.info(sentence);
  const open = l10n.t('Show');
  const well = failed + different + unknown + refused === 0;
  const say = well ? window.showInformationMessage(sentence, open) : window.showWarningMessage(sentence, open);
  if ((await say) === open) show();
}

export async function sayBroken(problem: string, show: () => void): Promise<void> {
  const open = l10n.t('Show');
  if ((await window.showErrorMessage(problem, open)) === open) show();
}

/** One that was paused when its window was closed, or that pauses by itself. */
export async function offerPaused(
  batch: Batch,
  { show, resume }: { readonly show: () => void; readonly resume: () => Promise<void> },
): Promise<void> {
  const open = l10n.t('Show');
  const goOn = l10n.t('Resume');
  const sentence = l10n.t(
    'A change of several instances is paused: {0}. {1}',
    aimText(batch.plan.aim),
    progressText(batch),
  );
  const { paused } = batch;
  const choice = await (paused === null || paused.why === 'user'
    ? window.showInformationMessage(sentence, goOn, open)
    : window.showWarningMessage(`${sentence} ${pauseText(paused)}`, goOn, open));
  if (choice === open) show();
  if (choice === goOn) await resume();
}
