// The estimate of client certificate renegotiations: reading it, its sources, and a table to sort, filter, copy and save.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RenegotiationProgress } from '../../src/core/renegotiation.ts';
import { columnTexts, sourceLine } from '../../src/core/renegotiationText.ts';
import { trafficWindows } from '../../src/core/traffic.ts';
import { countText, windowText } from '../../src/core/trafficText.ts';
import type { RenegotiationView } from '../../src/messages/editor.ts';
import type { Ask } from '../host.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, Hidden, LinkButton, ProgressRing, Scroll, TextField } from '../parts.tsx';
import { readRenegotiationRows } from '../snapshot.ts';
import { ago } from '../time.ts';
import type { Act } from './app.tsx';
import { entriesOf, sortColumns, visibleEntries } from './renegotiationRows.ts';
import type { Entry, Order, SortColumn } from './renegotiationRows.ts';

interface Props {
  readonly view: RenegotiationView;
  readonly ask: Ask;
  readonly act: Act;
  readonly now: number;
}

export function Renegotiations({ view, ask, act, now }: Props): JSX.Element {
  const { found, progress, problem } = view;
  const { entries, failure } = useEntries(ask, found?.list ?? null, found?.total ?? 0);
  const read = (days: RenegotiationView['days'], fresh: boolean) => act('readRenegotiations', { days, fresh });
  const needless = found?.sources.find((source) => source.kind === 'tier');
  if (needless !== undefined) return <Empty>{sourceLine(needless).map(({ text }) => text)}</Empty>;
  return (
    <>
      <Controls view={view} read={read} act={act} />
      <div aria-live="polite">
        {progress !== null && <Reading progress={progress} />}
        {problem !== '' && <Failure text={problem} />}
        {failure !== '' && <Failure text={failure} />}
      </div>
      {found !== null && (
        <>
          <p class="muted">
            {l10n.t(
              'An estimate from the sources below, read {0}: the portal’s own list is not open to other programs. An operation may be missing, or may not renegotiate.',
              ago(found.readAt, now),
            )}
          </p>
          <Table list={found.list} total={found.total} cut={found.cut} entries={entries} ask={ask} />
          <Sources view={found} />
        </>
      )}
    </>
  );
}

function Controls(props: {
  readonly view: RenegotiationView;
  readonly read: (days: RenegotiationView['days'], fresh: boolean) => void;
  readonly act: Act;
}): JSX.Element {
  const { view, read, act } = props;
  const { days, progress, found } = view;
  return (
    <div class="renegotiation-bar">
      <label>
        <span>{l10n.t('Traffic of the last')}</span>{' '}
        <select
          class="select"
          value={String(days)}
          onChange={(event) =>
            read(trafficWindows.find((one) => String(one) === event.currentTarget.value) ?? days, false)
          }
        >
          {trafficWindows.map((one) => (
            <option key={one} value={String(one)} selected={one === days}>
              {windowText(one)}
            </option>
          ))}
        </select>
      </label>
      {progress === null ? (
        <Button onClick={() => read(days, true)}>{found === null ? l10n.t('Read') : l10n.t('Read again')}</Button>
      ) : (
        <Button onClick={() => act('cancelRenegotiations', undefined)}>{l10n.t('Cancel reading')}</Button>
      )}
      {progress === null && found?.more === true && (
        <Button onClick={() => read(days, false)}>{l10n.t('Read more policies')}</Button>
      )}
    </div>
  );
}

function Reading({ progress: { step, done, total } }: { readonly progress: RenegotiationProgress }): JSX.Element {
  const text = {
    logs: l10n.t('Reading logs, Azure Advisor and APIs…'),
    policies:
      total === 0
        ? l10n.t('Reading policies…')
        : l10n.t('Reading policies: {0} of {1}…', countText(done), countText(total)),
    operations: l10n.t('Reading the names of operations…'),
  }[step];
  return (
    <p class="reading">
      <ProgressRing label={l10n.t('Reading renegotiations')} /> {text}
    </p>
  );
}

function Failure({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="notice error">
      <Icon name="error" tone="error" />
      <span>{text}</span>
    </p>
  );
}

/** The rows of a list, asked for part by part; empty until the first has come. */
function useEntries(
  ask: Ask,
  list: number | null,
  total: number,
): { readonly entries: readonly Entry[]; readonly failure: string } {
  const [known, setKnown] = useState<{ list: number | null; entries: readonly Entry[] }>({ list: null, entries: [] });
  const [failure, setFailure] = useState('');
  useEffect(() => {
    if (list === null) return;
    let left = false;
    const load = async () => {
      let entries: readonly Entry[] = [];
      while (!left && entries.length < total) {
        const rows = readRenegotiationRows(await ask('renegotiationRows', { list, from: entries.length }));
        if (rows.length === 0) break;
        entries = [...entries, ...entriesOf(rows, entries.length)];
        if (!left) setKnown({ list, entries });
      }
    };
    setFailure('');
    load().catch((error: unknown) => {
      if (!left) setFailure(error instanceof Error ? error.message : String(error));
    });
    return () => {
      left = true;
    };
  }, [ask, list, total]);
  return { entries: known.list === list ? known.entries : [], failure };
}

/** So many rows are drawn at once: the table stays as quick with thousands. */
const rowsOnPage = 50;

function Table(props: {
  readonly list: number;
  readonly total: number;
  readonly cut: boolean;
  readonly entries: readonly Entry[];
  readonly ask: Ask;
}): JSX.Element {
  const { list, total, cut, entries, ask } = props;
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order | null>(null);
  const [page, setPage] = useState(0);
  const visible = useMemo(() => visibleEntries(entries, filter, order), [entries, filter, order]);
  if (total === 0)
    return <Empty>{l10n.t('No operation is known to ask callers for a certificate by renegotiation.')}</Empty>;
  const pages = Math.max(1, Math.ceil(visible.length / rowsOnPage));
  const at = Math.min(page, pages - 1);
  const shown = visible.slice(at * rowsOnPage, (at + 1) * rowsOnPage);
  const sortBy = (column: SortColumn) => {
    setOrder({ descending: order?.column === column && !order.descending, column });
    setPage(0);
  };
  return (
    <>
      <div class="renegotiation-bar">
        <TextField
          label={l10n.t('Filter renegotiations')}
          value={filter}
          onInput={(text) => {
            setFilter(text);
            setPage(0);
          }}
        />
        <span aria-live="polite" class="muted">
          {visible.length === total
            ? total === 1
              ? l10n.t('1 row')
              : l10n.t('{0} rows', countText(total))
            : l10n.t('{0} of {1} rows', countText(visible.length), countText(total))}
          {cut ? ` ${l10n.t('(there are more)')}` : ''}
        </span>
        <Exports list={list} places={visible} ask={ask} />
      </div>
      <Scroll label={l10n.t('Table of client certificate renegotiations')}>
        <table class="renegotiations">
          <colgroup>
            {sortColumns.map((column) => (
              <col key={column} class={`col-${column}`} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {columnTexts().map((label, index) => (
                <SortHeader
                  key={label}
                  label={label}
                  column={sortColumns[index] ?? 'api'}
                  order={order}
                  sort={sortBy}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => (
              <tr key={entry.place}>
                {entry.cells.map((cell, index) => (
                  <td key={index} class={index === 4 || index === 5 ? 'number' : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {visible.length === 0 && <Empty>{l10n.t('No row matches the filter.')}</Empty>}
      {pages > 1 && <Pages at={at} pages={pages} go={setPage} />}
    </>
  );
}

function SortHeader(props: {
  readonly label: string;
  readonly column: SortColumn;
  readonly order: Order | null;
  readonly sort: (column: SortColumn) => void;
}): JSX.Element {
  const { label, column, order } = props;
  const direction = order?.column === column ? (order.descending ? 'descending' : 'ascending') : 'none';
  const mark = { ascending: ' ↑', descending: ' ↓', none: '' }[direction];
  return (
    <th scope="col" aria-sort={direction}>
      <LinkButton onClick={() => props.sort(column)}>
        {label}
        <span aria-hidden="true">{mark}</span>
      </LinkButton>
    </th>
  );
}

function Pages(props: {
  readonly at: number;
  readonly pages: number;
  readonly go: (page: number) => void;
}): JSX.Element {
  const { at, pages, go } = props;
  return (
    <nav class="renegotiation-bar" aria-label={l10n.t('Pages of the table')}>
      <Button disabled={at === 0} onClick={() => go(at - 1)}>
        {l10n.t('Previous page')}
      </Button>
      <span aria-live="polite">{l10n.t('Page {0} of {1}', at + 1, pages)}</span>
      <Button disabled={at === pages - 1} onClick={() => go(at + 1)}>
        {l10n.t('Next page')}
      </Button>
    </nav>
  );
}

function savedText(count: number): string {
  return count === 1 ? l10n.t('1 row saved') : l10n.t('{0} rows saved', countText(count));
}

function copiedText(count: number): string {
  return count === 1 ? l10n.t('1 row copied') : l10n.t('{0} rows copied', countText(count));
}

function Exports(props: { readonly list: number; readonly places: readonly Entry[]; readonly ask: Ask }): JSX.Element {
  const { list, places, ask } = props;
  const [said, setSaid] = useState('');
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const run = async (to: 'file' | 'clipboard') => {
    setSaid('');
    try {
      const done = await ask('exportRenegotiations', { list, rows: places.map(({ place }) => place), to });
      if (!alive.current || !done) return;
      setSaid(to === 'file' ? savedText(places.length) : copiedText(places.length));
    } catch (error) {
      if (alive.current) setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  const empty = places.length === 0;
  return (
    <>
      <Button disabled={empty} onClick={() => void run('clipboard')}>
        {l10n.t('Copy rows')}
      </Button>
      <Button disabled={empty} onClick={() => void run('file')}>
        {l10n.t('Save as CSV…')}
      </Button>
      <span role="status">{said}</span>
    </>
  );
}

const tones = {
  good: { name: 'check', tone: 'good' },
  note: { name: 'info', tone: 'info' },
  missing: { name: 'question', tone: 'warning' },
} as const;

function Sources({ view }: { readonly view: NonNullable<RenegotiationView['found']> }): JSX.Element {
  const words = { good: l10n.t('Read'), note: l10n.t('Note'), missing: l10n.t('Missing') };
  return (
    <>
      <h3>{l10n.t('Sources')}</h3>
      <ul class="sources">
        {view.sources.flatMap(sourceLine).map(({ tone, text }) => (
          <li key={text}>
            <Icon {...tones[tone]} />
            <span>
              <Hidden>{words[tone]}: </Hidden>
              {text}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
