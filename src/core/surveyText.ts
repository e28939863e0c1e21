// Sentences about what a server showed, and what follows for the gateway's connection to it. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import type { Behaviour, CertificateFinding, Survey } from './tls/evidence.ts';
import { gatewaySuiteByCode } from './tls/ciphers.ts';
import { protocolLabel, protocolVersions, retiredVersions } from './tls/protocols.ts';
import type { BackendVerdict, Negotiated } from './tls/verdict.ts';

export function negotiatedText(negotiated: Negotiated): string {
  if (negotiated.connects === 'no') return l10n.t('does not connect');
  if (negotiated.connects === 'unknown') return l10n.t('unknown');
  if (negotiated.version === null) return l10n.t('connects, version unknown');
  const suite = negotiated.suite === null ? l10n.t('suite unknown') : gatewaySuiteName(negotiated.suite);
  return `${protocolLabel[negotiated.version]}, ${suite}`;
}

/** The name of a suite of the gateway; the code point of any other. */
function gatewaySuiteName(code: number): string {
  return gatewaySuiteByCode(code)?.name ?? `0x${code.toString(16).padStart(4, '0')}`;
}

export function verdictText(verdict: BackendVerdict): string {
  switch (verdict.verdict) {
    case 'breaks':
      return l10n.t('Would stop connecting');
    case 'alreadyBroken':
      return verdict.draft.connects === 'yes'
        ? l10n.t('Certificate refused, now as well')
        : l10n.t('Does not connect now either');
    case 'repaired':
      return l10n.t('Would connect again');
    case 'changes':
      return verdict.losesForwardSecrecy
        ? l10n.t('Connects differently, without forward secrecy')
        : l10n.t('Connects differently');
    case 'same':
      return l10n.t('Connects as before');
    case 'connects':
      return l10n.t('Would connect');
    case 'unknown':
      return l10n.t('Unknown');
    case 'noTls':
      return l10n.t('Plain HTTP, no TLS');
  }
}

export function behaviourText(behaviour: Behaviour): string {
  const texts: Record<Behaviour, string> = {
    tls: l10n.t('Speaks TLS'),
    'plain-http': l10n.t('Answers plain HTTP, not TLS'),
    'not-tls': l10n.t('Answers, but not with TLS'),
    timeout: l10n.t('Does not answer in time'),
    reset: l10n.t('Resets the connection'),
    close: l10n.t('Closes the connection'),
    alert: l10n.t('Refuses every attempt with a TLS alert'),
    misbehaving: l10n.t('Answers against the TLS standard'),
    unresolvable: l10n.t('Name cannot be resolved from here'),
    refused: l10n.t('Connection refused'),
    unreachable: l10n.t('Cannot be reached from here'),
    cancelled: l10n.t('Cancelled'),
  };
  return texts[behaviour];
}

/** One sentence that says the most important. */
export function surveyHeadline(survey: Survey): string {
  if (survey.behaviour !== 'tls') return `${behaviourText(survey.behaviour)}${headlineReason(survey)}.`;
  const accepted = protocolVersions.filter((version) => survey.protocols[version] === 'yes');
  const old = accepted.filter((version) => retiredVersions.includes(version));
  const names = accepted.map((version) => protocolLabel[version]).join(', ');
  if (old.length > 0)
    return l10n.t('Accepts {0}. Retired: {1}.', names, old.map((version) => protocolLabel[version]).join(', '));
  return l10n.t('Accepts {0}.', names);
}

/** An alert other than "not this version" says why nothing became known, such as "alert 112 (unrecognized name)". */
function headlineReason({ behaviour, unknowns }: Survey): string {
  const reason = unknowns.find(({ what }) => (protocolVersions as readonly string[]).includes(what))?.why;
  return behaviour === 'alert' && reason !== undefined ? `: ${reason}` : '';
}

export function certificateFindingText(finding: CertificateFinding): string {
  const texts: Record<CertificateFinding, string> = {
    expired: l10n.t('expired'),
    'expires-soon': l10n.t('expires soon'),
    'not-yet-valid': l10n.t('not valid yet'),
    'self-signed': l10n.t('self-signed'),
    'name-mismatch': l10n.t('made out to another name'),
    'incomplete-chain': l10n.t('intermediate certificate missing'),
    'root-sent': l10n.t('root certificate sent along'),
    'wrong-key-usage': l10n.t('not made out for TLS servers'),
    'unknown-root': l10n.t('no publicly trusted root'),
    'weak-key': l10n.t('weak key'),
    'weak-signature': l10n.t('weak signature'),
  };
  return texts[finding];
}
