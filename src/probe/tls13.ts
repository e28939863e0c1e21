// A small TLS 1.3 client: completes a handshake to read what is encrypted there, the certificate and its request.

import { timingSafeEqual } from 'node:crypto';
import { Malformed, u24, vector8 } from './bytes.ts';
import { buildHello, groupCode, type ClientHello } from './clientHello.ts';
import { converse, type Talk } from './connection.ts';
import { endText } from './handshake.ts';
import { agreeableGroups, keyAgreement, type Agreement } from './keyShares.ts';
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
  contentType,
  handshakeMessage,
  MessageReader,
  record,
  RecordReader,
  type HandshakeMessage,
  type TlsRecord,
} from './records.ts';
import {
  messageType,
  readCertificateRequest13,
  readCertificates13,
  readServerHello,
  type CertificateRequest,
  type ServerHello,
} from './serverMessages.ts';
import type { Visit } from './visit.ts';

export interface Tls13Facts {
  /** DER, leaf first; empty where the handshake did not get so far. */
  readonly chain: readonly Buffer[];
  /** null where the handshake did not get so far. */
  readonly clientCertificate: 'none' | 'optional' | 'required' | null;
  readonly issuers: readonly Buffer[];
  /** Why something is missing or not certain, null where nothing is. */
  readonly why: string | null;
}

/** Alerts with which a server declines a handshake without a client certificate. */
export const certificateAlerts: readonly number[] = [40, 41, 42, 43, 46, 48, 49, 116];

/** Never throws. One connection; at its end the server's view of an empty client certificate is known where it asks. */
export async function readTls13(visit: Visit): Promise<Tls13Facts> {
  // A server that prefers X25519MLKEM768 would ask for it where it is offered, and this handshake could not go on.
  const client = new Tls13Client(visit.serverName, agreeableGroups);
  const facts = await handshakeFacts(visit, client);
  if (!client.refused) return facts;
  // A server that takes none of these groups names the one that it wants.
  return handshakeFacts(visit, new Tls13Client(visit.serverName));
}

async function handshakeFacts(visit: Visit, client: Tls13Client): Promise<Tls13Facts> {
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
  return { ...facts, why: facts.clientCertificate === 'optional' ? `might be required: ${why}` : why };
}

type Stage = 'hello' | 'handshake' | 'settled';

class Tls13Client {
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
  #secrets: (Secrets & { readonly master: Buffer }) | null = null;
  #reading: Protection | null = null;
  #request: CertificateRequest | null = null;
  #facts: Tls13Facts = { chain: [], clientCertificate: null, issuers: [], why: null };

  constructor(serverName: string | null, groups?: readonly number[]) {
    this.#groups = groups ? { groups } : {};
    this.#agreements = [groupCode.x25519, groupCode.p256].flatMap((group) => keyAgreement(group) ?? []);
    this.#hello = buildHello({
      offer: { versions: ['tls13'], suites: workableSuites() },
      form: 'shares',
      ...this.#groups,
      serverName,
      keyShares: this.#agreements,
    });
    this.#serverName = serverName;
  }

  readonly #serverName: string | null;
  readonly #groups: { readonly groups?: readonly number[] };

  /** The server ended it before it answered the hello. */
  get refused(): boolean {
    return this.#stage === 'hello' && this.#facts.why !== null;
  }

  get first(): Buffer {
    return this.#hello.bytes;
  }

  get facts(): Tls13Facts {
    return this.#facts;
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
    if (next.type === contentType.applicationData && this.#reading) {
      const { type, body } = this.#reading.open(next);
      return this.#readContent(type, body, this.#messages, talk);
    }
    return this.#readContent(next.type, next.body, this.#clearMessages, talk);
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
    this.#facts = { ...this.#facts, why: this.#stage === 'settled' ? `might be required: ${text}` : text };
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
        chain: readCertificates13(message.body),
        clientCertificate: this.#request ? 'optional' : 'none',
      };
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
    const agreement = agreeableGroups.includes(group) ? keyAgreement(group) : undefined;
    if (!agreement) throw new Malformed(`wants key exchange group ${group}, which this probe cannot complete`);
    const first = hashOf(this.#suite, [this.#hello.message]);
    this.#transcript.push(handshakeMessage(254, first), message.raw);
    this.#agreements = [agreement];
    this.#hello = buildHello({
      offer: this.#hello.offer,
      form: 'shares',
      ...this.#groups,
      serverName: this.#serverName,
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
    if (!this.#request) return true;
    this.#answerRequest(this.#request, secrets, talk);
    return undefined;
  }

  /** An empty Certificate and our Finished: now the server has to say whether it goes on without a certificate. */
  #answerRequest(request: CertificateRequest, secrets: Secrets & { readonly master: Buffer }, talk: Talk): void {
    const writing = new Protection(this.#suite, secrets.client);
    const application = applicationSecrets(this.#suite, secrets.master, hashOf(this.#suite, this.#transcript));
    const certificate = handshakeMessage(messageType.certificate, Buffer.concat([vector8(request.context), u24(0)]));
    this.#transcript.push(certificate);
    const data = finishedData(this.#suite, secrets.client, hashOf(this.#suite, this.#transcript));
    const finished = handshakeMessage(messageType.finished, data);
    talk.send(
      Buffer.concat([compatibilitySignal, writing.seal(contentType.handshake, Buffer.concat([certificate, finished]))]),
    );
    this.#reading = new Protection(this.#suite, application.server);
    this.#stage = 'settled';
    talk.atMost(Math.max(500, 4 * talk.elapsedMs));
  }
}

/** RFC 8446, D.4: a ChangeCipherSpec that means nothing, for the sake of middleboxes. */
const compatibilitySignal = record(contentType.changeCipherSpec, 0x0303, Buffer.from([1]));
