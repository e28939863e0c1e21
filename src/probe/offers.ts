// Which cipher suites a hello offers that asks for one version: those of a gateway first, then the other plausible ones.

import { gatewaySuites } from '../core/tls/ciphers.ts';
import type { Offer } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';

/** More than 64 suites is more than some servers take. */
const mostSuites = 64;

const others13 = [0x1303, 0x1304, 0x1305];

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

const suiteOf12 = /_(GCM|CCM|CCM_8|POLY1305|CBC)_?(SHA256|SHA384)?$/;

/** Whether a version can carry a suite: TLS 1.3 has suites of its own, AEAD and SHA-2 need TLS 1.2 (RFC 5246, 5288). */
export function suiteFits(version: ProtocolVersion, code: number): boolean {
  const of13 = code >= 0x1301 && code <= 0x1305;
  if (of13 || version === 'tls13') return of13 && version === 'tls13';
  return version === 'tls12' || !suiteOf12.test(suiteName(code));
}
