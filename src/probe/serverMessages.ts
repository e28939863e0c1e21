// The handshake messages of a server, read with every length checked.

import { ByteReader, Malformed } from './bytes.ts';

export const messageType = {
  helloRequest: 0,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  finished: 20,
  certificateStatus: 22,
} as const;

/** RFC 8446, 4.1.3: the random of a ServerHello that is a HelloRetryRequest. */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const mostCertificates = 100;
const mostIssuers = 2000;

export interface ServerHello {
  /** Version number on the wire, from supported_versions where it is there. */
  readonly version: number;
  readonly suite: number;
  readonly sessionId: Buffer;
  readonly compression: number;
  readonly retry: boolean;
  /** TLS 1.3: the group of key_share, and the server's share where the hello is no retry request. */
  readonly group: number | null;
  readonly publicKey: Buffer | null;
  readonly cookie: Buffer | null;
  /** Extension type -> body. */
  readonly extensions: ReadonlyMap<number, Buffer>;
}

export interface CertificateRequest {
  /** DER of the distinguished names that the server accepts as issuers. */
  readonly issuers: readonly Buffer[];
  /** TLS 1.3: to be echoed. */
  readonly context: Buffer;
}

/** RFC 5246, 7.4.1.3 and RFC 8446, 4.1.3 and 4.1.4. Throws `Malformed`. */
export function readServerHello(body: Buffer): ServerHello {
  const reader = new ByteReader(body);
  const legacy = reader.u16('version');
  const random = reader.take(32, 'random');
  const sessionId = reader.vector8('session id');
  if (sessionId.length > 32) throw new Malformed('the session id is longer than 32 bytes');
  const suite = reader.u16('cipher suite');
  const compression = reader.u8('compression');
  const retry = random.equals(retryRandom);
  const found = reader.left > 0 ? readExtensions(reader.vector16('extensions')) : new Map<number, Buffer>();
  reader.end('ServerHello');
  const selected = found.get(43);
  const share = found.get(51);
  const cookie = found.get(44);
  return {
    version: selected === undefined ? legacy : exactly(selected, (r) => r.u16('selected version')),
    suite,
    sessionId,
    compression,
    retry,
    ...(share === undefined ? { group: null, publicKey: null } : readShare(share, retry)),
    cookie: cookie === undefined ? null : exactly(cookie, (r) => r.vector16('cookie')),
    extensions: found,
  };
}

function readShare(body: Buffer, retry: boolean): { group: number; publicKey: Buffer | null } {
  return exactly(body, (reader) => ({
    group: reader.u16('group'),
    publicKey: retry ? null : reader.vector16('key share'),
  }));
}

function exactly<T>(body: Buffer, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(body);
  const value = read(reader);
  reader.end('an extension');
  return value;
}

function readExtensions(body: Buffer): Map<number, Buffer> {
  const reader = new ByteReader(body);
  const found = new Map<number, Buffer>();
  while (reader.left > 0) {
    const type = reader.u16('extension type');
    if (found.has(type)) throw new Malformed(`extension ${type} comes twice`);
    found.set(type, reader.vector16('extension'));
  }
  return found;
}

/** EncryptedExtensions (RFC 8446, 4.3.1): extension type -> body. */
export function readExtensionBlock(body: Buffer): ReadonlyMap<number, Buffer> {
  return exactly(body, (reader) => readExtensions(reader.vector16('extensions')));
}

/** The application protocol that a server chose (RFC 7301); null where it says nothing of one. */
export function readApplicationProtocol(extensions: ReadonlyMap<number, Buffer>): string | null {
  const body = extensions.get(16);
  if (body === undefined) return null;
  const list = exactly(body, (reader) => reader.vector16('application protocols'));
  return exactly(list, (reader) => reader.vector8('application protocol')).toString('latin1');
}

/** What a ServerKeyExchange says besides the key itself; null where it does not say it. */
export interface KeyExchangeFacts {
  /** The named group of an elliptic curve. */
  readonly group: number | null;
  /** Size of the prime of finite-field Diffie-Hellman in bits. */
  readonly primeBits: number | null;
  /** The signature scheme, from TLS 1.2 on. */
  readonly signature: number | null;
}

/** RFC 5246, 7.4.3 and RFC 8422, 5.4. `named`: whether it is of elliptic curves; `signed`: whether a scheme is named. */
export function readKeyExchange(body: Buffer, named: boolean, signed: boolean): KeyExchangeFacts {
  const reader = new ByteReader(body);
  let group: number | null = null;
  let primeBits: number | null = null;
  if (named) {
    if (reader.u8('curve type') !== 3) return { group, primeBits, signature: null };
    group = reader.u16('curve');
    reader.vector8('public point');
  } else {
    primeBits = bitLength(reader.vector16('prime'));
    reader.vector16('generator');
    reader.vector16('public value');
  }
  return { group, primeBits, signature: signed ? reader.u16('signature scheme') : null };
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number.readUInt8(first)) + 24;
}

/** The chain up to TLS 1.2, DER, leaf first (RFC 5246, 7.4.2). */
export function readCertificates(body: Buffer): readonly Buffer[] {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector24('certificate list'));
  reader.end('Certificate');
  const chain: Buffer[] = [];
  while (list.left > 0) chain.push(nextCertificate(list, chain.length));
  return chain;
}

/** The chain of TLS 1.3, DER, leaf first (RFC 8446, 4.4.2), and the OCSP response that comes with the leaf. */
export function readCertificates13(body: Buffer): { chain: readonly Buffer[]; staple: Buffer | null } {
  const reader = new ByteReader(body);
  reader.vector8('certificate request context');
  const list = new ByteReader(reader.vector24('certificate list'));
  reader.end('Certificate');
  const chain: Buffer[] = [];
  let staple: Buffer | null = null;
  while (list.left > 0) {
    chain.push(nextCertificate(list, chain.length));
    const status = readExtensions(list.vector16('certificate extensions')).get(5);
    if (status && chain.length === 1) staple = readCertificateStatus(status);
  }
  return { chain, staple };
}

/** The OCSP response of a CertificateStatus (RFC 6066, 8); null where it is none. */
export function readCertificateStatus(body: Buffer): Buffer | null {
  const reader = new ByteReader(body);
  if (reader.u8('certificate status type') !== 1) return null;
  const response = reader.vector24('OCSP response');
  reader.end('CertificateStatus');
  return response;
}

function nextCertificate(list: ByteReader, already: number): Buffer {
  if (already >= mostCertificates) throw new Malformed('more certificates than any chain has');
  return list.vector24('certificate');
}

/** RFC 5246, 7.4.4; up to TLS 1.1 there are no signature algorithms in it. */
export function readCertificateRequest(body: Buffer, withSignatures: boolean): CertificateRequest {
  const reader = new ByteReader(body);
  reader.vector8('certificate types');
  if (withSignatures) reader.vector16('signature algorithms');
  const issuers = readIssuers(reader.vector16('certificate authorities'));
  reader.end('CertificateRequest');
  return { issuers, context: Buffer.alloc(0) };
}

/** RFC 8446, 4.3.2. */
export function readCertificateRequest13(body: Buffer): CertificateRequest {
  const reader = new ByteReader(body);
  const context = reader.vector8('certificate request context');
  const found = readExtensions(reader.vector16('extensions'));
  reader.end('CertificateRequest');
  const authorities = found.get(47);
  const issuers = authorities === undefined ? [] : exactly(authorities, (r) => readIssuers(r.vector16('authorities')));
  return { issuers, context };
}

function readIssuers(list: Buffer): readonly Buffer[] {
  const reader = new ByteReader(list);
  const issuers: Buffer[] = [];
  while (reader.left > 0) {
    if (issuers.length >= mostIssuers) throw new Malformed('more certificate authorities than a client can read');
    issuers.push(reader.vector16('distinguished name'));
  }
  return issuers;
}
