// Certificate and client certificate of a server, from whichever handshake shows them.

import type { CertificateEvidence, OcspEvidence, Sighting, Survey, Unknown } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { askPath, notAsked } from './askPath.ts';
import { judgeChain } from './certificate.ts';
import { distinct, otherChains, stapleOf, taskOf, wholeFlight, type Chain } from './chains.ts';
import { nameTexts } from './der.ts';
import { offerNoCertificate } from './emptyCertificate.ts';
import { readStaple } from './ocsp.ts';
import type { OlderVersion } from './keySchedule12.ts';
import type { Persisted } from './persist.ts';
import { readTls13 } from './tls13.ts';
import type { VersionResults } from './versions.ts';
import type { ProbeOptions, Visit } from './visit.ts';

export interface CertificateFacts {
  readonly evidence: CertificateEvidence | null;
  readonly clientCertificate: Survey['clientCertificate'];
  readonly unknowns: readonly Unknown[];
}

/** What one handshake shows. */
interface Shown {
  readonly version: ProtocolVersion;
  readonly result: Persisted;
  readonly chain: Chain;
  /** The stapled OCSP response; null where none came, undefined where none was asked for. */
  readonly staple: Buffer | null | undefined;
  readonly asks: Survey['clientCertificate']['inHandshake'];
  readonly issuers: readonly Buffer[];
  readonly unknowns: readonly Unknown[];
}

const olderVersions = ['tls12', 'tls11', 'tls10', 'ssl3'] as const;

/**
 * TLS 1.3 by a handshake of our own, the newest older version from its clear flight. In depth also every other chain that
 * the server has and the OCSP response. Never throws.
 */
export async function certificateFacts(
  visit: Visit,
  results: VersionResults,
  options: ProbeOptions,
): Promise<CertificateFacts> {
  const older = olderVersions.find((version) => results[version].answer === 'yes');
  const [new13, old] = await Promise.all([
    results.tls13.answer === 'yes' ? show13(visit, results.tls13) : undefined,
    older === undefined ? undefined : showOlder(visit, older, results[older]),
  ]);
  const shown = [new13, old].filter((entry) => entry !== undefined);
  const asks = strongest(shown.map((entry) => entry.asks));
  const [certificate, path] = await Promise.all([
    chainFacts(visit, results, shown, options),
    pathFacts(visit, results, asks, options),
  ]);
  return {
    evidence: certificate.evidence,
    clientCertificate: {
      inHandshake: asks,
      ...path.seen,
      acceptableIssuers: [...new Set([...nameTexts(shown.flatMap(({ issuers }) => issuers)), ...path.issuers])],
    },
    unknowns: [
      ...certificate.unknowns,
      ...shown.flatMap(({ unknowns }) => unknowns),
      ...(shown.length === 0 ? [noHandshake] : []),
      ...path.unknowns,
    ],
  };
}

interface AfterRequest {
  readonly seen: Pick<Survey['clientCertificate'], 'renegotiation' | 'postHandshake' | 'requests'>;
  readonly issuers: readonly string[];
  readonly unknowns: readonly Unknown[];
}

/** What is asked for after a request only. Where a certificate is required before, no request can be made. */
async function pathFacts(
  visit: Visit,
  results: VersionResults,
  asks: Shown['asks'],
  { depth, path }: ProbeOptions,
): Promise<AfterRequest> {
  if (depth !== 'full' && path === undefined) {
    return { seen: {}, issuers: [], unknowns: [{ what: 'renegotiation', why: 'not looked for' }] };
  }
  const required = 'a client certificate is required in the handshake';
  const facts = asks === 'required' ? notAsked(required) : await askPath(visit, results, path ?? '/');
  const { renegotiation, postHandshake, requests, unknowns } = facts;
  return {
    seen: { renegotiation, postHandshake, ...(requests.length > 0 ? { requests } : {}) },
    issuers: requests.flatMap(({ acceptableIssuers }) => acceptableIssuers),
    unknowns,
  };
}

async function chainFacts(
  visit: Visit,
  results: VersionResults,
  shown: readonly Shown[],
  options: ProbeOptions,
): Promise<Pick<CertificateFacts, 'evidence' | 'unknowns'>> {
  const inDepth = options.depth === 'full';
  const others = inDepth ? await everyOther(visit, shown) : { chains: [], unknowns: [] };
  const seen = [...shown.map(({ chain }) => chain), ...olderVersions.map((version) => chainOf(results[version]))];
  const judged = distinct([...seen, ...others.chains]).flatMap(({ certificates, tasks }) => {
    const evidence = judgeChain(certificates, {
      host: visit.serverName ?? visit.endpoint.host,
      now: options.now?.() ?? Date.now(),
      expiresSoonDays: options.expiresSoonDays ?? 30,
      extraRoots: options.extraRoots ?? [],
      tasks,
    });
    return evidence ? [{ certificates, evidence }] : [];
  });
  const [first] = judged;
  if (!first) return { evidence: null, unknowns: [{ what: 'certificate', why: whyNone(shown) }] };
  const stapled = inDepth ? await stapleFacts(visit, shown, first.certificates, options) : {};
  const variants = inDepth ? { variants: judged.map(({ evidence }) => evidence) } : {};
  const unread = first.certificates.length - first.evidence.chain.length;
  const why = `${unread} of ${first.certificates.length} certificates cannot be read`;
  const unreadable = unread === 0 ? [] : [{ what: 'certificate', why }];
  return { evidence: { ...first.evidence, ...variants, ...stapled }, unknowns: [...unreadable, ...others.unknowns] };
}

function chainOf({ flight, suite }: Pick<Persisted, 'flight' | 'suite'>): Chain {
  return { certificates: flight?.chain ?? [], tasks: suite === null ? [] : taskOf(suite) };
}

/** The chains that a server shows to clients which cannot use the ones above. */
async function everyOther(
  visit: Visit,
  shown: readonly Shown[],
): Promise<{ readonly chains: readonly Chain[]; readonly unknowns: readonly Unknown[] }> {
  const found = await Promise.all(
    shown.map(({ version, result, chain }) => otherChains(visit, version, result, chain)),
  );
  const why = found.map((entry) => entry.why).find((entry) => entry !== null);
  return {
    chains: found.flatMap(({ chains }) => chains),
    unknowns: why === undefined ? [] : [{ what: 'certificateVariants', why }],
  };
}

async function stapleFacts(
  visit: Visit,
  shown: readonly Shown[],
  chain: readonly Buffer[],
  options: ProbeOptions,
): Promise<{ readonly ocspStaple: Sighting; readonly ocsp?: OcspEvidence }> {
  const [first] = shown;
  const known = shown.map(({ staple }) => staple).find((staple) => staple !== undefined);
  const staple = known === undefined && first ? await stapleOf(visit, first.version, first.result) : known;
  if (!staple) return { ocspStaple: staple === null ? 'not-seen' : 'unknown' };
  const context = { chain, extraRoots: options.extraRoots ?? [], now: options.now?.() ?? Date.now() };
  return { ocspStaple: 'seen', ocsp: readStaple(staple, context) };
}

const noHandshake: Unknown = { what: 'clientCertificate', why: 'no handshake' };

/** "None seen" takes every handshake to have shown it: one that could not be read leaves it open. */
function strongest(seen: readonly Shown['asks'][]): Shown['asks'] {
  const order: readonly Shown['asks'][] = ['required', 'optional', 'unknown', 'none-seen'];
  return order.find((value) => seen.includes(value)) ?? 'unknown';
}

function whyNone(shown: readonly Shown[]): string {
  if (shown.some(({ chain }) => chain.certificates.length > 0)) return 'the certificate cannot be read';
  if (shown.length === 0) return 'no handshake';
  return shown.flatMap(({ unknowns }) => unknowns)[0]?.why ?? 'the server sent none';
}

async function show13(visit: Visit, result: Persisted): Promise<Shown> {
  const facts = await readTls13(visit, { form: result.form === 'small' ? 'small' : 'shares' });
  const asks = facts.clientCertificate === 'none' ? 'none-seen' : (facts.clientCertificate ?? 'unknown');
  const open = facts.why !== null && asks !== 'required' && asks !== 'none-seen';
  return {
    version: 'tls13',
    result,
    chain: { certificates: facts.chain, tasks: ['sign'] },
    staple: facts.chain.length > 0 ? facts.staple : undefined,
    issuers: facts.issuers,
    asks,
    unknowns: open ? [{ what: 'clientCertificate', why: `TLS 1.3: ${facts.why ?? ''}` }] : [],
  };
}

async function showOlder(visit: Visit, version: OlderVersion, result: Persisted): Promise<Shown> {
  const flight = result.flight?.complete ? result.flight : await wholeFlight(visit, version, result);
  const shown = { version, result, chain: chainOf({ flight, suite: result.suite }), staple: undefined };
  if (!flight?.request) {
    const complete = flight?.complete ?? false;
    const unknowns = complete ? [] : [{ what: 'clientCertificate', why: 'the first flight broke off' }];
    return { ...shown, asks: complete ? 'none-seen' : 'unknown', issuers: [], unknowns };
  }
  const answer = await offerNoCertificate(visit, version, result);
  return {
    ...shown,
    asks: answer.required ? 'required' : 'optional',
    issuers: flight.request.issuers,
    unknowns: answer.doubt === null ? [] : [{ what: 'clientCertificate', why: `might be required: ${answer.doubt}` }],
  };
}
