// How strong a cipher suite is, by rule from its name: what it is made of, not what some list says of it.

import { suiteName } from './suiteNames.ts';

/** best: TLS 1.3. good: forward secrecy and AEAD. weak: one of both is missing. insecure: broken, or nobody is checked. */
export type Strength = 'best' | 'good' | 'weak' | 'insecure';

export interface SuiteParts {
  /** Such as "ECDHE_RSA", "RSA", "DH_anon"; empty for TLS 1.3. */
  readonly keyExchange: string;
  /** Such as "AES_128_GCM". */
  readonly cipher: string;
  /** Such as "SHA256"; empty where the name has none. */
  readonly hash: string;
}

/** Takes the name of the registry apart. A code point without a name has no parts. */
export function suiteParts(code: number): SuiteParts {
  const name = suiteName(code).replace(/^(TLS|SSL)_/, '');
  const cut = name.indexOf('_WITH_');
  const rest = cut < 0 ? name : name.slice(cut + 6);
  const hash = /_(MD5|SHA|SHA256|SHA384|SHA512|SM3|GOSTR3411|IMIT)(_OLD|_DRAFT)?$/.exec(rest);
  return {
    keyExchange: cut < 0 ? '' : name.slice(0, cut),
    cipher: hash ? rest.slice(0, hash.index) : rest,
    hash: hash?.[1] ?? '',
  };
}

const broken = /NULL|EXPORT|RC4|RC2|DES|IDEA|_anon|^SHA\d/;
const authenticated = /GCM|CCM|POLY1305|MGM|AEGIS/;

/** (EC)DHE with any authentication, ECCPWD and CECPQ1: the key of a session is not got from the server's key. */
function forwardSecret(keyExchange: string): boolean {
  return keyExchange === '' || /^(ECDHE|DHE|ECCPWD|CECPQ1|ECDH_anon|DH_anon)/.test(keyExchange);
}

export function suiteStrength(code: number): Strength {
  const { keyExchange, cipher, hash } = suiteParts(code);
  const named = suiteName(code).includes('_');
  if (!named || broken.test(`${keyExchange} ${cipher}`) || broken.test(cipher) || hash === 'MD5') return 'insecure';
  if (keyExchange === '') return cipher.includes('AES_128_CCM_8') ? 'good' : 'best';
  return forwardSecret(keyExchange) && authenticated.test(cipher) ? 'good' : 'weak';
}

const grades: readonly Strength[] = ['best', 'good', 'weak', 'insecure'];

/** One number: the smaller, the stronger. Grade, forward secrecy, AEAD, size of the key, then what is more usual. */
export function strengthRank(code: number): number {
  const { keyExchange, cipher, hash } = suiteParts(code);
  const bits = /256|CHACHA20|KUZNYECHIK|MAGMA/.test(cipher) ? 0 : /128|SEED|SM4/.test(cipher) ? 1 : 2;
  const usual = cipher.startsWith('AES') ? 0 : cipher.startsWith('CHACHA') ? 1 : 2;
  const ecdsa = keyExchange.includes('ECDSA') ? 0 : 1;
  const kind = keyExchange.startsWith('ECDHE') ? 0 : keyExchange.startsWith('DHE') ? 1 : 2;
  const steps: readonly (readonly [number, number])[] = [
    [grades.indexOf(suiteStrength(code)), 4],
    [forwardSecret(keyExchange) ? 0 : 1, 2],
    [authenticated.test(cipher) ? 0 : 1, 2],
    [/CCM/.test(cipher) ? 1 : 0, 2],
    [hash === 'SHA' || hash === 'MD5' ? 1 : 0, 2],
    [bits, 3],
    [usual, 3],
    [kind, 3],
    [ecdsa, 2],
    [code, 0x10000],
  ];
  return steps.reduce((rank, [value, size]) => rank * size + value, 0);
}

/** The code points, strongest first. */
export function byStrength(codes: readonly number[]): readonly number[] {
  return codes
    .map((code) => ({ code, rank: strengthRank(code) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ code }) => code);
}
