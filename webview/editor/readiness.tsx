// Readiness for TLS 1.3, per side: one verdict with its reasons, gathered on demand, as a document to copy or save.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { askingOperations } from '../../src/core/askingOperations.ts';
import { readiness } from '../../src/core/tls/readiness.ts';
import type { ReadinessReason, SideReadiness } from '../../src/core/tls/readiness.ts';
import { readinessReasonText, readinessVerdictText, weightText } from '../../src/core/tls/readinessText.ts';
import { sideLabel } from '../../src/core/settingText.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { LinkButton, memo, ProgressRing } from '../parts.tsx';
import { useLate } from '../time.ts';
import type { SectionProps } from './app.tsx';

type Tone = 'error' | 'warning' | 'info' | 'good' | 'muted';

const verdictIcons: Readonly<Record<SideReadiness['verdict'], readonly [IconName, Tone]>> = {
  ready: ['pass', 'good'],
  notReady: ['error', 'error'],
  unknown: ['question', 'warning'],
};
const reasonIcons: Readonly<Record<ReadinessReason['weight'], readonly [IconName, Tone]>> = {
  against: ['error', 'error'],
  open: ['question', 'warning'],
  for: ['check', 'good'],
  note: ['info', 'muted'],
};

export function Readiness({ state, act }: SectionProps): JSX.Element {
  const { instance, backends, unreadable, surveys, gatewaySurveys, traffic, selfHosted, renegotiations } = state;
  const input = useMemo(
    () => ({
      instance,
      asking: askingOperations(renegotiations.found),
      backends,
      unreadable,
      surveys: { ...gatewaySurveys, ...surveys },
      traffic: traffic.found,
      selfHosted: selfHosted.names,
    }),
    [instance, renegotiations.found, backends, unreadable, surveys, gatewaySurveys, traffic.found, selfHosted.names],
  );
  const late = useLate(input, 250);
  const sides = useMemo(() => readiness(late), [late]);
  const reading = state.probing !== null || renegotiations.progress !== null;
  return (
    <div class="readiness" role="group" aria-labelledby="readiness-title">
      <h3 id="readiness-title">{l10n.t('Readiness for TLS 1.3')}</h3>
      {sides.map((side) => (
        <Side key={side.side} side={side.side} text={JSON.stringify(side)} />
      ))}
      {selfHosted.problem !== '' && (
        <p class="reason">{l10n.t('Self-hosted gateways could not be read: {0}', selfHosted.problem)}</p>
      )}
      <div class="links">
        <LinkButton disabled={reading} onClick={() => act('readReadiness', undefined)}>
          {l10n.t('Gather evidence for TLS 1.3')}
        </LinkButton>
        <LinkButton onClick={() => act('copyReadiness', undefined)}>{l10n.t('Copy readiness as Markdown')}</LinkButton>
        <LinkButton onClick={() => act('saveReadiness', undefined)}>{l10n.t('Save readiness as Markdown…')}</LinkButton>
        {reading && (
          <>
            <ProgressRing label={l10n.t('Gathering evidence')} />
            <LinkButton onClick={() => act('cancel', undefined)}>{l10n.t('Cancel gathering')}</LinkButton>
          </>
        )}
      </div>
    </div>
  );
}

/** Compared by content: every snapshot makes the verdicts anew. */
const Side = memo(function drawSide({ text }: { readonly side: string; readonly text: string }): JSX.Element {
  const side = JSON.parse(text) as SideReadiness;
  const [icon, tone] = verdictIcons[side.verdict];
  return (
    <details>
      <summary>
        <Icon name={icon} tone={tone} />{' '}
        <span>
          <strong>{sideLabel(side.side)}:</strong> {readinessVerdictText(side)}
        </span>
      </summary>
      <ul class="findings">
        {side.reasons.map((reason, index) => {
          const [reasonIcon, reasonTone] = reasonIcons[reason.weight];
          return (
            <li key={index}>
              <Icon name={reasonIcon} tone={reasonTone} />
              <span>
                <strong>{weightText(reason.weight)}:</strong> {readinessReasonText(reason)}
              </span>
            </li>
          );
        })}
      </ul>
    </details>
  );
});
