// What the user is asked about a change of several instances: which ones, whose settings, whether to begin, whether to stop.

import { l10n, window } from 'vscode';
import { mostInstances, waves } from '../../core/batch.ts';
import type { BatchPlan } from '../../core/batch.ts';
import { aimText, leftOutText, totalCostText, waveText } from '../../core/batchText.ts';
import { countsOf } from '../../core/batchProgress.ts';
import type { Batch } from '../../core/batchProgress.ts';
import { idKey } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { summaryText } from '../../core/wording.ts';
import type { Services } from '../services.ts';

function choices(instances: readonly Instance[]) {
  return [...instances]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((instance) => ({
      label: instance.name,
      description: `${instance.tier}, ${instance.location}`,
      detail: summaryText(instance),
      instance,
    }));
}

const byAll = { matchOnDescription: true, matchOnDetail: true };

export async function askForSource(services: Services): Promise<Instance | undefined> {
  const known = services.estate.instances.filter(({ customProperties }) => customProperties !== null);
  const title = l10n.t('Take the settings of');
  return (await window.showQuickPick(choices(known), { title, ...byAll }))?.instance;
}

/** Ids that are not yet among those that were chosen. */
export async function askForInstances(services: Services, chosen: readonly string[]): Promise<readonly string[]> {
  const taken = new Set(chosen.map(idKey));
  const others = services.estate.instances.filter(({ id }) => !taken.has(idKey(id)));
  const title = l10n.t('Add instances');
  const picked = await window.showQuickPick(choices(others), { title, canPickMany: true, ...byAll });
  return (picked ?? []).slice(0, mostInstances - chosen.length).map(({ instance }) => instance.id);
}

/** Once, with the totals. @param unchecked how many of those that take part were not checked */
export async function askToStart(plan: BatchPlan, unchecked: number): Promise<boolean> {
  const taking = plan.items.filter(({ leftOut }) => leftOut === null);
  const count = (why: string) => plan.items.filter(({ leftOut }) => leftOut === why).length;
  const left = (['unneeded', 'blocked', 'notRead'] as const)
    .filter((why) => count(why) > 0)
    .map((why) => l10n.t('Left out: {0}. {1}', count(why), leftOutText(why)));
  const overridden = taking.filter((item) => item.overridden).length;
  const detail = [
    aimText(plan.aim),
    ...waves.flatMap((wave) => {
      const inWave = taking.filter((item) => item.wave === wave).length;
      return inWave === 0 ? [] : [`• ${l10n.t('Wave {0}', waveText(wave))}: ${inWave}`];
    }),
    '',
    totalCostText(taking, plan.limit, plan.downtimeAt),
    ...left,
    ...(unchecked > 0 ? [l10n.t('Not checked, nor their backends: {0}.', unchecked)] : []),
    ...(overridden > 0 ? [l10n.t('With blockers that are overridden: {0}.', overridden)] : []),
    ...(plan.stopOnFailure ? [l10n.t('It pauses at the first instance that does not end as planned.')] : []),
  ].join('\n');
  const question =
    taking.length === 1
      ? l10n.t('Change the TLS settings of 1 instance?')
      : l10n.t('Change the TLS settings of {0} instances?', taking.length);
  const start = plan.aim.kind === 'undo' ? l10n.t('Undo all') : l10n.t('Change all');
  return (await window.showWarningMessage(question, { modal: true, detail }, start)) === start;
}

export async function askToStop(batch: Batch): Promise<boolean> {
  const { waiting, writing, running } = countsOf(batch.items);
  const detail = [
    l10n.t('Instances that have not begun stay as they are: {0}.', waiting),
    l10n.t('Azure finishes those that it is changing: {0}.', writing + running),
    l10n.t('What was changed stays changed and can be undone.'),
  ].join('\n');
  const stop = l10n.t('Stop for good');
  return (await window.showWarningMessage(l10n.t('Stop this change?'), { modal: true, detail }, stop)) === stop;
}
