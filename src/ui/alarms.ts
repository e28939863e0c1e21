// Messages on changes that do not do what they should: one at once, those that follow within a minute together.

import { commands, env, l10n, window } from 'vscode';
import type { ChangeWatch } from '../core/changeWatch.ts';
import { alarmSentence, leftBehindSentence } from '../core/changeWatchText.ts';
import { namesText } from '../core/wording.ts';

export interface Alarm {
  /** hosts: some still behave as before. failures: the logs have new ones. */
  readonly what: 'hosts' | 'failures';
  readonly watch: ChangeWatch;
}

export interface Alarms {
  tell(alarm: Alarm): void;
  dispose(): void;
}

/** A change of several instances could otherwise bring a message for each of them. */
const apartMs = 60_000;

/** @param undo takes a change back, with its check and its confirmation */
export function openAlarms(undo: (watch: ChangeWatch) => Promise<void>): Alarms {
  let waiting: readonly Alarm[] = [];
  let timer: NodeJS.Timeout | undefined;
  const show = () => {
    const alarms = waiting;
    waiting = [];
    timer = undefined;
    const [first, ...more] = alarms;
    if (!first) return;
    timer = setTimeout(show, apartMs);
    void (more.length === 0 ? showOne(first, undo) : showSeveral(alarms));
  };
  return {
    tell: (alarm) => {
      waiting = [...waiting, alarm];
      if (timer === undefined) show();
    },
    dispose: () => clearTimeout(timer),
  };
}

export function alarmText({ what, watch }: Alarm): string {
  const time = (iso: string) => new Date(iso).toLocaleTimeString(env.language, { timeStyle: 'short' });
  return what === 'hosts' ? leftBehindSentence(watch) : alarmSentence(watch, time);
}

async function showOne(alarm: Alarm, takeBack: (watch: ChangeWatch) => Promise<void>): Promise<void> {
  const { what, watch } = alarm;
  const undo = l10n.t('Undo');
  const show = l10n.t('Show');
  // Taking back an undo would bring the change back, which nobody asked for.
  const buttons = what === 'failures' && watch.kind === 'change' ? [undo, show] : [show];
  const choice = await window.showWarningMessage(alarmText(alarm), ...buttons);
  if (choice === undo) await takeBack(watch);
  if (choice === show) await commands.executeCommand('apimTls.edit', watch.instanceId);
}

async function showSeveral(alarms: readonly Alarm[]): Promise<void> {
  const names = [...new Set(alarms.map(({ watch }) => watch.instanceName))];
  const show = l10n.t('Show');
  const sentence =
    names.length === 1
      ? l10n.t('Several things do not look right after the change of {0}.', names[0] ?? '')
      : l10n.t('{0} instances do not look right after their change: {1}.', names.length, namesText(names));
  if ((await window.showWarningMessage(sentence, show)) !== show) return;
  const items = alarms.map((alarm) => ({ label: alarm.watch.instanceName, detail: alarmText(alarm), alarm }));
  const picked = await window.showQuickPick(items, { title: l10n.t('After the last changes'), matchOnDetail: true });
  if (picked) await commands.executeCommand('apimTls.edit', picked.alarm.watch.instanceId);
}
