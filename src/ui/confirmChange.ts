// The two questions before a change is sent: the name, where there are blockers, and whether it is to be made.

import { InputBoxValidationSeverity, l10n, window } from 'vscode';
import { ArmError } from '../core/failure.ts';
import type { PlanFinding } from '../core/finding.ts';
import { findingText } from '../core/findingText.ts';
import type { Instance } from '../core/instance.ts';
import { blockersOf } from '../core/tls/plan.ts';
import type { Plan } from '../core/tls/plan.ts';
import { changeText } from '../core/settingText.ts';
import { timeCostText } from '../core/wording.ts';
import type { CheckResult } from '../flows/checkSettings.ts';
import { failureText } from './errors.ts';

/** The first findings, and how many more there are. */
function firstTexts(findings: readonly PlanFinding[]): string[] {
  const more = findings.length > 3 ? [l10n.t('And {0} more.', findings.length - 3)] : [];
  return [...findings.slice(0, 3).map(findingText), ...more];
}

/** Blockers are overridden by typing the name of the instance. */
export async function overridden(plan: Plan, instance: Instance): Promise<boolean> {
  const prompt = `${firstTexts(blockersOf(plan)).join(' ')} ${l10n.t('Type {0} to go on all the same.', instance.name)}`;
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

/** They have lines of their own. */
const unknownBackends: readonly PlanFinding['code'][] = ['backendUnknown', 'backendNotChecked'];
/** No consequences of the change, or said by its cost in time. */
const soAlready: readonly PlanFinding['code'][] = ['backendAlreadyBroken', 'backendCertificate', 'downtime'];
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
  const unknown = plan.findings.filter(({ code }) => unknownBackends.includes(code)).length;
  const blockers = blockersOf(plan);
  const notRead = plan.findings.some(({ code }) => code === 'backendsNotRead');
  const said: readonly PlanFinding['code'][] = [...unknownBackends, ...callerFindings, ...soAlready, 'backendsNotRead'];
  const warnings = plan.findings.filter(({ severity, code }) => severity === 'warning' && !said.includes(code));
  const listed = (head: string, findings: readonly PlanFinding[]) =>
    findings.length === 0 ? [] : ['', head, ...firstTexts(findings).map((text) => `• ${text}`)];
  const detail = [
    ...notes,
    ...shown,
    ...listed(l10n.t('Blockers are overridden: {0}', blockers.length), blockers),
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
    ...listed(l10n.t('Warnings: {0}', warnings.length), warnings),
  ].join('\n');
  const apply = kind === 'undo' ? l10n.t('Undo change') : l10n.t('Apply');
  const question =
    kind === 'undo'
      ? l10n.t('Undo this change of {0}?', instance.name)
      : l10n.t('Change the TLS settings of {0}?', instance.name);
  return (await window.showWarningMessage(question, { modal: true, detail }, apply)) === apply;
}
