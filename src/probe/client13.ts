// A small TLS 1.3 client: completes a handshake to read what is encrypted there, the certificate and its request.

import { timingSafeEqual } from 'node:crypto';
import { ByteReader, Malformed, u16s, u24, vector16, vector8 } from './bytes.ts';
import { AfterHandshake13 } from './afterHandshake13.ts';
import {
  allSignatures,
  buildHello,
  extensionType,
  groupCode,
  protocolNames,
  statusRequest,
  type ClientHello,
  type HelloWish,
} from './clientHello.ts';
import type { Talk } from './connection.ts';
import { agreeableGroups, type Agreement, type Agreements } from './keyShares.ts';
import type { Facts13, Wish13 } from './facts13.ts';
import {
  applicationSecrets,
  finishedData,
  handshakeSecrets,
  hashOf,
  Protection,
  suiteFacts,
  workableSuites,
  type Secrets,
} from './keySchedule.ts';
import {
  AlertReader,
  alertText,
  certificateAlerts,
  refusals,
  contentType,
  handshakeMessage,
  MessageReader,
  record,
  RecordReader,
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
  readServerHello,
  type CertificateRequest,
  type ServerHello,
} from './serverMessages.ts';

type Stage = 'hello' | 'handshake' | 'settled';
type Established13 = Secrets & { readonly master: Buffer };

/** The messages of one connection. Throws `Malformed` at what the protocol does not allow. */
export class Client13 {
  readonly #records = new RecordReader();
  readonly #clearMessages = new MessageReader();
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  readonly #transcript: Buffer[] = [];
  #agreements: readonly Agreement[];
  #hello: ClientHello;
  #retried = false;
  #stage: Stage = 'hello';
  #suite = suiteFacts(0x1301);
  #secrets: Established13 | null = null;
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
  readonly #request13: Buffer | null;
  readonly #wish: HelloWish;
  readonly #agreementFor: Agreements;

  constructor({ request, signatures, alpn, agreements, ...wish }: Wish13) {
    this.#request13 = request ?? null;
    this.#agreementFor = agreements;
    const extensions = new Map<number, Buffer>([[extensionType.statusRequest, statusRequest]]);
    if (request) extensions.set(extensionType.postHandshakeAuthentication, Buffer.alloc(0));
    if (alpn) extensions.set(extensionType.alpn, protocolNames(alpn));
    if (signatures) {
      extensions.set(extensionType.signatureAlgorithms, vector16(u16s(signatures)));
      // The signatures inside of the chain are not what is asked about.
      extensions.set(extensionType.certificateSignatures, vector16(u16s(allSignatures)));
    }
    this.#agreements = [groupCode.x25519, groupCode.p256].flatMap((group) => agreements(group) ?? []);
    this.#wish = {
      ...wish,
      offer: { versions: ['tls13'], suites: workableSuites() },
      extensions,
    };
    this.#hello = buildHello({ ...this.#wish, keyShares: this.#agreements });
  }

  /** The server ended it before it answered the hello. */
  get refused(): boolean {
    return this.#stage === 'hello' && this.#facts.why !== null;
  }

  get first(): Buffer {
    return this.#hello.bytes;
  }

  get facts(): Facts13 {
    return this.#after ? { ...this.#facts, request: this.#after.facts } : this.#facts;
  }

  push(chunk: Buffer, talk: Talk): true | undefined {
    this.#records.push(chunk);
    for (let next = this.#records.next(); next; next = this.#records.next()) {
      if (this.#readRecord(next, talk)) return true;
    }
    return undefined;
  }

  #readRecord(next: TlsRecord, talk: Talk): true | undefined {
    if (next.type === contentType.changeCipherSpec) return undefined;
    if (this.#after) return this.#readAfter(this.#after, next, talk);
    if (next.type === contentType.applicationData && this.#reading) {
      const { type, body } = this.#reading.open(next);
      return this.#readContent(type, body, this.#messages, talk);
    }
    return this.#readContent(next.type, next.body, this.#clearMessages, talk);
  }

  #readAfter(after: AfterHandshake13, next: TlsRecord, talk: Talk): true | undefined {
    if (next.type !== contentType.applicationData) throw new Malformed('a record is not protected');
    const { type, body } = after.reading.open(next);
    return after.read(type, body, talk);
  }

  #readContent(type: number, body: Buffer, messages: MessageReader, talk: Talk): true | undefined {
    if (type === contentType.alert) return this.#readAlert(body);
    // Anything that a server says after our Finished, it says to a client that it has accepted.
    if (this.#stage === 'settled') return true;
    if (type !== contentType.handshake) throw new Malformed('the first record is no handshake');
    messages.push(body);
    for (let message = messages.next(); message; message = messages.next()) {
      if (this.#take(message, messages === this.#clearMessages, talk)) return true;
    }
    return undefined;
  }

  #readAlert(body: Buffer): true | undefined {
    this.#alerts.push(body);
    const alert = this.#alerts.next();
    if (!alert) return undefined;
    if (this.#stage === 'settled' && certificateAlerts.includes(alert.code)) {
      this.#facts = { ...this.#facts, clientCertificate: 'required', why: null };
      return true;
    }
    const text = alertText(alert.code);
    const refusedHello = this.#stage === 'hello' && refusals.includes(alert.code);
    this.#facts = {
      ...this.#facts,
      refusedHello,
      alert: this.#stage === 'settled' ? null : alert.code,
      why: this.#stage === 'settled' ? `might be required: ${text}` : text,
    };
    return true;
  }

  #take(message: HandshakeMessage, clear: boolean, talk: Talk): true | undefined {
    if (clear !== (this.#stage === 'hello')) throw new Malformed('a handshake message came at the wrong place');
    if (this.#stage === 'hello') {
      if (message.type !== messageType.serverHello) throw new Malformed('the first message is no ServerHello');
      this.#takeHello(message, readServerHello(message.body), talk);
      return undefined;
    }
    if (message.type === messageType.finished) return this.#takeFinished(message, talk);
    this.#transcript.push(message.raw);
    if (message.type === messageType.certificateRequest) {
      this.#request = readCertificateRequest13(message.body);
      this.#facts = { ...this.#facts, issuers: this.#request.issuers };
    }
    if (message.type === messageType.certificate) {
      this.#facts = {
        ...this.#facts,
        ...readCertificates13(message.body),
        clientCertificate: this.#request ? 'optional' : 'none',
      };
    }
    if (message.type === messageType.encryptedExtensions) {
      this.#facts = { ...this.#facts, alpn: readApplicationProtocol(readExtensionBlock(message.body)) };
    }
    if (message.type === messageType.certificateVerify) {
      this.#facts = { ...this.#facts, signature: new ByteReader(message.body).u16('signature scheme') };
    }
    return undefined;
  }

  #takeHello(message: HandshakeMessage, hello: ServerHello, talk: Talk): void {
    if (hello.version !== 0x0304) throw new Malformed('picked a version that was not offered');
    if (!this.#hello.offer.suites.includes(hello.suite)) suiteFacts(-1);
    this.#suite = suiteFacts(hello.suite);
    if (hello.retry) return this.#retry(message, hello, talk);
    const agreement = this.#agreements.find((entry) => entry.group === hello.group);
    if (!agreement || !hello.publicKey) throw new Malformed('picked a group that was not offered');
    this.#transcript.push(this.#hello.message, message.raw);
    const shared = agreement.agree(hello.publicKey);
    this.#secrets = handshakeSecrets(this.#suite, shared, hashOf(this.#suite, this.#transcript));
    this.#reading = new Protection(this.#suite, this.#secrets.server);
    this.#stage = 'handshake';
  }

  /** RFC 8446, 4.1.4 and 4.4.1: the same hello again with a share of the group that the server wants. */
  #retry(message: HandshakeMessage, hello: ServerHello, talk: Talk): void {
    if (this.#retried) throw new Malformed('asked for a second hello twice');
    this.#retried = true;
    const group = hello.group ?? this.#agreements[0]?.group ?? groupCode.x25519;
    const agreement = agreeableGroups.includes(group) ? this.#agreementFor(group) : undefined;
    if (!agreement) throw new Malformed(`wants key exchange group ${group}, which this probe cannot complete`);
    const first = hashOf(this.#suite, [this.#hello.message]);
    this.#transcript.push(handshakeMessage(254, first), message.raw);
    this.#agreements = [agreement];
    this.#hello = buildHello({
      ...this.#wish,
      keyShares: this.#agreements,
      again: { random: this.#hello.random, sessionId: this.#hello.sessionId, cookie: hello.cookie },
    });
    talk.send(Buffer.concat([compatibilitySignal, this.#hello.bytes]));
  }

  #takeFinished(message: HandshakeMessage, talk: Talk): true | undefined {
    const secrets = this.#secrets;
    if (!secrets) throw new Malformed('a Finished message came too early');
    const expected = finishedData(this.#suite, secrets.server, hashOf(this.#suite, this.#transcript));
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected)) {
      throw new Malformed('the Finished message is wrong');
    }
    this.#transcript.push(message.raw);
    if (!this.#request && !this.#request13) return true;
    this.#complete(secrets, talk);
    return undefined;
  }

  /**
   * Our Finished, and before it an empty Certificate where one was asked for: now the server has to say whether it goes
   * on without a certificate.
   */
  #complete(secrets: Established13, talk: Talk): void {
    const suite = this.#suite;
    const writing = new Protection(suite, secrets.client);
    const application = applicationSecrets(suite, secrets.master, hashOf(suite, this.#transcript));
    const empty = this.#request ? Buffer.concat([vector8(this.#request.context), u24(0)]) : null;
    const certificate = empty ? [handshakeMessage(messageType.certificate, empty)] : [];
    this.#transcript.push(...certificate);
    const data = finishedData(suite, secrets.client, hashOf(suite, this.#transcript));
    const finished = handshakeMessage(messageType.finished, data);
    this.#transcript.push(finished);
    const sealed = writing.seal(contentType.handshake, Buffer.concat([...certificate, finished]));
    talk.send(Buffer.concat([compatibilitySignal, sealed]));
    this.#reading = new Protection(suite, application.server);
    this.#stage = 'settled';
    if (this.#request13) this.#ask(this.#request13, application, talk);
    else talk.atMost(Math.max(500, 4 * talk.elapsedMs));
  }

  #ask(request: Buffer, secrets: Secrets, talk: Talk): void {
    const withoutCertificate = this.#request !== null;
    const established = { suite: this.#suite, secrets, transcript: this.#transcript, request, withoutCertificate };
    this.#after = new AfterHandshake13(established);
    this.#after.start(talk);
  }
}

/** RFC 8446, D.4: a ChangeCipherSpec that means nothing, for the sake of middleboxes. */
const compatibilitySignal = record(contentType.changeCipherSpec, 0x0303, Buffer.from([1]));
