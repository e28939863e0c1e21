// Earlier changes, newest first: who, when, what came of it, and the way back.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import type { HistoryEntry, OperationResult } from '../../src/core/history.ts';
import { entryTitle, evidenceLines, tookMs } from '../../src/core/historyText.ts';
import type { Reading } from '../../src/core/historyText.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import { durationText, resultText } from '../../src/core/wording.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Empty, LinkButton, memo, Section } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { Act } from './app.tsx';
import { Differences } from './notices.tsx';

interface HistoryProps {
  /** How maps are read. */
  readonly reading: Reading;
  readonly entries: readonly HistoryEntry[];
  readonly unreadable: number;
  readonly busy: boolean;
  readonly act: Act;
  readonly now: number;
}

export const History = memo(function drawHistory(props: HistoryProps): JSX.Element {
  const { reading, entries, unreadable, busy, act, now } = props;
  return (
    <Section id="history" title={l10n.t('History')}>
      {unreadable > 0 && (
        <p class="muted">
          {unreadable === 1
            ? l10n.t('1 line of the history could not be read. It is kept, not shown.')
            : l10n.t('{0} lines of the history could not be read. They are kept, not shown.', unreadable)}
        </p>
      )}
      {entries.length === 0 ? (
        <Empty>{l10n.t('No change has been made from here yet.')}</Empty>
      ) : (
        <ol class="history">
          {entries.map((entry) => (
            <Entry key={entry.id} {...{ entry, reading, now, busy }} undo={() => act('undo', { id: entry.id })} />
          ))}
        </ol>
      )}
    </Section>
  );
});

const icons: Readonly<Record<OperationResult, readonly [IconName, 'error' | 'warning' | 'info' | 'good']>> = {
  running: ['clock', 'info'],
  done: ['pass', 'good'],
  different: ['error', 'error'],
  failed: ['error', 'error'],
  refused: ['warning', 'warning'],
  unknown: ['question', 'warning'],
};

/** After which nothing of it is there, as far as Azure says, or not yet. */
const nothingToUndo: readonly OperationResult[] = ['refused', 'failed', 'running'];

function Entry(props: {
  readonly entry: HistoryEntry;
  readonly reading: Reading;
  readonly now: number;
  readonly busy: boolean;
  readonly undo: () => void;
}): JSX.Element {
  const { entry, reading, now, busy, undo } = props;
  const changed = differences(entry.before, entry.after);
  const evidence = evidenceLines(entry);
  const [icon, tone] = icons[entry.result];
  const took = tookMs(entry);
  return (
    <li>
      <div class="entry-head">
        <span class="with-icon">
          <Icon name={icon} tone={tone} />
          <strong>{resultText(entry.result)}</strong>
        </span>
        <span title={dateTime(entry.startedAt)}>{ago(entry.startedAt, now)}</span>
        <span class="muted">{entry.who}</span>
        {took !== null && <span class="muted">{l10n.t('took {0}', durationText(took))}</span>}
        {!nothingToUndo.includes(entry.result) && (
          <LinkButton
            disabled={busy}
            label={l10n.t('Undo the change of {0}', dateTime(entry.startedAt))}
            onClick={undo}
          >
            {l10n.t('Undo…')}
          </LinkButton>
        )}
      </div>
      {entry.detail !== '' && <p class="reason">{entry.detail}</p>}
      {changed.length > 0 && (
        <details>
          <summary>{entryTitle(entry, reading)}</summary>
          <Differences entries={changed} />
        </details>
      )}
      {evidence.length > 0 && (
        <details>
          <summary>{l10n.t('Evidence kept with it')}</summary>
          <ul class="differences">
            {evidence.map((line, index) => (
              <li key={index}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
