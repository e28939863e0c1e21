// One handshake of SSL 3.0 to TLS 1.2: what it offers and what it has shown so far.

import type { Offer } from '../core/tls/evidence.ts';
import { vector8 } from './bytes.ts';
import { buildHello, extensionType, type ClientHello, type HelloForm } from './clientHello.ts';
import type { OlderVersion } from './keySchedule12.ts';
import { commonGroups, workableCurves } from './keyShares.ts';
import { everySuite, mostSuites, versionOffer } from './offers.ts';
import { split } from './enumerate.ts';
import type { Directions } from './protection12.ts';
import { suite12, type Suite12 } from './suites12.ts';

export interface Wish12 {
  readonly version: OlderVersion;
  readonly form: HelloForm;
  readonly serverName: string | null;
  /** The cipher suites to offer, all of them workable. */
  readonly suites: readonly number[];
  /** What to send once the handshake is complete. */
  readonly request: Buffer;
  /**
   * In a renegotiation, answer with the empty Certificate only. A server that refuses it closes: bytes that follow would
   * make that a reset, which may overtake the alert.
   */
  readonly alone?: boolean;
}

/**
 * The code points that a client can complete a handshake with, as many as a hello should have in one list: what servers
 * usually take first, the rest for those who refuse that.
 */
export function workableSuites12(version: OlderVersion): readonly (readonly number[])[] {
  const { usual, rare } = everySuite(version);
  const first = versionOffer(version).suites;
  const others = [...usual, ...rare].filter((code) => !first.includes(code)).filter((code) => suite12(code));
  const lists = [first.filter((code) => suite12(code)), ...split(others, Math.ceil(others.length / mostSuites))];
  // Diffie-Hellman with a prime of the server's choice costs the most: last.
  const isCostly = (code: number): boolean => suite12(code)?.keyExchange === 'dhe';
  return lists
    .filter((codes) => codes.length > 0)
    .map((codes) => [...codes.filter((code) => !isCostly(code)), ...codes.filter(isCostly)]);
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
  const { version, form, serverName, suites } = wish;
  const offer: Offer = { versions: [version], suites };
  const extensions = before && extensionsAgain(wish, secure ? before.client : null);
  const groups = form === 'small' ? commonGroups : workableCurves();
  const hello = buildHello({ offer, form, serverName, groups, ...(extensions && { extensions }) });
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

/** What is different about the extensions of a hello that renegotiates; null where nothing is. */
function extensionsAgain({ version, form }: Wish12, bound: Buffer | null): Map<number, Buffer | null> | null {
  const isBare = form === 'bare' || version === 'ssl3';
  if (isBare && !bound) return null;
  const binding: [number, Buffer | null] = [extensionType.renegotiationInfo, bound && vector8(bound)];
  // NSS refuses a renegotiation that names application protocols; which one it is was settled before.
  if (!isBare) return new Map([[extensionType.alpn, null], binding]);
  // RFC 5746, 3.5: here the signal that stands for the extension is not allowed.
  return new Map([...rich.map((type) => [type, null] as const), binding]);
}

/** Server name, groups, point formats and signature schemes. */
const rich: readonly number[] = [0, 10, 11, extensionType.signatureAlgorithms];
