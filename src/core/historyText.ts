// Entries of the history for people: sentences, Markdown, CSV and JSON. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { failureRowText, gatewayNameText, hostStateText, vanishedText } from './changeWatchText.ts';
import { csvFile } from './csv.ts';
import { changesOf, gradeOfKey, otherKeys } from './drift.ts';
import type { HistoryEntry } from './history.ts';
import type { CustomProperties, Instance } from './instance.ts';
import { code, heading, list, plain, table } from './markdown.ts';
import { differences, shortKey, textOf } from './tls/customProperties.ts';
import { settingById } from './tls/settings.ts';
import type { SettingValue } from './tls/settings.ts';
import { changeText } from './settingText.ts';
import { durationText, namesText, resultText, severityText } from './wording.ts';

/** What decides how a map is read; of an instance that is not there any more nothing is known. */
export type Reading = Pick<Instance, 'tier' | 'createdAt'>;

const unknownInstance: Reading = { tier: '', createdAt: null };

/** The last part of a resource id; the text itself where it has one part only. */
export function nameInId(id: string): string {
  return id.split('/').at(-1) ?? id;
}

/** One line for each setting that the change was to change; then keys that say nothing of a setting. */
export function entryLines({ before, after }: Pick<HistoryEntry, 'before' | 'after'>, reading?: Reading): string[] {
  const changes = changesOf(reading ?? unknownInstance, before, after);
  const text = (value: string | null) => value ?? l10n.t('left out');
  const others = otherKeys(differences(before, after), changes);
  return [
    ...changes.map(changeText),
    ...others
      .filter((difference) => changes.length === 0 || gradeOfKey(difference) !== 'same')
      .map(({ key, before: from, after: to }) => l10n.t('{0}: {1} → {2}', shortKey(key), text(from), text(to))),
  ];
}

/** What changed, in a few words: the first two changes, cipher suites as one, and how many more. */
export function entryTitle(entry: HistoryEntry, reading?: Reading): string {
  const lines = titleLines(entry, reading);
  if (lines.length === 0) return l10n.t('No setting changed');
  const what = namesText(lines, 2);
  return entry.kind === 'undo' ? l10n.t('Undone: {0}', what) : what;
}

/** Names of suites are long, and most changes are of many. */
function titleLines(entry: HistoryEntry, reading?: Reading): string[] {
  const { before, after } = entry;
  const suites = changesOf(reading ?? unknownInstance, before, after).filter(({ id }) => settingById(id)?.suite);
  if (suites.length < 2) return entryLines(entry, reading);
  const counted = (value: SettingValue) => suites.filter(({ to }) => to.value === value).length;
  const [on, off] = [counted('on'), counted('off')];
  const suiteText =
    on === 0 && off === suites.length
      ? l10n.t('{0} cipher suites → off', off)
      : off === 0 && on === suites.length
        ? l10n.t('{0} cipher suites → on', on)
        : l10n.t('{0} cipher suites changed', suites.length);
  const told = new Set(suites.map(changeText));
  return [...entryLines(entry, reading).filter((line) => !told.has(line)), suiteText];
}

/** Milliseconds; null where it has not ended, the times cannot be read, or the clock was set back in between. */
export function tookMs({ startedAt, endedAt }: Pick<HistoryEntry, 'startedAt' | 'endedAt'>): number | null {
  const took = endedAt === null ? NaN : Date.parse(endedAt) - Date.parse(startedAt);
  return took >= 0 ? took : null;
}

/** "Done", "Done in 24 min". */
export function resultAndTime(entry: HistoryEntry): string {
  const took = tookMs(entry);
  const result = resultText(entry.result);
  return took === null ? result : l10n.t('{0} in {1}', result, durationText(took));
}

/** What was kept with the change, a line each: findings, backends, the gateway and its logs afterwards. */
export function evidenceLines({ evidence, aftermath, batchId }: HistoryEntry): string[] {
  const { backends = null, findings = [], overridden = false } = evidence ?? {};
  return [
    ...(overridden ? [l10n.t('Blockers were overridden by typing the name')] : []),
    ...findings.map(({ severity, text }) => `${severityText(severity)}: ${text}`),
    ...(evidence === undefined
      ? []
      : [
          backends === null
            ? l10n.t('The backends could not be read')
            : l10n.t('{0} of {1} backend hosts were probed before', backends.probed, backends.hosts),
        ]),
    ...(aftermath?.hosts ?? []).map((host) => `${gatewayNameText(host)}: ${hostStateText(host.state)}`),
    ...(aftermath?.logs?.findings ?? []).map(({ row }) => failureRowText(row)),
    ...(aftermath?.logs?.vanished ?? []).map(vanishedText),
    ...(batchId === undefined ? [] : [l10n.t('Part of a change of several instances: {0}', batchId)]),
  ];
}

/** @param when a moment (ISO 8601) as people read it, with the zone */
export function entryMarkdown(entry: HistoryEntry, when: (iso: string) => string, reading?: Reading): string {
  const took = tookMs(entry);
  const facts: readonly (readonly [string, string])[] = [
    [l10n.t('Instance'), code(entry.instanceId)],
    [l10n.t('Kind'), entry.kind === 'undo' ? l10n.t('Undo') : l10n.t('Change')],
    [l10n.t('Started'), when(entry.startedAt)],
    [l10n.t('Ended'), entry.endedAt === null ? l10n.t('not seen') : when(entry.endedAt)],
    [l10n.t('Duration'), took === null ? l10n.t('not known') : durationText(took)],
    [l10n.t('By'), entry.who === '' ? l10n.t('not stated') : plain(entry.who)],
    [l10n.t('Result'), resultText(entry.result)],
    ...(entry.detail === '' ? [] : [[l10n.t('Detail'), plain(entry.detail)] as const]),
  ];
  const evidence = evidenceLines(entry);
  return [
    ...heading(2, `${plain(nameInId(entry.instanceId))}: ${plain(entryTitle(entry, reading))}`),
    ...list(facts.map(([name, value]) => `${name}: ${value}`)),
    '',
    ...keysTable(entry),
    ...(evidence.length === 0 ? [] : ['', ...list(evidence.map(plain))]),
    '',
  ].join('\n');
}

/** Keys that were to change; where something else was read back, that as well, with the keys that nobody had touched. */
function keysTable({ before, after, found }: HistoryEntry): readonly string[] {
  const sent = differences(before, after).map(({ key }) => key);
  const other = found === undefined ? [] : differences(after, found).filter(({ key }) => textOf(before, key) !== null);
  const cell = (map: CustomProperties, key: string) => {
    const text = textOf(map, key);
    return text === null ? l10n.t('left out') : code(text);
  };
  const named = new Map([...sent, ...other.map(({ key }) => key)].map((key) => [key.toLowerCase(), key]));
  const keys = [...named.values()];
  if (found === undefined || other.length === 0)
    return table(
      [l10n.t('Key'), l10n.t('Before'), l10n.t('After')],
      keys.map((key) => [code(shortKey(key)), cell(before, key), cell(after, key)]),
    );
  return table(
    [l10n.t('Key'), l10n.t('Before'), l10n.t('Sent'), l10n.t('Read back')],
    keys.map((key) => [code(shortKey(key)), cell(before, key), cell(after, key), cell(found, key)]),
  );
}

/** @param readingOf how maps of an instance are read, by its id */
export function historyCsv(
  entries: readonly HistoryEntry[],
  readingOf: (instanceId: string) => Reading | undefined,
): string {
  const head = [
    ...['started', 'ended', 'seconds', 'instance', 'instanceId', 'by', 'kind', 'result', 'changes'],
    ...['detail', 'evidence', 'batchId', 'id'],
  ];
  const rows = entries.map((entry) => {
    const took = tookMs(entry);
    return [
      entry.startedAt,
      entry.endedAt ?? '',
      took === null ? '' : Math.round(took / 1000),
      nameInId(entry.instanceId),
      entry.instanceId,
      entry.who,
      entry.kind,
      entry.result,
      entryLines(entry, readingOf(entry.instanceId)).join('; '),
      entry.detail,
      evidenceLines(entry).join('; '),
      entry.batchId ?? '',
      entry.id,
    ];
  });
  return csvFile([head, ...rows]);
}

export function historyJson(entries: readonly HistoryEntry[]): string {
  return `${JSON.stringify({ format: 1, entries }, null, 2)}\n`;
}

type Left = Pick<HistoryEntry, 'before' | 'after' | 'found' | 'result'>;

/** The state that a change left: what was read back, or else what was sent; where nothing was written, what was there. */
export function stateAfter({ before, after, found, result }: Left): CustomProperties {
  return found ?? (result === 'refused' ? before : after);
}

/** Whether `stateAfter` was seen, and is not merely what was sent. */
export function isStateKnown({ found, result }: Pick<Left, 'found' | 'result'>): boolean {
  return found !== undefined || !['running', 'failed', 'unknown'].includes(result);
}
