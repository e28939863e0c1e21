// Up to TLS 1.2: does a server that asks for a client certificate go on without one? Asked without any key of ours.

import { randomBytes } from 'node:crypto';
import { protocolCode } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';
import { ByteReader, Malformed, u24, vector16, vector8 } from './bytes.ts';
import { readCertificate } from './certificateFields.ts';
import { buildHello, groupCode } from './clientHello.ts';
import { converse } from './connection.ts';
import { ReplyReader, endText, type Flight, type Reply } from './handshake.ts';
import type { OlderVersion } from './keySchedule12.ts';
import { keyAgreement } from './keyShares.ts';
import { acceptableOffer } from './offers.ts';
import { insist, type Attempt, type Persisted } from './persist.ts';
import {
  AlertReader,
  alertText,
  certificateAlerts,
  contentType,
  handshakeMessage,
  record,
  RecordReader,
} from './records.ts';
import { messageType, type ServerHello } from './serverMessages.ts';
import type { Visit } from './visit.ts';

export interface EmptyAnswer {
  readonly required: boolean;
  /** Why "not required" is not certain, null where it is. */
  readonly doubt: string | null;
}

/** What a server says to a Finished that it cannot open: it had no objection to the empty certificate before. */
const wentOnAlerts: readonly number[] = [20, 21, 51];

/** How a server ended the handshake after our flight: an alert, or why none is known. */
type Ending = { readonly alert: number } | { readonly alert: null; readonly why: string; readonly sent?: boolean };

/**
 * Sends an empty Certificate, a valid ClientKeyExchange and a Finished of random bytes. A server that insists on a
 * certificate refuses the first with its alert; one that does not gets as far as the Finished. Where the alert can
 * mean either, the empty Certificate goes alone: a refusal then is owed to nothing else. Never throws.
 */
export async function offerNoCertificate(visit: Visit, version: OlderVersion, known: Persisted): Promise<EmptyAnswer> {
  const whole = await insist(visit, () => endingAfter(visit, version, known, 'whole'));
  if (whole.alert !== null && certificateAlerts.includes(whole.alert)) return { required: true, doubt: null };
  if (whole.alert !== null && wentOnAlerts.includes(whole.alert)) return { required: false, doubt: null };
  const alone = await insist<Ending>(visit, (before) => endingAfter(visit, version, known, before));
  if (alone.alert !== null && alone.alert !== 0) return { required: true, doubt: null };
  return { required: false, doubt: whole.alert === null ? whole.why : alertText(whole.alert) };
}

/**
 * A connection that is lost before our flight has told nothing; one that is lost after it may have been closed for that:
 * the empty Certificate alone is sent twice at most. `how` is what came of the first time that it went alone.
 */
async function endingAfter(
  visit: Visit,
  version: OlderVersion,
  { form, suite }: Persisted,
  how: 'whole' | Ending | null,
): Promise<Attempt<Ending>> {
  const hello = buildHello({ offer: acceptableOffer(version, suite), form, serverName: visit.serverName });
  const reader = new ReplyReader('flight');
  const whole = how === 'whole';
  const after = { records: new RecordReader(), alerts: new AlertReader(), sent: false };
  const outcome = await converse<Ending>(visit, hello.bytes, (chunk, talk) => {
    if (after.sent) return readEnding(after, chunk);
    const reply = reader.push(chunk);
    if (!reply) return undefined;
    const theirs = completeFlight(reply);
    talk.send(whole ? ourFlight(version, theirs) : noCertificate(version));
    after.sent = true;
    talk.atMost(Math.max(whole ? 1000 : 300, 8 * talk.elapsedMs));
    return undefined;
  });
  if (outcome.kind === 'value') return { told: outcome.value, end: null };
  if (outcome.kind === 'malformed') return { told: { alert: null, why: outcome.why }, end: null };
  if (outcome.kind === 'not-tls') {
    return { told: { alert: null, why: 'answered with something that is not TLS' }, end: null };
  }
  const why = endText(outcome.end, outcome.connected, outcome.afterMs);
  const again = !whole && how?.alert === null && how.sent === true;
  const mayTell = after.sent && (whole || again || outcome.end === 'timeout');
  return { told: { alert: null, why, sent: after.sent }, end: mayTell ? null : outcome.end };
}

function readEnding(after: { records: RecordReader; alerts: AlertReader }, chunk: Buffer): Ending | undefined {
  after.records.push(chunk);
  for (let next = after.records.next(); next; next = after.records.next()) {
    if (next.type !== contentType.alert) continue;
    after.alerts.push(next.body);
    for (let alert = after.alerts.next(); alert; alert = after.alerts.next()) {
      if (alert.fatal || alert.code === 0) return { alert: alert.code };
    }
  }
  return undefined;
}

/** An empty Certificate; in SSL 3.0 there is none, but a warning (RFC 6101, 5.6.6). */
function noCertificate(version: OlderVersion): Buffer {
  const code = protocolCode[version];
  if (version === 'ssl3') return record(contentType.alert, code, Buffer.from([1, 41]));
  return record(contentType.handshake, code, handshakeMessage(messageType.certificate, u24(0)));
}

interface CompleteFlight {
  readonly hello: ServerHello;
  readonly flight: Flight;
}

function completeFlight(reply: Reply): CompleteFlight {
  if (reply.kind === 'alert') throw new Malformed(alertText(reply.code));
  if (!reply.flight.complete) throw new Malformed('the first flight is not complete');
  return reply;
}

function ourFlight(version: OlderVersion, theirs: CompleteFlight): Buffer {
  const code = protocolCode[version];
  return Buffer.concat([
    noCertificate(version),
    record(contentType.handshake, code, handshakeMessage(16, keyExchange(version, theirs))),
    record(contentType.changeCipherSpec, code, Buffer.from([1])),
    record(contentType.handshake, code, randomBytes(64)),
  ]);
}

/** A ClientKeyExchange that the server can compute with (RFC 5246, 7.4.7; RFC 8422, 5.7). */
function keyExchange(version: OlderVersion, { hello, flight }: CompleteFlight): Buffer {
  const name = suiteName(hello.suite);
  if (name.startsWith('TLS_RSA_')) {
    const sealed = encryptedSecret(flight.chain[0]);
    return version === 'ssl3' ? sealed : vector16(sealed);
  }
  if (!flight.keyExchange) throw new Malformed('the ServerKeyExchange is missing');
  const reader = new ByteReader(flight.keyExchange);
  if (name.startsWith('TLS_ECDHE_') || name.startsWith('TLS_ECDH_anon_')) {
    if (reader.u8('curve type') !== 3) throw new Malformed('the curve has no name');
    return vector8(publicPoint(reader.u16('curve')));
  }
  const prime = reader.vector16('prime');
  return vector16(belowModulus(prime.length));
}

function publicPoint(group: number): Buffer {
  // Every string of the right length is a public key of the Montgomery curves (RFC 7748).
  if (group === groupCode.x25519) return randomBytes(32);
  if (group === groupCode.x448) return randomBytes(56);
  const agreement = keyAgreement(group);
  if (!agreement) throw new Malformed(`wants key exchange group ${group}, which this probe cannot complete`);
  return agreement.publicKey;
}

/** RFC 5246, 7.4.7.1: a server has to go on with a wrong premaster secret as with a right one. */
function encryptedSecret(leaf: Buffer | undefined): Buffer {
  const bits = leaf === undefined ? null : (readCertificate(leaf)?.keyBits ?? null);
  if (bits === null) throw new Malformed('the RSA key cannot be read');
  return belowModulus(Math.ceil(bits / 8));
}

function belowModulus(length: number): Buffer {
  const bytes = randomBytes(Math.max(1, length));
  bytes[0] = 0;
  return bytes;
}
