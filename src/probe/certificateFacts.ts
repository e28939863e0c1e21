// Certificate and client certificate of a server, from whichever handshake shows them.

import type { CertificateEvidence, Survey, Unknown } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { judgeChain } from './certificate.ts';
import { nameTexts } from './der.ts';
import { offerNoCertificate } from './emptyCertificate.ts';
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
  readonly chain: readonly Buffer[];
  readonly asks: Survey['clientCertificate']['inHandshake'];
  readonly issuers: readonly Buffer[];
  readonly unknowns: readonly Unknown[];
}

/** TLS 1.3 by a handshake of our own, the newest older version from its clear flight. Never throws. */
export async function certificateFacts(
  visit: Visit,
  results: VersionResults,
  options: ProbeOptions,
): Promise<CertificateFacts> {
  const older = (['tls12', 'tls11', 'tls10', 'ssl3'] as const).find((version) => results[version].answer === 'yes');
  const [new13, old] = await Promise.all([
    results.tls13.answer === 'yes' ? show13(visit, results.tls13) : undefined,
    older === undefined ? undefined : showOlder(visit, older, results[older]),
  ]);
  const shown = [new13, old].filter((entry) => entry !== undefined);
  const asks = strongest(shown.map((entry) => entry.asks));
  const chain = shown.find((entry) => entry.chain.length > 0)?.chain ?? [];
  const evidence = judgeChain(chain, {
    host: visit.endpoint.host,
    now: options.now?.() ?? Date.now(),
    expiresSoonDays: options.expiresSoonDays ?? 30,
    extraRoots: options.extraRoots ?? [],
  });
  const missing = evidence ? [] : [{ what: 'certificate', why: whyNone(shown, chain) }];
  return {
    evidence,
    clientCertificate: { inHandshake: asks, acceptableIssuers: nameTexts(shown.flatMap(({ issuers }) => issuers)) },
    unknowns: [...missing, ...shown.flatMap(({ unknowns }) => unknowns), ...(shown.length === 0 ? [noHandshake] : [])],
  };
}

const noHandshake: Unknown = { what: 'clientCertificate', why: 'no handshake' };

/** "None seen" takes every handshake to have shown it: one that could not be read leaves it open. */
function strongest(seen: readonly Shown['asks'][]): Shown['asks'] {
  const order: readonly Shown['asks'][] = ['required', 'optional', 'unknown', 'none-seen'];
  return order.find((value) => seen.includes(value)) ?? 'unknown';
}

function whyNone(shown: readonly Shown[], chain: readonly Buffer[]): string {
  if (chain.length > 0) return 'the certificate cannot be read';
  if (shown.length === 0) return 'no handshake';
  return shown.flatMap(({ unknowns }) => unknowns)[0]?.why ?? 'the server sent none';
}

async function show13(visit: Visit, { form }: Persisted): Promise<Shown> {
  const facts = await readTls13(visit, { form: form === 'small' ? 'small' : 'shares' });
  const asks = facts.clientCertificate === 'none' ? 'none-seen' : (facts.clientCertificate ?? 'unknown');
  const open = facts.why !== null && asks !== 'required' && asks !== 'none-seen';
  return {
    chain: facts.chain,
    issuers: facts.issuers,
    asks,
    unknowns: open ? [{ what: 'clientCertificate', why: `TLS 1.3: ${facts.why ?? ''}` }] : [],
  };
}

async function showOlder(visit: Visit, version: Exclude<ProtocolVersion, 'tls13'>, result: Persisted): Promise<Shown> {
  const { flight } = result;
  const chain = flight?.chain ?? [];
  if (!flight?.request) {
    const complete = flight?.complete ?? false;
    const unknowns = complete ? [] : [{ what: 'clientCertificate', why: 'the first flight broke off' }];
    return { chain, asks: complete ? 'none-seen' : 'unknown', issuers: [], unknowns };
  }
  const answer = await offerNoCertificate(visit, version, result.form);
  return {
    chain,
    asks: answer.required ? 'required' : 'optional',
    issuers: flight.request.issuers,
    unknowns: answer.doubt === null ? [] : [{ what: 'clientCertificate', why: `might be required: ${answer.doubt}` }],
  };
}
