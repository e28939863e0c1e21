// Client certificates that a server asks for after a request only: one GET for one path in each kind of protocol.

import type { RequestEvidence, Sighting, Unknown } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { Client12 } from './client12.ts';
import { converse } from './connection.ts';
import { nameTexts } from './der.ts';
import { endText } from './handshake.ts';
import type { OlderVersion } from './keySchedule12.ts';
import type { Persisted } from './persist.ts';
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
 * as far as the server has them. Nothing follows a redirection. Never throws.
 */
export async function askPath(visit: Visit, results: VersionResults, path: string): Promise<PathFacts> {
  const request = requestOf(visit, path);
  const older = (['tls12', 'tls11', 'tls10'] as const).find((version) => results[version].answer === 'yes');
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

/** A connection that got lost is tried again, a little later each time. */
async function askOlder(
  visit: Visit,
  version: OlderVersion,
  { form }: Persisted,
  request: Buffer,
): Promise<RequestFacts> {
  let facts = nothingYet;
  for (const pause of [0, 100, 300]) {
    if (pause > 0) await visit.pause(pause * (0.5 + Math.random()));
    // It had asked before it got lost: the answer goes alone, so that nothing hides what is said to it.
    const attempt = await converseOnce(visit, version, form, request, facts.asked === true);
    facts = attempt.facts;
    if (!attempt.lost || visit.signal.aborted) break;
  }
  return facts;
}

async function converseOnce(
  visit: Visit,
  version: OlderVersion,
  form: Persisted['form'],
  request: Buffer,
  alone: boolean,
): Promise<{ readonly facts: RequestFacts; readonly lost: boolean }> {
  const client = new Client12({ version, form, serverName: visit.serverName, request, alone });
  const outcome = await converse<true>(visit, client.first, (chunk, talk) => client.push(chunk, talk));
  const { facts } = client;
  // A page that was cut off has said what it had to say of certificates.
  if (outcome.kind === 'value' || (facts.answer && (facts.asked !== true || facts.without)))
    return { facts, lost: false };
  if (outcome.kind !== 'ended') {
    const why = outcome.kind === 'malformed' ? outcome.why : 'answered with something that is not TLS';
    return { facts: { ...facts, why }, lost: false };
  }
  const why = endText(outcome.end, outcome.connected, outcome.afterMs);
  return { facts: { ...facts, why }, lost: outcome.end === 'reset' || outcome.end === 'close' };
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
