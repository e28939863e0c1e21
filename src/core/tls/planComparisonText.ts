// What differs between a saved plan and the present, as one sentence and as Markdown.

import * as l10n from '@vscode/l10n';
import { findingText } from '../findingText.ts';
import { code, heading, list, table } from '../markdown.ts';
import { settingLabel } from '../settingText.ts';
import { keysText, severityText } from '../wording.ts';
import { shortKey } from './customProperties.ts';
import type { PlanComparison } from './planComparison.ts';
import { isAsSaved } from './planComparison.ts';
import type { SavedPlan } from './planFile.ts';
import { foreign, utcText } from './planText.ts';
import type { KeyDifference } from './customProperties.ts';
import type { Verdict } from './verdict.ts';

/** From so many days on, the age of the file is told. */
const oldDays = 7;

/** The most important of it in one or two sentences. */
export function comparisonSentence(found: PlanComparison): string {
  const sentences = isAsSaved(found)
    ? [l10n.t('Everything is as when the plan was saved.')]
    : [...otherTexts(found), ...instanceTexts(found), ...findingTexts(found), ...changeTexts(found)];
  return [...sentences, ...ageTexts(found)].join(' ');
}

function instanceTexts({ noMap, moved, written }: PlanComparison): string[] {
  return [
    ...(noMap
      ? [l10n.t('Azure does not state the settings of the instance now, so they cannot be compared with the plan.')]
      : []),
    ...(moved.length > 0
      ? [l10n.t('The instance has changed since: {0}.', keysText(moved.map(({ key }) => key)))]
      : []),
    ...(written ? [l10n.t('The instance was written since; its settings are as they were.')] : []),
  ];
}

function findingTexts({ newFindings, goneFindings, regraded, hosts, notProbed }: PlanComparison): string[] {
  const blockers = newFindings.filter(({ severity }) => severity === 'blocker').length;
  const counted = (text: string, count: number) => (count === 0 ? [] : [text]);
  return [
    ...counted(
      blockers === 0
        ? l10n.t('New findings: {0}.', newFindings.length)
        : l10n.t('New findings: {0}, of which blockers: {1}.', newFindings.length, blockers),
      newFindings.length,
    ),
    ...counted(l10n.t('Findings that do not hold any more: {0}.', goneFindings.length), goneFindings.length),
    ...counted(l10n.t('Findings that are graded otherwise: {0}.', regraded.length), regraded.length),
    ...counted(l10n.t('Backends that answer otherwise: {0}.', hosts.length), hosts.length),
    ...counted(l10n.t('Backends that were probed for the plan and not now: {0}.', notProbed.length), notProbed.length),
  ];
}

function changeTexts({ locked, alreadySo, map, moved }: PlanComparison): string[] {
  const names = (ids: PlanComparison['locked']) => ids.map(settingLabel).join(', ');
  return [
    ...(locked.length > 0 ? [l10n.t('Cannot be changed any more: {0}.', names(locked))] : []),
    ...(alreadySo.length > 0 ? [l10n.t('Is so by now: {0}.', names(alreadySo))] : []),
    // Where keys have moved, or changes cannot be made, that says it already.
    ...(map.length > 0 && moved.length === 0 && locked.length === 0
      ? [l10n.t('Other values would be written: {0}.', keysText(map.map(({ key }) => key)))]
      : []),
  ];
}

function ageTexts({ days }: PlanComparison): string[] {
  return days < oldDays ? [] : [l10n.t('The evidence in the file is {0} days old; it was gathered anew.', days)];
}

function otherTexts({ other }: PlanComparison): string[] {
  const texts = {
    created: l10n.t('An instance of the same name was created in its place.'),
    tier: l10n.t('The instance is of another tier now.'),
    tenant: l10n.t('The instance is in another tenant now.'),
  };
  return other.map((one) => texts[one]);
}

/** The whole of it. */
export function comparisonDocument(saved: SavedPlan, found: PlanComparison, at: string): string {
  const text = (held: string | null) => (held === null ? l10n.t('left out') : code(held));
  const keys = (title: string, rows: readonly KeyDifference[], then: string) =>
    rows.length === 0
      ? []
      : [
          ...heading(2, title),
          ...table(
            [l10n.t('Key'), then, l10n.t('Now')],
            rows.map(({ key, before, after }) => [code(shortKey(key)), text(before), text(after)]),
          ),
          '',
        ];
  const part = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [...heading(2, title), ...list(items), ''];
  return [
    ...heading(1, l10n.t('Plan for {0}, checked against the present', foreign(saved.instance.name))),
    `**${foreign(comparisonSentence(found))}**`,
    '',
    ...list([
      l10n.t('Saved on {0}', utcText(saved.savedAt)),
      l10n.t('Checked on {0}', utcText(at)),
      ...(found.written && found.moved.length === 0
        ? [l10n.t('The instance was written since: its ETag is another one.')]
        : []),
    ]),
    '',
    ...keys(l10n.t('What the instance holds otherwise'), found.moved, l10n.t('When it was saved')),
    ...keys(l10n.t('What would be written otherwise'), found.map, l10n.t('By the file')),
    ...part(l10n.t('Is so by now'), found.alreadySo.map(settingLabel)),
    ...part(l10n.t('Cannot be changed any more'), found.locked.map(settingLabel)),
    ...part(
      l10n.t('New findings'),
      found.newFindings.map((finding) => foreign(`${severityText(finding.severity)}: ${findingText(finding)}`)),
    ),
    ...part(
      l10n.t('Findings that do not hold any more'),
      found.goneFindings.map((finding) => foreign(`${severityText(finding.severity)}: ${finding.text}`)),
    ),
    ...part(
      l10n.t('Findings that are graded otherwise'),
      found.regraded.map(({ finding, was }) =>
        foreign(l10n.t('{0}, was {1}: {2}', severityText(finding.severity), severityText(was), findingText(finding))),
      ),
    ),
    ...part(
      l10n.t('Backends that answer otherwise'),
      found.hosts.map(
        ({ host, then, now }) => `${code(host)}: ${foreign(verdictName(then))} → ${foreign(verdictName(now))}`,
      ),
    ),
    ...part(l10n.t('Probed for the file, not any more'), found.notProbed.map(code)),
  ].join('\n');
}

/** What follows for a backend, in short; a word of a file that is none of ours as it is. */
function verdictName(verdict: string): string {
  const texts: Readonly<Record<Verdict, string>> = {
    breaks: l10n.t('would stop connecting'),
    alreadyBroken: l10n.t('does not connect now either'),
    repaired: l10n.t('would connect again'),
    changes: l10n.t('connects differently'),
    same: l10n.t('connects as before'),
    connects: l10n.t('would connect'),
    unknown: l10n.t('unknown'),
    noTls: l10n.t('plain HTTP, no TLS'),
  };
  return new Map<string, string>(Object.entries(texts)).get(verdict) ?? verdict;
}
