// Builds ClientHello messages: exactly the versions and cipher suites asked for, in a form that touchy servers take.

import { randomBytes } from 'node:crypto';
import type { Offer } from '../core/tls/evidence.ts';
import { protocolCode, type ProtocolVersion } from '../core/tls/protocols.ts';
import { u16, u16s, u8, vector16, vector8 } from './bytes.ts';
import type { RandomBytes } from './randomStock.ts';
import { contentType, handshakeMessage, record } from './records.ts';

/**
 * full: every extension a browser-like client sends, TLS 1.3 without a key share (the server names its group).
 * shares: the same with key shares. small: few extensions, under 512 bytes. bare: no extension (TLS 1.2 and older).
 */
export type HelloForm = 'full' | 'shares' | 'small' | 'bare';

export interface KeyShare {
  readonly group: number;
  readonly publicKey: Buffer;
}

export interface HelloWish {
  readonly offer: Offer;
  readonly form: HelloForm;
  /** null: no server name is sent. */
  readonly serverName: string | null;
  /** By default those of the system. */
  readonly randomBytes?: RandomBytes;
  readonly keyShares?: readonly KeyShare[];
  /** The key exchange groups to name; by default those of the form. */
  readonly groups?: readonly number[];
  /** The compression methods to offer; by default "null" alone. */
  readonly compressions?: readonly number[];
  /** TLS_FALLBACK_SCSV (RFC 7507): the client says that it would have a newer version. */
  readonly fallback?: boolean;
  /** Extensions besides those of the form, or in the place of one of them, by type; null leaves one out. */
  readonly extensions?: ReadonlyMap<number, Buffer | null>;
  /** Second hello after a HelloRetryRequest: the same random and session id again, and the cookie. */
  readonly again?: { readonly random: Buffer; readonly sessionId: Buffer; readonly cookie: Buffer | null };
}

export interface ClientHello {
  /** The handshake message, as the transcript hash takes it. */
  readonly message: Buffer;
  /** The record to send. */
  readonly bytes: Buffer;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly offer: Offer;
  readonly groups: readonly number[];
  readonly compressions: readonly number[];
}

/** Extensions that a wish adds or replaces, or whose answer says something of the server. */
export const extensionType = {
  statusRequest: 5,
  signatureAlgorithms: 13,
  heartbeat: 15,
  alpn: 16,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  postHandshakeAuthentication: 49,
  certificateSignatures: 50,
  renegotiationInfo: 0xff01,
} as const;

/** RFC 6066, 8: an OCSP response is welcome, whoever made it. */
export const statusRequest = Buffer.from([1, 0, 0, 0, 0]);

export const groupCode = { p256: 23, p384: 24, p521: 25, x25519: 29, x448: 30 } as const;

/** x25519, the NIST curves, x448, finite fields (RFC 7919), brainpool (RFC 7027, 8734), ML-KEM with a curve and alone. */
const allGroups: readonly number[] = [
  ...[29, 23, 24, 25, 30, 256, 257, 258, 26, 27, 28, 31, 32, 33, 0x11ec, 0x11eb, 0x11ed, 259, 260],
  ...[0x0201, 0x0202, 0x0200],
];
/** What RFC 8422 retired: some servers up to TLS 1.2 take nothing else. */
const retiredCurves = [22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const groupsOfOlder: readonly number[] = [...allGroups, ...retiredCurves];
const fewGroups: readonly number[] = [29, 23, 24, 25];

/** ECDSA, RSA-PSS, Ed25519, Ed448 and PKCS #1; SHA-1 and DSA last, so that old servers are seen as well. */
export const allSignatures: readonly number[] = [
  0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c,
  0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0203, 0x0201, 0x0402, 0x0202,
];
const fewSignatures = [0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0601, 0x0807, 0x0201];

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746): no cipher suite, and no answer may pick it. */
const renegotiationSignal = 0x00ff;
/** TLS_FALLBACK_SCSV (RFC 7507), likewise. */
const fallbackSignal = 0x5600;

/** Intolerance of lengths from 256 to 511 bytes: RFC 7685. */
const awkwardFrom = 256;
const awkwardTo = 511;

export function buildHello(wish: HelloWish): ClientHello {
  const { offer, form } = wish;
  const with13 = offer.versions.includes('tls13');
  const fresh = wish.randomBytes ?? randomBytes;
  const random = wish.again?.random ?? fresh(32);
  const sessionId = wish.again?.sessionId ?? (with13 ? fresh(32) : Buffer.alloc(0));
  const legacy = Math.min(protocolCode.tls12, highestCode(offer.versions));
  const bare = (form === 'bare' || legacy === protocolCode.ssl3) && !wish.extensions;
  const told = form === 'full' || form === 'shares' || wish.extensions?.has(extensionType.renegotiationInfo);
  const signalled = told ? bare : true;
  const signals = [...(signalled ? [renegotiationSignal] : []), ...(wish.fallback ? [fallbackSignal] : [])];
  const compressions = wish.compressions ?? [0];
  const suites = vector16(u16s([...offer.suites, ...signals]));
  const fixed = Buffer.concat([u16(legacy), random, vector8(sessionId), suites, vector8(Buffer.from(compressions))]);
  const body = bare ? fixed : Buffer.concat([fixed, padded(fixed.length, extensions(wish, with13), form)]);
  const message = handshakeMessage(1, body);
  const recordVersion = legacy === protocolCode.ssl3 ? protocolCode.ssl3 : protocolCode.tls10;
  const bytes = record(contentType.handshake, recordVersion, message);
  return { message, bytes, random, sessionId, offer, groups: groupsOf(wish), compressions };
}

/** The body of the ALPN extension (RFC 7301). */
export function protocolNames(names: readonly string[]): Buffer {
  return vector16(...names.map((name) => vector8(Buffer.from(name, 'latin1'))));
}

function groupsOf({ groups, form, offer }: HelloWish): readonly number[] {
  if (groups || form === 'small' || form === 'bare') return groups ?? fewGroups;
  return offer.versions.every((version) => version === 'tls13') ? allGroups : groupsOfOlder;
}

export function highestCode(versions: readonly ProtocolVersion[]): number {
  return Math.max(protocolCode.ssl3, ...versions.map((version) => protocolCode[version]));
}

/** What is the same in every hello, made once. */
const usual = {
  groups: new Map([allGroups, groupsOfOlder, fewGroups].map((list) => [list, extension(10, vector16(u16s(list)))])),
  pointFormats: extension(11, vector8(u8(0))),
  allSignatures: extension(13, vector16(u16s(allSignatures))),
  fewSignatures: extension(13, vector16(u16s(fewSignatures))),
  alpn: extension(extensionType.alpn, protocolNames(['http/1.1'])),
  extendedMasterSecret: extension(extensionType.extendedMasterSecret, Buffer.alloc(0)),
  renegotiationInfo: extension(extensionType.renegotiationInfo, vector8()),
  keyExchangeModes: extension(45, vector8(u8(1))),
};

function extensions(wish: HelloWish, with13: boolean): Buffer {
  const { offer, form, serverName } = wish;
  const rich = form === 'full' || form === 'shares';
  const parts: Buffer[] = [];
  if (serverName !== null) parts.push(extension(0, vector16(u8(0), vector16(Buffer.from(serverName, 'latin1')))));
  const groups = groupsOf(wish);
  parts.push(usual.groups.get(groups) ?? extension(10, vector16(u16s(groups))));
  if (offer.versions.some((version) => version !== 'tls13')) parts.push(usual.pointFormats);
  if (highestCode(offer.versions) >= protocolCode.tls12) parts.push(rich ? usual.allSignatures : usual.fewSignatures);
  if (rich) parts.push(usual.alpn, usual.extendedMasterSecret, usual.renegotiationInfo);
  if (with13 || hasGap(offer.versions)) {
    const newestFirst = offer.versions.map((version) => protocolCode[version]).sort((a, b) => b - a);
    parts.push(extension(43, vector8(u16s(newestFirst))));
  }
  if (with13) {
    const shares = (wish.keyShares ?? []).map(({ group, publicKey }) =>
      Buffer.concat([u16(group), vector16(publicKey)]),
    );
    parts.push(usual.keyExchangeModes);
    parts.push(extension(51, vector16(...shares)));
    if (wish.again?.cookie) parts.push(extension(44, vector16(wish.again.cookie)));
  }
  if (!wish.extensions) return Buffer.concat(parts);
  const more = wish.extensions;
  const kept = parts.filter((part) => !more.has(part.readUInt16BE(0)));
  const added = Array.from(more, ([type, body]) => (body === null ? Buffer.alloc(0) : extension(type, body)));
  return Buffer.concat([...kept, ...added]);
}

/** Without TLS 1.3 the version field says "up to": a set with a gap needs the extension to be told as it is. */
function hasGap(versions: readonly ProtocolVersion[]): boolean {
  const codes = versions.map((version) => protocolCode[version]);
  return codes.length > 0 && Math.max(...codes) - Math.min(...codes) + 1 > new Set(codes).size;
}

function padded(fixedLength: number, block: Buffer, form: HelloForm): Buffer {
  const length = 4 + fixedLength + 2 + block.length;
  if (form === 'small' || form === 'bare' || length < awkwardFrom || length > awkwardTo) return vector16(block);
  const missing = Math.max(0, awkwardTo + 1 - length - 4);
  return vector16(block, extension(21, Buffer.alloc(missing)));
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([u16(type), vector16(body)]);
}
