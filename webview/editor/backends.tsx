// The hosts that the gateway calls: last probe, what is negotiated now and under the draft, certificate, verdict.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import type { BackendVerdict, Verdict } from '../../src/core/tls/verdict.ts';
import { Icon } from '../icons.tsx';
import { Checkbox, Empty, LinkButton, Section, TextField } from '../parts.tsx';
import type { SectionProps } from './app.tsx';
import { rowOf } from './backendRow.ts';
import type { Row } from './backendRow.ts';
import { Completeness, OutOfReach } from './backendNotes.tsx';
import { BackendTable } from './backendTable.tsx';
import type { Sorting } from './backendTable.tsx';
import { VerdictMark } from './evidenceParts.tsx';
import { useLate } from '../time.ts';

/** More rows than these are slow to lay out anew at each change of the draft. */
const pageRows = 25;
const affecting: readonly Verdict[] = ['breaks', 'repaired', 'changes', 'unknown', 'alreadyBroken'];

export function Backends(props: SectionProps): JSX.Element {
  const { backends, backendsProblem } = props.state;
  return (
    <Section id="backends" title={backends === null ? l10n.t('Backends') : l10n.t('Backends ({0})', backends.length)}>
      {backendsProblem !== '' && (
        <div class="notice error">
          <Icon name="error" tone="error" />
          <p>{backendsProblem}</p>
        </div>
      )}
      {backends === null ? (
        backendsProblem === '' && (
          <Empty>{l10n.t('The backends have not been read yet. Choose Check to read and probe them.')}</Empty>
        )
      ) : backends.length === 0 ? (
        <Empty>{l10n.t('This instance has no API or backend that names a host.')}</Empty>
      ) : (
        <BackendList {...props} backends={backends} />
      )}
      {backends !== null && <Completeness {...props} />}
    </Section>
  );
}

/** What needs a decision comes first; of the same verdict, what most requests depend on. */
const byUrgency: readonly Verdict[] = [
  'breaks',
  'alreadyBroken',
  'unknown',
  'repaired',
  'changes',
  'connects',
  'same',
  'noTls',
];

function urgency(verdict: BackendVerdict | undefined): number {
  return byUrgency.indexOf(verdict?.verdict ?? 'unknown');
}

/** What orders and filters a host; the row itself is made for those that are shown. */
interface Entry {
  readonly host: string;
  readonly backend: BackendHost;
  /** In lower case. */
  readonly text: string;
  readonly requests: number;
}

function entryOf(backend: BackendHost): Entry {
  const host = hostAndPort(backend);
  const text = [host, ...backend.usedBy.map(({ title }) => title)].join('\n').toLowerCase();
  return { host, backend, text, requests: backend.seen?.requests ?? -1 };
}

function compareBy({ by, reversed }: Sorting, verdicts: ReadonlyMap<string, BackendVerdict>) {
  const byHost = (a: Entry, b: Entry) => (a.host < b.host ? -1 : 1);
  const byTraffic = (a: Entry, b: Entry) => b.requests - a.requests;
  const byVerdict = (a: Entry, b: Entry) => urgency(verdicts.get(a.host)) - urgency(verdicts.get(b.host));
  const first = { host: byHost, traffic: byTraffic, verdict: byVerdict }[by];
  return (a: Entry, b: Entry) => (reversed ? -1 : 1) * first(a, b) || byTraffic(a, b);
}

type Tell = Pick<SectionProps['state'], 'surveys' | 'connectivity'>;

/** Rows as they were drawn last: what has not changed is not put into words again. */
function useRows(entries: readonly Entry[], { surveys, connectivity }: Tell, now: number): readonly Row[] {
  const made = useRef(new Map<string, { readonly of: readonly unknown[]; readonly row: Row }>());
  const kept = entries.map(({ host, backend }) => {
    const of = [backend, surveys[host], connectivity[host], now] as const;
    const before = made.current.get(host);
    return before?.of.every((one, index) => one === of[index]) ? before : { of, row: rowOf(...of) };
  });
  made.current = new Map(kept.map((one) => [one.row.host, one]));
  return kept.map(({ row }) => row);
}

function BackendList(props: SectionProps & { readonly backends: readonly BackendHost[] }): JSX.Element {
  const { state, model, act, now, backends } = props;
  const [filter, setFilter] = useState('');
  const [affectedOnly, setAffectedOnly] = useState(false);
  const [sorting, setSorting] = useState<Sorting>({ by: 'verdict', reversed: false });
  const [page, setPage] = useState(0);
  // A change of the draft is shown in the rows as they stand within its own frame; only then do they move. Results that
  // stream in change the rows as they move them.
  const order = useLate(model.verdicts, 0);
  const { surveys, connectivity } = state;
  const { verdicts } = model;
  const told = useMemo(() => ({ surveys, connectivity, verdicts }), [surveys, connectivity, verdicts]);
  const shown = useLate(told, 0, model.changes);
  const entries = useMemo(() => backends.map(entryOf), [backends]);
  const text = filter.trim().toLowerCase();
  const matching = useMemo(
    () =>
      entries
        .filter((entry) => {
          const verdict = affectedOnly ? order.get(entry.host)?.verdict : undefined;
          if (affectedOnly && !(verdict && affecting.includes(verdict))) return false;
          return text === '' || entry.text.includes(text);
        })
        .sort(compareBy(sorting, order)),
    [entries, order, affectedOnly, text, sorting],
  );
  const first = Math.min(page, Math.max(0, Math.ceil(matching.length / pageRows) - 1)) * pageRows;
  const rows = useRows(matching.slice(first, first + pageRows), shown, now);
  return (
    <>
      <div class="list-head">
        <Tally verdicts={model.verdicts} />
        {backends.length > 8 && <TextField label={l10n.t('Filter backends')} value={filter} onInput={setFilter} />}
        <Checkbox checked={affectedOnly} onChange={() => setAffectedOnly(!affectedOnly)}>
          {l10n.t('Affected or unknown only')}
        </Checkbox>
      </div>
      <OutOfReach {...props} />
      {matching.length === 0 ? (
        <Empty>{l10n.t('No backend matches. Clear the filter to see all {0}.', backends.length)}</Empty>
      ) : (
        <BackendTable
          rows={rows}
          verdicts={shown.verdicts}
          withTraffic={state.seen.found?.state === 'read' || state.seen.found?.state === 'partial'}
          sorting={sorting}
          sort={(by) => {
            setSorting({ by, reversed: sorting.by === by && !sorting.reversed });
            setPage(0);
          }}
          act={act}
        />
      )}
      {matching.length > pageRows && <Pages first={first} count={matching.length} turn={setPage} />}
    </>
  );
}

function Pages(props: {
  readonly first: number;
  readonly count: number;
  readonly turn: (page: number) => void;
}): JSX.Element {
  const { first, count, turn } = props;
  const page = first / pageRows;
  const last = Math.min(first + pageRows, count);
  return (
    <nav class="pages" aria-label={l10n.t('Pages of backends')}>
      <span role="status">{l10n.t('{0} to {1} of {2}', first + 1, last, count)}</span>
      <LinkButton disabled={first === 0} onClick={() => turn(page - 1)}>
        {l10n.t('Previous')}
      </LinkButton>
      <LinkButton disabled={last === count} onClick={() => turn(page + 1)}>
        {l10n.t('Next')}
      </LinkButton>
    </nav>
  );
}

/** How many backends fare how. */
function Tally({ verdicts }: { readonly verdicts: ReadonlyMap<string, BackendVerdict> }): JSX.Element {
  const count = (...wanted: readonly Verdict[]) =>
    [...verdicts.values()].filter(({ verdict }) => wanted.includes(verdict)).length;
  const parts: readonly (readonly [Verdict, number, string])[] = [
    ['breaks', count('breaks'), l10n.t('would stop connecting')],
    ['alreadyBroken', count('alreadyBroken'), l10n.t('do not connect now')],
    ['unknown', count('unknown'), l10n.t('unknown')],
    ['changes', count('changes', 'repaired'), l10n.t('connect differently')],
    ['connects', count('connects'), l10n.t('would connect')],
    ['same', count('same'), l10n.t('as before')],
    ['noTls', count('noTls'), l10n.t('without TLS')],
  ];
  return (
    <ul class="tally">
      {parts
        .filter(([, number]) => number > 0)
        .map(([verdict, number, text]) => (
          <li key={verdict}>
            <VerdictMark verdict={verdict} text={`${number} ${text}`} />
          </li>
        ))}
    </ul>
  );
}
