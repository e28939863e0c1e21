// Records that a code of their own authenticates: block ciphers in CBC mode, RC4, and no cipher at all.

import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { Malformed } from './bytes.ts';
import { hmac } from './hmac.ts';
import type { OlderVersion } from './keySchedule12.ts';
import { recordPrefix, type RecordCipher, type RecordKeys } from './recordCipher12.ts';
import { Rc4 } from './rc4.ts';
import { ssl3Mac } from './ssl3.ts';
import type { Suite12 } from './suites12.ts';

interface RecordMac {
  readonly length: number;
  of(type: number, content: Buffer, sequence: Buffer): Buffer;
}

/** RFC 5246, 6.2.3.1; SSL 3.0 has one of its own. */
export function macOf(version: OlderVersion, mac: NonNullable<Suite12['mac']>, key: Buffer): RecordMac {
  return {
    length: mac.length,
    of(type, content, sequence) {
      if (version === 'ssl3') return ssl3Mac(mac.hash, key, sequence, type, content);
      const prefix = recordPrefix(version, type, content.length, sequence);
      return hmac(mac.hash, key, prefix, content);
    },
  };
}

/** The content of bytes that end in its code. */
function authenticated(mac: RecordMac, type: number, bytes: Buffer, sequence: Buffer): Buffer {
  const length = bytes.length - mac.length;
  if (length < 0) throw new Malformed('a protected record is too short');
  const content = bytes.subarray(0, length);
  if (!timingSafeEqual(mac.of(type, content, sequence), bytes.subarray(length))) {
    throw new Malformed('a record was not made with the keys of this connection');
  }
  return content;
}

/** RFC 5246, 6.2.3.1. */
export function streamCipher({ cipher }: Suite12, { key }: RecordKeys, mac: RecordMac): RecordCipher {
  const stream = cipher === 'null' ? { update: (bytes: Buffer) => bytes } : new Rc4(key);
  return {
    open: (type, body, sequence) => authenticated(mac, type, stream.update(body), sequence),
    seal: (type, content, sequence) => stream.update(Buffer.concat([content, mac.of(type, content, sequence)])),
  };
}

/** RFC 5246, 6.2.3.2. Up to TLS 1.0 the last block of a record goes on; later versions send a fresh vector with each. */
export function cbcCipher(suite: Suite12, version: OlderVersion, keys: RecordKeys, mac: RecordMac): RecordCipher {
  const { cipher, vectorLength: block } = suite;
  const chained = version === 'tls10' || version === 'ssl3';
  const key = suite.keyLength === 8 ? Buffer.concat([keys.key, keys.key, keys.key]) : keys.key;
  let last = keys.vector;
  return {
    open(type, body, sequence) {
      const vector = chained ? last : body.subarray(0, block);
      const sealed = chained ? body : body.subarray(block);
      if (sealed.length < mac.length + 1 || sealed.length % block > 0) {
        throw new Malformed('a protected record is too short');
      }
      last = Buffer.from(sealed.subarray(-block));
      const decipher = createDecipheriv(cipher, key, vector).setAutoPadding(false);
      const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
      const length = plain.length - 1 - (plain.at(-1) ?? 0);
      if (length < mac.length) throw new Malformed('the padding of a record is wrong');
      return authenticated(mac, type, plain.subarray(0, length), sequence);
    },
    seal(type, content, sequence) {
      const vector = chained ? last : randomBytes(block);
      const whole = Buffer.concat([content, mac.of(type, content, sequence)]);
      const padding = block - 1 - (whole.length % block);
      const encipher = createCipheriv(cipher, key, vector).setAutoPadding(false);
      const padded = Buffer.concat([whole, Buffer.alloc(padding + 1, padding)]);
      const sealed = Buffer.concat([encipher.update(padded), encipher.final()]);
      last = Buffer.from(sealed.subarray(-block));
      return chained ? sealed : Buffer.concat([vector, sealed]);
    },
  };
}
