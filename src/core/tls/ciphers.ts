// The cipher suites of an API Management gateway, as data.
// Which can be switched: text of `customProperties` in Microsoft.ApiManagement 2024-05-01 ("documented", "required"),
// terraform-provider-azurerm #19472, #20296 and #28810 ("field"). Families: RFC 5246, RFC 5289, RFC 8446.

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
  /**
   * documented: the REST description says it can be disabled. field: not listed there, yet seen to be switched.
   * conflict: the description says it cannot be disabled, the portal can. required: always on, never written.
   */
  readonly switching: 'documented' | 'field' | 'conflict' | 'required';
}

const upTo12: readonly ProtocolVersion[] = ['ssl3', 'tls10', 'tls11', 'tls12'];
const from10: readonly ProtocolVersion[] = ['tls10', 'tls11', 'tls12'];

function suite(code: number, name: string, switching: GatewaySuite['switching']): GatewaySuite {
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

/** Best first: the order in which a gateway is taken to prefer and to offer them (inferred, Azure states no order). */
export const gatewaySuites: readonly GatewaySuite[] = [
  suite(0x1302, 'TLS_AES_256_GCM_SHA384', 'required'),
  suite(0x1301, 'TLS_AES_128_GCM_SHA256', 'required'),
  suite(0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'required'),
  suite(0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'required'),
  suite(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'required'),
  suite(0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'required'),
  suite(0xc024, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'conflict'),
  suite(0xc023, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'conflict'),
  suite(0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'conflict'),
  suite(0xc027, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'conflict'),
  suite(0xc00a, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0xc009, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'documented'),
  suite(0xc014, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0xc013, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'documented'),
  suite(0x009d, 'TLS_RSA_WITH_AES_256_GCM_SHA384', 'field'),
  suite(0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'documented'),
  suite(0x003d, 'TLS_RSA_WITH_AES_256_CBC_SHA256', 'documented'),
  suite(0x003c, 'TLS_RSA_WITH_AES_128_CBC_SHA256', 'documented'),
  suite(0x0035, 'TLS_RSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'documented'),
  suite(0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'documented'),
];

export function gatewaySuiteByCode(code: number): GatewaySuite | undefined {
  return gatewaySuites.find((entry) => entry.code === code);
}
