// What a survey says of certificates, the server's and those of its clients, as Markdown.

import * as l10n from '@vscode/l10n';
import { code, heading, list, plain, table } from '../markdown.ts';
import { certificateFindingText } from '../surveyText.ts';
import type { Certificate, CertificateChain, OcspEvidence, RequestEvidence, Survey, TrustPath } from './evidence.ts';
import { asksAfterRequest } from './paths.ts';
import type { PathSource } from './paths.ts';
import { pathDoubtText } from './pathText.ts';
import { protocolLabel } from './protocols.ts';

export function findingsText({ findings }: Pick<CertificateChain, 'findings'>): string {
  return findings.length === 0 ? l10n.t('nothing found against it') : findings.map(certificateFindingText).join(', ');
}

function dateText(iso: string | null): string {
  return iso === null ? l10n.t('not stated') : `${iso.replace('T', ' ').slice(0, 16)} UTC`;
}

function keyText({ keyType, keyBits }: Certificate): string {
  return keyBits === null ? keyType : `${keyType}, ${l10n.t('{0} bit', keyBits)}`;
}

function entryLines(entry: Certificate, index: number): readonly string[] {
  const rows = [
    l10n.t('issued by {0}', code(entry.issuer)),
    l10n.t('valid from {0} to {1}', dateText(entry.notBefore), dateText(entry.notAfter)),
    l10n.t('key: {0}; signature: {1}', plain(keyText(entry)), plain(entry.signatureAlgorithm)),
    ...(entry.names.length > 0 ? [l10n.t('names: {0}', namesText(entry.names))] : []),
    `SHA-256 ${code(entry.sha256)}`,
  ];
  return [`${index + 1}. ${code(entry.subject)}`, ...rows.map((row) => `   - ${row}`)];
}

const mostNames = 20;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(code).join(', ');
  return names.length > mostNames ? l10n.t('{0} and {1} more', shown, names.length - mostNames) : shown;
}

function trustText(whose: string, { trusted, path, constrainedBy }: TrustPath): string {
  if (constrainedBy !== undefined) {
    return l10n.t('{0}: not trusted; {1} is not allowed to issue for these names', whose, code(constrainedBy));
  }
  if (trusted === 'unknown') return l10n.t('{0}: unknown, the roots cannot be read', whose);
  const chain = path.map(code).join(', ');
  return trusted === 'yes'
    ? l10n.t('{0}: trusted, by {1}', whose, chain)
    : l10n.t('{0}: not trusted; the chain leads to {1}', whose, chain);
}

function ocspText(ocsp: OcspEvidence): string {
  const period = l10n.t('of {0}, until {1}', dateText(ocsp.thisUpdate), dateText(ocsp.nextUpdate));
  switch (ocsp.status) {
    case 'good':
      return l10n.t('OCSP response sent along: good, {0}; {1}', period, ocspSignerText(ocsp));
    case 'revoked':
      return l10n.t(
        'OCSP response sent along: REVOKED on {0}, {1}; {2}',
        dateText(ocsp.revokedAt),
        period,
        ocspSignerText(ocsp),
      );
    case 'unknown':
      return l10n.t(
        'OCSP response sent along: the responder does not know the certificate, {0}; {1}',
        period,
        ocspSignerText(ocsp),
      );
    case 'unreadable':
      return l10n.t('OCSP response sent along: not about this certificate, or not readable');
  }
}

function ocspSignerText({ signedBy }: OcspEvidence): string {
  switch (signedBy) {
    case 'issuer':
      return l10n.t('signed by the issuer of the certificate');
    case 'delegate':
      return l10n.t('signed by a responder that the issuer has appointed');
    case 'nobody':
      return l10n.t('SIGNED BY NOBODY WHO MAY: clients do not believe it');
    case 'unknown':
      return l10n.t('its signature could not be checked');
  }
}

function stapleLines({ ocspStaple, ocsp }: NonNullable<Survey['certificate']>): readonly string[] {
  if (ocsp) return [ocspText(ocsp)];
  if (ocspStaple === undefined) return [];
  return [ocspStaple === 'unknown' ? l10n.t('OCSP response sent along: unknown') : l10n.t('No OCSP response seen')];
}

function chainLines(chain: CertificateChain): readonly string[] {
  const trust = chain.trust
    ? [
        trustText(l10n.t('Roots of this machine'), chain.trust.machine),
        trustText(l10n.t('Roots of Mozilla'), chain.trust.mozilla),
      ]
    : [];
  return [...list(trust), '', l10n.t('As the server sent it:'), '', ...chain.chain.flatMap(entryLines)];
}

/** The section on the server's certificates. */
export function certificateSection({ certificate }: Survey): readonly string[] {
  const title = heading(2, l10n.t('Certificate'));
  if (!certificate) return [...title, l10n.t('Not seen.'), ''];
  const others = (certificate.variants ?? []).slice(1);
  return [
    ...title,
    ...list([findingsText(certificate), ...stapleLines(certificate)]),
    ...chainLines(certificate),
    '',
    ...others.flatMap((chain) => [
      ...heading(3, l10n.t('Shown to clients that cannot use the one above')),
      ...list([findingsText(chain)]),
      ...chainLines(chain),
      '',
    ]),
  ];
}

/** One line on what the server asks of its clients; never "none" where nothing was seen. */
export function clientCertificateText(survey: Survey): string {
  const { clientCertificate, endpoint } = survey;
  const { inHandshake, renegotiation, postHandshake, paths = [] } = clientCertificate;
  const requests = [...(clientCertificate.requests ?? []), ...paths.flatMap((one) => one.requests)];
  const refused = requests.some(({ refusal }) => refusal !== null);
  if (inHandshake === 'required') return l10n.t('required in the handshake');
  if (inHandshake === 'optional') {
    return refused
      ? l10n.t('asked for in the handshake; a request without one is refused by HTTP')
      : l10n.t('asked for in the handshake, not required there');
  }
  const after = asksAfterRequest(survey);
  if (after.asks === 'seen') {
    const required = requests.some(({ without }) => without === 'required');
    const path = code(after.paths[0] ?? endpoint.path ?? '/');
    return required
      ? l10n.t('required after a request for {0}', path)
      : l10n.t('asked for after a request for {0}', path);
  }
  if (inHandshake === 'unknown') return l10n.t('unknown');
  return renegotiation === 'not-seen' && postHandshake === 'not-seen'
    ? l10n.t('not seen, neither in the handshake nor after a request for {0}', code(endpoint.path ?? '/'))
    : l10n.t('not seen in the handshake; whether one is asked for after a request is not known');
}

function requestRow({ version, asked, without, status, refusal }: RequestEvidence): readonly string[] {
  const after = {
    seen: version === 'tls13' ? l10n.t('asked for after the handshake') : l10n.t('asked for by renegotiation'),
    'not-seen': l10n.t('not asked for'),
    unknown: l10n.t('unknown'),
  };
  const goesOn = {
    optional: l10n.t('goes on'),
    required: l10n.t('refuses'),
    unknown: l10n.t('unknown'),
  };
  const answer = status === null ? l10n.t('no HTTP answer') : `HTTP ${status}`;
  return [
    protocolLabel[version],
    after[asked],
    without === null ? '' : goesOn[without],
    refusal === null ? answer : `${answer}, ${code(refusal)}`,
  ];
}

/** Paths of operations that were requested besides, and what each met. */
function furtherPaths({ clientCertificate: { paths = [] } }: Survey): readonly string[] {
  if (paths.length === 0) return [];
  const source: Readonly<Record<PathSource, string>> = {
    address: l10n.t('an address'),
    log: l10n.t('the logs'),
    operation: l10n.t('an operation'),
    cut: l10n.t('an operation, cut before its first parameter'),
    rewritten: l10n.t('an operation, rewritten by a policy'),
    rewrittenCut: l10n.t('an operation, rewritten by a policy, cut before the first parameter'),
  };
  const asked = { seen: l10n.t('asked for'), 'not-seen': l10n.t('not asked for'), unknown: l10n.t('unknown') };
  return [
    l10n.t('One GET for each of these paths, without a certificate:'),
    '',
    ...table(
      [l10n.t('Path'), l10n.t('Known from'), l10n.t('By renegotiation'), l10n.t('After the TLS 1.3 handshake')],
      paths.map((one) => [code(one.path), source[one.source], asked[one.renegotiation], asked[one.postHandshake]]),
    ),
    '',
  ];
}

/** Operations that were not requested, and why. */
function pathsNotKnown({ clientCertificate: { unknownPaths } }: Survey): readonly string[] {
  if (unknownPaths === undefined) return [];
  const { instance, total, first } = unknownPaths;
  return [
    l10n.t('Operations of {0} that were not requested, as their paths here are not known:', code(instance)),
    '',
    ...list([
      ...first.map(({ title, why }) => `${code(title)}: ${pathDoubtText(why)}`),
      ...(total > first.length ? [l10n.t('and {0} more', total - first.length)] : []),
    ]),
    '',
  ];
}

/** The section on client certificates. */
export function clientCertificateSection(survey: Survey): readonly string[] {
  const { acceptableIssuers, requests = [] } = survey.clientCertificate;
  const path = code(survey.endpoint.path ?? '/');
  return [
    ...heading(2, l10n.t('Client certificate')),
    ...list([
      clientCertificateText(survey),
      ...acceptableIssuers.map((issuer) => l10n.t('accepted issuer: {0}', code(issuer))),
    ]),
    '',
    ...(requests.length > 0 ? [l10n.t('One GET for {0} in each, without a certificate:', path), ''] : []),
    ...table(
      [l10n.t('Version'), l10n.t('Certificate'), l10n.t('Without one the server'), l10n.t('Answer')],
      requests.map(requestRow),
    ),
    ...(requests.length > 0 ? [''] : []),
    ...furtherPaths(survey),
    ...pathsNotKnown(survey),
    l10n.t('"Not seen" holds for this path only: another path may ask all the same.'),
    '',
  ];
}
