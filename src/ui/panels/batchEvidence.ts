// What is known of one instance before a change of several begins, and its plan in sentences.

import { l10n } from 'vscode';
import type { AskingOperations } from '../../core/askingOperations.ts';
import { failureSentence } from '../../core/failureText.ts';
import { findingText } from '../../core/findingText.ts';
import type { BackendHost, Instance } from '../../core/instance.ts';
import type { Survey } from '../../core/tls/evidence.ts';
import type { UnreadableBackend } from '../../core/tls/plan.ts';
import type { LogReading, Traffic } from '../../core/traffic.ts';
import { trafficStateText } from '../../core/trafficText.ts';
import { changeText, settingLabel } from '../../core/settingText.ts';
import { keysText } from '../../core/wording.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import type { Planned } from '../../flows/planBatch.ts';
import type { BatchRow, RowDetails } from '../../messages/batch.ts';

export interface RowEvidence {
  readonly check: BatchRow['check'];
  readonly backends: readonly BackendHost[] | null;
  readonly unreadable: readonly UnreadableBackend[];
  /** By `hostAndPort`; of the offer that is planned for this very instance. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** What the logs say of callers; null: not read. */
  readonly traffic: Traffic | null;
  readonly asking: AskingOperations | null;
  /** What could not be read, and why: a sentence each. */
  readonly unread: readonly string[];
  /** Why it could not be checked; or empty. */
  readonly problem: string;
}

export const unseen: RowEvidence = {
  check: 'no',
  backends: null,
  unreadable: [],
  surveys: {},
  traffic: null,
  asking: null,
  unread: [],
  problem: '',
};

export function evidenceFrom(end: CheckSnapshot): RowEvidence {
  const { backends, unreadable, surveys, traffic, asking, backendsFailure } = end;
  const check = backendsFailure ? 'failed' : 'done';
  return { check, backends, unreadable, surveys, traffic, asking, unread: unreadTexts(end), problem: '' };
}

/** Both readings of the logs fail for the same reason more often than not: it is said once. */
function unreadTexts({
  backendsFailure,
  traffic,
  trafficFailure,
  seen,
  seenFailure,
}: CheckSnapshot): readonly string[] {
  const logs = [logProblem(traffic, trafficFailure), logProblem(seen, seenFailure)].filter((text) => text !== '');
  return [
    ...(backendsFailure ? [l10n.t('Backends: not read: {0}', failureSentence(backendsFailure))] : []),
    ...new Set(logs),
  ];
}

function logProblem(reading: LogReading<unknown> | null, failure: CheckSnapshot['trafficFailure']): string {
  if (failure) return l10n.t('Logs: not read: {0}', failureSentence(failure));
  if (!reading || reading.state === 'read') return '';
  const state = trafficStateText(reading);
  // These were read: to the part that there is, or to the end, which is nothing.
  return reading.state === 'partial' || reading.state === 'noData'
    ? l10n.t('Logs: {0}', state)
    : l10n.t('Logs: not read: {0}', state);
}

export const noDetails: RowDetails = { changes: [], findings: [], left: [], unread: [] };

export function detailsOf({ tier }: Instance, planned: Planned, { unread }: RowEvidence): RowDetails {
  const { plan, skipped, contested } = planned;
  const keys = contested.map(({ key }) => key);
  return {
    changes: plan.changes.map(changeText),
    findings: plan.findings.map((finding) => ({ severity: finding.severity, text: findingText(finding) })),
    left: [
      ...(skipped.length > 0
        ? [
            l10n.t(
              'Not taken over, because the {0} tier does not let it or its value is not known: {1}.',
              tier,
              skipped.map(settingLabel).join(', '),
            ),
          ]
        : []),
      ...(keys.length > 0 ? [l10n.t('Changed again since, and left as they are: {0}.', keysText(keys, 20))] : []),
    ],
    unread,
  };
}
