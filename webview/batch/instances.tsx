// The instances: found by text and state, a hundred rows at a time.

import * as l10n from '@vscode/l10n';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { itemStateText } from '../../src/core/batchText.ts';
import { rowStates } from '../../src/messages/batch.ts';
import type { BatchRow } from '../../src/messages/batch.ts';
import { Button, Empty, Hidden, LinkButton, Scroll, Section, TextField } from '../parts.tsx';
import type { Act, Ask } from './host.ts';
import { Row } from './row.tsx';

const rowsAtOnce = 100;
const byName = new Intl.Collator(undefined, { numeric: true });

/** What the list can be narrowed to, besides a state. */
const traits = {
  blockers: (row: BatchRow) => row.blockers > 0,
  warnings: (row: BatchRow) => row.warnings > 0,
  unchecked: (row: BatchRow) => row.state === 'planned' && row.check !== 'done',
} as const;
type Narrow = 'all' | keyof typeof traits | BatchRow['state'];

interface InstancesProps {
  readonly rows: readonly BatchRow[];
  readonly planning: boolean;
  /** Others may be added. */
  readonly takesMore: boolean;
  /** It is known what is to change. */
  readonly aimed: boolean;
  readonly now: number;
  readonly ask: Ask;
  readonly act: Act;
}

export function Instances({ rows, planning, takesMore, aimed, now, ask, act }: InstancesProps): JSX.Element {
  const [text, setText] = useState('');
  const [narrow, setNarrow] = useState<Narrow>('all');
  const [page, setPage] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const sorted = useSorted(rows);
  const found = useMemo(() => {
    const words = wordsOf(text);
    return sorted.filter((row) => fits(row, narrow) && matches(row, words));
  }, [sorted, text, narrow]);
  const pages = Math.max(1, Math.ceil(found.length / rowsAtOnce));
  const at = Math.min(page, pages - 1);
  const shown = found.slice(at * rowsAtOnce, (at + 1) * rowsAtOnce);
  const toggle = useMemo(
    () => (id: string) =>
      setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
    [],
  );
  return (
    <Section
      id="instances"
      title={l10n.t('Instances')}
      aside={
        takesMore && <LinkButton onClick={() => act('addInstances', undefined)}>{l10n.t('Add instances…')}</LinkButton>
      }
    >
      <div class="list-head">
        <TextField label={l10n.t('Filter by name, subscription or tier')} value={text} onInput={setText} />
        <Narrowing rows={rows} aimed={aimed} narrow={narrow} choose={setNarrow} />
        <Pager at={at} pages={pages} count={found.length} all={rows.length} go={setPage} />
      </div>
      {shown.length === 0 ? (
        <Empty>
          {rows.length === 0 ? l10n.t('No instance is chosen. Add some.') : l10n.t('No instance fits the filter.')}
        </Empty>
      ) : (
        <Scroll label={l10n.t('Table of instances')}>
          <table role="table" class="batch-rows">
            <thead role="rowgroup">
              <tr role="row">
                <ColumnHead>{l10n.t('Instance')}</ColumnHead>
                <ColumnHead>{l10n.t('Tier')}</ColumnHead>
                <ColumnHead>{l10n.t('Time and downtime')}</ColumnHead>
                <ColumnHead>{l10n.t('Plan')}</ColumnHead>
                <ColumnHead>{l10n.t('State')}</ColumnHead>
                <ColumnHead>
                  <Hidden>{l10n.t('Actions')}</Hidden>
                </ColumnHead>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {shown.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  planning={planning}
                  aimed={aimed}
                  open={open.has(row.id)}
                  now={row.state === 'running' || row.state === 'writing' ? now : 0}
                  toggle={toggle}
                  ask={ask}
                  act={act}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

function ColumnHead({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <th role="columnheader" scope="col">
      {children}
    </th>
  );
}

/** By wave and name. Comparing names takes time: it is done again only when there are other rows. */
function useSorted(rows: readonly BatchRow[]): readonly BatchRow[] {
  const which = rows.map(({ id, wave }) => `${wave} ${id}`).join('\n');
  const order = useMemo(
    () =>
      [...rows.entries()]
        .sort(([, a], [, b]) => a.wave - b.wave || byName.compare(a.name, b.name))
        .map(([index]) => index),
    [which],
  );
  return useMemo(() => order.flatMap((index) => rows[index] ?? []), [order, rows]);
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function matches({ name, subscriptionName, tier }: BatchRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const all = `${name} ${subscriptionName} ${tier}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

function fits(row: BatchRow, narrow: Narrow): boolean {
  return narrow === 'all' || narrow === row.state || (isTrait(narrow) && traits[narrow](row));
}

function isTrait(narrow: Narrow): narrow is keyof typeof traits {
  return Object.hasOwn(traits, narrow);
}

function narrowText(narrow: Narrow): string {
  switch (narrow) {
    case 'all':
      return l10n.t('All');
    case 'blockers':
      return l10n.t('With blockers');
    case 'warnings':
      return l10n.t('With warnings');
    case 'unchecked':
      return l10n.t('Not checked');
    case 'planned':
      return l10n.t('Planned');
    default:
      return itemStateText(narrow);
  }
}

function Narrowing(props: {
  readonly rows: readonly BatchRow[];
  readonly aimed: boolean;
  readonly narrow: Narrow;
  readonly choose: (narrow: Narrow) => void;
}): JSX.Element {
  const { rows, aimed, narrow, choose } = props;
  const all: readonly Narrow[] = ['all', ...(Object.keys(traits) as (keyof typeof traits)[]), ...rowStates];
  const choices = all
    // Before it is known what is to change, nothing is planned, and there is nothing to check.
    .filter((one) => aimed || (one !== 'planned' && one !== 'unchecked'))
    .map((one) => ({ one, count: rows.filter((row) => fits(row, one)).length }))
    .filter(({ one, count }) => count > 0 || one === 'all' || one === narrow);
  return (
    <label>
      {l10n.t('Show')}{' '}
      <select
        class="select"
        value={narrow}
        onChange={(event) => choose(all.find((one) => one === event.currentTarget.value) ?? 'all')}
      >
        {choices.map(({ one, count }) => (
          <option key={one} value={one} selected={one === narrow}>
            {narrowText(one)} ({count})
          </option>
        ))}
      </select>
    </label>
  );
}

function Pager(props: {
  readonly at: number;
  readonly pages: number;
  readonly count: number;
  readonly all: number;
  readonly go: (page: number) => void;
}): JSX.Element {
  const { at, pages, count, all, go } = props;
  const first = at * rowsAtOnce + 1;
  const last = Math.min(count, first + rowsAtOnce - 1);
  return (
    <div class="pager">
      <span role="status">
        {count === 0 ? '' : l10n.t('{0} to {1} of {2}', first, last, count)}
        {count < all && ` ${l10n.t('({0} in all)', all)}`}
      </span>
      {pages > 1 && (
        <>
          <Button disabled={at === 0} onClick={() => go(at - 1)}>
            {l10n.t('Previous rows')}
          </Button>
          <Button disabled={at === pages - 1} onClick={() => go(at + 1)}>
            {l10n.t('Next rows')}
          </Button>
        </>
      )}
    </div>
  );
}
