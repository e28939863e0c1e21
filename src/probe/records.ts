// TLS records and handshake messages, put together again from whatever segments and fragments they arrive in.

import { ByteQueue, Malformed, u16, u24, u8 } from './bytes.ts';

export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** RFC 5246, 6.2.3: a protected record is at most 2^14 + 2048 bytes long. */
const longestRecord = 16384 + 2048;
/** Our own cap: real certificate chains stay below 100 KiB. */
const longestMessage = 256 * 1024;

/** What was answered is no TLS at all. */
export class NotTls extends Error {
  override readonly name = 'NotTls';
  readonly plainHttp: boolean;
  /** The first characters, one for each byte. */
  readonly start: string;

  constructor(plainHttp: boolean, start: string) {
    super(plainHttp ? 'answered with plain HTTP' : 'answered with something that is not TLS');
    this.plainHttp = plainHttp;
    this.start = start;
  }
}

export interface TlsRecord {
  readonly type: number;
  readonly header: Buffer;
  readonly body: Buffer;
}

/** Cuts a byte stream into records. `next` throws `NotTls` on a first record that is none and `Malformed` on a bad one. */
export class RecordReader {
  readonly #queue = new ByteQueue();
  #seen = 0;

  push(chunk: Buffer): void {
    this.#queue.push(chunk);
  }

  next(): TlsRecord | undefined {
    if (this.#queue.length === 0) return undefined;
    const header = this.#queue.peek(5);
    const known = isRecordStart(header);
    if (!known && this.#seen > 0) throw new Malformed('a record has an unknown type or version');
    if (!known) {
      if (mayBeHttp(header) && header.length < 5) return undefined;
      throw new NotTls(mayBeHttp(header), this.#queue.peek(80).toString('latin1'));
    }
    if (header.length < 5) return undefined;
    const length = header.readUInt16BE(3);
    if (length > longestRecord) throw new Malformed(`a record of ${length} bytes is longer than TLS allows`);
    if (length === 0 && header[0] !== contentType.applicationData) throw new Malformed('an empty record');
    if (this.#queue.length < 5 + length) return undefined;
    this.#seen += 1;
    const taken = this.#queue.take(5 + length);
    return { type: header.readUInt8(0), header: taken.subarray(0, 5), body: taken.subarray(5) };
  }

  /** Whether bytes have come that do not make a record yet. */
  get pending(): boolean {
    return this.#queue.length > 0;
  }
}

function isRecordStart(header: Buffer): boolean {
  const type = header[0] ?? 0;
  return type >= contentType.changeCipherSpec && type <= contentType.applicationData && (header[1] ?? 3) === 3;
}

function mayBeHttp(start: Buffer): boolean {
  return 'HTTP/'.startsWith(start.toString('latin1', 0, 5));
}

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
  /** Header and body, as the transcript hash takes it. */
  readonly raw: Buffer;
}

/** Puts handshake messages together that may be spread over records or share one. */
export class MessageReader {
  readonly #queue = new ByteQueue();

  push(fragment: Buffer): void {
    this.#queue.push(fragment);
  }

  next(): HandshakeMessage | undefined {
    if (this.#queue.length < 4) return undefined;
    const header = this.#queue.peek(4);
    const length = header.readUIntBE(1, 3);
    if (length > longestMessage) throw new Malformed(`a handshake message of ${length} bytes is too long`);
    if (this.#queue.length < 4 + length) return undefined;
    const raw = this.#queue.take(4 + length);
    return { type: raw.readUInt8(0), body: raw.subarray(4), raw };
  }
}

export interface Alert {
  readonly fatal: boolean;
  readonly code: number;
}

/** Alerts, which a peer may send byte by byte. */
export class AlertReader {
  readonly #queue = new ByteQueue();
  #count = 0;

  push(fragment: Buffer): void {
    this.#queue.push(fragment);
  }

  next(): Alert | undefined {
    if (this.#queue.length < 2) return undefined;
    if ((this.#count += 1) > 32) throw new Malformed('more alerts than any server has reason to send');
    const bytes = this.#queue.take(2);
    return { fatal: bytes[0] === 2, code: bytes.readUInt8(1) };
  }
}

/** Takes what a reader has, one after the other, until one of them leaves nothing more to learn: true. */
export function takeEach<T>(reader: { next(): T | undefined }, take: (item: T) => true | undefined): true | undefined {
  for (let item = reader.next(); item; item = reader.next()) if (take(item)) return true;
  return undefined;
}

/** One record; `body` is at most 2^14 bytes here, so it is never split. */
export function record(type: number, version: number, body: Buffer): Buffer {
  return Buffer.concat([u8(type), u16(version), u16(body.length), body]);
}

export function handshakeMessage(type: number, body: Buffer): Buffer {
  return Buffer.concat([u8(type), u24(body.length), body]);
}

/** Alert names by code (RFC 8446, 6; RFC 5246, 7.2; RFC 6066; RFC 7301). */
const alertNames: Readonly<Record<number, string>> = {
  0: 'close notify',
  10: 'unexpected message',
  20: 'bad record MAC',
  21: 'decryption failed',
  22: 'record overflow',
  30: 'decompression failure',
  40: 'handshake failure',
  41: 'no certificate',
  42: 'bad certificate',
  43: 'unsupported certificate',
  44: 'certificate revoked',
  45: 'certificate expired',
  46: 'certificate unknown',
  47: 'illegal parameter',
  48: 'unknown CA',
  49: 'access denied',
  50: 'decode error',
  51: 'decrypt error',
  60: 'export restriction',
  70: 'protocol version',
  71: 'insufficient security',
  80: 'internal error',
  86: 'inappropriate fallback',
  90: 'user canceled',
  100: 'no renegotiation',
  109: 'missing extension',
  110: 'unsupported extension',
  112: 'unrecognized name',
  113: 'bad certificate status response',
  115: 'unknown PSK identity',
  116: 'certificate required',
  120: 'no application protocol',
};

/** Such as "alert 40 (handshake failure)". */
export function alertText(code: number): string {
  const name = alertNames[code];
  return name === undefined ? `alert ${code}` : `alert ${code} (${name})`;
}

/** Alerts with which a server declines a handshake without a client certificate. */
export const certificateAlerts: readonly number[] = [40, 41, 42, 43, 46, 48, 49, 116];

/** handshake_failure, protocol_version, insufficient_security: the server has read the offer and declines it. */
export const refusals: readonly number[] = [40, 70, 71];
