// The setting apimTls.tierOverrides over the instances that are shown: followed as it changes, its mistakes told once.

import { commands, l10n, window, workspace } from 'vscode';
import type { Disposable, LogOutputChannel } from 'vscode';
import type { Instance } from '../core/instance.ts';
import { readTierOverrides, withOverrides } from '../core/tls/tierOverrides.ts';
import type { Estate } from './estate.ts';

const setting = 'apimTls.tierOverrides';

const read = () => readTierOverrides(workspace.getConfiguration('apimTls').get('tierOverrides'));

/** Gives to instances what the setting says now; it is read once for all of them. */
export function byTierOverrides(): (instance: Instance) => Instance {
  const { overrides } = read();
  return (instance) => withOverrides(instance, overrides);
}

/** Tells what is wrong with the setting, now and whenever it changes, and brings the estate in line with it. */
export function watchTierOverrides(estate: Estate, log: LogOutputChannel): Disposable {
  const tell = () => void tellProblems(log);
  tell();
  return workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('apimTls.tierOverrides')) return;
    tell();
    estate.change(byTierOverrides());
  });
}

async function tellProblems(log: LogOutputChannel): Promise<void> {
  const { problems } = read();
  if (problems.length === 0) return;
  for (const problem of problems) log.warn(problem);
  const open = l10n.t('Open settings');
  const more = problems.length > 2 ? [l10n.t('{0} more are in the log.', problems.length - 2)] : [];
  if ((await window.showWarningMessage([...problems.slice(0, 2), ...more].join(' '), open)) === open)
    await commands.executeCommand('workbench.action.openSettings', setting);
}
