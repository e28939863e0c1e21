// The key schedule and record protection of TLS 1.3 (RFC 8446, 5 and 7) on HMAC and AEAD ciphers.

import { createHash, getCiphers } from 'node:crypto';
import { openAead, sealAead, type AeadKey } from './aead.ts';
import { Malformed, u16, u8, vector8 } from './bytes.ts';
import { hmac } from './hmac.ts';
import { contentType, type TlsRecord } from './records.ts';

export interface Suite13 {
  /** As `node:crypto` names it. */
  readonly cipher: string;
  readonly keyLength: number;
  readonly tagLength: number;
  readonly hash: 'sha256' | 'sha384';
  readonly hashLength: number;
}

const sha256 = { hash: 'sha256', hashLength: 32 } as const;

const suites: Readonly<Record<number, Suite13>> = {
  0x1301: { cipher: 'aes-128-gcm', keyLength: 16, tagLength: 16, ...sha256 },
  0x1302: { cipher: 'aes-256-gcm', keyLength: 32, tagLength: 16, hash: 'sha384', hashLength: 48 },
  0x1303: { cipher: 'chacha20-poly1305', keyLength: 32, tagLength: 16, ...sha256 },
  0x1304: { cipher: 'aes-128-ccm', keyLength: 16, tagLength: 16, ...sha256 },
  0x1305: { cipher: 'aes-128-ccm', keyLength: 16, tagLength: 8, ...sha256 },
};

/** The suites of TLS 1.3 that this runtime can complete a handshake with. */
export function workableSuites(): readonly number[] {
  const runtime = getCiphers();
  return Object.keys(suites)
    .map(Number)
    .filter((code) => runtime.includes(suites[code]?.cipher ?? ''));
}

export function suiteFacts(code: number): Suite13 {
  const facts = suites[code];
  if (!facts) throw new Malformed('picked a cipher suite that was not offered');
  return facts;
}

function expandLabel(suite: Suite13, secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const info = Buffer.concat([u16(length), vector8(Buffer.from(`tls13 ${label}`, 'latin1')), vector8(context)]);
  const blocks: Buffer[] = [];
  let previous: Buffer = Buffer.alloc(0);
  for (let index = 1; blocks.length * suite.hashLength < length; index += 1) {
    previous = hmac(suite.hash, secret, previous, info, u8(index));
    blocks.push(previous);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function extract(suite: Suite13, salt: Buffer, key: Buffer): Buffer {
  return hmac(suite.hash, salt, key);
}

function derive(suite: Suite13, secret: Buffer, label: string, transcriptHash: Buffer): Buffer {
  return expandLabel(suite, secret, label, transcriptHash, suite.hashLength);
}

export function hashOf(suite: Suite13, messages: readonly Buffer[]): Buffer {
  const hash = createHash(suite.hash);
  for (const message of messages) hash.update(message);
  return hash.digest();
}

export interface Secrets {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** Handshake traffic secrets, and the master secret for `applicationSecrets`. `hello` is the hash up to ServerHello. */
export function handshakeSecrets(suite: Suite13, shared: Buffer, hello: Buffer): Secrets & { readonly master: Buffer } {
  const zeros = Buffer.alloc(suite.hashLength);
  const empty = hashOf(suite, []);
  const early = extract(suite, zeros, zeros);
  const handshake = extract(suite, derive(suite, early, 'derived', empty), shared);
  return {
    client: derive(suite, handshake, 'c hs traffic', hello),
    server: derive(suite, handshake, 's hs traffic', hello),
    master: extract(suite, derive(suite, handshake, 'derived', empty), zeros),
  };
}

/** `finished` is the hash up to the server's Finished. */
export function applicationSecrets(suite: Suite13, master: Buffer, finished: Buffer): Secrets {
  return {
    client: derive(suite, master, 'c ap traffic', finished),
    server: derive(suite, master, 's ap traffic', finished),
  };
}

/** The application traffic secret after a key update (RFC 8446, 7.2). */
export function nextSecret(suite: Suite13, secret: Buffer): Buffer {
  return derive(suite, secret, 'traffic upd', Buffer.alloc(0));
}

/** The verify_data of a Finished message (RFC 8446, 4.4.4). */
export function finishedData(suite: Suite13, secret: Buffer, transcriptHash: Buffer): Buffer {
  const key = expandLabel(suite, secret, 'finished', Buffer.alloc(0), suite.hashLength);
  return hmac(suite.hash, key, transcriptHash);
}

/** One direction of a protected connection: keys and the sequence number. */
export class Protection {
  readonly #tagLength: number;
  readonly #key: AeadKey;
  readonly #iv: Buffer;
  #sequence = 0;

  constructor(suite: Suite13, secret: Buffer) {
    const { cipher, tagLength, keyLength } = suite;
    this.#tagLength = tagLength;
    this.#key = { cipher, tagLength, key: expandLabel(suite, secret, 'key', Buffer.alloc(0), keyLength) };
    this.#iv = expandLabel(suite, secret, 'iv', Buffer.alloc(0), 12);
  }

  #nonce(): Buffer {
    const nonce = Buffer.from(this.#iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence) >>> 0, 8);
    this.#sequence += 1;
    return nonce;
  }

  /** The content of a protected record. Throws when the record was not made with these keys. */
  open(record: TlsRecord): { readonly type: number; readonly body: Buffer } {
    const inner = openAead(this.#key, this.#nonce(), record.header, record.body);
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end -= 1;
    if (end === 0) throw new Malformed('a protected record has no content type');
    return { type: inner.readUInt8(end - 1), body: inner.subarray(0, end - 1) };
  }

  /** A protected record with this content. */
  seal(type: number, body: Buffer): Buffer {
    const length = body.length + 1 + this.#tagLength;
    const header = Buffer.concat([u8(contentType.applicationData), u16(0x0303), u16(length)]);
    return Buffer.concat([header, sealAead(this.#key, this.#nonce(), header, Buffer.concat([body, u8(type)]))]);
  }
}
