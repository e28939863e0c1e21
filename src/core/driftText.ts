// Sentences on drift: what changed, for better or worse, and who wrote to the instance. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { activityDays, callersOf, effectiveWrites } from './activity.ts';
import type { Activity } from './activity.ts';
import { changesOf, gradeOfChange, gradeOfKey, otherKeys } from './drift.ts';
import type { Drift, DriftGrade } from './drift.ts';
import type { Instance } from './instance.ts';
import { shortKey } from './tls/customProperties.ts';
import { changeText } from './settingText.ts';
import { namesText } from './wording.ts';

export function gradeText(grade: DriftGrade): string {
  const texts: Record<DriftGrade, string> = {
    weaker: l10n.t('Weaker than before'),
    stronger: l10n.t('Stronger than before'),
    other: l10n.t('Different than before'),
    same: l10n.t('Stated in another way, with the same effect'),
  };
  return texts[grade];
}

/** One line for each change, settings first; then keys that say nothing of a setting. */
export function driftLines(
  drift: { readonly since: Pick<Drift['since'], 'map'> } & Pick<Drift, 'map' | 'keys'>,
  instance: Pick<Instance, 'tier' | 'createdAt'>,
): { readonly text: string; readonly grade: DriftGrade }[] {
  const changes = changesOf(instance, drift.since.map, drift.map);
  const text = (value: string | null) => value ?? l10n.t('left out');
  return [
    ...changes.map((change) => ({ text: changeText(change), grade: gradeOfChange(change) })),
    ...otherKeys(drift.keys, changes).map((difference) => ({
      text: l10n.t('{0}: {1} → {2}', shortKey(difference.key), text(difference.before), text(difference.after)),
      grade: gradeOfKey(difference),
    })),
  ];
}

/** The first two changes, and how many more. What takes effect comes first. */
export function driftSentence(
  drift: { readonly since: Pick<Drift['since'], 'map'> } & Pick<Drift, 'map' | 'keys'>,
  instance: Pick<Instance, 'tier' | 'createdAt'>,
): string {
  const order: readonly DriftGrade[] = ['weaker', 'stronger', 'other', 'same'];
  const lines = driftLines(drift, instance).sort((a, b) => order.indexOf(a.grade) - order.indexOf(b.grade));
  return namesText(
    lines.map(({ text }) => text),
    2,
  );
}

/** @param when a moment (ISO 8601) as people read it, such as "3 days ago" */
export function writersText(activity: Activity, when: (iso: string) => string): string {
  if (activity.state === 'noPermission')
    return l10n.t(
      'Who did it cannot be told: the account may not read the Activity Log ({0} on {1}).',
      activity.action,
      activity.scope,
    );
  const writes = effectiveWrites(activity.writes);
  const cut = activity.cut ? [l10n.t('The log was not read as far back: it keeps {0} days.', activityDays)] : [];
  const [last] = writes;
  if (!last)
    return [
      l10n.t(
        'The Activity Log has no write of this instance from that time. New entries take up to 20 minutes, and what Azure does by itself may not be in it.',
      ),
      ...cut,
    ].join(' ');
  const callers = callersOf(writes);
  const nameOf = (caller: string) => (caller === '' ? l10n.t('somebody whom the log does not name') : caller);
  if (callers.length > 1) {
    const names = callers.map((caller) => {
      const own = writes.find((write) => write.caller.toLowerCase() === caller.toLowerCase());
      return l10n.t('{0} ({1})', nameOf(caller), when(own?.at ?? last.at));
    });
    return [
      l10n.t(
        'Several have written to the instance in that time: {0}. Which of them changed these settings is not in the log.',
        namesText(names),
      ),
      ...cut,
    ].join(' ');
  }
  const who = nameOf(last.caller);
  const text =
    writes.length === 1
      ? l10n.t('The only write of the instance in that time: {0}, {1}.', who, when(last.at))
      : l10n.t('All {0} writes of the instance in that time: {1}, the last {2}.', writes.length, who, when(last.at));
  return [text, ...cut].join(' ');
}
