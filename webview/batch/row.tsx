// One instance: what it costs, what its plan says, how it stands; its plan in full below it when it is opened.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { itemCostText, itemStateText } from '../../src/core/batchText.ts';
import { changeCountText, durationText, severityText } from '../../src/core/wording.ts';
import type { BatchRow, RowDetails, RowState } from '../../src/messages/batch.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Hidden, LinkButton, memo, ProgressRing } from '../parts.tsx';
import { dateTime } from '../time.ts';
import type { Act, Ask } from './host.ts';

interface RowProps {
  readonly row: BatchRow;
  readonly planning: boolean;
  readonly aimed: boolean;
  readonly open: boolean;
  /** Milliseconds since 1970; 0 where the row does not tell how long something takes. */
  readonly now: number;
  readonly toggle: (id: string) => void;
  readonly ask: Ask;
  readonly act: Act;
}

const columns = 6;

export const Row = memo(function drawRow(props: RowProps): JSX.Element {
  const { row, planning, aimed, open, now, act, toggle } = props;
  const { id, name, subscriptionName, tier, wave } = row;
  return (
    <>
      <tr role="row" class={`state-${row.state}`}>
        <th role="rowheader" scope="row">
          {name}
          <span class="reason">{subscriptionName}</span>
        </th>
        <td role="cell">{tier}</td>
        <td role="cell">{itemCostText(wave)}</td>
        <td role="cell">
          {aimed && (
            <button
              type="button"
              class="link-button"
              aria-expanded={open}
              aria-label={l10n.t('{0}: plan of {1}', changeCountText(row.changes), name)}
              onClick={() => toggle(id)}
            >
              {changeCountText(row.changes)}
            </button>
          )}
          <Findings {...row} />
        </td>
        <td role="cell">{aimed || row.state !== 'planned' ? <State row={row} now={now} /> : <NothingChosen />}</td>
        <td role="cell" class="row-actions">
          <LinkButton label={l10n.t('Open {0} in the editor', name)} onClick={() => act('edit', { id })}>
            {l10n.t('Open')}
          </LinkButton>
          {planning && (
            <LinkButton label={l10n.t('Leave {0} out', name)} onClick={() => act('remove', { id })}>
              <Icon name="cross" />
            </LinkButton>
          )}
        </td>
      </tr>
      {open && (
        <tr role="row" class="details">
          <td role="cell" colSpan={columns} aria-colspan={columns}>
            <Details {...props} />
          </td>
        </tr>
      )}
    </>
  );
});

function Findings({ blockers, warnings, check }: BatchRow): JSX.Element {
  return (
    <span class="tallies">
      {blockers > 0 && (
        <span class="with-icon">
          <Icon name="error" tone="error" />
          {blockers === 1 ? l10n.t('1 blocker') : l10n.t('{0} blockers', blockers)}
        </span>
      )}
      {warnings > 0 && (
        <span class="with-icon">
          <Icon name="warning" tone="warning" />
          {warnings === 1 ? l10n.t('1 warning') : l10n.t('{0} warnings', warnings)}
        </span>
      )}
      {check === 'running' && (
        <span class="with-icon">
          <Icon name="clock" tone="info" />
          {l10n.t('being checked')}
        </span>
      )}
      {check === 'done' && (
        <span class="with-icon">
          <Icon name="check" tone="good" />
          {l10n.t('checked')}
        </span>
      )}
      {check === 'failed' && (
        <span class="with-icon">
          <Icon name="question" tone="warning" />
          {l10n.t('could not be checked')}
        </span>
      )}
    </span>
  );
}

const looks: Readonly<Record<RowState, readonly [IconName, 'error' | 'warning' | 'info' | 'good' | 'muted']>> = {
  planned: ['change', 'info'],
  waiting: ['clock', 'muted'],
  writing: ['change', 'info'],
  running: ['clock', 'info'],
  done: ['pass', 'good'],
  different: ['error', 'error'],
  failed: ['error', 'error'],
  refused: ['warning', 'warning'],
  unknown: ['question', 'warning'],
  leftOut: ['minus', 'muted'],
  stopped: ['minus', 'muted'],
};

function NothingChosen(): JSX.Element {
  return (
    <>
      <span aria-hidden="true">–</span>
      <Hidden>{l10n.t('nothing chosen yet')}</Hidden>
    </>
  );
}

function State({ row, now }: Pick<RowProps, 'row' | 'now'>): JSX.Element {
  const [icon, tone] = looks[row.state];
  const { startedAt, endedAt } = row;
  const took = startedAt === null ? NaN : (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt);
  return (
    <>
      <span class="with-icon" title={startedAt === null ? undefined : dateTime(startedAt)}>
        <Icon name={icon} tone={tone} />
        <span>
          {row.state === 'planned' ? l10n.t('Planned') : itemStateText(row.state)}
          {took >= 0 && <span class="muted">, {durationText(took)}</span>}
        </span>
      </span>
      {row.overridden && <span class="reason">{l10n.t('Blockers are overridden.')}</span>}
      {row.detail !== '' && <span class="reason">{row.detail}</span>}
    </>
  );
}

const tones = { blocker: ['error', 'error'], warning: ['warning', 'warning'], note: ['info', 'info'] } as const;

function Details({ row, planning, ask }: RowProps): JSX.Element {
  const { id, name, check, changes, blockers, warnings } = row;
  const [details, setDetails] = useState<RowDetails | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let wanted = true;
    ask('details', { id }).then(
      (found) => wanted && setDetails(found),
      (error: unknown) => wanted && setProblem(String(error)),
    );
    return () => {
      wanted = false;
    };
  }, [id, check, changes, blockers, warnings]);
  if (problem !== '') return <p role="alert">{problem}</p>;
  if (details === null) return <ProgressRing label={l10n.t('Reading the plan')} />;
  return (
    <div class="row-plan">
      {details.changes.length === 0 ? (
        <p class="muted">{l10n.t('Nothing changes.')}</p>
      ) : (
        <ul class="changes">
          {details.changes.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {details.left.map((text) => (
        <p key={text} class="muted">
          {text}
        </p>
      ))}
      {details.unread.map((text) => (
        <p key={text} class="with-icon">
          <Icon name="question" tone="warning" />
          <span>{text}</span>
        </p>
      ))}
      <ul class="findings">
        {details.findings.map(({ severity, text }, index) => (
          <li key={index} class={severity}>
            <Icon name={tones[severity][0]} tone={tones[severity][1]} />
            <span>
              <strong>{severityText(severity)}:</strong> {text}
            </span>
          </li>
        ))}
      </ul>
      {planning && blockers > 0 && !row.absolute && (
        <div class="override">
          <label>
            {l10n.t('To change it in spite of its blockers, type its name: {0}', name)}{' '}
            <input
              class="select"
              type="text"
              autoComplete="off"
              spellcheck={false}
              maxLength={200}
              defaultValue={row.overridden ? name : ''}
              onInput={(event) => void ask('override', { id, name: event.currentTarget.value })}
            />
          </label>
          <span class="with-icon" role="status">
            {row.overridden && <Icon name="check" tone="good" />}
            {row.overridden && l10n.t('Blockers are overridden.')}
          </span>
        </div>
      )}
    </div>
  );
}
