// What a TLS 1.3 handshake of our own shows of a server, and a request after it.

import { Client13 } from './client13.ts';
import { converse, type NetworkEnd, type Outcome } from './connection.ts';
import type { Facts13, Wish13 } from './facts13.ts';
import { endText } from './handshake.ts';
import { commonGroups, otherGroups } from './keyShares.ts';
import { insist, type Attempt } from './persist.ts';
import type { Visit } from './visit.ts';

/**
 * Never throws. At its end the server's view of an empty client certificate is known where it asks in the handshake, and
 * with a request also where it asks after it. A connection that gets lost is tried again.
 */
export async function readTls13(
  visit: Visit,
  wish: Omit<Wish13, 'serverName' | 'groups' | 'agreements'>,
): Promise<Facts13> {
  const all = { ...wish, serverName: visit.serverName, agreements: visit.agreements };
  // The common groups first: a server that likes a rarer one better would make this take longer than it has to.
  const { facts, refused } = await insist<Shown13>(visit, (before) =>
    handshake(visit, { ...all, groups: commonGroups }, before),
  );
  if (facts.chain.length > 0) visit.takesCommonGroups = true;
  // Where a handshake with them was seen, the refusal is owed to something else.
  if (!refused || visit.takesCommonGroups) return facts;
  const others = otherGroups();
  return (await insist<Shown13>(visit, (before) => handshake(visit, { ...all, groups: others }, before))).facts;
}

interface Shown13 {
  readonly facts: Facts13;
  /** The server ended it before it answered the hello. */
  readonly refused: boolean;
}

async function handshake(visit: Visit, wish: Wish13, before: Shown13 | null): Promise<Attempt<Shown13>> {
  const client = new Client13(wish);
  const outcome = await converse<true>(visit, client.first, (chunk, talk) => client.push(chunk, talk));
  const told = { facts: explained(client.facts, outcome), refused: client.refused };
  return { told: before && saysMore(before.facts, told.facts) ? before : told, end: lostBy(client.facts, outcome) };
}

/** How it ended where that keeps something from us. */
function lostBy(facts: Facts13, outcome: Outcome<true>): NetworkEnd | null {
  if (outcome.kind !== 'ended' || acceptsNone(facts, outcome)) return null;
  const { sent, answer, asked, without } = facts.request;
  return sent && (answer !== null || (asked === true && without !== null)) ? null : outcome.end;
}

/** A server that waits for a request after our empty certificate has nothing against it. */
function acceptsNone(facts: Facts13, outcome: Outcome<true>): boolean {
  const silent = outcome.kind === 'ended' && outcome.end === 'timeout';
  return facts.clientCertificate === 'optional' && !facts.request.sent && silent;
}

/** What an attempt has seen stays seen. */
function saysMore(before: Facts13, now: Facts13): boolean {
  const weight = ({ chain, clientCertificate, request, alert }: Facts13): number =>
    [alert !== null || chain.length > 0, clientCertificate !== null, request.sent, request.asked !== null].filter(
      Boolean,
    ).length;
  return weight(before) > weight(now);
}

function explained(facts: Facts13, outcome: Outcome<true>): Facts13 {
  if (outcome.kind === 'value' || acceptsNone(facts, outcome)) return facts;
  const why =
    outcome.kind === 'ended'
      ? endText(outcome.end, outcome.connected, outcome.afterMs)
      : outcome.kind === 'malformed'
        ? outcome.why
        : 'answered with something that is not TLS';
  if (facts.request.sent) return { ...facts, request: { ...facts.request, why: facts.request.why ?? why } };
  return { ...facts, why: facts.clientCertificate === 'optional' ? `might be required: ${why}` : why };
}
