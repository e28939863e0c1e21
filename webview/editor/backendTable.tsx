// The table of backends: one row per host, drawn again only when something of it changes.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import type { BackendVerdict, Verdict } from '../../src/core/tls/verdict.ts';
import { negotiatedText, verdictText } from '../../src/core/wording.ts';
import { Breakable, LinkButton, memo, Scroll } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { Act } from './app.tsx';
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
export interface Row {
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

export function rowOf(backend: BackendHost, survey: Survey | undefined, now: number): Row {
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

export function BackendTable(props: {
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
    <Scroll label={l10n.t('Table of backends')}>
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
    </Scroll>
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
