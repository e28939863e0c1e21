// The hosts that the gateway calls: last probe, what is negotiated now and under the draft, certificate, verdict.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import type { BackendVerdict, Verdict } from '../../src/core/tls/verdict.ts';
import { negotiatedText, verdictText } from '../../src/core/wording.ts';
import { Icon } from '../icons.tsx';
import { Breakable, Checkbox, Empty, LinkButton, memo, Section, TextField } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { Act, SectionProps } from './app.tsx';
import {
  CertificateCell,
  certificateFacts,
  certificateTone,
  surveyProblem,
  VerdictMark,
  versionAnswers,
  Versions,
} from './evidenceParts.tsx';

/** A row as plain texts, so that it is drawn only when one of them changes. */
interface Row {
  readonly host: string;
  readonly usedBy: string;
  readonly probedAt: string;
  readonly probed: string;
  readonly problem: string;
  readonly versions: string;
  readonly certificate: string;
  readonly findings: string;
  readonly tone: ReturnType<typeof certificateTone>;
  readonly plain: boolean;
}

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
  const rows = useMemo(
    () => backends.map((backend) => rowOf(backend, state.surveys[hostAndPort(backend)], now)),
    [backends, state.surveys, now],
  );
  const text = filter.trim().toLowerCase();
  const matching = rows.filter((row) => {
    const verdict = model.verdicts.get(row.host);
    if (affectedOnly && !(verdict && affecting.includes(verdict.verdict))) return false;
    return text === '' || row.host.toLowerCase().includes(text) || row.usedBy.toLowerCase().includes(text);
  });
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

function rowOf(backend: BackendHost, survey: Survey | undefined, now: number): Row {
  const titles = backend.usedBy.map((use) => use.title);
  const usedBy =
    titles.length > 3
      ? l10n.t('{0} and {1} more', titles.slice(0, 3).join(', '), titles.length - 3)
      : titles.join(', ');
  const plain = backend.scheme === 'http';
  const common = { host: hostAndPort(backend), usedBy, plain };
  if (!survey || plain)
    return {
      ...common,
      probedAt: '',
      probed: '',
      problem: '',
      versions: '',
      certificate: '',
      findings: '',
      tone: 'muted',
    };
  const facts = certificateFacts(survey, now);
  return {
    ...common,
    probedAt: dateTime(survey.at),
    probed: ago(survey.at, now),
    problem: surveyProblem(survey),
    versions: versionAnswers(survey),
    certificate: facts.expiry,
    findings: facts.findings,
    tone: certificateTone(survey),
  };
}

function BackendTable(props: {
  readonly rows: readonly Row[];
  readonly verdicts: ReadonlyMap<string, BackendVerdict>;
  readonly act: Act;
}): JSX.Element {
  const columns: readonly (readonly [string, string])[] = [
    ['host', l10n.t('Host')],
    ['verdict', l10n.t('Verdict')],
    ['suite', l10n.t('Negotiated now')],
    ['suite', l10n.t('Under the draft')],
    ['accepts', l10n.t('Accepts')],
    ['certificate', l10n.t('Certificate')],
    ['probed', l10n.t('Last probe')],
  ];
  return (
    <div class="scroll">
      <table class="backends">
        <colgroup>
          {columns.map(([name, label]) => (
            <col key={label} class={`col-${name}`} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map(([, label]) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => {
            const verdict = props.verdicts.get(row.host);
            return (
              <BackendRow
                key={row.host}
                {...row}
                act={props.act}
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
    </div>
  );
}

interface BackendRowProps extends Row {
  readonly act: Act;
  readonly verdict: Verdict;
  readonly verdictWords: string;
  readonly nowWords: string;
  readonly draftWords: string;
}

const BackendRow = memo(function drawRow(row: BackendRowProps): JSX.Element {
  const none = <span class="muted">{row.plain ? l10n.t('no TLS') : l10n.t('not probed')}</span>;
  const known = row.probed !== '';
  return (
    <tr class={`verdict-${row.verdict}`}>
      <th scope="row">
        <span class="host">
          <Breakable text={row.host} />
        </span>
        <span class="reason">{row.usedBy}</span>
      </th>
      <td>
        <VerdictMark verdict={row.verdict} text={row.verdictWords} />
        {row.problem !== '' && <span class="reason">{row.problem}</span>}
      </td>
      <td>{known ? <Suite text={row.nowWords} /> : none}</td>
      <td class={known && row.nowWords !== row.draftWords ? 'changed' : undefined}>
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
      <td>{known ? <Versions answers={row.versions} /> : none}</td>
      <td>{known ? <CertificateCell expiry={row.certificate} findings={row.findings} tone={row.tone} /> : none}</td>
      <td>
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
