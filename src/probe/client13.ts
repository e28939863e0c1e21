// A small TLS 1.3 client: completes a handshake to read what is encrypted there, the certificate and its request.

import { timingSafeEqual } from 'node:crypto';
import { AfterHandshake13 } from './afterHandshake13.ts';
import { ByteReader, Malformed, u24, vector8 } from './bytes.ts';
import type { Talk } from './connection.ts';
import type { Facts13, Wish13 } from './facts13.ts';
import { applicationSecrets, finishedData, hashOf, Protection, type Secrets } from './keySchedule.ts';
import { compatibilitySignal, Opening13, type Opened13 } from './opening13.ts';
import {
  AlertReader,
  alertText,
  certificateAlerts,
  refusals,
  contentType,
  handshakeMessage,
  MessageReader,
  RecordReader,
  takeEach,
  type HandshakeMessage,
  type TlsRecord,
} from './records.ts';
import { nothingYet } from './requestFacts.ts';
import {
  messageType,
  readApplicationProtocol,
  readCertificateRequest13,
  readCertificates13,
  readExtensionBlock,
  type CertificateRequest,
} from './serverMessages.ts';

/** The messages of one connection. Throws `Malformed` at what the protocol does not allow. */
export class Client13 {
  readonly #records = new RecordReader();
  readonly #clearMessages = new MessageReader();
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  readonly #opening: Opening13;
  readonly #afterwards: Buffer | null;
  #opened: Opened13 | null = null;
  /** Our side of the handshake is complete. */
  #settled = false;
  #after: AfterHandshake13 | null = null;
  #reading: Protection | null = null;
  #request: CertificateRequest | null = null;
  #facts: Facts13 = {
    chain: [],
    staple: null,
    signature: null,
    alpn: undefined,
    clientCertificate: null,
    issuers: [],
    why: null,
    alert: null,
    refusedHello: false,
    request: nothingYet,
  };

  constructor(wish: Wish13) {
    this.#opening = new Opening13(wish);
    this.#afterwards = wish.request ?? null;
  }

  /** The server ended it before it answered the hello. */
  get refused(): boolean {
    return this.#opened === null && this.#facts.why !== null;
  }

  get first(): Buffer {
    return this.#opening.first;
  }

  get facts(): Facts13 {
    return this.#after ? { ...this.#facts, request: this.#after.facts } : this.#facts;
  }

  push(chunk: Buffer, talk: Talk): true | undefined {
    this.#records.push(chunk);
    return takeEach(this.#records, (next) => this.#readRecord(next, talk));
  }

  #readRecord(next: TlsRecord, talk: Talk): true | undefined {
    if (next.type === contentType.changeCipherSpec) return undefined;
    const reading = this.#after?.reading ?? this.#reading;
    if (next.type !== contentType.applicationData || !reading) {
      // Before our Finished a server may have no keys for its alert; what comes in clear later, anybody may have sent.
      if (this.#settled) throw new Malformed('a record is not protected');
      return this.#readContent(next.type, next.body, this.#clearMessages, talk);
    }
    const { type, body } = reading.open(next);
    return this.#after ? this.#after.read(type, body, talk) : this.#readContent(type, body, this.#messages, talk);
  }

  #readContent(type: number, body: Buffer, messages: MessageReader, talk: Talk): true | undefined {
    if (type === contentType.alert) return this.#readAlert(body);
    // Anything that a server says after our Finished, it says to a client that it has accepted.
    if (this.#settled) return true;
    if (type !== contentType.handshake) throw new Malformed('the first record is no handshake');
    messages.push(body);
    return takeEach(messages, (message) => this.#take(message, messages === this.#clearMessages, talk));
  }

  #readAlert(body: Buffer): true | undefined {
    this.#alerts.push(body);
    const alert = this.#alerts.next();
    if (!alert) return undefined;
    if (this.#settled && certificateAlerts.includes(alert.code)) {
      this.#facts = { ...this.#facts, clientCertificate: 'required', why: null };
      return true;
    }
    const text = alertText(alert.code);
    const refusedHello = this.#opened === null && refusals.includes(alert.code);
    this.#facts = {
      ...this.#facts,
      refusedHello,
      alert: this.#settled ? null : alert.code,
      why: this.#settled ? `might be required: ${text}` : text,
    };
    return true;
  }

  #take(message: HandshakeMessage, clear: boolean, talk: Talk): true | undefined {
    if (clear !== (this.#opened === null)) throw new Malformed('a handshake message came at the wrong place');
    if (this.#opened === null) return this.#takeHello(message, talk);
    if (message.type === messageType.finished) return this.#takeFinished(message, this.#opened, talk);
    this.#opening.transcript.push(message.raw);
    this.#facts = { ...this.#facts, ...this.#said(message) };
    return undefined;
  }

  #takeHello(message: HandshakeMessage, talk: Talk): undefined {
    if (message.type !== messageType.serverHello) throw new Malformed('the first message is no ServerHello');
    const opened = this.#opening.take(message);
    if (Buffer.isBuffer(opened)) {
      talk.send(opened);
      return undefined;
    }
    this.#opened = opened;
    this.#reading = new Protection(opened.suite, opened.secrets.server);
    return undefined;
  }

  /** What a message of the encrypted flight says. */
  #said({ type, body }: HandshakeMessage): Partial<Facts13> {
    switch (type) {
      case messageType.certificateRequest:
        this.#request = readCertificateRequest13(body);
        return { issuers: this.#request.issuers };
      case messageType.certificate:
        return { ...readCertificates13(body), clientCertificate: this.#request ? 'optional' : 'none' };
      case messageType.encryptedExtensions:
        return { alpn: readApplicationProtocol(readExtensionBlock(body)) };
      case messageType.certificateVerify:
        return { signature: new ByteReader(body).u16('signature scheme') };
      default:
        return {};
    }
  }

  #takeFinished(message: HandshakeMessage, opened: Opened13, talk: Talk): true | undefined {
    const { suite, secrets } = opened;
    const { transcript } = this.#opening;
    const expected = finishedData(suite, secrets.server, hashOf(suite, transcript));
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected)) {
      throw new Malformed('the Finished message is wrong');
    }
    transcript.push(message.raw);
    if (!this.#request && !this.#afterwards) return true;
    this.#complete(opened, talk);
    return undefined;
  }

  /**
   * Our Finished, and before it an empty Certificate where one was asked for: now the server has to say whether it goes
   * on without a certificate.
   */
  #complete({ suite, secrets }: Opened13, talk: Talk): void {
    const { transcript } = this.#opening;
    const writing = new Protection(suite, secrets.client);
    const application = applicationSecrets(suite, secrets.master, hashOf(suite, transcript));
    const empty = this.#request ? Buffer.concat([vector8(this.#request.context), u24(0)]) : null;
    const certificate = empty ? [handshakeMessage(messageType.certificate, empty)] : [];
    transcript.push(...certificate);
    const data = finishedData(suite, secrets.client, hashOf(suite, transcript));
    const finished = handshakeMessage(messageType.finished, data);
    transcript.push(finished);
    const sealed = writing.seal(contentType.handshake, Buffer.concat([...certificate, finished]));
    talk.send(Buffer.concat([compatibilitySignal, sealed]));
    this.#reading = new Protection(suite, application.server);
    this.#settled = true;
    if (this.#afterwards) this.#ask(this.#afterwards, suite, application, talk);
    else talk.atMost(Math.max(500, 4 * talk.elapsedMs));
  }

  #ask(request: Buffer, suite: Opened13['suite'], secrets: Secrets, talk: Talk): void {
    const { transcript } = this.#opening;
    const withoutCertificate = this.#request !== null;
    this.#after = new AfterHandshake13({ suite, secrets, transcript, request, withoutCertificate });
    this.#after.start(talk);
  }
}
