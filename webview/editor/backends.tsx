// The hosts that the gateway calls: last probe, what is negotiated now and under the draft, certificate, verdict.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import type { BackendVerdict, Verdict } from '../../src/core/tls/verdict.ts';
import { Icon } from '../icons.tsx';
import { Checkbox, Empty, LinkButton, Section, TextField } from '../parts.tsx';
import type { SectionProps } from './app.tsx';
import { BackendTable, rowOf } from './backendTable.tsx';
import type { Row } from './backendTable.tsx';
import { VerdictMark } from './evidenceParts.tsx';

/** More rows than these are slow to lay out anew at each change of the draft. */
const pageRows = 50;
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
    </Section>
  );
}

/** What needs a decision comes first; hosts of the same verdict stay in their order. */
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

/**
 * The verdicts that the rows are ordered by: those of the draft, one frame late. A change of the draft is shown in the
 * rows as they stand within its own frame; only then do they move, which draws many anew.
 */
function useOrder(verdicts: SectionProps['model']['verdicts']): SectionProps['model']['verdicts'] {
  const [order, setOrder] = useState(verdicts);
  useEffect(() => setOrder(verdicts), [verdicts]);
  return order;
}

/** The rows as texts; a row is made again only when its backend, its survey or the time is another. */
function useRows(
  backends: readonly BackendHost[],
  surveys: SectionProps['state']['surveys'],
  now: number,
): readonly Row[] {
  const made = useRef(new Map<string, readonly [BackendHost, Survey | undefined, number, Row]>());
  return useMemo(() => {
    const before = made.current;
    made.current = new Map();
    return backends.map((backend) => {
      const host = hostAndPort(backend);
      const survey = surveys[host];
      const known = before.get(host);
      const same = known?.[0] === backend && known[1] === survey && known[2] === now;
      const row = same ? known[3] : rowOf(backend, survey, now);
      made.current.set(host, [backend, survey, now, row]);
      return row;
    });
  }, [backends, surveys, now]);
}

function BackendList({
  state,
  model,
  act,
  now,
  backends,
}: SectionProps & { readonly backends: readonly BackendHost[] }): JSX.Element {
  const [filter, setFilter] = useState('');
  const [affectedOnly, setAffectedOnly] = useState(false);
  const [page, setPage] = useState(0);
  const order = useOrder(model.verdicts);
  const rows = useRows(backends, state.surveys, now);
  const text = filter.trim().toLowerCase();
  const matching = rows
    .filter((row) => {
      const verdict = model.verdicts.get(row.host);
      if (affectedOnly && !(verdict && affecting.includes(verdict.verdict))) return false;
      return text === '' || row.host.toLowerCase().includes(text) || row.usedBy.toLowerCase().includes(text);
    })
    .sort((a, b) => urgency(order.get(a.host)) - urgency(order.get(b.host)));
  const first = Math.min(page, Math.max(0, Math.ceil(matching.length / pageRows) - 1)) * pageRows;
  const shown = matching.slice(first, first + pageRows);
  return (
    <>
      <div class="list-head">
        <Tally verdicts={model.verdicts} />
        {backends.length > 8 && <TextField label={l10n.t('Filter backends')} value={filter} onInput={setFilter} />}
        <Checkbox checked={affectedOnly} onChange={() => setAffectedOnly(!affectedOnly)}>
          {l10n.t('Affected or unknown only')}
        </Checkbox>
      </div>
      {matching.length === 0 ? (
        <Empty>{l10n.t('No backend matches. Clear the filter to see all {0}.', backends.length)}</Empty>
      ) : (
        <BackendTable rows={shown} verdicts={model.verdicts} act={act} />
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
