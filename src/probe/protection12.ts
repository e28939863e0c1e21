// Record protection of SSL 3.0 to TLS 1.2: one direction of a connection, its keys and its sequence number.

import { protocolCode } from '../core/tls/protocols.ts';
import { Malformed } from './bytes.ts';
import { keyBlock, type KeySchedule12, type OlderVersion, type Randoms } from './keySchedule12.ts';
import { cbcCipher, macOf, streamCipher } from './macProtection12.ts';
import { aeadCipher, type RecordCipher, type RecordKeys } from './recordCipher12.ts';
import { record, type TlsRecord } from './records.ts';
import type { Suite12 } from './suites12.ts';

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
  const direction = (at: 0 | 1): Protection12 => {
    const [macKey, key, vector] = parts.filter((_, index) => index % 2 === at);
    if (!macKey || !key || !vector) throw new Malformed('the keys are too short');
    return new Protection12(schedule.version, cipherOf(suite, schedule.version, { macKey, key, vector }));
  };
  return { client: direction(0), server: direction(1) };
}

function cipherOf(suite: Suite12, version: OlderVersion, keys: RecordKeys): RecordCipher {
  if (suite.mac === null) return aeadCipher(suite, version, keys);
  const mac = macOf(version, suite.mac, keys.macKey);
  return suite.mode === 'cbc' ? cbcCipher(suite, version, keys, mac) : streamCipher(suite, keys, mac);
}

/** One direction: its cipher and the sequence number. */
export class Protection12 {
  readonly #version: OlderVersion;
  readonly #cipher: RecordCipher;
  #sequence = 0n;

  constructor(version: OlderVersion, cipher: RecordCipher) {
    this.#version = version;
    this.#cipher = cipher;
  }

  /** The content of a protected record. Throws when the record was not made with these keys. */
  open({ type, body }: TlsRecord): Buffer {
    return this.#cipher.open(type, body, this.#count());
  }

  /** A protected record with this content. */
  seal(type: number, body: Buffer): Buffer {
    return record(type, protocolCode[this.#version], this.#cipher.seal(type, body, this.#count()));
  }

  #count(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(this.#sequence);
    this.#sequence += 1n;
    return bytes;
  }
}
