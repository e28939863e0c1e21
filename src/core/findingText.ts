// What speaks for or against a plan, as sentences.

import * as l10n from '@vscode/l10n';
import type { BackendWeight } from './backendTraffic.ts';
import type { PlanFinding } from './finding.ts';
import { droppedText, onlyTls13Text, retiredText, withoutSuiteText } from './lintText.ts';
import type { CertificateFinding } from './tls/evidence.ts';
import { catalogDate } from './tls/catalog.ts';
import { protocolLabel } from './tls/protocols.ts';
import type { ProtocolVersion } from './tls/protocols.ts';
import { pathsText } from './tls/pathText.ts';
import { outrightFindings } from './tls/verdict.ts';
import { operationCountText } from './renegotiationText.ts';
import { clientsNotSeenText, clientsSeenText, countText, requestsText, windowText } from './trafficText.ts';
import { behaviourText, certificateFindingText, negotiatedText } from './surveyText.ts';
import { settingLabel, unconfirmedText } from './settingText.ts';
import { namesText } from './wording.ts';

/** What hangs on a backend, after what is said of it. */
function weighted(sentence: string, seen: BackendWeight | undefined): string {
  if (seen === undefined) return sentence;
  return `${sentence} ${l10n.t('Calls to it by the logs: {0} in {1}.', requestsText(seen.requests), windowText(seen.days))}`;
}

/** One sentence on a finding of a plan: what, to what, and what follows. */
export function findingText(finding: PlanFinding): string {
  switch (finding.code) {
    case 'backendBreaks':
      return weighted(
        l10n.t(
          '{0} would stop connecting. Now: {1}. Used by {2}.',
          finding.host,
          negotiatedText(finding.now),
          namesText(finding.usedBy),
        ),
        finding.seen,
      );
    case 'noModernBackend':
      return finding.severity === 'blocker'
        ? l10n.t('Both TLS 1.2 and TLS 1.3 would be off on the backend side. Leave one of them on.')
        : l10n.t(
            'Both TLS 1.2 and TLS 1.3 are off on the backend side, now as well as afterwards. Turn one of them on.',
          );
    case 'backendOnlyTls13':
      return onlyTls13Text(finding);
    case 'mapMissing':
      return l10n.t(
        'Azure does not state the settings of this instance now, so nothing can be saved without losing some. Refresh later.',
      );
    case 'busy':
      return l10n.t('Azure is changing this instance ({0}). Wait until it has finished.', finding.state);
    case 'backendUnknown':
      return weighted(
        l10n.t('{0}: whether it would still connect is unknown ({1}).', finding.host, finding.why),
        finding.seen,
      );
    case 'backendNotChecked':
      return weighted(l10n.t('{0} has not been probed. Choose Check.', finding.host), finding.seen);
    case 'backendsNotRead':
      return l10n.t('The backends of this instance have not been read. Choose Check.');
    case 'backendsUnreadable':
      return l10n.t(
        'Some addresses of backends cannot be read, such as those with named values: {0}. Whether they would still connect is unknown.',
        namesText(finding.titles),
      );
    case 'backendProbedEarlier':
      return l10n.t(
        '{0} was last probed on {1} UTC and may have changed since. Choose Check.',
        finding.host,
        finding.at.replace('T', ' ').slice(0, 16),
      );
    case 'backendAlreadyBroken':
      return finding.behaviour === 'plain-http' || finding.behaviour === 'not-tls'
        ? l10n.t(
            '{0} does not speak TLS on this port ({1}): https calls fail, now as well as afterwards.',
            finding.host,
            behaviourText(finding.behaviour),
          )
        : l10n.t(
            '{0} does not connect with the settings as they are, and would not with the planned ones.',
            finding.host,
          );
    case 'backendCertificate':
      return certificateText(finding.host, finding.findings);
    case 'backendClientCertificate':
      return finding.required
        ? l10n.t(
            '{0} requires a client certificate, and {1} has none. Unless a policy presents one, its calls fail.',
            finding.host,
            finding.missingIn.join(', '),
          )
        : l10n.t(
            '{0} asks for a client certificate, and {1} has none. It may refuse calls without one.',
            finding.host,
            finding.missingIn.join(', '),
          );
    case 'backendPolicyCertificate':
      return policyCertificateText(finding);
    case 'renegotiationNotChecked':
      return l10n.t(
        'Clients that rely on certificate renegotiation fail with TLS 1.3. Review the list of operations first.',
      );
    case 'clientsRenegotiate':
      return clientsRenegotiateText(finding);
    case 'renegotiationPartlyChecked':
      return l10n.t(
        'Not everything that tells of certificate renegotiations was read: {0}',
        namesText(finding.missing, 3),
      );
    case 'renegotiationNotKnown':
      return l10n.t(
        'No operation is known to ask callers for a certificate by renegotiation (an estimate over {0} days).',
        finding.days,
      );
    case 'backendRenegotiates':
      return weighted(
        l10n.t(
          '{0} asks for a client certificate after the handshake. With TLS 1.3 the gateway would not be asked in a way that it is known to answer, so calls that need the certificate would fail ({1}).',
          finding.paths
            ? l10n.t('{0} (path {1})', finding.host, pathsText({ ...finding, paths: finding.paths }))
            : finding.host,
          namesText(finding.usedBy),
        ),
        finding.seen,
      );
    case 'backendsMayRenegotiate':
      return l10n.t(
        'Backends that ask for a client certificate after the handshake may fail with TLS 1.3. Whether these do is not known: {0}.',
        finding.hosts.join(', '),
      );
    case 'retiredProtocolOn':
      return retiredText(finding);
    case 'versionWithoutSuite':
      return withoutSuiteText(finding);
    case 'clientsUnknown':
      return clientsUnknownText(finding.versions, finding.suites);
    case 'clientsSeen':
      return clientsSeenText(finding);
    case 'clientsNotSeen':
      return clientsNotSeenText(finding.versions, finding.days, finding.withoutVersion);
    case 'tierNotConfirmed':
      return l10n.t(
        'Whether the {0} tier takes this change is not confirmed. The result is read back and compared.',
        finding.tier,
      );
    case 'tierOverridden':
      return l10n.t(
        'By what Azure documented until {0}, the {1} tier does not let this be changed: {2}. Your setting apimTls.tierOverrides says otherwise; Azure may refuse the change.',
        catalogDate,
        finding.tier,
        namesText(finding.ids.map(settingLabel)),
      );
    case 'tierLocks':
      return l10n.t(
        'By what Azure documented until {0}, the {1} tier does not let this be changed: {2}. Azure may refuse the change.',
        catalogDate,
        finding.tier,
        namesText(finding.ids.map(settingLabel)),
      );
    case 'downtime':
      return l10n.t('The {0} tier is down while the change is made.', finding.tier);
    case 'settingNotConfirmed':
      return `${settingLabel(finding.id)}: ${unconfirmedText(finding.id)}`;
    case 'backendChanges':
      return finding.losesForwardSecrecy
        ? l10n.t(
            '{0} would connect with {1} instead of {2}, without forward secrecy.',
            finding.host,
            negotiatedText(finding.draft),
            negotiatedText(finding.now),
          )
        : l10n.t(
            '{0} would connect with {1} instead of {2}.',
            finding.host,
            negotiatedText(finding.draft),
            negotiatedText(finding.now),
          );
    case 'backendRepaired':
      return l10n.t('{0} would connect again, with {1}.', finding.host, negotiatedText(finding.draft));
    case 'suitesWithoutCertificate':
      return l10n.t(
        'No certificate that the gateway’s host names showed fits these suites, so they do nothing for callers: {0}. Backends may use them.',
        finding.suites.join(', '),
      );
    case 'http2ClientCertificates':
      return l10n.t(
        'Over HTTP/2 a client certificate can be asked for in the handshake only. {0} does not ask there, so operations that want one do not get it.',
        finding.hosts.join(', '),
      );
    case 'http2Off':
      return l10n.t(
        'Callers that speak HTTP/2 only, such as gRPC, can no longer connect; others go on with HTTP/1.1. Who they are is not known.',
      );
    case 'spellingsDisagree':
      return l10n.t(
        '{0} would be on under one key and off under another ({1}). Which one Azure obeys is not confirmed; switch it off to have all of them the same.',
        settingLabel(finding.id),
        finding.names.join(', '),
      );
    case 'resetByService':
      return l10n.t(
        'These are left out, so that Azure takes them back to their defaults, as its API description says: {0}.',
        [...finding.ids.map(settingLabel), ...finding.keys].join(', '),
      );
    case 'droppedByOthers':
      return droppedText(finding);
    case 'unknownKeysKept':
      return finding.count === 1
        ? l10n.t('1 key that stands for no setting here is sent back unchanged, so that Azure keeps it.')
        : l10n.t(
            '{0} keys that stand for no setting here are sent back unchanged, so that Azure keeps them.',
            finding.count,
          );
  }
}

function certificateText(host: string, findings: readonly CertificateFinding[]): string {
  const reasons = findings.map(certificateFindingText).join(', ');
  return findings.some((finding) => outrightFindings.includes(finding))
    ? l10n.t('{0}: the gateway refuses the certificate ({1}), now as well as afterwards.', host, reasons)
    : l10n.t(
        '{0}: the gateway refuses the certificate ({1}), now as well as afterwards, unless its issuer was made known to the instance.',
        host,
        reasons,
      );
}

function clientsUnknownText(versions: readonly ProtocolVersion[], suites: number): string {
  const names = versions.map((version) => protocolLabel[version]).join(', ');
  if (suites === 0)
    return l10n.t(
      'Clients that use only {0} can no longer connect. Who they are is not known; Read traffic looks into the gateway’s logs.',
      names,
    );
  const count = suites === 1 ? l10n.t('1 cipher suite') : l10n.t('{0} cipher suites', suites);
  const what = versions.length === 0 ? count : l10n.t('{0} or {1}', names, count);
  return l10n.t(
    'Clients that rely on {0} can no longer connect. Who they are is not known: the gateway’s logs do not tell cipher suites.',
    what,
  );
}

function clientsRenegotiateText(finding: Extract<PlanFinding, { readonly code: 'clientsRenegotiate' }>): string {
  const { operations, sure, days, atLeast } = finding;
  const which = operationCountText(operations, atLeast);
  return sure > 0
    ? l10n.t(
        'Callers of {0} are asked for a certificate by renegotiation, which TLS 1.3 has not: they would fail. An estimate over {1} days; {2} of medium or high confidence.',
        which,
        days,
        countText(sure),
      )
    : l10n.t(
        'Callers of {0} may be asked for a certificate by renegotiation, which TLS 1.3 has not: then they would fail. An estimate over {1} days, of low confidence.',
        which,
        days,
      );
}

function policyCertificateText({
  host,
  required,
  presentedFor,
  maybeFor,
}: Extract<PlanFinding, { code: 'backendPolicyCertificate' }>): string {
  return [
    required ? l10n.t('{0} requires a client certificate.', host) : l10n.t('{0} asks for a client certificate.', host),
    ...(presentedFor.length === 0 ? [] : [l10n.t('A policy presents one for {0}.', namesText(presentedFor))]),
    ...(maybeFor.length === 0 ? [] : [l10n.t('A policy may present one for some calls of {0}.', namesText(maybeFor))]),
  ].join(' ');
}
