// The protocol versions that a gateway can be set to, oldest first.

export const protocolVersions = ['ssl3', 'tls10', 'tls11', 'tls12', 'tls13'] as const;
export type ProtocolVersion = (typeof protocolVersions)[number];

/** Client: caller to gateway. Backend: gateway to backend. */
export const sides = ['client', 'backend'] as const;
export type Side = (typeof sides)[number];

export const protocolLabel: Readonly<Record<ProtocolVersion, string>> = {
  ssl3: 'SSL 3.0',
  tls10: 'TLS 1.0',
  tls11: 'TLS 1.1',
  tls12: 'TLS 1.2',
  tls13: 'TLS 1.3',
};

/** The version number on the wire (RFC 6101, RFC 2246, RFC 4346, RFC 5246, RFC 8446). */
export const protocolCode: Readonly<Record<ProtocolVersion, number>> = {
  ssl3: 0x0300,
  tls10: 0x0301,
  tls11: 0x0302,
  tls12: 0x0303,
  tls13: 0x0304,
};

/** Versions that are retired: SSL 3.0 (RFC 7568), TLS 1.0 and 1.1 (RFC 8996). */
export const retiredVersions: readonly ProtocolVersion[] = ['ssl3', 'tls10', 'tls11'];

export function protocolByCode(code: number): ProtocolVersion | undefined {
  return protocolVersions.find((version) => protocolCode[version] === code);
}
