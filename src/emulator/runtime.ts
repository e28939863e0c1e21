// What the TLS library under Node can play: OpenSSL on a plain Node, BoringSSL in desktop VS Code.

import { getCiphers } from 'node:tls';
import { gatewaySuiteByCode, gatewaySuites } from '../core/tls/ciphers.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';

const available: ReadonlySet<string> = new Set(getCiphers());

/** BoringSSL has no finite-field Diffie-Hellman, no security levels and no renegotiation by the server. */
export const isBoringSsl = ![...available].some((name) => name.startsWith('dhe-'));

/** The name that OpenSSL and BoringSSL use, such as ECDHE-RSA-AES128-SHA256; TLS 1.3 suites keep theirs. */
export function libraryName(code: number): string {
  const name = gatewaySuiteByCode(code)?.name ?? '';
  if (name.startsWith('TLS_AES_')) return name;
  const short = name
    .replace(/^TLS_(RSA_WITH_)?/, '')
    .replace('_WITH_', '_')
    .replace('CBC_', '');
  return short.replace(/AES_(\d+)/, 'AES$1').replaceAll('_', '-');
}

export function canPlay(version: ProtocolVersion, suite: number): boolean {
  return version !== 'ssl3' && available.has(libraryName(suite).toLowerCase());
}

/** A cipher string with these suites in this order. Level 0 lets OpenSSL take TLS 1.0 and 1.1; TLS 1.3 has no use for it. */
export function cipherString(version: ProtocolVersion, suites: readonly number[]): string {
  const level = isBoringSsl || version === 'tls13' ? [] : ['@SECLEVEL=0'];
  return [...suites.map(libraryName), ...level].join(':');
}

/** In words for a log: what is answered by a stand-in that stops after its certificate, or is left out. */
export function notPlayedHere(): readonly string[] {
  const suites = gatewaySuites
    .filter(({ code }) => !canPlay('tls12', code))
    .map(({ name }) => `${name} (no full handshake)`);
  return ['SSL 3.0 (no full handshake)', ...suites, ...(isBoringSsl ? ['renegotiation (left out)'] : [])];
}
