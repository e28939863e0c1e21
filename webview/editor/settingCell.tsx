// One setting: a toggle with its state in words, or a lock with its reason.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { isConfirmed, settingById } from '../../src/core/tls/settings.ts';
import type { SettingId, SettingState } from '../../src/core/tls/settings.ts';
import {
  lockText,
  originText,
  settingLabel,
  unconfirmedText,
  unlockedText,
  valueText,
} from '../../src/core/settingText.ts';
import { Icon } from '../icons.tsx';
import { Checkbox, Hidden, memo } from '../parts.tsx';
import type { Action } from '../page.ts';

interface SettingCellProps {
  readonly id: SettingId;
  readonly tier: string;
  /** As the instance is, and as it would be. Compared by content, so that a cell is drawn only when it changes. */
  readonly now: SettingState;
  readonly draft: SettingState;
  readonly disabled: boolean;
  /** The reason of a lock is shown in the cell; else it is for screen readers and on pointing. */
  readonly spacious: boolean;
  readonly dispatch: (action: Action) => void;
}

export function SettingCell({ now, draft, ...rest }: SettingCellProps): JSX.Element {
  return (
    <Cell
      {...rest}
      checked={draft.value === 'on'}
      indeterminate={draft.value === 'unknown'}
      value={valueText(draft)}
      origin={valueText(draft).toLowerCase() === originText(draft).toLowerCase() ? '' : originText(draft)}
      was={wasText(now, draft)}
      lock={lockText(draft, rest.tier)}
      unlocked={unlockedText(draft, rest.tier)}
    />
  );
}

/** What the setting was before the draft, or empty where the draft does not change it. */
export function wasText(now: SettingState, draft: SettingState): string {
  if (now.value !== draft.value) return l10n.t('was {0}', valueText(now).toLowerCase());
  return now.origin === draft.origin ? '' : l10n.t('was {0}', originText(now));
}

interface CellProps extends Omit<SettingCellProps, 'now' | 'draft'> {
  readonly checked: boolean;
  readonly indeterminate: boolean;
  readonly value: string;
  readonly origin: string;
  readonly was: string;
  readonly lock: string;
  readonly unlocked: string;
}

const Cell = memo(function drawCell(props: CellProps): JSX.Element {
  const { id, lock, was } = props;
  if (lock !== '') return <Locked {...props} />;
  const note = `${id}-note`;
  return (
    <div class={was === '' ? 'cell' : 'cell changed'}>
      <Checkbox
        checked={props.checked}
        indeterminate={props.indeterminate}
        disabled={props.disabled}
        label={settingLabel(id)}
        describedBy={note}
        onChange={() => props.dispatch({ type: 'set', id, value: props.checked ? 'off' : 'on' })}
      >
        <span id={note}>
          {props.value} {props.origin !== '' && <span class="muted">({props.origin})</span>}
          <Was text={was} />
          <NotConfirmed id={id} tier={props.tier} brief={!props.spacious} />
          <Unlocked text={props.unlocked} spacious={props.spacious} />
        </span>
      </Checkbox>
    </div>
  );
});

function Locked({ value, lock, spacious }: CellProps): JSX.Element {
  return (
    <div class="cell locked" title={spacious ? undefined : lock}>
      <Icon name="lock" />
      <span>
        {value} {spacious ? <span class="reason">{lock}</span> : <Hidden>{lock}</Hidden>}
      </span>
    </div>
  );
}

/** That the operator's setting opens what the tier would lock. */
function Unlocked({ text, spacious }: { readonly text: string; readonly spacious: boolean }): JSX.Element | null {
  if (text === '') return null;
  return spacious ? (
    <span class="reason">{text}</span>
  ) : (
    <span title={text}>
      <Icon name="unlock" tone="warning" />
      <Hidden>{text}</Hidden>
    </span>
  );
}

export function Was({ text }: { readonly text: string }): JSX.Element | null {
  if (text === '') return null;
  return (
    <span class="was">
      <Icon name="change" /> {text}
    </span>
  );
}

/** A mark whose meaning stands below the table, by reason. */
export function NotConfirmed(props: {
  readonly id: SettingId;
  readonly tier: string;
  readonly brief?: boolean;
}): JSX.Element | null {
  const setting = settingById(props.id);
  if (!setting || isConfirmed(setting, props.tier)) return null;
  if (props.brief)
    return (
      <span class="unconfirmed-brief" title={unconfirmedText(props.id)}>
        <Icon name="question" tone="muted" />
        <Hidden>{l10n.t('Not confirmed')}</Hidden>
      </span>
    );
  return (
    <span class="unconfirmed" title={unconfirmedText(props.id)}>
      {l10n.t('Not confirmed')}
    </span>
  );
}
