// One ClientHello on one connection, and what its answer means: yes, no or unknown.

import type { Answer, Behaviour, Offer } from '../core/tls/evidence.ts';
import { protocolByCode, protocolLabel, type ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';
import { Malformed } from './bytes.ts';
import { buildHello, highestCode, type ClientHello, type HelloForm, type HelloWish } from './clientHello.ts';
import { converse, type NetworkEnd, type Outcome } from './connection.ts';
import { suiteFits } from './offers.ts';
import { otherProtocolText } from './otherProtocols.ts';
import {
  AlertReader,
  alertText,
  contentType,
  MessageReader,
  RecordReader,
  refusals,
  type TlsRecord,
} from './records.ts';
import {
  messageType,
  readCertificateRequest,
  readCertificates,
  readCertificateStatus,
  readServerHello,
  type CertificateRequest,
  type ServerHello,
} from './serverMessages.ts';
import type { Visit } from './visit.ts';

/** What comes in clear after the ServerHello up to TLS 1.2. */
export interface Flight {
  readonly chain: readonly Buffer[];
  readonly request: CertificateRequest | null;
  readonly keyExchange: Buffer | null;
  /** The stapled OCSP response, for a hello that asks for one. */
  readonly staple: Buffer | null;
  /** Whether ServerHelloDone was seen: without it the absence of a request says nothing. */
  readonly complete: boolean;
}

export interface HelloResult {
  readonly answer: Answer;
  readonly version: ProtocolVersion | null;
  readonly suite: number | null;
  readonly flight: Flight | null;
  /** The ServerHello of a yes. */
  readonly hello: ServerHello | null;
  /** How a server began that speaks something else than TLS and HTTP. */
  readonly banner: string | null;
  /** null for a yes. */
  readonly why: string | null;
  readonly behaviour: Behaviour;
  readonly alert: number | null;
  /** What may still help: nothing, the same hello a little later (a yes too may be cut off), or one of another form. */
  readonly retry: 'never' | 'later' | 'reduced';
  readonly connected: boolean;
}

/** What a server answered to a hello: its ServerHello (and flight), or the alert that ended it. */
export type Reply =
  | { readonly kind: 'hello'; readonly hello: ServerHello; readonly flight: Flight }
  | { readonly kind: 'alert'; readonly code: number };

/** What a hello holds besides versions and suites. */
export type HelloExtras = Omit<HelloWish, 'offer' | 'form' | 'serverName' | 'randomBytes' | 'again'>;

/** Never throws. `until` says whether to stay for the rest of the server's flight (TLS 1.2 and older). */
export async function sayHello(
  visit: Visit,
  offer: Offer,
  form: HelloForm,
  until: 'hello' | 'flight',
  extras: HelloExtras = {},
): Promise<HelloResult> {
  const { serverName, randomBytes } = visit;
  const hello = buildHello({ ...extras, offer, form, serverName, randomBytes });
  const reader = new ReplyReader(until);
  const outcome = await converse<Reply>(visit, hello.bytes, (chunk) => reader.push(chunk));
  const reply = reader.partial;
  if (outcome.kind === 'value' || !reply) return judge(hello, outcome);
  // A ServerHello stays a fact when the rest of the flight does not come.
  const result = judge(hello, { kind: 'value', value: reply });
  const isLost = outcome.kind === 'ended' && retryAfter(outcome.end, true) === 'later';
  return isLost ? { ...result, retry: 'later' } : result;
}

/** Reads the clear part of an answer. Throws `Malformed` and `NotTls`. */
export class ReplyReader {
  readonly #records = new RecordReader();
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  readonly #until: 'hello' | 'flight';
  #hello: ServerHello | null = null;
  #flight: Flight = { chain: [], request: null, keyExchange: null, staple: null, complete: false };

  constructor(until: 'hello' | 'flight') {
    this.#until = until;
  }

  get partial(): Reply | null {
    return this.#hello === null ? null : { kind: 'hello', hello: this.#hello, flight: this.#flight };
  }

  push(chunk: Buffer): Reply | undefined {
    this.#records.push(chunk);
    for (let record = this.#records.next(); record; record = this.#records.next()) {
      const reply = this.#read(record);
      if (reply) return reply;
    }
    return undefined;
  }

  #read(record: TlsRecord): Reply | undefined {
    if (record.type === contentType.alert) return this.#readAlert(record.body);
    if (record.type !== contentType.handshake) {
      if (this.#hello) return this.partial ?? undefined;
      throw new Malformed('the first record is no handshake');
    }
    this.#messages.push(record.body);
    for (let message = this.#messages.next(); message; message = this.#messages.next()) {
      if (this.#take(message.type, message.body)) return this.partial ?? undefined;
    }
    return undefined;
  }

  #readAlert(body: Buffer): Reply | undefined {
    this.#alerts.push(body);
    for (let alert = this.#alerts.next(); alert; alert = this.#alerts.next()) {
      // A warning before the ServerHello (such as unrecognized_name) is no refusal.
      if (alert.fatal || alert.code === 0) return this.partial ?? { kind: 'alert', code: alert.code };
    }
    return undefined;
  }

  /** True when nothing more is to be waited for. */
  #take(type: number, body: Buffer): boolean {
    if (this.#hello === null) {
      if (type === messageType.helloRequest) return false;
      if (type !== messageType.serverHello) throw new Malformed('the first message is no ServerHello');
      this.#hello = readServerHello(body);
      return this.#until === 'hello' || this.#hello.version > 0x0303;
    }
    const flight = this.#flight;
    if (type === messageType.certificate) this.#flight = { ...flight, chain: readCertificates(body) };
    if (type === messageType.certificateStatus) this.#flight = { ...flight, staple: readCertificateStatus(body) };
    if (type === messageType.serverKeyExchange) this.#flight = { ...flight, keyExchange: body };
    if (type === messageType.certificateRequest) {
      this.#flight = { ...flight, request: readCertificateRequest(body, this.#hello.version >= 0x0303) };
    }
    if (type !== messageType.serverHelloDone) return false;
    this.#flight = { ...flight, complete: true };
    return true;
  }
}

const nothing = {
  version: null,
  suite: null,
  flight: null,
  hello: null,
  banner: null,
  alert: null,
  connected: true,
} as const;

/** Only a ServerHello that answers the offer is a yes; only a refusal in so many words is a no. */
export function judge(sent: ClientHello, outcome: Outcome<Reply>): HelloResult {
  switch (outcome.kind) {
    case 'value':
      return outcome.value.kind === 'alert'
        ? judgeAlert(outcome.value.code)
        : judgeHello(sent, outcome.value.hello, outcome.value.flight);
    case 'not-tls':
      return {
        ...nothing,
        answer: 'unknown',
        why: outcome.plainHttp ? 'answered with plain HTTP' : otherProtocolText(outcome.start),
        banner: outcome.plainHttp ? null : outcome.start,
        behaviour: outcome.plainHttp ? 'plain-http' : 'not-tls',
        retry: 'never',
      };
    case 'malformed':
      return misbehaving(outcome.why);
    case 'ended':
      return {
        ...nothing,
        answer: 'unknown',
        why: outcome.why ?? endText(outcome.end, outcome.connected, outcome.afterMs),
        behaviour: outcome.end,
        retry: retryAfter(outcome.end, outcome.connected),
        connected: outcome.connected,
      };
  }
}

/** unrecognized_name: another hello without the name would be answered for another host. */
const finalAlerts: readonly number[] = [112];

function judgeAlert(code: number): HelloResult {
  const no = refusals.includes(code);
  const retry = no || finalAlerts.includes(code) ? 'never' : 'reduced';
  const why = code === 0 ? 'connection closed' : alertText(code);
  const behaviour = code === 0 ? 'close' : 'alert';
  return { ...nothing, answer: no ? 'no' : 'unknown', why, behaviour, alert: code, retry };
}

function judgeHello(sent: ClientHello, hello: ServerHello, flight: Flight): HelloResult {
  const { versions, suites } = sent.offer;
  const version = protocolByCode(hello.version);
  const label = version === undefined ? `version 0x${hello.version.toString(16)}` : protocolLabel[version];
  if (!suites.includes(hello.suite)) return misbehaving(`picked ${suiteName(hello.suite)}, which was not offered`);
  if (version === undefined || hello.version > highestCode(versions)) {
    return misbehaving(`picked ${label}, which was not offered`);
  }
  if (!suiteFits(version, hello.suite)) return misbehaving(`picked ${suiteName(hello.suite)} for ${label}`);
  if (!versions.includes(version)) {
    // "Up to" is how versions before TLS 1.3 are offered: an older one is the server's way of declining the newer.
    return { ...nothing, answer: 'no', why: `picked ${label} instead`, behaviour: 'tls', retry: 'never' };
  }
  if (!sent.compressions.includes(hello.compression)) return misbehaving('picked a compression that was not offered');
  if (version === 'tls13') {
    if (!hello.sessionId.equals(sent.sessionId)) return misbehaving('did not echo the session id');
    if (hello.retry && hello.group !== null && !sent.groups.includes(hello.group)) {
      return misbehaving(`picked group ${hello.group}, which was not offered`);
    }
  }
  return {
    ...nothing,
    answer: 'yes',
    version,
    suite: hello.suite,
    flight: version === 'tls13' ? null : flight,
    hello,
    why: null,
    behaviour: 'tls',
    retry: 'never',
  };
}

function misbehaving(why: string): HelloResult {
  return { ...nothing, answer: 'unknown', why, behaviour: 'misbehaving', retry: 'reduced' };
}

function retryAfter(end: NetworkEnd, connected: boolean): HelloResult['retry'] {
  if (end === 'reset' || end === 'close') return 'later';
  return end === 'timeout' && connected ? 'reduced' : 'never';
}

/** The sentence for a connection that ended without an answer. */
export function endText(end: NetworkEnd, connected: boolean, afterMs: number): string {
  if (end === 'timeout' && afterMs === 0) return 'not asked: the time for this host was used up';
  const seconds = `${Math.max(1, Math.round(afterMs / 100)) / 10} s`;
  const texts: Readonly<Record<NetworkEnd, string>> = {
    timeout: connected ? `no answer within ${seconds}` : `no connection within ${seconds}`,
    reset: 'connection reset',
    close: 'connection closed without an answer',
    refused: 'connection refused',
    unresolvable: 'the name cannot be resolved',
    unreachable: 'the address cannot be reached',
    cancelled: 'cancelled',
  };
  return texts[end];
}
