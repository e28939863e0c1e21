// Record protection of TLS 1.0 to 1.2: AES and ChaCha20 as AEAD, CBC with HMAC (RFC 5246, 6.2.3; RFC 5288; RFC 7905).

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  getCiphers,
  randomBytes,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto';
import { protocolCode } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';
import { Malformed, u16, u8 } from './bytes.ts';
import { keyBlock, type KeySchedule12, type OlderVersion, type Randoms } from './keySchedule12.ts';
import { record, type TlsRecord } from './records.ts';

export interface Suite12 {
  readonly keyExchange: 'ecdhe' | 'dhe' | 'rsa';
  readonly mode: 'gcm' | 'chacha' | 'cbc';
  /** As `node:crypto` names it. */
  readonly cipher: string;
  readonly keyLength: number;
  /** Length of the part of the nonce or of the first vector that comes from the keys. */
  readonly vectorLength: number;
  readonly mac: { readonly hash: string; readonly length: number } | null;
  readonly prfHash: 'sha256' | 'sha384';
}

const ciphers: Readonly<Record<string, Pick<Suite12, 'mode' | 'cipher' | 'keyLength' | 'vectorLength'>>> = {
  AES_128_GCM: { mode: 'gcm', cipher: 'aes-128-gcm', keyLength: 16, vectorLength: 4 },
  AES_256_GCM: { mode: 'gcm', cipher: 'aes-256-gcm', keyLength: 32, vectorLength: 4 },
  CHACHA20_POLY1305: { mode: 'chacha', cipher: 'chacha20-poly1305', keyLength: 32, vectorLength: 12 },
  AES_128_CBC: { mode: 'cbc', cipher: 'aes-128-cbc', keyLength: 16, vectorLength: 16 },
  AES_256_CBC: { mode: 'cbc', cipher: 'aes-256-cbc', keyLength: 32, vectorLength: 16 },
  CAMELLIA_128_CBC: { mode: 'cbc', cipher: 'camellia-128-cbc', keyLength: 16, vectorLength: 16 },
  CAMELLIA_256_CBC: { mode: 'cbc', cipher: 'camellia-256-cbc', keyLength: 32, vectorLength: 16 },
  '3DES_EDE_CBC': { mode: 'cbc', cipher: 'des-ede3-cbc', keyLength: 24, vectorLength: 8 },
};

const macs: Readonly<Record<string, NonNullable<Suite12['mac']>>> = {
  SHA: { hash: 'sha1', length: 20 },
  SHA256: { hash: 'sha256', length: 32 },
  SHA384: { hash: 'sha384', length: 48 },
};

const namePattern = /^TLS_(ECDHE|DHE|RSA|ECDH_anon|DH_anon)(?:_RSA|_ECDSA|_DSS)?_WITH_(\w+)_(SHA|SHA256|SHA384)$/;

/** undefined for a suite that this client cannot complete a handshake with on this runtime. */
export function suite12(code: number): Suite12 | undefined {
  const [, exchange = '', cipherName = '', digest = ''] = namePattern.exec(suiteName(code)) ?? [];
  const cipher = ciphers[cipherName];
  const mac = macs[digest];
  if (!cipher || !mac || !getCiphers().includes(cipher.cipher)) return undefined;
  return {
    ...cipher,
    keyExchange: exchange === 'RSA' ? 'rsa' : exchange.startsWith('EC') ? 'ecdhe' : 'dhe',
    mac: cipher.mode === 'cbc' ? mac : null,
    prfHash: digest === 'SHA384' ? 'sha384' : 'sha256',
  };
}

export interface Directions {
  readonly client: Protection12;
  readonly server: Protection12;
}

/** Both directions of a connection (RFC 5246, 6.3). */
export function protectionsOf(suite: Suite12, schedule: KeySchedule12, master: Buffer, randoms: Randoms): Directions {
  const lengths = [suite.mac?.length ?? 0, suite.keyLength, suite.vectorLength].flatMap((length) => [length, length]);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const block = keyBlock(schedule, master, randoms, total);
  const parts = lengths.map((length, index) => {
    const from = lengths.slice(0, index).reduce((sum, before) => sum + before, 0);
    return block.subarray(from, from + length);
  });
  const direction = (at: 0 | 1): Protection12 =>
    new Protection12(
      suite,
      schedule.version,
      parts.filter((_, index) => index % 2 === at),
    );
  return { client: direction(0), server: direction(1) };
}

const tagLength = 16;

/** One direction: keys and the sequence number. */
export class Protection12 {
  readonly #suite: Suite12;
  readonly #version: OlderVersion;
  readonly #macKey: Buffer;
  readonly #key: Buffer;
  #vector: Buffer;
  #sequence = 0n;

  constructor(suite: Suite12, version: OlderVersion, [macKey, key, vector]: readonly Buffer[]) {
    this.#suite = suite;
    this.#version = version;
    this.#macKey = macKey ?? Buffer.alloc(0);
    this.#key = key ?? Buffer.alloc(0);
    this.#vector = vector ?? Buffer.alloc(0);
  }

  /** The content of a protected record. Throws when the record was not made with these keys. */
  open({ type, body }: TlsRecord): Buffer {
    const sequence = this.#count();
    return this.#suite.mode === 'cbc' ? this.#openCbc(type, body, sequence) : this.#openAead(type, body, sequence);
  }

  /** A protected record with this content. */
  seal(type: number, body: Buffer): Buffer {
    const sequence = this.#count();
    const sealed =
      this.#suite.mode === 'cbc' ? this.#sealCbc(type, body, sequence) : this.#sealAead(type, body, sequence);
    return record(type, protocolCode[this.#version], sealed);
  }

  #count(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(this.#sequence);
    this.#sequence += 1n;
    return bytes;
  }

  #prefix(type: number, length: number, sequence: Buffer): Buffer {
    return Buffer.concat([sequence, u8(type), u16(protocolCode[this.#version]), u16(length)]);
  }

  /** GCM: the explicit part follows the one of the keys. ChaCha20: the sequence number is laid over the vector. */
  #nonce(explicit: Buffer): Buffer {
    if (this.#suite.mode === 'gcm') return Buffer.concat([this.#vector, explicit]);
    return Buffer.from(this.#vector.map((byte, index) => byte ^ (index < 4 ? 0 : (explicit[index - 4] ?? 0))));
  }

  #openAead(type: number, body: Buffer, sequence: Buffer): Buffer {
    const explicit = this.#suite.mode === 'gcm' ? 8 : 0;
    const length = body.length - explicit - tagLength;
    if (length < 0) throw new Malformed('a protected record is too short');
    const nonce = this.#nonce(explicit > 0 ? body.subarray(0, explicit) : sequence);
    const cipher = this.#suite.cipher as CipherGCMTypes;
    const decipher = createDecipheriv(cipher, this.#key, nonce, { authTagLength: tagLength });
    decipher.setAAD(this.#prefix(type, length, sequence));
    decipher.setAuthTag(body.subarray(explicit + length));
    return Buffer.concat([decipher.update(body.subarray(explicit, explicit + length)), decipher.final()]);
  }

  #sealAead(type: number, body: Buffer, sequence: Buffer): Buffer {
    const cipherName = this.#suite.cipher as CipherGCMTypes;
    const cipher = createCipheriv(cipherName, this.#key, this.#nonce(sequence), { authTagLength: tagLength });
    cipher.setAAD(this.#prefix(type, body.length, sequence));
    const sealed = Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]);
    return this.#suite.mode === 'gcm' ? Buffer.concat([sequence, sealed]) : sealed;
  }

  #mac(type: number, content: Buffer, sequence: Buffer): Buffer {
    const mac = createHmac(this.#suite.mac?.hash ?? 'sha1', this.#macKey);
    return mac
      .update(this.#prefix(type, content.length, sequence))
      .update(content)
      .digest();
  }

  /** TLS 1.0 goes on with the last block of the record before; later versions send a fresh vector with each. */
  #openCbc(type: number, body: Buffer, sequence: Buffer): Buffer {
    const block = this.#suite.vectorLength;
    const chained = this.#version === 'tls10';
    const vector = chained ? this.#vector : body.subarray(0, block);
    const sealed = chained ? body : body.subarray(block);
    const macLength = this.#suite.mac?.length ?? 0;
    if (sealed.length < macLength + 1 || sealed.length % block > 0)
      throw new Malformed('a protected record is too short');
    if (chained) this.#vector = Buffer.from(sealed.subarray(-block));
    const decipher = createDecipheriv(this.#suite.cipher, this.#key, vector).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    const length = plain.length - 1 - (plain.at(-1) ?? 0) - macLength;
    if (length < 0) throw new Malformed('the padding of a record is wrong');
    const content = plain.subarray(0, length);
    if (!timingSafeEqual(this.#mac(type, content, sequence), plain.subarray(length, length + macLength))) {
      throw new Malformed('a record was not made with the keys of this connection');
    }
    return content;
  }

  #sealCbc(type: number, body: Buffer, sequence: Buffer): Buffer {
    const block = this.#suite.vectorLength;
    const chained = this.#version === 'tls10';
    const vector = chained ? this.#vector : randomBytes(block);
    const content = Buffer.concat([body, this.#mac(type, body, sequence)]);
    const padding = block - 1 - (content.length % block);
    const cipher = createCipheriv(this.#suite.cipher, this.#key, vector).setAutoPadding(false);
    const padded = Buffer.concat([content, Buffer.alloc(padding + 1, padding)]);
    const sealed = Buffer.concat([cipher.update(padded), cipher.final()]);
    if (chained) this.#vector = Buffer.from(sealed.subarray(-block));
    return chained ? sealed : Buffer.concat([vector, sealed]);
  }
}
