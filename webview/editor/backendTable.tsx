// The table of backends: one row per host, drawn again only when something of it changes.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { connectivityLimitText } from '../../src/core/connectivity.ts';
import type { BackendVerdict, Verdict } from '../../src/core/tls/verdict.ts';
import { negotiatedText, verdictText } from '../../src/core/surveyText.ts';
import { Icon } from '../icons.tsx';
import { Breakable, LinkButton, memo, Scroll } from '../parts.tsx';
import type { Act } from './app.tsx';
import type { Row } from './backendRow.ts';
import { CertificateCell, VerdictMark, Versions } from './evidenceParts.tsx';

/** What the rows can be ordered by; again: the other way round. */
export type SortBy = 'host' | 'verdict' | 'traffic';
export interface Sorting {
  readonly by: SortBy;
  readonly reversed: boolean;
}

interface Column {
  readonly label: string;
  readonly sort?: SortBy;
}

function columns(withTraffic: boolean): readonly Column[] {
  return [
    { label: l10n.t('Host'), sort: 'host' },
    { label: l10n.t('Verdict'), sort: 'verdict' },
    ...(withTraffic ? [{ label: l10n.t('Logged calls'), sort: 'traffic' } as const] : []),
    { label: l10n.t('Negotiated now') },
    { label: l10n.t('Under the draft') },
    { label: l10n.t('Accepts') },
    { label: l10n.t('Certificate') },
    { label: l10n.t('Last probe') },
  ];
}

export function BackendTable(props: {
  readonly rows: readonly Row[];
  readonly verdicts: ReadonlyMap<string, BackendVerdict>;
  readonly withTraffic: boolean;
  readonly sorting: Sorting;
  readonly sort: (by: SortBy) => void;
  readonly act: Act;
}): JSX.Element {
  const { withTraffic } = props;
  const shown = columns(withTraffic);
  return (
    <Scroll label={l10n.t('Table of backends')}>
      <table role="table" class={withTraffic ? 'backends with-traffic' : 'backends'}>
        <thead role="rowgroup">
          <tr role="row">
            {shown.map((column) => (
              <HeadCell key={column.label} column={column} sorting={props.sorting} sort={props.sort} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => {
            const verdict = props.verdicts.get(row.host);
            return (
              <BackendRow
                key={row.host}
                {...row}
                act={props.act}
                withTraffic={withTraffic}
                verdict={verdict?.verdict ?? 'unknown'}
                verdictWords={
                  row.probed === '' && !row.plain
                    ? l10n.t('Not probed')
                    : verdict
                      ? verdictText(verdict)
                      : l10n.t('Unknown')
                }
                nowWords={verdict ? negotiatedText(verdict.now) : ''}
                draftWords={verdict ? negotiatedText(verdict.draft) : ''}
              />
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function HeadCell(props: {
  readonly column: Column;
  readonly sorting: Sorting;
  readonly sort: (by: SortBy) => void;
}): JSX.Element {
  const { label, sort } = props.column;
  if (sort === undefined)
    return (
      <th role="columnheader" scope="col">
        {label}
      </th>
    );
  const { by, reversed } = props.sorting;
  // The most urgent and the busiest come first: what is large comes before what is small.
  const falls = (sort === 'host') === reversed;
  return (
    <th role="columnheader" scope="col" aria-sort={by === sort ? (falls ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="sort" onClick={() => props.sort(sort)}>
        {label}
        {by === sort && <span aria-hidden="true">{falls ? ' ▾' : ' ▴'}</span>}
      </button>
    </th>
  );
}

interface BackendRowProps extends Row {
  readonly act: Act;
  readonly withTraffic: boolean;
  readonly verdict: Verdict;
  readonly verdictWords: string;
  readonly nowWords: string;
  readonly draftWords: string;
}

const BackendRow = memo(function drawRow(row: BackendRowProps): JSX.Element {
  const none = <span class="muted">{row.plain ? l10n.t('no TLS') : l10n.t('not probed')}</span>;
  const known = row.probed !== '';
  return (
    <tr role="row" class={`verdict-${row.verdict}`}>
      <th role="rowheader" scope="row">
        <HostCell {...row} />
        {row.trafficProblem !== '' && (
          <span class="with-icon">
            <Icon name="warning" tone="warning" />
            <span class="reason">{row.trafficProblem}</span>
          </span>
        )}
      </th>
      <td role="cell">
        <VerdictMark verdict={row.verdict} text={row.verdictWords} />
        {row.problem !== '' && <span class="reason">{row.problem}</span>}
        {row.paths !== '' && <span class="reason">{row.paths}</span>}
        <Reach {...row} />
      </td>
      {row.withTraffic && (
        <td role="cell">{row.traffic === '' ? <span class="muted">{l10n.t('none seen')}</span> : row.traffic}</td>
      )}
      <td role="cell">{known ? <Suite text={row.nowWords} /> : none}</td>
      <td role="cell" class={known && row.nowWords !== row.draftWords ? 'changed' : undefined}>
        {known ? (
          row.verdict === 'same' ? (
            <span class="muted">{l10n.t('the same')}</span>
          ) : (
            <Suite text={row.draftWords} />
          )
        ) : (
          none
        )}
      </td>
      <td role="cell">{known ? <Versions answers={row.versions} /> : none}</td>
      <td role="cell">
        {known ? <CertificateCell expiry={row.certificate} findings={row.findings} tone={row.tone} /> : none}
      </td>
      <td role="cell">
        {known ? <span title={row.probedAt}>{row.probed}</span> : none}
        {known && (
          <LinkButton
            label={l10n.t('Details of {0}', row.host)}
            onClick={() => row.act('showSurvey', { host: row.host })}
          >
            {l10n.t('Details')}
          </LinkButton>
        )}
      </td>
    </tr>
  );
});

/** The host, and what leads to it: a line, or a list that opens. */
function HostCell({ host, usedBy, uses, onlySeen }: Row): JSX.Element {
  const lines = uses.split('\n');
  return (
    <>
      <span class="host">
        <Breakable text={host} />
      </span>
      {onlySeen && <span class="reason seen-only">{l10n.t('Seen in logs only')}</span>}
      {lines.length === 1 ? (
        <span class="reason" title={uses}>
          {usedBy}
        </span>
      ) : (
        <details class="uses">
          <summary class="reason">{usedBy}</summary>
          <ul>
            {lines.slice(0, mostUses).map((line) => (
              <li key={line} class="reason">
                {line}
              </li>
            ))}
            {lines.length > mostUses && <li class="reason">{l10n.t('{0} more', lines.length - mostUses)}</li>}
          </ul>
        </details>
      )}
    </>
  );
}

const mostUses = 40;

/** What the service says of a host that this machine does not reach, and the way to ask it. */
function Reach(row: BackendRowProps): JSX.Element | null {
  const { reach, reachRunning, reachProblem, mayAsk, host } = row;
  if (reach === '' && !reachRunning && reachProblem === '' && !mayAsk) return null;
  const [tone, icon] =
    row.reachState === 'reached'
      ? (['good', 'pass'] as const)
      : row.reachState === 'unknown'
        ? (['muted', 'question'] as const)
        : (['warning', 'warning'] as const);
  return (
    <span class="reach">
      {reach !== '' && (
        <span class="with-icon" title={connectivityLimitText()}>
          <Icon name={icon} tone={tone} />
          <span>
            {reach.split('\n').map((line) => (
              <span key={line} class="reason">
                {line}
              </span>
            ))}
            <span class="reason">{row.reachAt}</span>
          </span>
        </span>
      )}
      {reachProblem !== '' && <span class="reason">{reachProblem}</span>}
      {reachRunning ? (
        <span class="reason" role="status">
          {l10n.t('Asking the gateway…')}
        </span>
      ) : (
        <LinkButton
          label={
            reach === ''
              ? l10n.t('Ask the gateway whether it reaches {0}', host)
              : l10n.t('Ask again whether the gateway reaches {0}', host)
          }
          onClick={() => row.act('checkConnectivity', { hosts: [host] })}
        >
          {reach === '' ? l10n.t('Ask the gateway') : l10n.t('Ask again')}
        </LinkButton>
      )}
    </span>
  );
}

/** "TLS 1.2" above the name of the suite, which may break after an underscore. */
function Suite({ text }: { readonly text: string }): JSX.Element {
  const comma = text.indexOf(', TLS_');
  if (comma < 0) return <span>{text}</span>;
  return (
    <>
      <span class="negotiated-version">{text.slice(0, comma)}</span>
      <code>
        <Breakable text={text.slice(comma + 2)} />
      </code>
    </>
  );
}
