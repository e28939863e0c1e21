// The bar that stays in view: how far it is, and what can be done now.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { hasEnded } from '../../src/core/batchProgress.ts';
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
  const ended = taking.filter(({ state }) => hasEnded(state)).length;
  return <progress max={Math.max(1, taking.length)} value={ended} aria-label={l10n.t('Instances that have ended')} />;
}

function planText({ rows, checking, aim }: BatchState): string {
  if (checking)
    return l10n.t('Checking: {0} of {1} instances, {2} hosts probed.', checking.done, checking.total, checking.hosts);
  if (rows.length === 0) return l10n.t('No instance is chosen.');
  if (aim === null)
    return rows.length === 1
      ? l10n.t('1 instance. Choose what is to change.')
      : l10n.t('{0} instances. Choose what is to change.', rows.length);
  const taking = rows.filter(({ state }) => state === 'planned').length;
  const blocked = rows.filter(({ leftOut }) => leftOut === 'blocked').length;
  const unchecked = rows.filter(({ state, check }) => state === 'planned' && check !== 'done').length;
  return [
    l10n.t('{0} of {1} instances change.', taking, rows.length),
    ...(blocked > 0 ? [l10n.t('Left out because of blockers: {0}.', blocked)] : []),
    ...(unchecked > 0 ? [l10n.t('Not checked: {0}.', unchecked)] : []),
  ].join(' ');
}

/** Buttons with keys: the focus never moves to one that does something else than the one that had it, but for the main one. */
function planning({ state, act }: ActionsProps): readonly JSX.Element[] {
  const { checking, aim, rows } = state;
  const taking = rows.some((row) => row.state === 'planned');
  return [
    checking ? (
      <Button key="cancel" onClick={() => act('cancel', undefined)}>
        {l10n.t('Cancel')}
      </Button>
    ) : (
      <Button key="check" disabled={aim === null || rows.length === 0} onClick={() => act('check', undefined)}>
        {l10n.t('Check')}
      </Button>
    ),
    <Button
      key="main"
      primary
      disabled={aim === null || checking !== null || !taking}
      onClick={() => act('start', undefined)}
    >
      {l10n.t('Start…')}
    </Button>,
  ];
}

function begun({ state, act }: ActionsProps): readonly JSX.Element[] {
  const { phase, asked, stopped } = state;
  const report = [
    <Button key="markdown" onClick={() => act('save', { format: 'markdown' })}>
      {l10n.t('Save as Markdown…')}
    </Button>,
    <Button key="csv" onClick={() => act('save', { format: 'csv' })}>
      {l10n.t('Save as CSV…')}
    </Button>,
  ];
  if (phase === 'ended') return [...report, ...ended({ state, act })];
  const paused = phase === 'paused';
  return [
    ...report,
    <Button key="stop" disabled={asked || stopped} onClick={() => act('stop', undefined)}>
      {l10n.t('Stop…')}
    </Button>,
    <Button
      key="main"
      primary
      disabled={asked || (stopped && !paused)}
      onClick={() => act(paused ? 'resume' : 'pause', undefined)}
    >
      {paused ? l10n.t('Resume') : l10n.t('Pause')}
    </Button>,
  ];
}

function ended({ state, act }: ActionsProps): readonly JSX.Element[] {
  const changed = state.rows.some((row) => ['done', 'different', 'unknown'].includes(row.state));
  const rest = state.rows.some((row) => !['done', 'leftOut'].includes(row.state));
  return [
    ...(rest
      ? [
          <Button key="rest" onClick={() => act('planRest', undefined)}>
            {l10n.t('Plan the rest again')}
          </Button>,
        ]
      : []),
    <Button key="undo" disabled={!changed} onClick={() => act('undo', undefined)}>
      {l10n.t('Undo all…')}
    </Button>,
  ];
}
