// A survey as Markdown for people: verdict first, then versions, suites, certificates, and what is not known and why.

import * as l10n from '@vscode/l10n';
import { hostAndPort } from '../instance.ts';
import { code, heading, list, plain, table } from '../markdown.ts';
import { behaviourText, surveyHeadline } from '../surveyText.ts';
import { durationText } from '../wording.ts';
import {
  certificateSection,
  clientCertificateSection,
  clientCertificateText,
  findingsText,
} from './certificateReport.ts';
import type { Answer, Features, OfferAnswer, Preference, Survey } from './evidence.ts';
import { protocolLabel, protocolVersions, type ProtocolVersion } from './protocols.ts';
import type { ReportNames } from './reportNames.ts';
import type { Strength } from './suiteStrength.ts';

const newestFirst = protocolVersions.toReversed();

function answerText(answer: Answer): string {
  return answer === 'yes' ? l10n.t('yes') : answer === 'no' ? l10n.t('no') : l10n.t('unknown');
}

export function strengthText(strength: Strength): string {
  const texts: Readonly<Record<Strength, string>> = {
    best: l10n.t('strong'),
    good: l10n.t('good'),
    weak: l10n.t('weak'),
    insecure: l10n.t('insecure'),
  };
  return texts[strength];
}

function plannedText({ connects, version, suite, why }: OfferAnswer, names: ReportNames): string {
  if (connects === 'yes') {
    const picked = [version && protocolLabel[version], suite === null ? null : names.suite(suite)];
    return l10n.t('Planned configuration: connects, with {0}', picked.filter((part) => part !== null).join(', '));
  }
  const reason = plain(why ?? l10n.t('no reason given'));
  return connects === 'no'
    ? l10n.t('Planned configuration: does NOT connect ({0})', reason)
    : l10n.t('Planned configuration: unknown ({0})', reason);
}

/** How many of all accepted suites are of this strength. */
function suitesOf(survey: Survey, names: ReportNames, strength: Strength): readonly number[] {
  const all = new Set(Object.values(survey.suites).flat());
  return [...all].filter((suite) => names.strength(suite) === strength);
}

function suiteVerdict(survey: Survey, names: ReportNames): readonly string[] {
  if (Object.keys(survey.suites).length === 0) return [];
  const [insecure, weak] = [suitesOf(survey, names, 'insecure'), suitesOf(survey, names, 'weak')];
  if (insecure.length === 0 && weak.length === 0) return [l10n.t('Cipher suites: none that is weak or insecure')];
  return [l10n.t('Cipher suites: {0} insecure, {1} weak', insecure.length, weak.length)];
}

function verdict(survey: Survey, names: ReportNames): readonly string[] {
  const { certificate, planned, unknowns } = survey;
  const isTls = survey.behaviour === 'tls';
  return [
    ...heading(1, hostAndPort(survey.endpoint)),
    `**${plain(surveyHeadline(survey))}**`,
    '',
    ...list([
      ...(planned ? [plannedText(planned, names)] : []),
      ...(isTls ? suiteVerdict(survey, names) : []),
      ...(certificate ? [l10n.t('Certificate: {0}', findingsText(certificate))] : []),
      ...(isTls ? [l10n.t('Client certificate: {0}', clientCertificateText(survey))] : []),
      unknowns.length === 0
        ? l10n.t('Everything asked was answered')
        : l10n.t('Not known: {0}, see the end', unknowns.length),
    ]),
    '',
  ];
}

function circumstances({ endpoint, at, connections, elapsedMs }: Survey): readonly string[] {
  const elapsed = elapsedMs < 1000 ? l10n.t('{0} ms', Math.round(elapsedMs)) : durationText(elapsedMs);
  return [
    ...heading(2, l10n.t('How it was seen')),
    ...list([
      l10n.t('Probed from this machine on {0} UTC', at.replace('T', ' ').slice(0, 19)),
      l10n.t(
        'Address {0}, server name {1}',
        endpoint.address ?? l10n.t('not reached'),
        endpoint.serverName ?? l10n.t('none'),
      ),
      l10n.t('{0} connections in {1}', connections, elapsed),
    ]),
    '',
  ];
}

function preferenceText(preference: Preference | undefined): string {
  if (preference === undefined) return '';
  const texts: Readonly<Record<Preference, string>> = {
    server: l10n.t("the server's"),
    client: l10n.t("the client's"),
    unknown: l10n.t('unknown'),
  };
  return texts[preference];
}

function versions(survey: Survey, names: ReportNames): readonly string[] {
  const rows = newestFirst.map((version) => {
    const picked = survey.preferred[version];
    return [
      protocolLabel[version],
      answerText(survey.protocols[version]),
      picked === undefined ? '' : names.suite(picked),
      preferenceText(survey.preference?.[version]),
    ];
  });
  const columns = [l10n.t('Version'), l10n.t('Accepted'), l10n.t('Suite it picked'), l10n.t('Whose order decides')];
  return [...heading(2, l10n.t('Versions')), ...table(columns, rows), ''];
}

function suites(survey: Survey, names: ReportNames): readonly string[] {
  const listed = newestFirst.filter((version) => (survey.suites[version] ?? []).length > 0);
  if (listed.length === 0) return [];
  const scope = survey.preference
    ? l10n.t('Every suite that the server accepts.')
    : l10n.t('The suites of an API Management gateway that the server accepts, in its order.');
  const part = (version: ProtocolVersion) => [
    ...heading(3, protocolLabel[version]),
    ...table(
      [l10n.t('Suite'), l10n.t('Strength')],
      (survey.suites[version] ?? []).map((suite) => [names.suite(suite), strengthText(names.strength(suite))]),
    ),
    '',
  ];
  return [...heading(2, l10n.t('Cipher suites')), scope, '', ...listed.flatMap(part)];
}

function keyExchange({ groups, signatureAlgorithms }: Survey, names: ReportNames): readonly string[] {
  const byVersion = (codes: Partial<Record<ProtocolVersion, readonly number[]>>, name: (code: number) => string) =>
    newestFirst.flatMap((version) => {
      const found = codes[version];
      return found && found.length > 0 ? [`${protocolLabel[version]}: ${found.map(name).join(', ')}`] : [];
    });
  const lines = [
    ...byVersion(groups?.accepted ?? {}, names.group).map((text) => l10n.t('Groups, {0}', text)),
    ...(groups?.dhPrimeBits ? [l10n.t('Diffie-Hellman prime: {0} bit', groups.dhPrimeBits)] : []),
    ...byVersion(signatureAlgorithms ?? {}, names.signature).map((text) => l10n.t('Signatures, {0}', text)),
  ];
  return lines.length === 0 ? [] : [...heading(2, l10n.t('Key exchange')), ...list(lines), ''];
}

function features({ features: seen }: Survey): readonly string[] {
  if (!seen) return [];
  const labels: Readonly<Record<Exclude<keyof Features, 'alpn'>, string>> = {
    secureRenegotiation: l10n.t('Secure renegotiation'),
    extendedMasterSecret: l10n.t('Extended master secret'),
    sessionTickets: l10n.t('Session tickets'),
    compression: l10n.t('Compression'),
    fallbackScsv: l10n.t('Protection against downgrades (fallback SCSV)'),
    heartbeat: l10n.t('Heartbeat'),
  };
  const keys = Object.keys(labels) as (keyof typeof labels)[];
  const alpn = seen.alpn === null ? l10n.t('unknown') : seen.alpn.map(code).join(', ') || l10n.t('none');
  const rows = [
    ...keys.map((key) => [labels[key], answerText(seen[key])]),
    [l10n.t('Application protocols (ALPN)'), alpn],
  ];
  return [...heading(2, l10n.t('Features')), ...table([l10n.t('Feature'), l10n.t('Server has it')], rows), ''];
}

function addresses({ endpoint }: Survey): readonly string[] {
  const rows = (endpoint.addresses ?? []).map(({ address, behaviour, protocols, differsIn }) => [
    address,
    behaviour === 'tls'
      ? newestFirst
          .filter((version) => protocols[version] === 'yes')
          .map((version) => protocolLabel[version])
          .join(', ')
      : plain(behaviourText(behaviour)),
    differsIn.length === 0 ? l10n.t('no') : differsIn.join(', '),
  ]);
  if (rows.length < 2) return [];
  const columns = [l10n.t('Address'), l10n.t('Answer'), l10n.t('Known to differ')];
  return [...heading(2, l10n.t('Addresses')), ...table(columns, rows), ''];
}

/** What an unknown is about, in words. */
function subject(what: string): string {
  const [topic = '', detail = ''] = what.split('.');
  const versionOf = (name: string) => protocolVersions.find((candidate) => candidate === name);
  const version = versionOf(topic);
  if (version) return protocolLabel[version];
  const texts: Readonly<Record<string, string>> = {
    certificate: l10n.t('certificate'),
    certificateVariants: l10n.t('further certificates'),
    clientCertificate: l10n.t('client certificate'),
    renegotiation: l10n.t('client certificate by renegotiation'),
    postHandshake: l10n.t('client certificate after the handshake'),
    suites: l10n.t('cipher suites'),
    groups: l10n.t('key exchange groups'),
    signatureAlgorithms: l10n.t('signature schemes'),
    address: l10n.t('addresses'),
  };
  const of = versionOf(detail);
  const text = texts[topic] ?? plain(what);
  return of ? `${text}, ${protocolLabel[of]}` : text;
}

function unknowns(survey: Survey): readonly string[] {
  const rows = survey.unknowns.map(({ what, why }) => [subject(what), plain(why)]);
  return [
    ...heading(2, l10n.t('Not known')),
    ...(rows.length === 0 ? [l10n.t('Nothing.')] : table([l10n.t('What'), l10n.t('Why')], rows)),
    '',
  ];
}

/** The whole report. Pure: the same survey gives the same text. */
export function surveyReport(survey: Survey, names: ReportNames): string {
  return [
    ...verdict(survey, names),
    ...circumstances(survey),
    ...versions(survey, names),
    ...suites(survey, names),
    ...keyExchange(survey, names),
    ...features(survey),
    ...certificateSection(survey),
    ...clientCertificateSection(survey),
    ...addresses(survey),
    ...unknowns(survey),
  ].join('\n');
}
