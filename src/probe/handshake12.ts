// One handshake of TLS 1.0 to 1.2: what it offers and what it has shown so far.

import type { Offer } from '../core/tls/evidence.ts';
import { vector8 } from './bytes.ts';
import { buildHello, extensionType, type ClientHello, type HelloForm } from './clientHello.ts';
import type { OlderVersion } from './keySchedule12.ts';
import { versionOffer } from './offers.ts';
import { suite12, type Directions, type Suite12 } from './protection12.ts';

export interface Wish12 {
  readonly version: OlderVersion;
  readonly form: HelloForm;
  readonly serverName: string | null;
  /** What to send once the handshake is complete. */
  readonly request: Buffer;
  /**
   * In a renegotiation, answer with the empty Certificate only. A server that refuses it closes: bytes that follow would
   * make that a reset, which may overtake the alert.
   */
  readonly alone?: boolean;
}

/** The code points that a hello of this client offers: what it can complete a handshake with. */
export function workableSuites12(version: OlderVersion): readonly number[] {
  const codes = versionOffer(version).suites.filter((code) => suite12(code));
  // Diffie-Hellman with a prime of the server's choice costs the most: last.
  const isCostly = (code: number): boolean => suite12(code)?.keyExchange === 'dhe';
  return [...codes.filter((code) => !isCostly(code)), ...codes.filter(isCostly)];
}

/** What one handshake has shown so far. */
export interface Handshake12 {
  readonly hello: ClientHello;
  readonly transcript: Buffer[];
  suite: Suite12 | null;
  serverRandom: Buffer;
  extended: boolean;
  secure: boolean;
  chain: readonly Buffer[];
  keyExchange: Buffer | null;
  asked: boolean;
  answered: boolean;
  master: Buffer;
  /** Our Finished. */
  finished: Buffer;
  directions: Directions | null;
}

/** The Finished messages of the handshake before, which a renegotiation is bound to (RFC 5746). */
export interface VerifyData {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** `before` is null for the first handshake; `secure`: the server takes part in secure renegotiation. */
export function beginHandshake(wish: Wish12, before: VerifyData | null, secure: boolean): Handshake12 {
  const { version, form, serverName } = wish;
  const bound = before && secure ? before.client : null;
  // NSS refuses a renegotiation that names application protocols; which one it is was settled before.
  const extensions = new Map([
    [extensionType.alpn, null],
    [extensionType.renegotiationInfo, bound && vector8(bound)],
  ]);
  const offer: Offer = { versions: [version], suites: workableSuites12(version) };
  const hello = buildHello({
    offer,
    form,
    serverName,
    ...(before && form !== 'bare' ? { extensions } : {}),
  });
  return {
    hello,
    transcript: [hello.message],
    suite: null,
    serverRandom: Buffer.alloc(0),
    extended: false,
    secure: false,
    chain: [],
    keyExchange: null,
    asked: false,
    answered: false,
    master: Buffer.alloc(0),
    finished: Buffer.alloc(0),
    directions: null,
  };
}
