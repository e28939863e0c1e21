// Diffie-Hellman in finite fields: whatever prime a server sends, and the groups of RFC 7919, which have names.

import { randomBytes } from 'node:crypto';
import { Malformed } from './bytes.ts';

export interface FieldGroup {
  readonly prime: bigint;
  readonly generator: bigint;
  /** Length of the prime in bytes. */
  readonly length: number;
}

export interface FieldKey {
  /** As long as the prime. */
  readonly publicKey: Buffer;
  /** The shared secret, as long as the prime. Throws where the peer's value is none. */
  readonly agree: (peer: Buffer) => Buffer;
}

/** Longer primes would keep this machine busy for the sake of the server. */
const longestPrime = 8192 / 8;

/** Throws `Malformed` where they make no group. */
export function fieldGroup(prime: Buffer, generator: Buffer): FieldGroup {
  if (prime.length > longestPrime) throw new Malformed(`a prime of ${prime.length * 8} bits is too long`);
  const group = { prime: numberOf(prime), generator: numberOf(generator), length: prime.length };
  if (group.prime < 5n) throw new Malformed('the Diffie-Hellman values are wrong');
  return group;
}

/** A fresh key pair. */
export function fieldKey({ prime, generator, length }: FieldGroup): FieldKey {
  const secret = numberOf(randomBytes(32));
  return {
    publicKey: bytesOf(power(generator, secret, prime), length),
    agree: (peer) => {
      const theirs = numberOf(peer);
      if (theirs <= 1n || theirs >= prime - 1n) throw new Malformed('the Diffie-Hellman values are wrong');
      return bytesOf(power(theirs, secret, prime), length);
    },
  };
}

/** RFC 7919, appendix A: the size of each group, and the number that makes its prime the first of its form. */
const named: Readonly<Record<number, readonly [bits: number, x: bigint]>> = {
  256: [2048, 560_316n],
  257: [3072, 2_625_351n],
  258: [4096, 5_736_041n],
  259: [6144, 15_705_020n],
  260: [8192, 10_965_728n],
};

/** undefined for a code point that is none of RFC 7919. */
export function namedField(code: number): FieldGroup | undefined {
  const entry = named[code];
  if (!entry) return undefined;
  const [bits, x] = entry;
  const b = BigInt(bits);
  const prime = (1n << b) - (1n << (b - 64n)) + ((eulerTimes(b - 130n) + x) << 64n) - 1n;
  return { prime, generator: 2n, length: bits / 8 };
}

/** The base of the natural logarithm times two to the power of `bits`, rounded down: the sum of 1/n!. */
function eulerTimes(bits: bigint): bigint {
  const spare = 64n;
  let sum = 0n;
  let term = 1n << (bits + spare);
  for (let n = 1n; term > 0n; n += 1n) {
    sum += term;
    term /= n;
  }
  return sum >> spare;
}

function numberOf(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

function bytesOf(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
}

/** Square and multiply. Not in constant time: the exponent serves one connection that carries no secret. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
