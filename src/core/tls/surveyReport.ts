// A survey as text for people: verdict first, then versions, certificate, client certificates, what is unknown and why.

import * as l10n from '@vscode/l10n';
import { hostAndPort } from '../instance.ts';
import { certificateFindingText, durationText, surveyHeadline } from '../wording.ts';
import type { Answer, Survey } from './evidence.ts';
import { protocolLabel, protocolVersions } from './protocols.ts';

export type SuiteName = (code: number) => string;

function answerText(answer: Answer): string {
  return answer === 'yes' ? l10n.t('yes') : answer === 'no' ? l10n.t('no') : l10n.t('unknown');
}

function versions(survey: Survey, suiteName: SuiteName): string[] {
  return [...protocolVersions].reverse().flatMap((version) => {
    const preferred = survey.preferred[version];
    const line = `  ${protocolLabel[version].padEnd(9)}${answerText(survey.protocols[version])}${preferred === undefined ? '' : `, ${suiteName(preferred)}`}`;
    const suites = survey.suites[version] ?? [];
    return [line, ...suites.map((code) => `             ${suiteName(code)}`)];
  });
}

function certificate(survey: Survey): string[] {
  if (!survey.certificate) return [`  ${l10n.t('not seen')}`];
  const { chain, findings } = survey.certificate;
  const judged =
    findings.length === 0 ? l10n.t('nothing found against it') : findings.map(certificateFindingText).join(', ');
  return [
    `  ${judged}`,
    ...chain.flatMap((entry, index) => [
      `  ${index + 1}. ${entry.subject}`,
      `     ${l10n.t('issued by {0}', entry.issuer)}`,
      `     ${l10n.t('valid {0} to {1}', entry.notBefore.slice(0, 10), entry.notAfter.slice(0, 10))}, ${entry.keyType}${entry.keyBits === null ? '' : ` ${l10n.t('{0} bit', entry.keyBits)}`}, ${entry.signatureAlgorithm}`,
      ...(entry.names.length > 0 ? [`     ${l10n.t('names: {0}', entry.names.join(', '))}`] : []),
      `     SHA-256 ${entry.sha256}`,
    ]),
  ];
}

function clientCertificate(survey: Survey): string[] {
  const texts = {
    'none-seen': l10n.t('not asked for in the handshake (by renegotiation: not looked for)'),
    optional: l10n.t('asked for in the handshake'),
    required: l10n.t('required in the handshake'),
    unknown: l10n.t('unknown'),
  };
  const { inHandshake, acceptableIssuers } = survey.clientCertificate;
  return [
    `  ${texts[inHandshake]}`,
    ...acceptableIssuers.map((issuer) => `  ${l10n.t('accepted issuer: {0}', issuer)}`),
  ];
}

/** What an unknown is about, in words. */
function subject(what: string): string {
  const version = protocolVersions.find((candidate) => candidate === what);
  if (version) return protocolLabel[version];
  return what === 'clientCertificate' ? l10n.t('client certificate') : what;
}

function elapsedText(ms: number): string {
  return ms < 1000 ? l10n.t('{0} ms', Math.round(ms)) : durationText(ms);
}

/**
 * @param suiteName names any suite of the registry (suiteNames.ts, which is loaded only where it is needed)
 * @param jsonLine the last line, which the caller makes a link
 */
export function surveyReport(survey: Survey, suiteName: SuiteName, jsonLine: string): string {
  const { endpoint } = survey;
  const heading = (text: string) => ['', text, '-'.repeat(text.length)];
  return [
    hostAndPort(endpoint),
    '='.repeat(hostAndPort(endpoint).length),
    '',
    surveyHeadline(survey),
    '',
    l10n.t('Probed from this machine on {0} UTC', survey.at.replace('T', ' ').slice(0, 19)),
    l10n.t(
      'Address {0}, server name {1}',
      endpoint.address ?? l10n.t('not reached'),
      endpoint.serverName ?? l10n.t('none'),
    ),
    l10n.t('{0} connections in {1}', survey.connections, elapsedText(survey.elapsedMs)),
    ...heading(l10n.t('Versions and cipher suites')),
    ...versions(survey, suiteName),
    '',
    `  ${l10n.t('Listed are the suites of an API Management gateway that the server accepts, in its order.')}`,
    ...heading(l10n.t('Certificate')),
    ...certificate(survey),
    ...heading(l10n.t('Client certificate')),
    ...clientCertificate(survey),
    ...heading(l10n.t('Not known')),
    ...(survey.unknowns.length === 0
      ? [`  ${l10n.t('nothing')}`]
      : survey.unknowns.map(({ what, why }) => `  ${subject(what)}: ${why}`)),
    '',
    jsonLine,
    '',
  ].join('\n');
}
