// Client certificates that a server asks for after a request only: one GET for one path in each kind of protocol.

import type { RequestEvidence, Sighting, Unknown } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { Client12 } from './client12.ts';
import { converse, type Outcome } from './connection.ts';
import { nameTexts } from './der.ts';
import { endText } from './handshake.ts';
import { workableSuites12 } from './handshake12.ts';
import type { OlderVersion } from './keySchedule12.ts';
import { insist, type Attempt, type Persisted } from './persist.ts';
import { nothingYet, type RequestFacts } from './requestFacts.ts';
import { readTls13 } from './tls13.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

export interface PathFacts {
  readonly renegotiation: Sighting;
  readonly postHandshake: Sighting;
  /** Newest version first. */
  readonly requests: readonly RequestEvidence[];
  readonly unknowns: readonly Unknown[];
}

/**
 * A GET without a body for this path and the host of the endpoint, once in TLS 1.3 and once in the newest older version,
 * as far as the server has them; again where the connection gets lost before the answer. Nothing follows a redirection.
 * Never throws.
 */
export async function askPath(visit: Visit, results: VersionResults, path: string): Promise<PathFacts> {
  const request = requestOf(visit, path);
  const older = (['tls12', 'tls11', 'tls10', 'ssl3'] as const).find((version) => results[version].answer === 'yes');
  const [new13, old] = await Promise.all([
    results.tls13.answer === 'yes' ? ask13(visit, results.tls13, request) : undefined,
    older === undefined ? undefined : askOlder(visit, older, results[older], request),
  ]);
  const postHandshake = told('postHandshake', ['tls13'], results, new13);
  const renegotiation = told('renegotiation', ['tls12', 'tls11', 'tls10', 'ssl3'], results, old);
  return {
    renegotiation: renegotiation.sighting,
    postHandshake: postHandshake.sighting,
    requests: [
      ...(new13 ? [evidenceOf('tls13', new13)] : []),
      ...(older !== undefined && old ? [evidenceOf(older, old)] : []),
    ],
    unknowns: [...postHandshake.unknowns, ...renegotiation.unknowns],
  };
}

/** Why there was no request. */
export function notAsked(why: string): PathFacts {
  const unknowns = ['renegotiation', 'postHandshake'].map((what) => ({ what, why }));
  return { renegotiation: 'unknown', postHandshake: 'unknown', requests: [], unknowns };
}

/** Of a path only what can stand in a request line: the rest is percent-encoded, and a fragment is left out. */
export function requestOf({ endpoint, serverName }: Pick<Visit, 'endpoint' | 'serverName'>, path: string): Buffer {
  const name = serverName ?? (endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host);
  const host = endpoint.port === 443 ? name : `${name}:${endpoint.port}`;
  const lines = [
    `GET ${asciiPath(path)} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: apim-tls',
    'Accept: */*',
    'Connection: close',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function asciiPath(path: string): string {
  const withSlash = path.startsWith('/') ? path : `/${path}`;
  const encoded = withSlash.replace(/[^\x21-\x7e]+/gu, (text) => encodeURIComponent(text.toWellFormed()));
  return encoded.split('#', 1)[0]?.slice(0, 8000) ?? '/';
}

async function ask13(visit: Visit, { form }: Persisted, request: Buffer): Promise<RequestFacts> {
  const { request: facts, why } = await readTls13(visit, { form: form === 'small' ? 'small' : 'shares', request });
  return facts.sent ? facts : { ...facts, why: why ?? 'the handshake was not completed' };
}

/** With the suites that servers usually take; where they are refused, with all others. */
async function askOlder(
  visit: Visit,
  version: OlderVersion,
  { form }: Persisted,
  request: Buffer,
): Promise<RequestFacts> {
  let latest: Requested = { facts: nothingYet, refused: true };
  for (const suites of workableSuites12(version)) {
    latest = await insist<Requested>(visit, (before) => {
      // It had asked before it got lost: the answer goes alone, so that nothing hides what is said to it.
      const alone = before?.facts.asked === true;
      const client = new Client12({ version, form, serverName: visit.serverName, suites, request, alone });
      return converseOnce(visit, client, before);
    });
    if (!latest.refused) break;
  }
  return latest.facts;
}

interface Requested {
  readonly facts: RequestFacts;
  /** None of the suites was taken. */
  readonly refused: boolean;
}

async function converseOnce(visit: Visit, client: Client12, before: Requested | null): Promise<Attempt<Requested>> {
  const outcome = await converse<true>(visit, client.first, (chunk, talk) => client.push(chunk, talk));
  const { facts, refused } = client;
  const told = { facts: explained(facts, outcome), refused };
  // What an attempt has seen stays seen.
  const more = before !== null && before.facts.asked !== null && facts.asked === null;
  return { told: more ? before : told, end: isTold(facts, outcome) || outcome.kind !== 'ended' ? null : outcome.end };
}

/** A page that was cut off has said what it had to say of certificates; silence is what an answer of ours alone may meet. */
function isTold({ answer, asked, without }: RequestFacts, outcome: Outcome<true>): boolean {
  if (outcome.kind === 'value' || (answer && (asked !== true || without))) return true;
  return asked === true && outcome.kind === 'ended' && outcome.end === 'timeout';
}

function explained(facts: RequestFacts, outcome: Outcome<true>): RequestFacts {
  if (outcome.kind === 'value' || (facts.answer && (facts.asked !== true || facts.without))) return facts;
  if (outcome.kind === 'ended') return { ...facts, why: endText(outcome.end, outcome.connected, outcome.afterMs) };
  return { ...facts, why: outcome.kind === 'malformed' ? outcome.why : 'answered with something that is not TLS' };
}

interface Told {
  readonly sighting: Sighting;
  readonly unknowns: readonly Unknown[];
}

/** A server that has none of the versions cannot ask in them. */
function told(
  what: string,
  versions: readonly ProtocolVersion[],
  results: VersionResults,
  facts: RequestFacts | undefined,
): Told {
  const sighting = facts
    ? sightingOf(facts)
    : versions.every((v) => results[v].answer === 'no')
      ? 'not-seen'
      : 'unknown';
  const why = facts ? (facts.why ?? 'no answer to the request') : 'no handshake';
  if (sighting === 'unknown') return { sighting, unknowns: [{ what, why }] };
  const open = facts?.asked === true && facts.without === null;
  return { sighting, unknowns: open ? [{ what, why: `might be required: ${why}` }] : [] };
}

function sightingOf({ asked }: RequestFacts): Sighting {
  return asked === null ? 'unknown' : asked ? 'seen' : 'not-seen';
}

function evidenceOf(version: ProtocolVersion, facts: RequestFacts): RequestEvidence {
  const { answer, asked, without, issuers } = facts;
  return {
    version,
    asked: sightingOf(facts),
    without: asked === true ? (without ?? 'unknown') : null,
    acceptableIssuers: nameTexts(issuers),
    status: answer === null || answer.status === 0 ? null : answer.status,
    refusal: answer?.refusal ?? null,
  };
}
