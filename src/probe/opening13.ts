// The clear beginning of a TLS 1.3 handshake: our hello, a second one where the server wants another group, and the keys.

import { Malformed, u16s, vector16 } from './bytes.ts';
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
import type { Wish13 } from './facts13.ts';
import { handshakeSecrets, hashOf, suiteFacts, workableSuites, type Secrets, type Suite13 } from './keySchedule.ts';
import type { Agreement, Agreements } from './keyShares.ts';
import { contentType, handshakeMessage, record, type HandshakeMessage } from './records.ts';
import { readServerHello, type ServerHello } from './serverMessages.ts';

export interface Opened13 {
  readonly suite: Suite13;
  readonly secrets: Secrets & { readonly master: Buffer };
}

/** RFC 8446, D.4: a ChangeCipherSpec that means nothing, for the sake of middleboxes. */
export const compatibilitySignal = record(contentType.changeCipherSpec, 0x0303, Buffer.from([1]));

export class Opening13 {
  /** The messages so far, as the transcript hash takes them. */
  readonly transcript: Buffer[] = [];
  readonly #wish: HelloWish;
  readonly #agreementFor: Agreements;
  #agreements: readonly Agreement[];
  #hello: ClientHello;
  #retried = false;

  constructor({ request, signatures, alpn, agreements, ...wish }: Wish13) {
    const extensions = new Map<number, Buffer>([[extensionType.statusRequest, statusRequest]]);
    if (request) extensions.set(extensionType.postHandshakeAuthentication, Buffer.alloc(0));
    if (alpn) extensions.set(extensionType.alpn, protocolNames(alpn));
    if (signatures) {
      extensions.set(extensionType.signatureAlgorithms, vector16(u16s(signatures)));
      // The signatures inside of the chain are not what is asked about.
      extensions.set(extensionType.certificateSignatures, vector16(u16s(allSignatures)));
    }
    this.#agreementFor = agreements;
    this.#agreements = [groupCode.x25519, groupCode.p256]
      .filter((group) => wish.groups?.includes(group) ?? true)
      .flatMap((group) => agreements(group) ?? []);
    this.#wish = { ...wish, offer: { versions: ['tls13'], suites: workableSuites() }, extensions };
    this.#hello = buildHello({ ...this.#wish, keyShares: this.#agreements });
  }

  /** The first hello. */
  get first(): Buffer {
    return this.#hello.bytes;
  }

  /** What has been agreed on; where the server asks for another hello, the bytes of that. Throws `Malformed`. */
  take(message: HandshakeMessage): Opened13 | Buffer {
    const hello = readServerHello(message.body);
    if (hello.version !== 0x0304) throw new Malformed('picked a version that was not offered');
    const suite = suiteFacts(this.#hello.offer.suites.includes(hello.suite) ? hello.suite : -1);
    if (hello.retry) return this.#retry(message, hello, suite);
    const agreement = this.#agreements.find((entry) => entry.group === hello.group);
    if (!agreement || !hello.publicKey) throw new Malformed('picked a group that was not offered');
    this.transcript.push(this.#hello.message, message.raw);
    const shared = agreement.agree(hello.publicKey);
    return { suite, secrets: handshakeSecrets(suite, shared, hashOf(suite, this.transcript)) };
  }

  /** RFC 8446, 4.1.4 and 4.4.1: the same hello again with a share of the group that the server wants. */
  #retry(message: HandshakeMessage, hello: ServerHello, suite: Suite13): Buffer {
    if (this.#retried) throw new Malformed('asked for a second hello twice');
    this.#retried = true;
    const group = hello.group ?? this.#agreements[0]?.group ?? groupCode.x25519;
    if (!this.#hello.groups.includes(group)) throw new Malformed('picked a group that was not offered');
    const agreement = this.#agreementFor(group);
    if (!agreement) throw new Malformed(`wants key exchange group ${group}, which this probe cannot complete`);
    this.transcript.push(handshakeMessage(254, hashOf(suite, [this.#hello.message])), message.raw);
    this.#agreements = [agreement];
    this.#hello = buildHello({
      ...this.#wish,
      keyShares: this.#agreements,
      again: { random: this.#hello.random, sessionId: this.#hello.sessionId, cookie: hello.cookie },
    });
    return Buffer.concat([compatibilitySignal, this.#hello.bytes]);
  }
}
