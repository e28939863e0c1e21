// What changed elsewhere since the instance was last seen or changed here: before and now, who, and the way back.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DriftGrade } from '../../src/core/drift.ts';
import { driftLines, gradeText, writersText } from '../../src/core/driftText.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import { draftBackTo } from '../../src/core/tls/stateTarget.ts';
import { keysText } from '../../src/core/wording.ts';
import type { DriftView } from '../../src/messages/editor.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Button, LinkButton, Section } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { SectionProps } from './app.tsx';

const icons: Readonly<Record<DriftGrade, readonly [IconName, 'warning' | 'good' | 'info']>> = {
  weaker: ['warning', 'warning'],
  stronger: ['pass', 'good'],
  other: ['info', 'info'],
  same: ['info', 'info'],
};

/** Nothing where nothing has changed. */
export function Drift(props: SectionProps): JSX.Element | null {
  const { drift, instance } = props.state;
  return drift === null || instance.customProperties === null ? null : <Changed {...props} drift={drift} />;
}

function Changed({
  state,
  model,
  dispatch,
  act,
  now,
  drift,
}: SectionProps & { readonly drift: DriftView }): JSX.Element {
  const [planned, setPlanned] = useState(false);
  const { instance } = state;
  const present = instance.customProperties ?? {};
  const keys = differences(drift.before, present);
  const lines = driftLines({ since: { map: drift.before }, map: present, keys }, instance);
  const { changes, left, stay } = draftBackTo(drift.before, instance);
  const count = Object.keys(changes).length;
  const [icon, tone] = icons[drift.grade];
  return (
    <Section id="drift" title={l10n.t('Changed elsewhere')}>
      <p class="with-icon">
        <Icon name={icon} tone={tone} />
        <span>
          <strong>{gradeText(drift.grade)}.</strong>{' '}
          <span title={dateTime(drift.at)}>
            {drift.source === 'applied'
              ? l10n.t('Since your last change, {0}:', ago(drift.at, now))
              : l10n.t('Since it was last seen here, {0}:', ago(drift.at, now))}
          </span>
        </span>
      </p>
      <ul class="differences">
        {lines.map(({ text, grade }) => (
          <li key={text}>
            {text}
            {(grade === 'weaker' || grade === 'stronger') && (
              <span class="muted"> ({gradeText(grade).toLowerCase()})</span>
            )}
          </li>
        ))}
      </ul>
      <Writers drift={drift} now={now} />
      <div class="actions">
        <Button
          primary
          disabled={count === 0 || model.busy}
          onClick={() => {
            // A draft that was begun on the earlier state would stay on it.
            dispatch({ type: 'discard' });
            dispatch({ type: 'replace', changes });
            setPlanned(true);
          }}
        >
          {l10n.t('Plan back')}
        </Button>
        <Button onClick={() => act('acceptDrift', undefined)}>{l10n.t('Accept as it is')}</Button>
        {left.length > 0 && (
          <LinkButton disabled={model.busy} onClick={() => act('goBackDrift', undefined)}>
            {l10n.t('Go back with all keys…')}
          </LinkButton>
        )}
      </div>
      {left.length > 0 && (
        <p class="muted">
          {l10n.t('A draft cannot say these: {0}. “Go back with all keys” can.', keysText(left.map(({ key }) => key)))}
        </p>
      )}
      {stay.length > 0 && (
        <p class="muted">
          {l10n.t(
            'These have come since and stay, because nobody here can tell what leaving them out would do: {0}.',
            keysText(stay.map(({ key }) => key)),
          )}
        </p>
      )}
      <p role="status" class="muted">
        {planned && l10n.t('The draft leads back. Nothing is written before you check and apply it.')}
      </p>
    </Section>
  );
}

function Writers({ drift, now }: { readonly drift: DriftView; readonly now: number }): JSX.Element {
  const { reading, problem, writers } = drift;
  return (
    <p aria-live="polite">
      {reading
        ? l10n.t('Reading the Activity Log…')
        : problem !== ''
          ? l10n.t('Who did it cannot be told: {0}', problem)
          : writers === null
            ? ''
            : writersText(writers, (iso) => ago(iso, now))}
    </p>
  );
}
