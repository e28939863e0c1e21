// What SSL 3.0 computes in a way of its own (RFC 6101): keys, the codes of its records and the Finished message.

import { createHash } from 'node:crypto';
import { u16, u8 } from './bytes.ts';

function digest(hash: string, ...parts: readonly Buffer[]): Buffer {
  const made = createHash(hash);
  for (const part of parts) made.update(part);
  return made.digest();
}

/** RFC 6101, 6.1 and 6.2.2: the master secret of a premaster secret, and the keys of a master secret. */
export function ssl3Secret(secret: Buffer, seed: Buffer, length: number): Buffer {
  const count = Math.ceil(length / 16);
  const blocks = Array.from({ length: count }, (_, index) => {
    const letters = Buffer.alloc(index + 1, 0x41 + index);
    return digest('md5', secret, digest('sha1', letters, secret, seed));
  });
  return Buffer.concat(blocks).subarray(0, length);
}

function padding(hash: string, byte: number): Buffer {
  return Buffer.alloc(hash === 'md5' ? 48 : 40, byte);
}

/** RFC 6101, 5.2.3.1: the version is no part of it. `sequence` is eight bytes long. */
export function ssl3Mac(hash: string, key: Buffer, sequence: Buffer, type: number, content: Buffer): Buffer {
  const head = Buffer.concat([sequence, u8(type), u16(content.length)]);
  const inner = digest(hash, key, padding(hash, 0x36), head, content);
  return digest(hash, key, padding(hash, 0x5c), inner);
}

/** RFC 6101, 5.6.9. */
export function ssl3Finished(master: Buffer, side: 'client' | 'server', messages: readonly Buffer[]): Buffer {
  const sender = Buffer.from(side === 'client' ? 'CLNT' : 'SRVR', 'latin1');
  const half = (hash: string): Buffer => {
    const inner = digest(hash, ...messages, sender, master, padding(hash, 0x36));
    return digest(hash, master, padding(hash, 0x5c), inner);
  };
  return Buffer.concat([half('md5'), half('sha1')]);
}
