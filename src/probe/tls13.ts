// What a TLS 1.3 handshake of our own shows of a server, and a request after it.

import { Client13 } from './client13.ts';
import { converse } from './connection.ts';
import type { Facts13, Wish13 } from './facts13.ts';
import { endText } from './handshake.ts';
import { agreeableGroups } from './keyShares.ts';
import type { Visit } from './visit.ts';

/**
 * Never throws. One connection; at its end the server's view of an empty client certificate is known where it asks in the
 * handshake, and with a request also where it asks after it.
 */
export async function readTls13(
  visit: Visit,
  wish: Omit<Wish13, 'serverName' | 'groups' | 'agreements'>,
): Promise<Facts13> {
  // A server that prefers X25519MLKEM768 would ask for it where it is offered, and this handshake could not go on.
  const all = { ...wish, serverName: visit.serverName, agreements: visit.agreements };
  const client = new Client13({ ...all, groups: agreeableGroups });
  const facts = await handshakeFacts(visit, client);
  if (!client.refused) return facts;
  // A server that takes none of these groups names the one that it wants.
  return handshakeFacts(visit, new Client13(all));
}

async function handshakeFacts(visit: Visit, client: Client13): Promise<Facts13> {
  const outcome = await converse<true>(visit, client.first, (chunk, talk) => client.push(chunk, talk));
  const facts = client.facts;
  if (outcome.kind === 'value') return facts;
  const silent = outcome.kind === 'ended' && outcome.end === 'timeout';
  if (facts.clientCertificate === 'optional' && silent) return facts;
  const why =
    outcome.kind === 'ended'
      ? endText(outcome.end, outcome.connected, outcome.afterMs)
      : outcome.kind === 'malformed'
        ? outcome.why
        : 'answered with something that is not TLS';
  if (facts.request.sent) return { ...facts, request: { ...facts.request, why: facts.request.why ?? why } };
  return { ...facts, why: facts.clientCertificate === 'optional' ? `might be required: ${why}` : why };
}
