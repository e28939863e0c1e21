// How evidence of a probe is shown: versions accepted, end of a certificate, verdict. Unknown is never shown as fine.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import type { Answer, CertificateFinding, Survey } from '../../src/core/tls/evidence.ts';
import { protocolLabel, protocolVersions } from '../../src/core/tls/protocols.ts';
import type { Verdict } from '../../src/core/tls/verdict.ts';
import { behaviourText, certificateFindingText } from '../../src/core/surveyText.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { expiry } from '../time.ts';

/** Answers by version as one text, SSL 3.0 first ("no no no yes unknown"): cheap to compare. */
export function versionAnswers(survey: Survey): string {
  return protocolVersions.map((version) => survey.protocols[version]).join(' ');
}

/** One picture with one text, not a list: five list items in each of many rows are slow to lay out, and to listen to. */
export function Versions({ answers }: { readonly answers: string }): JSX.Element {
  const list = answers.split(' ');
  const icons: Record<string, IconName> = { yes: 'check', no: 'minus', unknown: 'question' };
  const shown = protocolVersions.map((version, index) => {
    const answer = (list[index] ?? 'unknown') as Answer;
    const word = answer === 'yes' ? l10n.t('yes') : answer === 'no' ? l10n.t('no') : l10n.t('unknown');
    return { version, answer, text: `${protocolLabel[version]}: ${word}` };
  });
  return (
    <span class="versions" role="img" aria-label={shown.map(({ text }) => text).join(', ')}>
      {shown.map(({ version, answer, text }) => (
        <span key={version} class={`version ${answer}`} title={text}>
          <Icon name={icons[answer] ?? 'question'} />
          {version === 'ssl3' ? protocolLabel[version] : protocolLabel[version].slice(4)}
        </span>
      ))}
    </span>
  );
}

export interface CertificateFacts {
  readonly expiry: string;
  /** Findings in words, or empty. */
  readonly findings: string;
}

export function certificateFacts(survey: Survey, now: number): CertificateFacts {
  const leaf = survey.certificate?.chain[0];
  const findings = survey.certificate?.findings ?? [];
  return {
    expiry: leaf ? expiry(leaf.notAfter, now) : l10n.t('not seen'),
    // "expired 12 days ago" and "expires in 3 days" say it already.
    findings: findings
      .filter((finding) => !toldByDate.includes(finding))
      .map(certificateFindingText)
      .join(', '),
  };
}

const toldByDate: readonly CertificateFinding[] = ['expired', 'expires-soon'];

export function certificateTone(survey: Survey): 'error' | 'warning' | 'good' | 'muted' {
  const findings = survey.certificate?.findings;
  if (!findings || survey.certificate.chain.length === 0) return 'muted';
  // A root that is sent along costs some bytes and nothing else.
  const against = findings.filter((finding) => finding !== 'root-sent');
  if (against.length === 0) return 'good';
  return against.every((finding) => finding === 'expires-soon') ? 'warning' : 'error';
}

export function CertificateCell(
  props: CertificateFacts & { readonly tone: ReturnType<typeof certificateTone> },
): JSX.Element {
  const icon: IconName =
    props.tone === 'error'
      ? 'error'
      : props.tone === 'warning'
        ? 'warning'
        : props.tone === 'good'
          ? 'check'
          : 'question';
  return (
    <span class="with-icon">
      <Icon name={icon} tone={props.tone} />
      <span>
        {props.expiry}
        {props.findings === '' ? null : <span class="reason">{props.findings}</span>}
      </span>
    </span>
  );
}

const verdictIcons: Readonly<Record<Verdict, readonly [IconName, 'error' | 'warning' | 'info' | 'good' | 'muted']>> = {
  breaks: ['error', 'error'],
  alreadyBroken: ['warning', 'warning'],
  repaired: ['pass', 'good'],
  changes: ['info', 'info'],
  same: ['pass', 'good'],
  connects: ['pass', 'good'],
  unknown: ['question', 'warning'],
  noTls: ['minus', 'muted'],
};

export function VerdictMark({ verdict, text }: { readonly verdict: Verdict; readonly text: string }): JSX.Element {
  const [icon, tone] = verdictIcons[verdict];
  return (
    <span class="with-icon">
      <Icon name={icon} tone={tone} />
      {text}
    </span>
  );
}

/** Why a survey tells less than it should: the behaviour, or the first thing that stayed unknown. Empty where all is told. */
export function surveyProblem(survey: Survey): string {
  if (survey.behaviour !== 'tls') return behaviourText(survey.behaviour);
  const first = survey.unknowns.find(({ what }) => (protocolVersions as readonly string[]).includes(what));
  return first ? first.why : '';
}
