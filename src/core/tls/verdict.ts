// Would it still connect? A backend's survey against what the gateway offers now and under a draft.

import type { BackendHost } from '../instance.ts';
import { gatewaySuiteByCode, gatewaySuites } from './ciphers.ts';
import type { CertificateFinding, Offer, Survey } from './evidence.ts';
import type { ProtocolVersion } from './protocols.ts';
import { backendOffer } from './settings.ts';
import type { SettingStates } from './settings.ts';

export interface Negotiated {
  readonly connects: 'yes' | 'no' | 'unknown';
  readonly version: ProtocolVersion | null;
  /** Code point; null where the version is known and the suite is not. */
  readonly suite: number | null;
}

const unknown: Negotiated = { connects: 'unknown', version: null, suite: null };
const no: Negotiated = { connects: 'no', version: null, suite: null };

/** What the gateway and the server agree on, best version first. Unknown is never taken for a yes. */
export function negotiate(offer: Offer, survey: Survey): Negotiated {
  const planned = survey.planned;
  if (planned && planned.connects !== 'unknown' && sameOffer(planned.offer, offer)) {
    return { connects: planned.connects, version: planned.version, suite: planned.suite };
  }
  let uncertain = false;
  for (const version of offer.versions) {
    const answer = survey.protocols[version];
    if (answer === 'no') continue;
    const usable = gatewaySuites.filter(
      (suite) => suite.versions.includes(version) && offer.suites.includes(suite.code),
    );
    if (usable.length === 0) continue;
    // A better version may be chosen than the ones that are known: what follows is only certain without it.
    if (answer === 'unknown') {
      uncertain = true;
      continue;
    }
    const accepted = survey.suites[version];
    if (accepted === undefined) {
      uncertain = true;
      continue;
    }
    const suite = accepted.find((code) => offer.suites.includes(code));
    if (suite !== undefined)
      return uncertain ? { connects: 'yes', version: null, suite: null } : { connects: 'yes', version, suite };
  }
  return uncertain ? unknown : no;
}

/** With settings that are themselves not known, a no may be a yes: then nobody knows. */
function negotiatorFor(states: SettingStates): (survey: Survey) => Negotiated {
  const certainOffer = backendOffer(states);
  const possibleOffer = backendOffer(states, true);
  return (survey) => {
    const certain = negotiate(certainOffer, survey);
    if (certain.connects !== 'no') return certain;
    return negotiate(possibleOffer, survey).connects === 'no' ? no : unknown;
  };
}

function sameOffer(a: Offer, b: Offer): boolean {
  const same = <T>(left: readonly T[], right: readonly T[]) =>
    left.length === right.length && left.every((entry) => right.includes(entry));
  return same(a.versions, b.versions) && same(a.suites, b.suites);
}

/**
 * breaks: connects now, not under the draft. alreadyBroken: does not connect now either. repaired: connects only under
 * the draft. changes: another version or suite. same. unknown: not known now or then. noTls: plain HTTP by its URL.
 */
export type Verdict = 'breaks' | 'alreadyBroken' | 'repaired' | 'changes' | 'same' | 'unknown' | 'noTls';

export interface BackendVerdict {
  readonly verdict: Verdict;
  readonly now: Negotiated;
  readonly draft: Negotiated;
  /** The draft loses forward secrecy on this backend. */
  readonly losesForwardSecrecy: boolean;
  /** Findings of the certificate for which the gateway refuses the backend, by its validation flags. */
  readonly certificate: readonly CertificateFinding[];
}

const chainFindings: readonly CertificateFinding[] = [
  'expired',
  'not-yet-valid',
  'self-signed',
  'incomplete-chain',
  'unknown-root',
];

/** Certificate findings that make the gateway refuse, as far as the backend's validation flags leave them in force. */
export function refusedCertificate(host: BackendHost, survey: Survey): CertificateFinding[] {
  const chain = host.usedBy.some((use) => use.validateChain);
  const name = host.usedBy.some((use) => use.validateName);
  return (survey.certificate?.findings ?? []).filter(
    (finding) => (chain && chainFindings.includes(finding)) || (name && finding === 'name-mismatch'),
  );
}

export function judge(
  host: BackendHost,
  survey: Survey | undefined,
  now: SettingStates,
  draft: SettingStates,
): BackendVerdict {
  return judging(now, draft)(host, survey);
}

/** `judge` for many hosts: what follows from the states alone is worked out once. */
export function judging(
  now: SettingStates,
  draft: SettingStates,
): (host: BackendHost, survey: Survey | undefined) => BackendVerdict {
  const negotiateNow = negotiatorFor(now);
  const negotiateDraft = negotiatorFor(draft);
  return (host, survey) => judgeWith(host, survey, negotiateNow, negotiateDraft);
}

function judgeWith(
  host: BackendHost,
  survey: Survey | undefined,
  negotiateNow: (survey: Survey) => Negotiated,
  negotiateDraft: (survey: Survey) => Negotiated,
): BackendVerdict {
  const none = { losesForwardSecrecy: false, certificate: [] };
  if (host.scheme === 'http') return { verdict: 'noTls', now: unknown, draft: unknown, ...none };
  if (!survey) return { verdict: 'unknown', now: unknown, draft: unknown, ...none };
  const before = negotiateNow(survey);
  const after = negotiateDraft(survey);
  return {
    verdict: compare(before, after, survey),
    now: before,
    draft: after,
    losesForwardSecrecy: forwardSecret(before) === true && forwardSecret(after) === false,
    certificate: refusedCertificate(host, survey),
  };
}

function compare(before: Negotiated, after: Negotiated, survey: Survey): Verdict {
  if (survey.behaviour === 'plain-http' || survey.behaviour === 'not-tls') return 'alreadyBroken';
  if (after.connects === 'unknown') return 'unknown';
  if (after.connects === 'no') return before.connects === 'no' ? 'alreadyBroken' : 'breaks';
  if (before.connects === 'no') return 'repaired';
  return before.version === after.version && before.suite === after.suite ? 'same' : 'changes';
}

function forwardSecret(negotiated: Negotiated): boolean | undefined {
  return negotiated.suite === null ? undefined : gatewaySuiteByCode(negotiated.suite)?.forwardSecrecy;
}
