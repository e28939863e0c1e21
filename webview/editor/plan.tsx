// The plan: what forbids it, the changes in reading order, what speaks against them, and the exact map to be written.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PlanFinding, Severity } from '../../src/core/finding.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import { findingText } from '../../src/core/findingText.ts';
import { changeText, settingLabel } from '../../src/core/settingText.ts';
import { changeCountText, severityText } from '../../src/core/wording.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Breakable, Empty, LinkButton, Section, ShowAll } from '../parts.tsx';
import type { SectionProps } from './app.tsx';
import { PlannedMap } from './plannedMap.tsx';

interface PlanPanelProps extends SectionProps {
  readonly changes: DraftChanges;
}

export function PlanPanel({ state, model, act, dispatch, changes }: PlanPanelProps): JSX.Element {
  const { plan } = model;
  const lines = linesOf(plan.findings, state.probing?.what === 'backends');
  return (
    <aside class="plan" aria-label={l10n.t('Plan')}>
      <Section id="plan" title={l10n.t('Plan')}>
        <Findings lines={lines} severities={['blocker']} />
        {plan.changes.length === 0 ? (
          state.instance.customProperties !== null && (
            <Empty>
              {l10n.t('No changes yet. Choose a preset or switch a setting; what follows from it is shown here.')}
            </Empty>
          )
        ) : (
          <>
            <h3>{changeCountText(plan.changes.length)}</h3>
            <Changes plan={plan} dispatch={dispatch} />
            <div class="links">
              <LinkButton onClick={() => act('savePlan', { changes })}>{l10n.t('Save plan as…')}</LinkButton>
              <LinkButton onClick={() => act('copyPlan', { changes })}>{l10n.t('Copy plan')}</LinkButton>
            </div>
          </>
        )}
        <Findings lines={lines} severities={['warning', 'note']} />
        {state.instance.customProperties !== null && <PlannedMap plan={plan} act={act} />}
      </Section>
    </aside>
  );
}

function Changes({
  plan,
  dispatch,
}: {
  readonly plan: Plan;
  readonly dispatch: SectionProps['dispatch'];
}): JSX.Element {
  return (
    <ul class="changes">
      {plan.changes.map((change) => {
        const label = settingLabel(change.id);
        const text = changeText(change);
        return (
          <li key={change.id}>
            <span>
              {label.startsWith('TLS_') ? (
                <code>
                  <Breakable text={label} />
                </code>
              ) : (
                label
              )}
              <span class="from-to">{text.startsWith(label) ? text.slice(label.length + 1) : text}</span>
            </span>
            <LinkButton
              label={l10n.t('Take back: {0}', label)}
              onClick={() => dispatch({ type: 'revert', id: change.id })}
            >
              <Icon name="undo" />
            </LinkButton>
          </li>
        );
      })}
    </ul>
  );
}

interface Line {
  readonly severity: Severity;
  /** Made when shown: hundreds of backends are hundreds of sentences. */
  readonly text: () => string;
}

/** Many backends that have not been probed are one line, not hundreds. */
function linesOf(findings: readonly PlanFinding[], probing: boolean): Line[] {
  const notChecked = findings.filter(({ code }) => code === 'backendNotChecked').length;
  const lines = findings
    .filter(({ code }) => code !== 'backendNotChecked' || notChecked <= 2)
    .map((finding) => ({ severity: finding.severity, text: () => findingText(finding) }));
  if (notChecked <= 2) return lines;
  const text = () =>
    probing
      ? l10n.t('{0} backends are still to be probed.', notChecked)
      : l10n.t('{0} backends have not been probed. Choose Check.', notChecked);
  const firstNote = lines.findIndex(({ severity }) => severity === 'note');
  lines.splice(firstNote < 0 ? lines.length : firstNote, 0, { severity: 'warning', text });
  return lines;
}

const firstLines = 6;
const icons: Readonly<Record<Severity, readonly [IconName, 'error' | 'warning' | 'info']>> = {
  blocker: ['error', 'error'],
  warning: ['warning', 'warning'],
  note: ['info', 'info'],
};

function Findings(props: { readonly lines: readonly Line[]; readonly severities: readonly Severity[] }): JSX.Element {
  return (
    <>
      {props.severities.map((severity) => {
        const own = props.lines.filter((line) => line.severity === severity);
        return own.length === 0 ? null : <FindingGroup key={severity} severity={severity} lines={own} />;
      })}
    </>
  );
}

function FindingGroup({
  severity,
  lines,
}: {
  readonly severity: Severity;
  readonly lines: readonly Line[];
}): JSX.Element {
  const [all, setAll] = useState(false);
  const [icon, tone] = icons[severity];
  const shown = all ? lines : lines.slice(0, firstLines);
  return (
    <>
      <ul class="findings">
        {shown.map(({ text }, index) => (
          <li key={index} class={severity}>
            <Icon name={icon} tone={tone} />
            <span>
              <strong>{severityText(severity)}:</strong> {text()}
            </span>
          </li>
        ))}
      </ul>
      {lines.length > shown.length && <ShowAll count={lines.length} onClick={() => setAll(true)} />}
    </>
  );
}
