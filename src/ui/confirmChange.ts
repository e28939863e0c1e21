// The two questions before a change is sent: the name, where there are blockers, and whether it is to be made.

import { InputBoxValidationSeverity, l10n, window } from 'vscode';
import { ArmError } from '../core/failure.ts';
import type { PlanFinding } from '../core/finding.ts';
import { findingText } from '../core/findingText.ts';
import type { Instance } from '../core/instance.ts';
import { blockersOf } from '../core/tls/plan.ts';
import type { Plan } from '../core/tls/plan.ts';
import { changeText, timeCostText } from '../core/wording.ts';
import type { CheckResult } from '../flows/checkSettings.ts';
import { failureText } from './errors.ts';

/** The first blockers, and how many more there are. */
function blockerTexts(plan: Plan): string[] {
  const blockers = blockersOf(plan);
  const more = blockers.length > 3 ? [l10n.t('{0} more blockers are in the plan.', blockers.length - 3)] : [];
  return [...blockers.slice(0, 3).map(findingText), ...more];
}

/** Blockers are overridden by typing the name of the instance. */
export async function overridden(plan: Plan, instance: Instance): Promise<boolean> {
  const prompt = `${blockerTexts(plan).join(' ')} ${l10n.t('Type {0} to go on all the same.', instance.name)}`;
  const typed = await window.showInputBox({
    title: l10n.t('Apply despite blockers'),
    prompt,
    placeHolder: instance.name,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text === instance.name
        ? undefined
        : {
            message: instance.name.startsWith(text) ? prompt : l10n.t('This is not the name of the instance.'),
            severity: InputBoxValidationSeverity.Error,
          },
  });
  return typed === instance.name;
}

const callerFindings: readonly PlanFinding['code'][] = [
  ...(['clientsSeen', 'clientsUnknown', 'clientsNotSeen'] as const),
  ...(['clientsRenegotiate', 'renegotiationNotChecked', 'renegotiationPartlyChecked'] as const),
];

/** Asks once, with everything that changes and what is to be known of it. @param notes what is said first */
export async function confirmed(
  plan: Plan,
  { instance, trafficFailure }: Pick<CheckResult, 'instance' | 'trafficFailure'>,
  kind: 'change' | 'undo',
  notes: readonly string[],
): Promise<boolean> {
  const lines = plan.changes.map((change) => `• ${changeText(change)}`);
  const shown = lines.length > 12 ? [...lines.slice(0, 11), `• ${l10n.t('{0} more', lines.length - 11)}`] : lines;
  const unknown = plan.findings.filter(({ code }) => code === 'backendUnknown' || code === 'backendNotChecked').length;
  const blockers = blockerTexts(plan);
  const notRead = plan.findings.some(({ code }) => code === 'backendsNotRead');
  const detail = [
    ...notes,
    ...shown,
    '',
    timeCostText(instance.tier),
    ...(unknown > 0
      ? [
          unknown === 1
            ? l10n.t('For 1 backend it is unknown whether it would still connect.')
            : l10n.t('For {0} backends it is unknown whether they would still connect.', unknown),
        ]
      : []),
    ...(notRead ? [l10n.t('The backends have not been checked.')] : []),
    ...plan.findings.filter(({ code }) => callerFindings.includes(code)).map(findingText),
    ...(trafficFailure
      ? [l10n.t('The logs of callers could not be read: {0}', failureText(new ArmError(trafficFailure)))]
      : []),
    ...(blockers.length > 0
      ? ['', l10n.t('Blockers are overridden: {0}', blockersOf(plan).length), ...blockers.map((text) => `• ${text}`)]
      : []),
  ].join('\n');
  const apply = kind === 'undo' ? l10n.t('Undo change') : l10n.t('Apply');
  const question =
    kind === 'undo'
      ? l10n.t('Undo this change of {0}?', instance.name)
      : l10n.t('Change the TLS settings of {0}?', instance.name);
  return (await window.showWarningMessage(question, { modal: true, detail }, apply)) === apply;
}
