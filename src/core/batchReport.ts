// What a change of several instances came to, as a file: Markdown for people, CSV for spreadsheets.

import * as l10n from '@vscode/l10n';
import type { Batch } from './batchProgress.ts';
import { aimText, itemDetail, itemStateText, progressText, waveText } from './batchText.ts';
import { csvFile } from './csv.ts';
import { code, heading, list, plain, table } from './markdown.ts';
import { changesBetween } from './tls/draft.ts';
import type { Change } from './tls/draft.ts';
import { readSettings } from './tls/settings.ts';
import type { BatchItem } from './batch.ts';
import { changeText } from './settingText.ts';

/** What differs between the map that the plan was made on and the one to be written. */
export function changesOf({ base, map, tier, createdAt }: BatchItem): readonly Change[] {
  const states = (customProperties: BatchItem['map']) => readSettings({ customProperties, tier, createdAt });
  return changesBetween(states(base.map), states(map));
}

function columns(): readonly string[] {
  return [
    l10n.t('Instance'),
    l10n.t('Tier'),
    l10n.t('Wave'),
    l10n.t('State'),
    l10n.t('Changes'),
    l10n.t('Began (UTC)'),
    l10n.t('Ended (UTC)'),
    l10n.t('Reason'),
    l10n.t('Resource ID'),
  ];
}

function rows({ plan, items }: Batch): readonly (readonly string[])[] {
  return plan.items.map((item, index) => {
    const progress = items[index];
    if (!progress) return [];
    return [
      item.name,
      item.tier,
      waveText(item.wave),
      itemStateText(progress.state),
      changesOf(item).map(changeText).join('; '),
      progress.startedAt ?? '',
      progress.endedAt ?? '',
      itemDetail(item, progress),
      item.instanceId,
    ];
  });
}

export function batchCsv(batch: Batch): string {
  return csvFile([columns(), ...rows(batch)]);
}

export function batchMarkdown(batch: Batch): string {
  const { plan } = batch;
  const facts = [
    l10n.t('Began: {0}', plan.startedAt),
    progressText(batch),
    l10n.t('At most {0} instances at once.', plan.limit),
    ...(plan.downtimeAt === null
      ? []
      : [l10n.t('Instances that are down meanwhile: not before {0}.', plan.downtimeAt)]),
    ...(batch.stopped ? [l10n.t('It was stopped before all of them had begun.')] : []),
  ];
  return [
    ...heading(1, plain(l10n.t('TLS settings of several instances: {0}', aimText(plan.aim)))),
    ...list(facts),
    '',
    ...table(
      columns().map(plain),
      rows(batch).map((cells) => cells.map((text, at) => (at === 0 || at === 8 ? code(text) : plain(text)))),
    ),
    '',
  ].join('\n');
}
