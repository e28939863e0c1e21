// Which cipher suites a hello offers that asks for one version: those of a gateway first, then the other plausible ones.

import { gatewaySuites } from '../core/tls/ciphers.ts';
import type { Offer } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteNames } from '../core/tls/suiteNames.ts';
import { byStrength, suiteParts } from '../core/tls/suiteStrength.ts';

/** More than 64 suites is more than some servers take. */
export const mostSuites = 64;

const others13 = [
  0x1303, 0x1304, 0x1305, 0x1306, 0x1307, 0x00c6, 0x00c7, 0xc0b4, 0xc0b5, 0xc103, 0xc104, 0xc105, 0xc106,
];

/** Suites that need TLS 1.2: ChaCha20, GCM, CCM, ARIA and CBC with SHA-2. */
const others12 = [
  0xcca9, 0xcca8, 0xccaa, 0x009f, 0x009e, 0xc0ad, 0xc0ac, 0xc09f, 0xc09e, 0x006b, 0x0067, 0xc09d, 0xc09c, 0x00a3,
  0x00a2, 0xc05d, 0xc05c, 0xc061, 0xc060, 0xc077, 0xc076, 0x006a, 0x0040,
];

/** Suites of every version: DHE, Camellia, SEED, 3DES, RC4, DES, NULL, anonymous. */
const othersAny = [
  0x0039, 0x0033, 0x0038, 0x0032, 0x0088, 0x0045, 0x0084, 0x0041, 0x009a, 0x0096, 0x0016, 0x0013, 0x0007, 0x0005,
  0x0004, 0x0015, 0x0009, 0x0002,
];
const othersAnyEcc = [0xc012, 0xc008, 0xc011, 0xc007, 0xc010];
const othersOldest = [0x0012, 0x0003, 0x0006, 0x0008, 0x0014, 0x0001, 0x003a, 0x0034];

/** Exactly one version, with every suite that is plausible in it, at most 64. */
export function versionOffer(version: ProtocolVersion): Offer {
  return { versions: [version], suites: [...gatewayCodes(version), ...others(version)].slice(0, mostSuites) };
}

/** The same with a suite that the server is known to take, should it not be among them. */
export function acceptableOffer(version: ProtocolVersion, taken: number | null): Offer {
  const { versions, suites } = versionOffer(version);
  return { versions, suites: taken === null || suites.includes(taken) ? suites : [taken, ...suites] };
}

/** The code points of the suites that a gateway can use in this version, best first. */
export function gatewayCodes(version: ProtocolVersion): readonly number[] {
  return gatewaySuites.filter((suite) => suite.versions.includes(version)).map((suite) => suite.code);
}

function others(version: ProtocolVersion): readonly number[] {
  if (version === 'tls13') return others13;
  if (version === 'tls12') return [...others12, ...othersAnyEcc, ...othersAny];
  if (version === 'ssl3') return [...othersAny, ...othersOldest];
  return [...othersAnyEcc, ...othersAny, ...othersOldest];
}

const suites13: readonly number[] = [
  ...[0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0x1306, 0x1307, 0x00c6, 0x00c7, 0xc0b4, 0xc0b5, 0xc103, 0xc104],
  ...[0xc105, 0xc106],
];

const only12 = /(GCM|CCM|CCM_8|POLY1305|MGM|OMAC)$/;

/**
 * Whether a version can carry a suite: TLS 1.3 has suites of its own (RFC 8446, 8998, 9150, 9367), AEAD and hashes of
 * SHA-2 need TLS 1.2 (RFC 5246, 5288, 6655).
 */
export function suiteFits(version: ProtocolVersion, code: number): boolean {
  if (version === 'tls13' || suites13.includes(code)) return version === 'tls13' && suites13.includes(code);
  if (version === 'tls12') return true;
  const { cipher, hash } = suiteParts(code);
  return !only12.test(cipher) && !/^SHA(256|384)$/.test(hash);
}

const usualKeyExchange = /^(ECDHE_RSA|ECDHE_ECDSA|DHE_RSA|RSA|DH_anon|ECDH_anon|DHE_DSS)$/;

export interface EverySuite {
  /** With the key exchange and the ciphers that servers are seen to have. */
  readonly usual: readonly number[];
  readonly rare: readonly number[];
}

/** Every suite that has a code point and fits the version, each list strongest first. */
export function everySuite(version: ProtocolVersion): EverySuite {
  return every[version];
}

const strongestFirst = byStrength(Object.keys(suiteNames).map(Number));

function inOrder(version: ProtocolVersion): EverySuite {
  const usual = (code: number): boolean => {
    const { keyExchange, cipher } = suiteParts(code);
    return version === 'tls13' || (usualKeyExchange.test(keyExchange) && !/ARIA.*CBC|CAMELLIA.*GCM/.test(cipher));
  };
  const fitting = strongestFirst.filter((code) => suiteFits(version, code));
  return { usual: fitting.filter(usual), rare: fitting.filter((code) => !usual(code)) };
}

const every: Readonly<Record<ProtocolVersion, EverySuite>> = {
  ssl3: inOrder('ssl3'),
  tls10: inOrder('tls10'),
  tls11: inOrder('tls11'),
  tls12: inOrder('tls12'),
  tls13: inOrder('tls13'),
};
