// A small client of SSL 3.0 to TLS 1.2: completes a handshake, sends a request, and renegotiates when the server wants to.

import { timingSafeEqual } from 'node:crypto';
import { protocolCode } from '../core/tls/protocols.ts';
import { Malformed, u24, vector8 } from './bytes.ts';
import { extensionType } from './clientHello.ts';
import type { Talk } from './connection.ts';
import { ourHalf } from './keyExchange.ts';
import { beginHandshake, type Handshake12, type VerifyData, type Wish12 } from './handshake12.ts';
import { finishedData12, masterSecret, type KeySchedule12, type Randoms } from './keySchedule12.ts';
import { protectionsOf, type Protection12 } from './protection12.ts';
import {
  AlertReader,
  alertText,
  certificateAlerts,
  contentType,
  handshakeMessage,
  MessageReader,
  record,
  RecordReader,
  refusals,
  takeEach,
  type HandshakeMessage,
  type TlsRecord,
} from './records.ts';
import { nothingYet, readHttpAnswer, type RequestFacts } from './requestFacts.ts';
import { messageType, readCertificateRequest, readCertificates, readServerHello } from './serverMessages.ts';
import { suite12, type Suite12 } from './suites12.ts';

const noCertificate = handshakeMessage(messageType.certificate, u24(0));
const noCertificateAlert = Buffer.from([1, 41]);
const clientKeyExchange = 16;
const changeCipherSpec = Buffer.from([1]);

/** The messages of one connection. Throws `Malformed` at what the protocol does not allow. */
export class Client12 {
  readonly #wish: Wish12;
  readonly #records = new RecordReader();
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  #handshake: Handshake12;
  /** A handshake is going on. */
  #busy = true;
  #renegotiations = 0;
  #reading: Protection12 | null = null;
  #writing: Protection12 | null = null;
  #verifyData: VerifyData | null = null;
  #http: Buffer = Buffer.alloc(0);
  #facts: RequestFacts = nothingYet;
  #refused = false;

  constructor(wish: Wish12) {
    this.#wish = wish;
    this.#handshake = beginHandshake(wish, null, false);
  }

  get first(): Buffer {
    return this.#handshake.hello.bytes;
  }

  get facts(): RequestFacts {
    return this.#facts;
  }

  /** The server has refused the hello: none of its suites was taken. */
  get refused(): boolean {
    return this.#refused;
  }

  /** True when there is nothing more to learn. */
  push(chunk: Buffer, talk: Talk): true | undefined {
    this.#records.push(chunk);
    return takeEach(this.#records, (next) => this.#readRecord(next, talk));
  }

  #readRecord(next: TlsRecord, talk: Talk): true | undefined {
    const body = this.#reading ? this.#reading.open(next) : next.body;
    if (next.type === contentType.alert) return this.#readAlert(body);
    if (next.type === contentType.applicationData) return this.#readAnswer(body);
    if (next.type === contentType.changeCipherSpec) {
      if (!this.#handshake.directions) throw new Malformed('changed to keys that are not agreed on');
      this.#reading = this.#handshake.directions.server;
      return undefined;
    }
    this.#messages.push(body);
    return takeEach(this.#messages, (message) => this.#take(message, talk));
  }

  #readAnswer(body: Buffer): true | undefined {
    if (!this.#facts.sent) throw new Malformed('data came before the request');
    this.#http = Buffer.concat([this.#http, body]);
    const answer = readHttpAnswer(this.#http);
    if (!answer) return undefined;
    // Data may come between the messages of a renegotiation: it says nothing of how that ends.
    const asked = this.#busy ? this.#facts.asked : (this.#facts.asked ?? false);
    this.#facts = { ...this.#facts, answer, asked };
    return answer.complete && !this.#busy ? true : undefined;
  }

  #readAlert(body: Buffer): true | undefined {
    this.#alerts.push(body);
    return takeEach(this.#alerts, ({ fatal, code }) => (fatal || code === 0 ? this.#takeEnd(code) : undefined));
  }

  /** A fatal alert, or the end of the connection. */
  #takeEnd(code: number): true {
    const text = code === 0 ? 'connection closed' : alertText(code);
    const { asked, answered } = this.#handshake;
    const refused = this.#busy && asked && answered && certificateAlerts.includes(code);
    if (refused && this.#facts.sent) this.#facts = { ...this.#facts, without: 'required', why: null };
    else if (refused) this.#facts = { ...this.#facts, why: 'a client certificate is required in the handshake' };
    else if (this.#busy && asked) {
      this.#facts = { ...this.#facts, why: `refused without a client certificate: ${text}` };
    } else if (!this.#facts.answer) this.#facts = { ...this.#facts, why: this.#whyEnded(code, text) };
    return true;
  }

  /** The hello offers what this runtime can complete a handshake with, which may be less than the server wants. */
  #whyEnded(code: number, text: string): string {
    this.#refused = this.#handshake.suite === null && !this.#facts.sent && refusals.includes(code);
    return this.#refused ? `takes no cipher suite with which this probe can complete a handshake: ${text}` : text;
  }

  #take(message: HandshakeMessage, talk: Talk): true | undefined {
    if (message.type === messageType.helloRequest) return this.#takeHelloRequest(talk);
    const handshake = this.#handshake;
    if (!this.#busy) throw new Malformed('a handshake message came at the wrong place');
    if (message.type === messageType.finished) return this.#takeFinished(message, talk);
    handshake.transcript.push(message.raw);
    if ((message.type === messageType.serverHello) !== (handshake.suite === null)) {
      throw new Malformed('a handshake message came at the wrong place');
    }
    if (message.type === messageType.serverHello) this.#takeHello(message.body);
    if (message.type === messageType.certificate) handshake.chain = readCertificates(message.body);
    if (message.type === messageType.serverKeyExchange) handshake.keyExchange = message.body;
    if (message.type === messageType.certificateRequest) this.#takeRequest(message.body);
    if (message.type === messageType.serverHelloDone) this.#answerFlight(talk);
    return undefined;
  }

  #takeHello(body: Buffer): void {
    const hello = readServerHello(body);
    const suite = this.#handshake.hello.offer.suites.includes(hello.suite) ? suite12(hello.suite) : undefined;
    if (hello.version !== protocolCode[this.#wish.version])
      throw new Malformed('picked a version that was not offered');
    if (!suite || hello.compression !== 0) throw new Malformed('picked a cipher suite that was not offered');
    this.#handshake.suite = suite;
    this.#handshake.serverRandom = body.subarray(2, 34);
    this.#handshake.extended = hello.extensions.has(extensionType.extendedMasterSecret);
    const bound = hello.extensions.get(extensionType.renegotiationInfo);
    this.#handshake.secure = bound !== undefined;
    const expected = this.#verifyData ? vector8(this.#verifyData.client, this.#verifyData.server) : vector8();
    if (bound && !bound.equals(expected)) throw new Malformed('the renegotiation is not bound to its connection');
  }

  #takeRequest(body: Buffer): void {
    const { issuers } = readCertificateRequest(body, this.#wish.version === 'tls12');
    this.#handshake.asked = true;
    if (this.#facts.sent) this.#facts = { ...this.#facts, asked: true, issuers };
  }

  #takeHelloRequest(talk: Talk): true | undefined {
    if (this.#busy) return undefined;
    this.#renegotiations += 1;
    if (this.#renegotiations > 1) return true;
    // Asked for as far as can be told by now: the server has yet to say what it renegotiates for.
    this.#facts = { ...this.#facts, asked: true };
    this.#handshake = beginHandshake(this.#wish, this.#verifyData, this.#handshake.secure);
    this.#busy = true;
    this.#send(contentType.handshake, this.#handshake.hello.message, talk);
    return undefined;
  }

  /** Certificate, ClientKeyExchange, ChangeCipherSpec and Finished. */
  #answerFlight(talk: Talk): void {
    const handshake = this.#handshake;
    const { suite, transcript } = handshake;
    if (!suite || handshake.answered) throw new Malformed('a handshake message came at the wrong place');
    handshake.answered = true;
    const empty = handshake.asked && this.#wish.version !== 'ssl3' ? [noCertificate] : [];
    // RFC 6101, 5.6.6: no message there, but a warning.
    if (handshake.asked && empty.length === 0) this.#send(contentType.alert, noCertificateAlert, talk);
    if (this.#wish.alone && this.#facts.sent && handshake.asked) {
      if (empty.length > 0) this.#send(contentType.handshake, noCertificate, talk);
      return talk.atMost(Math.max(500, 8 * talk.elapsedMs));
    }
    const half = ourHalf(suite.keyExchange, handshake, this.#wish.version);
    const exchange = handshakeMessage(clientKeyExchange, half.body);
    const messages = [...empty, exchange];
    transcript.push(...messages);
    const schedule = this.#schedule(suite);
    const randoms: Randoms = { client: handshake.hello.random, server: handshake.serverRandom };
    handshake.master = masterSecret(schedule, half.premaster, randoms, handshake.extended ? transcript : null);
    handshake.directions = protectionsOf(suite, schedule, handshake.master, randoms);
    handshake.finished = finishedData12(schedule, handshake.master, 'client', transcript);
    const finished = handshakeMessage(messageType.finished, handshake.finished);
    transcript.push(finished);
    this.#send(contentType.handshake, Buffer.concat(messages), talk);
    this.#send(contentType.changeCipherSpec, changeCipherSpec, talk);
    this.#writing = handshake.directions.client;
    this.#send(contentType.handshake, finished, talk);
  }

  #schedule(suite: Suite12): KeySchedule12 {
    return { version: this.#wish.version, hash: suite.prfHash };
  }

  #takeFinished({ body }: HandshakeMessage, talk: Talk): true | undefined {
    const { suite, master, transcript, directions, asked, finished } = this.#handshake;
    if (!suite || !directions || this.#reading !== directions.server) {
      throw new Malformed('a Finished message came too early');
    }
    const expected = finishedData12(this.#schedule(suite), master, 'server', transcript);
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new Malformed('the Finished message is wrong');
    }
    this.#verifyData = { client: finished, server: body };
    this.#busy = false;
    if (this.#facts.sent) {
      this.#facts = { ...this.#facts, asked, without: asked ? 'optional' : null };
      return this.#facts.answer?.complete ? true : undefined;
    }
    this.#facts = { ...this.#facts, sent: true };
    this.#send(contentType.applicationData, this.#wish.request, talk);
    return undefined;
  }

  #send(type: number, body: Buffer, talk: Talk): void {
    const code = protocolCode[this.#wish.version];
    talk.send(this.#writing ? this.#writing.seal(type, body) : record(type, code, body));
  }
}
