// The rows of the estimate of renegotiations, to sort, filter, copy and save.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { columnTexts } from '../../src/core/renegotiationText.ts';
import { countText } from '../../src/core/trafficText.ts';
import type { Ask } from '../host.ts';
import { Button, Empty, LinkButton, Scroll, TextField } from '../parts.tsx';
import { sortColumns, visibleEntries } from './renegotiationRows.ts';
import type { Entry, Order, SortColumn } from './renegotiationRows.ts';

/** So many rows are drawn at once: the table stays as quick with thousands. */
const rowsOnPage = 50;

export function RenegotiationTable(props: {
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
