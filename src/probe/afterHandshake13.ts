// A TLS 1.3 connection after its handshake: a request, and what the server asks before it answers (RFC 8446, 4.6).

import { Malformed, u24, u8, vector8 } from './bytes.ts';
import type { Talk } from './connection.ts';
import { finishedData, hashOf, nextSecret, Protection, type Secrets, type Suite13 } from './keySchedule.ts';
import {
  AlertReader,
  alertText,
  certificateAlerts,
  contentType,
  handshakeMessage,
  MessageReader,
  type HandshakeMessage,
} from './records.ts';
import { nothingYet, readHttpAnswer, type RequestFacts } from './requestFacts.ts';
import { messageType, readCertificateRequest13 } from './serverMessages.ts';

const keyUpdate = 24;
/** More of them no server has reason to send. */
const mostMessages = 100;

export interface Established {
  readonly suite: Suite13;
  /** The application traffic secrets. */
  readonly secrets: Secrets;
  /** The messages from the ClientHello to the client's Finished. */
  readonly transcript: readonly Buffer[];
  readonly request: Buffer;
  /** A certificate was asked for in the handshake, and we had none: a refusal may be owed to that. */
  readonly withoutCertificate: boolean;
}

/** Throws `Malformed` at what the protocol does not allow. */
export class AfterHandshake13 {
  readonly #connection: Established;
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  #secrets: Secrets;
  #reading: Protection;
  #writing: Protection;
  #http: Buffer = Buffer.alloc(0);
  #count = 0;
  #facts: RequestFacts = nothingYet;

  constructor(connection: Established) {
    this.#connection = connection;
    this.#secrets = connection.secrets;
    this.#reading = new Protection(connection.suite, connection.secrets.server);
    this.#writing = new Protection(connection.suite, connection.secrets.client);
  }

  get facts(): RequestFacts {
    return this.#facts;
  }

  /** What records of the server are to be opened with from now on. */
  get reading(): Protection {
    return this.#reading;
  }

  start(talk: Talk): void {
    talk.send(this.#writing.seal(contentType.applicationData, this.#connection.request));
    this.#facts = { ...this.#facts, sent: true };
  }

  /** The content of an opened record. True when there is nothing more to learn. */
  read(type: number, body: Buffer, talk: Talk): true | undefined {
    if (type === contentType.alert) return this.#readAlert(body);
    if (type === contentType.applicationData) return this.#readAnswer(body);
    if (type !== contentType.handshake) throw new Malformed('a record came at the wrong place');
    this.#messages.push(body);
    for (let message = this.#messages.next(); message; message = this.#messages.next()) this.#take(message, talk);
    return undefined;
  }

  #readAnswer(body: Buffer): true | undefined {
    this.#http = Buffer.concat([this.#http, body]);
    const answer = readHttpAnswer(this.#http);
    if (!answer) return undefined;
    const asked = this.#facts.asked ?? false;
    this.#facts = { ...this.#facts, answer, asked, without: asked ? 'optional' : null };
    return answer.complete ? true : undefined;
  }

  #readAlert(body: Buffer): true | undefined {
    this.#alerts.push(body);
    const alert = this.#alerts.next();
    if (!alert || this.#facts.answer) return alert ? true : undefined;
    const refused = certificateAlerts.includes(alert.code);
    if (refused && this.#facts.asked) this.#facts = { ...this.#facts, without: 'required' };
    else if (refused && this.#connection.withoutCertificate) {
      this.#facts = { ...this.#facts, why: 'a client certificate is required in the handshake' };
    } else this.#facts = { ...this.#facts, why: alert.code === 0 ? 'connection closed' : alertText(alert.code) };
    return true;
  }

  #take(message: HandshakeMessage, talk: Talk): void {
    this.#count += 1;
    if (this.#count > mostMessages) throw new Malformed('more messages than any server has reason to send');
    if (message.type === messageType.certificateRequest) this.#answerRequest(message, talk);
    else if (message.type === keyUpdate) this.#updateKeys(message.body, talk);
    else if (message.type !== messageType.newSessionTicket) {
      throw new Malformed('a handshake message came at the wrong place');
    }
  }

  /** RFC 8446, 4.4: the request and our answer follow the handshake in the hash; nothing else after it does. */
  #answerRequest(message: HandshakeMessage, talk: Talk): void {
    const { suite, transcript } = this.#connection;
    const request = readCertificateRequest13(message.body);
    const certificate = handshakeMessage(messageType.certificate, Buffer.concat([vector8(request.context), u24(0)]));
    const hash = hashOf(suite, [...transcript, message.raw, certificate]);
    const finished = handshakeMessage(messageType.finished, finishedData(suite, this.#secrets.client, hash));
    talk.send(this.#writing.seal(contentType.handshake, Buffer.concat([certificate, finished])));
    this.#facts = { ...this.#facts, asked: true, issuers: [...this.#facts.issuers, ...request.issuers] };
  }

  /** RFC 8446, 4.6.3 and 7.2. */
  #updateKeys(body: Buffer, talk: Talk): void {
    const { suite } = this.#connection;
    if (body.length !== 1) throw new Malformed('a key update is one byte long');
    this.#secrets = { ...this.#secrets, server: nextSecret(suite, this.#secrets.server) };
    this.#reading = new Protection(suite, this.#secrets.server);
    if (body[0] === 0) return;
    talk.send(this.#writing.seal(contentType.handshake, handshakeMessage(keyUpdate, u8(0))));
    this.#secrets = { ...this.#secrets, client: nextSecret(suite, this.#secrets.client) };
    this.#writing = new Protection(suite, this.#secrets.client);
  }
}
