// Would it still connect? A backend's survey against what the gateway offers now and under a draft.

import type { BackendHost, BackendUse } from '../instance.ts';
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
  const { planned } = survey;
  // This very offer was made: what came of it outweighs what is put together from other answers.
  if (planned && sameOffer(planned.offer, offer))
    return { connects: planned.connects, version: planned.version, suite: planned.suite };
  let unanswered = false;
  let withoutSuite = false;
  for (const version of offer.versions) {
    const usable = gatewaySuites.some((suite) => suite.versions.includes(version) && offer.suites.includes(suite.code));
    if (survey.protocols[version] === 'no' || !usable) continue;
    const suite = pickedFrom(offer, version, survey);
    // A server that has a better version may choose it all the same, and then fail: OpenSSL settles the version first.
    if (typeof suite === 'number' || suite === null) {
      return unanswered || withoutSuite ? unknown : { connects: 'yes', version, suite };
    }
    if (suite === 'unknown') unanswered = true;
    else withoutSuite = true;
  }
  return unanswered ? unknown : no;
}

/** The suite that the server picks in a version; null where it takes one of several and which is not known. */
function pickedFrom(offer: Offer, version: ProtocolVersion, survey: Survey): number | null | 'none' | 'unknown' {
  if (survey.protocols[version] !== 'yes') return 'unknown';
  const accepted = survey.suites[version];
  const byClient = accepted && offer.suites.find((code) => accepted.includes(code));
  const preference = survey.preference?.[version];
  if (byClient !== undefined && preference === 'client') return byClient;
  const preferred = survey.preferred[version];
  const byServer =
    preferred !== undefined && offer.suites.includes(preferred)
      ? preferred
      : accepted?.find((code) => offer.suites.includes(code));
  if (byServer === undefined) return accepted ? 'none' : 'unknown';
  const open = preference === 'unknown' && byClient !== undefined && byClient !== byServer;
  return open ? null : byServer;
}

/** With settings that are themselves not known, the offer may be the larger one: only what holds for both is certain. */
function negotiatorFor(states: SettingStates): (survey: Survey) => Negotiated {
  const certainOffer = backendOffer(states);
  const possibleOffer = backendOffer(states, true);
  if (sameOffer(certainOffer, possibleOffer)) return (survey) => negotiate(certainOffer, survey);
  return (survey) => {
    const certain = negotiate(certainOffer, survey);
    const possible = negotiate(possibleOffer, survey);
    if (certain.connects !== possible.connects || certain.connects === 'unknown') return unknown;
    return isSame(certain, possible) ? certain : { connects: certain.connects, version: null, suite: null };
  };
}

function isSame(a: Negotiated, b: Negotiated): boolean {
  return a.connects === b.connects && a.version === b.version && a.suite === b.suite;
}

function sameOffer(a: Offer, b: Offer): boolean {
  const same = <T>(left: readonly T[], right: readonly T[]) =>
    left.length === right.length && left.every((entry) => right.includes(entry));
  return same(a.versions, b.versions) && same(a.suites, b.suites);
}

/**
 * breaks: connects now (or may), not under the draft. alreadyBroken: does not connect now either, or its certificate is
 * refused now and then. repaired: connects only under the draft. changes: another version or suite. same. connects: it
 * would connect, and what there is now is not known in full. unknown: not known what would be. noTls: plain HTTP by its
 * URL.
 */
export type Verdict = 'breaks' | 'alreadyBroken' | 'repaired' | 'changes' | 'same' | 'connects' | 'unknown' | 'noTls';

export interface BackendVerdict {
  readonly verdict: Verdict;
  readonly now: Negotiated;
  readonly draft: Negotiated;
  /** The draft loses forward secrecy on this backend. */
  readonly losesForwardSecrecy: boolean;
  /** Findings of the certificate for which the gateway refuses the backend, by its validation flags. */
  readonly certificate: readonly CertificateFinding[];
  /** Null: the backend asks for no client certificate in the handshake, or it is not known. */
  readonly clientCertificate: CertificateWanted | null;
}

/** A backend asks for a client certificate. Lists are titles of what calls it. */
export interface CertificateWanted {
  readonly required: boolean;
  /** Neither the entity nor a policy presents one. */
  readonly missingIn: readonly string[];
  /** Policies present one for all calls, or for some of them. Absent: none does. */
  readonly byPolicy?: { readonly all: readonly string[]; readonly some: readonly string[] };
}

const chainFindings: readonly CertificateFinding[] = [
  'expired',
  'not-yet-valid',
  'self-signed',
  'incomplete-chain',
  'unknown-root',
  'wrong-key-usage',
];

/**
 * Findings that no trust store mends. For the others the gateway may know better than this machine: an instance can be
 * given certificates of authorities (`properties.certificates`), and may fetch a missing intermediate.
 */
export const outrightFindings: readonly CertificateFinding[] = ['expired', 'not-yet-valid', 'name-mismatch'];

function refusedBy(use: BackendUse, survey: Survey): CertificateFinding[] {
  return (survey.certificate?.findings ?? []).filter(
    (finding) =>
      (use.validateChain && chainFindings.includes(finding)) || (use.validateName && finding === 'name-mismatch'),
  );
}

/** Certificate findings that make the gateway refuse, as far as the backend's validation flags leave them in force. */
export function refusedCertificate(host: BackendHost, survey: Survey): CertificateFinding[] {
  const refused = new Set(host.usedBy.flatMap((use) => refusedBy(use, survey)));
  return (survey.certificate?.findings ?? []).filter((finding) => refused.has(finding));
}

/** Nobody who calls this host takes its certificate. */
function refusedByAll(host: BackendHost, survey: Survey): boolean {
  const refuses = (use: BackendUse) => refusedBy(use, survey).some((finding) => outrightFindings.includes(finding));
  return host.usedBy.length > 0 && host.usedBy.every(refuses);
}

function clientCertificateOf(host: BackendHost, survey: Survey): BackendVerdict['clientCertificate'] {
  const asked = survey.clientCertificate.inHandshake;
  if (asked !== 'required' && asked !== 'optional') return null;
  const without = host.usedBy.filter((use) => !use.clientCertificate);
  const titles = (presented: BackendUse['policyCertificate']) =>
    without.filter((use) => use.policyCertificate === presented).map(({ title }) => title);
  const byPolicy = { all: titles('all'), some: titles('some') };
  return {
    required: asked === 'required',
    missingIn: titles(undefined),
    ...(byPolicy.all.length + byPolicy.some.length === 0 ? {} : { byPolicy }),
  };
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
export function judging(now: SettingStates, draft: SettingStates): Judge {
  const negotiateNow = negotiatorFor(now);
  const negotiateDraft = negotiatorFor(draft);
  const known = new WeakMap<Survey, readonly [BackendHost, BackendVerdict]>();
  return (host, survey) => {
    const before = survey && known.get(survey);
    if (before?.[0] === host) return before[1];
    const verdict = judgeWith(host, survey, negotiateNow, negotiateDraft);
    if (survey) known.set(survey, [host, verdict]);
    return verdict;
  };
}

/** Gives the verdict on the same host and survey again where it has been asked before. */
export type Judge = (host: BackendHost, survey: Survey | undefined) => BackendVerdict;

function judgeWith(
  host: BackendHost,
  survey: Survey | undefined,
  negotiateNow: (survey: Survey) => Negotiated,
  negotiateDraft: (survey: Survey) => Negotiated,
): BackendVerdict {
  const nothing = { losesForwardSecrecy: false, certificate: [], clientCertificate: null };
  if (host.scheme === 'http') return { verdict: 'noTls', now: unknown, draft: unknown, ...nothing };
  if (!survey) return { verdict: 'unknown', now: unknown, draft: unknown, ...nothing };
  if (survey.behaviour === 'plain-http' || survey.behaviour === 'not-tls')
    return { verdict: 'alreadyBroken', now: no, draft: no, ...nothing };
  const before = negotiateNow(survey);
  const after = negotiateDraft(survey);
  return {
    verdict: compare(before, after, refusedByAll(host, survey)),
    now: before,
    draft: after,
    losesForwardSecrecy: forwardSecret(before) === true && forwardSecret(after) === false,
    certificate: refusedCertificate(host, survey),
    clientCertificate: clientCertificateOf(host, survey),
  };
}

function compare(before: Negotiated, after: Negotiated, refused: boolean): Verdict {
  if (after.connects === 'unknown') return 'unknown';
  if (after.connects === 'no') return before.connects === 'no' ? 'alreadyBroken' : 'breaks';
  if (refused) return 'alreadyBroken';
  if (before.connects === 'no') return 'repaired';
  if (before.version === null || after.version === null) return 'connects';
  return isSame(before, after) ? 'same' : 'changes';
}

function forwardSecret(negotiated: Negotiated): boolean | undefined {
  return negotiated.suite === null ? undefined : gatewaySuiteByCode(negotiated.suite)?.forwardSecrecy;
}
