// A small reader for DER, as far as certificates and distinguished names need it (X.690, RFC 5280).

import { isIPv4, isIPv6 } from 'node:net';
import { ByteReader, Malformed } from './bytes.ts';

export interface DerValue {
  readonly tag: number;
  readonly body: Buffer;
  /** Tag, length and body. */
  readonly raw: Buffer;
}

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The next value. Throws `Malformed`. */
export function readDer(reader: ByteReader): DerValue {
  const tag = reader.u8('DER tag');
  if ((tag & 0x1f) === 0x1f) throw new Malformed('a DER tag of more than one byte');
  const first = reader.u8('DER length');
  const more = first > 0x80 ? reader.take(first - 0x80, 'DER length') : Buffer.alloc(0);
  if (first === 0x80 || more.length > 4) throw new Malformed('a DER length of this form is not allowed');
  const length = first < 0x80 ? first : more.readUIntBE(0, more.length);
  const body = reader.take(length, 'DER value');
  const header = 2 + more.length;
  // The reader hands out views, so the header lies in front of the body.
  return { tag, body, raw: Buffer.from(body.buffer, body.byteOffset - header, header + length) };
}

/** The values inside one, at most 1000 of them. */
export function readDerList(body: Buffer): readonly DerValue[] {
  const reader = new ByteReader(body);
  const values: DerValue[] = [];
  while (reader.left > 0) {
    if (values.length >= 1000) throw new Malformed('more DER values than a certificate has');
    values.push(readDer(reader));
  }
  return values;
}

/** The only value in these bytes, of this tag. */
export function readOnly(bytes: Buffer, tag: number): DerValue {
  const reader = new ByteReader(bytes);
  const value = expectTag(readDer(reader), tag);
  reader.end('DER');
  return value;
}

export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new Malformed('an unexpected DER value');
  return value;
}

/** Dotted decimals. */
export function readOid(body: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new Malformed('an object identifier is too long');
    if (byte & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** Milliseconds since 1970 (RFC 5280, 4.1.2.5). */
export function readTime(value: DerValue): number {
  const text = value.body.toString('latin1');
  const digits = value.tag === derTag.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(digits);
  if (!match) throw new Malformed('a date cannot be read');
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}Z`);
  if (Number.isNaN(time)) throw new Malformed('a date does not exist');
  return time;
}

/** Attribute types of names (RFC 4519, RFC 4514 short forms). */
const attributeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** The attributes of a distinguished name in the order in which they are written. `raw` is the SEQUENCE itself. */
export function readName(raw: Buffer): readonly NameAttribute[] {
  const sets = readDerList(readOnly(raw, derTag.sequence).body);
  return sets.flatMap((set) =>
    readDerList(expectTag(set, derTag.set).body).map((pair) => {
      const [type, value] = readDerList(expectTag(pair, derTag.sequence).body);
      const oid = readOid(expectTag(type, derTag.oid).body);
      return { type: attributeNames[oid] ?? oid, value: value === undefined ? '' : readText(value) };
    }),
  );
}

/** One line, most specific part first, such as "CN=api.example, O=Example, C=NL". */
export function nameText(raw: Buffer): string {
  return readName(raw)
    .map(({ type, value }) => `${type}=${escapeValue(value)}`)
    .reverse()
    .join(', ');
}

/** Each of several names once, as text. Never throws. */
export function nameTexts(names: readonly Buffer[]): readonly string[] {
  return [...new Set(names.map(nameTextOrNone))];
}

function nameTextOrNone(raw: Buffer): string {
  try {
    return nameText(raw);
  } catch {
    return 'a name that cannot be read';
  }
}

/** RFC 4514, 2.4, and no control character ever reaches a screen. */
function escapeValue(value: string): string {
  return value
    .replace(/[,+"\\<>;=]/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const bmpString = 0x1e;
const utf8String = 0x0c;

function readText({ tag, body }: DerValue): string {
  if (tag === utf8String) return body.toString('utf8');
  if (tag !== bmpString) return body.toString('latin1');
  return Buffer.from(body.subarray(0, body.length & ~1))
    .swap16()
    .toString('utf16le');
}

/** DNS names and addresses of a GeneralNames value; other kinds of names are left out. */
export function readAlternativeNames(raw: Buffer): readonly string[] {
  return readDerList(readOnly(raw, derTag.sequence).body).flatMap(({ tag, body }) => {
    if (tag === 0x82) return [body.toString('latin1')];
    const address = tag === 0x87 ? addressText(body) : undefined;
    return address === undefined ? [] : [address];
  });
}

function addressText(body: Buffer): string | undefined {
  if (body.length === 4) return body.join('.');
  if (body.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(index * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}

/** The one spelling of an address, so that two of them can be compared as text; undefined where it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const url = `http://[${text}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}
