// What a TLS 1.3 handshake of our own is to do, and what it shows.

import type { Agreements } from './keyShares.ts';
import type { RequestFacts } from './requestFacts.ts';

export interface Facts13 {
  /** DER, leaf first; empty where the handshake did not get so far. */
  readonly chain: readonly Buffer[];
  /** The stapled OCSP response. */
  readonly staple: Buffer | null;
  /** The signature scheme by which the server signed the handshake, null where it did not get so far. */
  readonly signature: number | null;
  /** The application protocol that the server chose; null where none, undefined where it did not get so far. */
  readonly alpn: string | null | undefined;
  /** null where the handshake did not get so far. */
  readonly clientCertificate: 'none' | 'optional' | 'required' | null;
  readonly issuers: readonly Buffer[];
  /** Why something is missing or not certain, null where nothing is. */
  readonly why: string | null;
  /** The fatal alert before the handshake was complete, null where none came. */
  readonly alert: number | null;
  /** The server declined the hello: by handshake_failure or insufficient_security instead of a ServerHello. */
  readonly refusedHello: boolean;
  /** What the request met; `sent` is false where there was none. */
  readonly request: RequestFacts;
}

export interface Wish13 {
  readonly serverName: string | null;
  /** "shares", or "small" for servers that take no other. */
  readonly form: 'shares' | 'small';
  readonly groups?: readonly number[];
  readonly agreements: Agreements;
  /** Signature schemes to name instead of all: they decide which of several certificates a server shows. */
  readonly signatures?: readonly number[];
  /** Application protocols to name instead of http/1.1. */
  readonly alpn?: readonly string[];
  /** Sent once the handshake is complete, in a hello that offers post-handshake authentication. */
  readonly request?: Buffer;
}
