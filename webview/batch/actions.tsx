// The bar that stays in view: how far it is, and what can be done now.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { isSettled } from '../../src/core/batchProgress.ts';
import type { ItemState } from '../../src/core/batchProgress.ts';
import { progressText } from '../../src/core/batchText.ts';
import type { BatchRow, BatchState } from '../../src/messages/batch.ts';
import { Button } from '../parts.tsx';
import type { Act } from './host.ts';

interface ActionsProps {
  readonly state: BatchState;
  readonly act: Act;
}

export function Actions({ state, act }: ActionsProps): JSX.Element {
  return (
    <div class="toolbar" role="region" aria-label={l10n.t('Change')}>
      <p class="summary" role="status">
        {state.phase === 'planning' ? planText(state) : progressText({ items: begunRows(state.rows) })}
      </p>
      <div class="actions">{state.phase === 'planning' ? planning({ state, act }) : begun({ state, act })}</div>
      {state.phase !== 'planning' && <Progress rows={begunRows(state.rows)} />}
    </div>
  );
}

function begunRows(rows: readonly BatchRow[]): readonly { readonly state: ItemState }[] {
  return rows.flatMap(({ state }) => (state === 'planned' ? [] : [{ state }]));
}

function Progress({ rows }: { readonly rows: readonly { readonly state: ItemState }[] }): JSX.Element {
  const taking = rows.filter(({ state }) => state !== 'leftOut');
  const ended = taking.filter(({ state }) => isSettled(state)).length;
  return <progress max={Math.max(1, taking.length)} value={ended} aria-label={l10n.t('Instances that have ended')} />;
}

function planText({ rows, checking, aim }: BatchState): string {
  if (checking)
    return l10n.t('Checking: {0} of {1} instances, {2} hosts probed.', checking.done, checking.total, checking.hosts);
  if (aim === null) return l10n.t('{0} instances. Choose what is to change.', rows.length);
  const taking = rows.filter(({ state }) => state === 'planned').length;
  const blocked = rows.filter(({ leftOut }) => leftOut === 'blocked').length;
  const unchecked = rows.filter(({ state, check }) => state === 'planned' && check !== 'done').length;
  return [
    l10n.t('{0} of {1} instances change.', taking, rows.length),
    ...(blocked > 0 ? [l10n.t('{0} are left out because of blockers.', blocked)] : []),
    ...(unchecked > 0 ? [l10n.t('{0} have not been checked.', unchecked)] : []),
  ].join(' ');
}

function planning({ state, act }: ActionsProps): JSX.Element {
  const { checking, aim, rows } = state;
  const taking = rows.some((row) => row.state === 'planned');
  return (
    <>
      {checking ? (
        <Button onClick={() => act('cancel', undefined)}>{l10n.t('Cancel')}</Button>
      ) : (
        <Button disabled={aim === null || rows.length === 0} onClick={() => act('check', undefined)}>
          {l10n.t('Check')}
        </Button>
      )}
      <Button primary disabled={aim === null || checking !== null || !taking} onClick={() => act('start', undefined)}>
        {l10n.t('Start…')}
      </Button>
    </>
  );
}

function begun({ state, act }: ActionsProps): JSX.Element {
  const { phase, asked, stopped, rows } = state;
  const changed = rows.some((row) => ['done', 'different', 'unknown'].includes(row.state));
  const rest = rows.some((row) => !['done', 'leftOut'].includes(row.state));
  return (
    <>
      <Button onClick={() => act('save', { format: 'markdown' })}>{l10n.t('Save as Markdown…')}</Button>
      <Button onClick={() => act('save', { format: 'csv' })}>{l10n.t('Save as CSV…')}</Button>
      {phase === 'ended' ? (
        <>
          {rest && <Button onClick={() => act('planRest', undefined)}>{l10n.t('Plan the rest again')}</Button>}
          <Button disabled={!changed} onClick={() => act('undo', undefined)}>
            {l10n.t('Undo all…')}
          </Button>
        </>
      ) : (
        <>
          <Button disabled={asked || stopped} onClick={() => act('stop', undefined)}>
            {l10n.t('Stop…')}
          </Button>
          {phase === 'paused' ? (
            <Button primary disabled={asked} onClick={() => act('resume', undefined)}>
              {l10n.t('Resume')}
            </Button>
          ) : (
            <Button primary disabled={asked || stopped} onClick={() => act('pause', undefined)}>
              {l10n.t('Pause')}
            </Button>
          )}
        </>
      )}
    </>
  );
}
