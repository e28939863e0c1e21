// Whether a certificate is made out to a host (RFC 9525, and RFC 6125 for the common name).

import { domainToASCII } from 'node:url';
import type { CertificateFields } from './certificateFields.ts';
import { canonicalAddress } from './der.ts';

type Named = Pick<CertificateFields, 'names' | 'hasAlternativeNames' | 'commonName'>;

/**
 * One wildcard for the whole left-most label. An address has to be listed as such. The common name counts only where
 * there is no subject alternative name at all. `host` may be written in any script.
 */
export function coversHost(certificate: Named, host: string): boolean {
  const { names, hasAlternativeNames, commonName } = certificate;
  const candidates = hasAlternativeNames || commonName === null ? names : [commonName];
  const address = canonicalAddress(host);
  if (address !== undefined) return candidates.some((name) => canonicalAddress(name) === address);
  const wanted = withoutDot(domainToASCII(host) || host);
  return candidates.some((name) => nameCovers(withoutDot(name), wanted));
}

function withoutDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function nameCovers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const dot = host.indexOf('.');
  return pattern.startsWith('*.') && dot > 0 && pattern.slice(2).includes('.') && pattern.slice(1) === host.slice(dot);
}
