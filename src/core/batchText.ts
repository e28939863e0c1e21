// A change of several instances in words: aims, states, costs, why it pauses. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { waves } from './batch.ts';
import type { Aim, BatchItem, LeftOut, Wave } from './batch.ts';
import { countsOf, hasEnded } from './batchProgress.ts';
import type { Batch, ItemState } from './batchProgress.ts';
import { isPast } from './batchDowntime.ts';
import { agoText } from './time.ts';
import { durationText, presetLabel } from './wording.ts';

/** What Azure documents for one change: "15 to 45 minutes or longer". */
const changeMinutes = { least: 15, most: 45 };

export function aimText(aim: Aim): string {
  switch (aim.kind) {
    case 'preset':
      return l10n.t('Preset: {0}', presetLabel(aim.preset));
    case 'copy':
      return l10n.t('Settings of {0}', aim.instanceName);
    case 'undo':
      return l10n.t('Undo: {0}', aim.batchName);
  }
}

export function itemStateText(state: ItemState): string {
  const texts: Record<ItemState, string> = {
    waiting: l10n.t('Waiting'),
    writing: l10n.t('Being written'),
    running: l10n.t('Being changed'),
    done: l10n.t('Done'),
    different: l10n.t('Ended differently'),
    failed: l10n.t('Failed'),
    refused: l10n.t('Not written'),
    unknown: l10n.t('Outcome unknown'),
    leftOut: l10n.t('Left out'),
    stopped: l10n.t('Not begun'),
  };
  return texts[state];
}

export function leftOutText(why: LeftOut): string {
  const texts: Record<LeftOut, string> = {
    unneeded: l10n.t('It already has these settings.'),
    blocked: l10n.t('Its plan has blockers.'),
    notRead: l10n.t('Its settings could not be read.'),
  };
  return texts[why];
}

export function waveText(wave: Wave): string {
  const texts: Record<Wave, string> = {
    1: l10n.t('1: no downtime is documented'),
    2: l10n.t('2: downtime is not documented'),
    3: l10n.t('3: down meanwhile'),
  };
  return texts[wave];
}

/** "15 to 45 min", for one instance. */
export function itemCostText(wave: Wave): string {
  const time = rangeText(1);
  switch (wave) {
    case 1:
      return l10n.t('{0}, no downtime documented', time);
    case 2:
      return l10n.t('{0}, downtime not documented', time);
    case 3:
      return l10n.t('{0}, down meanwhile', time);
  }
}

/** So many rounds, one after the other. */
function rangeText(rounds: number): string {
  const { least, most } = changeMinutes;
  const minutes = (count: number) => durationText(count * 60_000);
  if (rounds === 1) return l10n.t('{0} to {1} min', least, most);
  return l10n.t('{0} to {1}', minutes(rounds * least), minutes(rounds * most));
}

/**
 * How long all of it takes, and for whom it means downtime.
 * @param downtimeAt when the last wave begins by itself; null: after the others
 */
export function totalCostText(
  items: readonly { readonly wave: Wave }[],
  limit: number,
  downtimeAt: string | null,
): string {
  if (items.length === 0) return l10n.t('Nothing to change.');
  const count = (wave: Wave) => items.filter((item) => item.wave === wave).length;
  const rounds = waves
    .filter((wave) => wave < 3 || downtimeAt === null)
    .reduce((sum, wave) => sum + Math.ceil(count(wave) / limit), 0);
  const time =
    rounds === 0
      ? ''
      : Math.min(limit, items.length) === 1
        ? l10n.t('{0}, one instance at a time, sometimes longer.', rangeText(rounds))
        : l10n.t('{0} at {1} instances at once, sometimes longer.', rangeText(rounds), Math.min(limit, items.length));
  const down = count(3);
  const downtime =
    down === 0
      ? ''
      : down === 1
        ? l10n.t('1 instance is down while it changes.')
        : l10n.t('{0} instances are down while they change.', down);
  const later =
    down === 0 || downtimeAt === null
      ? ''
      : down === 1
        ? l10n.t('It begins on {0}.', zonedText(downtimeAt))
        : l10n.t('They begin on {0}.', zonedText(downtimeAt));
  return [time, downtime, later].filter((part) => part !== '').join(' ');
}

/** Date, time of day and time zone of this machine: "Sat, Nov 21, 2026, 10:00 PM GMT+1". */
export function zonedText(iso: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/**
 * What the time means that is chosen for those that are down meanwhile, while it is chosen.
 * @param now milliseconds since 1970
 */
export function chosenTimeText(downtimeAt: string, now: number): string {
  if (isPast(downtimeAt, now)) return l10n.t('This time has passed. Choose a later one.');
  return l10n.t(
    '{0}, {1}. VS Code must be open then, and the machine awake: more than an hour later they do not begin by themselves, but it pauses and asks.',
    zonedText(downtimeAt),
    agoText(downtimeAt, now),
  );
}

/** The same once it has begun, while some of them wait. */
export function waitForTimeText(downtimeAt: string, now: number): string {
  return isPast(downtimeAt, now)
    ? l10n.t(
        'Instances that are down meanwhile begin as soon as there is a place: their time was {0}.',
        zonedText(downtimeAt),
      )
    : l10n.t('Instances that are down meanwhile begin on {0}, {1}.', zonedText(downtimeAt), agoText(downtimeAt, now));
}

export function pauseText(paused: NonNullable<Batch['paused']>): string {
  switch (paused.why) {
    case 'user':
      return l10n.t('Paused. Nothing new begins; what Azure is changing goes on.');
    case 'failure':
      return l10n.t('Paused, because {0} did not end as planned. Look at it, then resume or stop.', paused.detail);
    case 'blind':
      return l10n.t('Paused, because Azure cannot be asked. {0}', paused.detail);
    case 'late':
      return l10n.t(
        'Paused, because {0}, the time for those that are down meanwhile, went by with no window open, or with the machine asleep. Resume to begin them now. Or stop, and plan the rest again for another time.',
        zonedText(paused.detail),
      );
  }
}

export function lostText(name: string, why: string): string {
  return l10n.t('The change of {0} may still be running and cannot be followed now. {1}', name, why);
}

export function untraceableText(): string {
  return l10n.t(
    'What became of the change cannot be told: it is in no record. Refresh the instance to see its settings.',
  );
}

/** "12 of 40 instances settled: 11 done, 1 failed." */
export function progressText(batch: { readonly items: readonly { readonly state: ItemState }[] }): string {
  const taking = batch.items.filter(({ state }) => state !== 'leftOut');
  const ended = taking.filter(({ state }) => hasEnded(state)).length;
  const counts = countsOf(taking);
  const parts = (Object.keys(counts) as ItemState[])
    .filter((state) => counts[state] > 0 && state !== 'waiting')
    .map((state) => `${itemStateText(state)}: ${counts[state]}`);
  const head = l10n.t('{0} of {1} instances have ended.', ended, taking.length);
  return parts.length === 0 ? head : `${head} ${parts.join(', ')}.`;
}

/** The reason beside the state of an item; empty where there is none. */
export function itemDetail(item: BatchItem, progress: Batch['items'][number]): string {
  return item.leftOut === null ? progress.detail : leftOutText(item.leftOut);
}
