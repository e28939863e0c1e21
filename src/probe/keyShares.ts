// Key agreement for the groups that the prober can complete a handshake with.

import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { Malformed } from './bytes.ts';
import { groupCode, type KeyShare } from './clientHello.ts';

export interface Agreement extends KeyShare {
  /** The shared secret with the peer's public key. Throws on a key that is none. */
  agree(peer: Buffer): Buffer;
}

const curves: Readonly<Record<number, string>> = {
  [groupCode.p256]: 'prime256v1',
  [groupCode.p384]: 'secp384r1',
  [groupCode.p521]: 'secp521r1',
};

/** SubjectPublicKeyInfo of an X25519 key without the key itself (RFC 8410). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex');

export const agreeableGroups: readonly number[] = [groupCode.x25519, groupCode.p256, groupCode.p384, groupCode.p521];

/** A key pair for a group, undefined where the prober cannot complete a handshake with it. */
export type Agreements = (group: number) => Agreement | undefined;

/** One key pair for each group, made when it is first wanted. For one server only: a key pair tells clients apart. */
export function lastingAgreements(): Agreements {
  const made = new Map<number, Agreement | undefined>();
  return (group) => {
    if (!made.has(group)) made.set(group, keyAgreement(group));
    return made.get(group);
  };
}

/** A fresh key pair of a group in `agreeableGroups`; undefined for any other. */
export function keyAgreement(group: number): Agreement | undefined {
  const curve = curves[group];
  if (curve !== undefined) {
    const pair = createECDH(curve);
    return { group, publicKey: pair.generateKeys(), agree: (peer) => pair.computeSecret(peer) };
  }
  if (group !== groupCode.x25519) return undefined;
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    group,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(x25519Prefix.length),
    agree: (peer) => {
      if (peer.length !== 32) throw new Malformed('an X25519 key is 32 bytes long');
      const key = createPublicKey({ key: Buffer.concat([x25519Prefix, peer]), format: 'der', type: 'spki' });
      return diffieHellman({ privateKey, publicKey: key });
    },
  };
}
