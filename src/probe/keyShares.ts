// Key agreement for the groups that the prober can complete a handshake with, as far as this runtime has them.

import * as crypto from 'node:crypto';
import { Malformed } from './bytes.ts';
import { groupCode, type KeyShare } from './clientHello.ts';
import { fieldKey, namedField } from './finiteField.ts';
import { lazily } from './lazily.ts';

export interface Agreement extends KeyShare {
  /** The shared secret with the peer's public key. Throws on a key that is none. */
  readonly agree: (peer: Buffer) => Buffer;
}

/** A key pair for a group, undefined where the prober cannot complete a handshake with it. */
export type Agreements = (group: number) => Agreement | undefined;

/** What every runtime and almost every server has. */
export const commonGroups: readonly number[] = [groupCode.x25519, groupCode.p256, groupCode.p384, groupCode.p521];

/** The cheapest first; those of post-quantum keys make a long hello (RFC 8734, RFC 7919, draft-ietf-tls-ecdhe-mlkem). */
const rareGroups: readonly number[] = [
  ...[groupCode.x448, 31, 32, 33, 256, 257, 258, 0x11ec, 0x11eb, 0x11ed, 0x0201, 0x0202, 0x0200, 259, 260],
];

/** All groups of TLS 1.3 but the common ones: those that this runtime can agree on a key with come first. */
export const otherGroups = lazily((): readonly number[] => {
  return [...rareGroups.filter(isWorkable), ...rareGroups.filter((group) => !isWorkable(group))];
});

/** The curves up to TLS 1.2 that this runtime can agree on a key with (RFC 8422, RFC 7027). */
export const workableCurves = lazily((): readonly number[] => {
  return [...commonGroups, ...[groupCode.x448, 26, 27, 28, 22, 21, 19].filter(isWorkable)];
});

function isWorkable(group: number): boolean {
  return namedField(group) !== undefined || halfOf(group) !== undefined;
}

/** One key pair for each group, made when it is first wanted. For one server only: a key pair tells clients apart. */
export function lastingAgreements(): Agreements {
  const made = new Map<number, Agreement | undefined>();
  return (group) => {
    if (!made.has(group)) made.set(group, keyAgreement(group));
    return made.get(group);
  };
}

/** A fresh key pair; undefined for a group that is not known here or that this runtime lacks. */
export function keyAgreement(group: number): Agreement | undefined {
  const field = namedField(group);
  const half = field ? fieldKey(field) : halfOf(group);
  return half && { group, publicKey: half.publicKey, agree: half.agree };
}

/** One side of an agreement. */
interface Half {
  readonly publicKey: Buffer;
  /** What the peer sends for it, in bytes. */
  readonly peerLength: number;
  readonly agree: (peer: Buffer) => Buffer;
}

/** The code points of TLS Supported Groups that are made of one half, and those that are made of two. */
const halves: Readonly<Record<number, readonly (() => Half)[]>> = {
  19: [() => onCurve('prime192v1', 49)],
  21: [() => onCurve('secp224r1', 57)],
  22: [() => onCurve('secp256k1', 65)],
  [groupCode.p256]: [() => onCurve('prime256v1', 65)],
  [groupCode.p384]: [() => onCurve('secp384r1', 97)],
  [groupCode.p521]: [() => onCurve('secp521r1', 133)],
  26: [() => onCurve('brainpoolP256r1', 65)],
  27: [() => onCurve('brainpoolP384r1', 97)],
  28: [() => onCurve('brainpoolP512r1', 129)],
  [groupCode.x25519]: [() => montgomery('x25519', 32)],
  [groupCode.x448]: [() => montgomery('x448', 56)],
  31: [() => onCurve('brainpoolP256r1', 65)],
  32: [() => onCurve('brainpoolP384r1', 97)],
  33: [() => onCurve('brainpoolP512r1', 129)],
  0x0200: [() => encapsulated('ml-kem-512', 800, 768)],
  0x0201: [() => encapsulated('ml-kem-768', 1184, 1088)],
  0x0202: [() => encapsulated('ml-kem-1024', 1568, 1568)],
  0x11eb: [() => onCurve('prime256v1', 65), () => encapsulated('ml-kem-768', 1184, 1088)],
  0x11ec: [() => encapsulated('ml-kem-768', 1184, 1088), () => montgomery('x25519', 32)],
  0x11ed: [() => onCurve('secp384r1', 97), () => encapsulated('ml-kem-1024', 1568, 1568)],
};

/** Two halves stand one behind the other, in both shares and in the secret. */
function halfOf(group: number): Half | undefined {
  try {
    return halves[group]?.map((make) => make()).reduce(both);
  } catch {
    // The runtime has no such keys.
    return undefined;
  }
}

function both(first: Half, second: Half): Half {
  return {
    publicKey: Buffer.concat([first.publicKey, second.publicKey]),
    peerLength: first.peerLength + second.peerLength,
    agree: (peer) => {
      const cut = first.peerLength;
      return Buffer.concat([first.agree(peer.subarray(0, cut)), second.agree(peer.subarray(cut))]);
    },
  };
}

function onCurve(name: string, peerLength: number): Half {
  const pair = crypto.createECDH(name);
  return { publicKey: pair.generateKeys(), peerLength, agree: (peer) => pair.computeSecret(peer) };
}

/** RFC 7748. The raw key is the end of a SubjectPublicKeyInfo. */
function montgomery(type: 'x25519' | 'x448', length: number): Half {
  // The types know of no pair whose type is not written out.
  const { publicKey, privateKey } =
    type === 'x448' ? crypto.generateKeyPairSync('x448') : crypto.generateKeyPairSync('x25519');
  const info = publicKey.export({ type: 'spki', format: 'der' });
  return {
    publicKey: info.subarray(-length),
    peerLength: length,
    agree: (peer) => {
      if (peer.length !== length) throw new Malformed(`a key of this group is ${length} bytes long`);
      const der = Buffer.concat([info.subarray(0, -length), peer]);
      return crypto.diffieHellman({
        privateKey,
        publicKey: crypto.createPublicKey({ key: der, format: 'der', type: 'spki' }),
      });
    },
  };
}

/** FIPS 203: the server encapsulates a secret with our key. Throws where the runtime lacks it. */
function encapsulated(type: 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024', length: number, peerLength: number): Half {
  // Some runtimes make such keys and cannot use them.
  if (!('decapsulate' in crypto)) throw new Malformed('this runtime cannot decapsulate a secret');
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type);
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-length),
    peerLength,
    agree: (peer) => crypto.decapsulate(privateKey, peer),
  };
}
