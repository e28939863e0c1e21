// Keys of SSL 3.0 to TLS 1.2 (RFC 2246, 4346, 5246; RFC 7627): the pseudo-random function and what is made with it.

import { createHash } from 'node:crypto';
import { protocolCode, type ProtocolVersion } from '../core/tls/protocols.ts';
import { hmac } from './hmac.ts';
import { ssl3Finished, ssl3Secret } from './ssl3.ts';

export type OlderVersion = Exclude<ProtocolVersion, 'tls13'>;
type PrfHash = 'sha256' | 'sha384';

/** How a connection of this version and suite derives its keys. */
export interface KeySchedule12 {
  readonly version: OlderVersion;
  /** Of the suite; TLS 1.0 and 1.1 use MD5 and SHA-1 together, whatever the suite. */
  readonly hash: PrfHash;
}

function expand(hash: string, secret: Buffer, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  let chained = seed;
  for (let filled = 0; filled < length;) {
    chained = hmac(hash, secret, chained);
    const block = hmac(hash, secret, chained, seed);
    blocks.push(block);
    filled += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** RFC 5246, 5 and RFC 2246, 5. */
function prf(schedule: KeySchedule12, secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  if (schedule.version === 'tls12') return expand(schedule.hash, secret, labelled, length);
  const half = Math.ceil(secret.length / 2);
  const left = expand('md5', secret.subarray(0, half), labelled, length);
  const right = expand('sha1', secret.subarray(secret.length - half), labelled, length);
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

function transcriptHash(schedule: KeySchedule12, messages: readonly Buffer[]): Buffer {
  const names = schedule.version === 'tls12' ? [schedule.hash] : ['md5', 'sha1'];
  return Buffer.concat(
    names.map((name) => {
      const hash = createHash(name);
      for (const message of messages) hash.update(message);
      return hash.digest();
    }),
  );
}

export interface Randoms {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** `session`: the messages up to the ClientKeyExchange where the extended master secret was agreed on, else null. */
export function masterSecret(
  schedule: KeySchedule12,
  premaster: Buffer,
  randoms: Randoms,
  session: readonly Buffer[] | null,
): Buffer {
  if (schedule.version === 'ssl3') return ssl3Secret(premaster, Buffer.concat([randoms.client, randoms.server]), 48);
  return session
    ? prf(schedule, premaster, 'extended master secret', transcriptHash(schedule, session), 48)
    : prf(schedule, premaster, 'master secret', Buffer.concat([randoms.client, randoms.server]), 48);
}

export function keyBlock(schedule: KeySchedule12, master: Buffer, randoms: Randoms, length: number): Buffer {
  const seed = Buffer.concat([randoms.server, randoms.client]);
  if (schedule.version === 'ssl3') return ssl3Secret(master, seed, length);
  return prf(schedule, master, 'key expansion', seed, length);
}

/** The verify_data of a Finished message. */
export function finishedData12(
  schedule: KeySchedule12,
  master: Buffer,
  side: 'client' | 'server',
  messages: readonly Buffer[],
): Buffer {
  if (schedule.version === 'ssl3') return ssl3Finished(master, side, messages);
  return prf(schedule, master, `${side} finished`, transcriptHash(schedule, messages), 12);
}

/** The first two bytes of an RSA premaster secret: the version that was offered (RFC 5246, 7.4.7.1). */
export function versionBytes(version: OlderVersion): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(protocolCode[version]);
  return bytes;
}
