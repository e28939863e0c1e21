// The cipher suites of an API Management gateway: what follows from their names (RFC 5246, RFC 5289, RFC 8446).

import { suiteFacts } from './catalog.ts';
import type { SuiteFact } from './catalog.ts';
import type { ProtocolVersion } from './protocols.ts';

export type SuiteStrength = 'recommended' | 'weak' | 'insecure';

export interface GatewaySuite {
  /** IANA name. */
  readonly name: string;
  /** IANA code point. */
  readonly code: number;
  readonly versions: readonly ProtocolVersion[];
  readonly keyExchange: 'ECDHE' | 'RSA' | 'TLS 1.3';
  /** Certificate key that the suite needs. */
  readonly certificate: 'RSA' | 'ECDSA' | 'any';
  readonly forwardSecrecy: boolean;
  readonly aead: boolean;
  readonly strength: SuiteStrength;
  readonly switching: SuiteFact['switching'];
}

const upTo12: readonly ProtocolVersion[] = ['ssl3', 'tls10', 'tls11', 'tls12'];
const from10: readonly ProtocolVersion[] = ['tls10', 'tls11', 'tls12'];

function describe({ code, name, switching }: SuiteFact): GatewaySuite {
  const tls13 = name.startsWith('TLS_AES_');
  const ecdhe = name.startsWith('TLS_ECDHE_');
  const aead = name.includes('_GCM_');
  const only12 = aead || name.endsWith('CBC_SHA256') || name.endsWith('CBC_SHA384');
  const forwardSecrecy = tls13 || ecdhe;
  return {
    name,
    code,
    switching,
    aead,
    forwardSecrecy,
    versions: tls13 ? ['tls13'] : only12 ? ['tls12'] : ecdhe ? from10 : upTo12,
    keyExchange: tls13 ? 'TLS 1.3' : ecdhe ? 'ECDHE' : 'RSA',
    certificate: tls13 ? 'any' : name.includes('_ECDSA_') ? 'ECDSA' : 'RSA',
    strength: name.includes('3DES') ? 'insecure' : forwardSecrecy && aead ? 'recommended' : 'weak',
  };
}

/** Best first, as in the catalogue. */
export const gatewaySuites: readonly GatewaySuite[] = suiteFacts.map(describe);

export function gatewaySuiteByCode(code: number): GatewaySuite | undefined {
  return gatewaySuites.find((entry) => entry.code === code);
}
