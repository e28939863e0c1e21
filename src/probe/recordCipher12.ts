// How the cipher of a suite seals and opens the body of a record; those that authenticate by themselves.

import { protocolCode } from '../core/tls/protocols.ts';
import { openAead, sealAead, type AeadKey } from './aead.ts';
import { Malformed, u16, u8 } from './bytes.ts';
import type { OlderVersion } from './keySchedule12.ts';
import type { Suite12 } from './suites12.ts';

/** How a suite seals and opens the body of a record. `sequence` is eight bytes long. */
export interface RecordCipher {
  /** Throws when the body was not made with these keys. */
  open(type: number, body: Buffer, sequence: Buffer): Buffer;
  seal(type: number, content: Buffer, sequence: Buffer): Buffer;
}

export interface RecordKeys {
  readonly macKey: Buffer;
  readonly key: Buffer;
  readonly vector: Buffer;
}

/** What is authenticated of a record besides its content (RFC 5246, 6.2.3.1 and 6.2.3.3). */
export function recordPrefix(version: OlderVersion, type: number, length: number, sequence: Buffer): Buffer {
  return Buffer.concat([sequence, u8(type), u16(protocolCode[version]), u16(length)]);
}

/** RFC 5288 and 6655: the explicit part follows the one of the keys. RFC 7905: the sequence number is laid over it. */
export function aeadCipher(suite: Suite12, version: OlderVersion, { key, vector }: RecordKeys): RecordCipher {
  const { cipher, tagLength } = suite;
  const aead: AeadKey = { cipher, key, tagLength };
  const explicit = suite.mode === 'chacha' ? 0 : 8;
  const nonceOf = (bytes: Buffer): Buffer =>
    explicit > 0
      ? Buffer.concat([vector, bytes])
      : Buffer.from(vector.map((byte, index) => byte ^ (index < 4 ? 0 : (bytes[index - 4] ?? 0))));
  return {
    open(type, body, sequence) {
      const length = body.length - explicit - tagLength;
      if (length < 0) throw new Malformed('a protected record is too short');
      const nonce = nonceOf(explicit > 0 ? body.subarray(0, explicit) : sequence);
      return openAead(aead, nonce, recordPrefix(version, type, length, sequence), body.subarray(explicit));
    },
    seal(type, content, sequence) {
      const about = recordPrefix(version, type, content.length, sequence);
      const sealed = sealAead(aead, nonceOf(sequence), about, content);
      return explicit > 0 ? Buffer.concat([sequence, sealed]) : sealed;
    },
  };
}
