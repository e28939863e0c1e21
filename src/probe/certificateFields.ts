// What is written in a certificate, read from its DER without the runtime's TLS library (RFC 5280).

import { createHash } from 'node:crypto';
import type { Certificate } from '../core/tls/evidence.ts';
import { ByteReader } from './bytes.ts';
import { readCertificateExtensions, type CertificateExtensions } from './certificateExtensions.ts';
import {
  derTag,
  expectTag,
  nameText,
  readDerList,
  readName,
  readOid,
  readOnly,
  readTime,
  type DerValue,
} from './der.ts';

export interface CertificateFields extends Certificate, CertificateExtensions {
  /** Hexadecimal. */
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The names as bytes, in hexadecimal: issuer and subject of a chain agree byte by byte. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  readonly commonName: string | null;
  /** RSA under 2048 bits, elliptic curves under 224 bits, DSA. */
  readonly weakKey: boolean;
  readonly weakSignature: boolean;
}

/** null where the bytes are no certificate that can be read. */
export function readCertificate(der: Buffer): CertificateFields | null {
  try {
    return readFields(der);
  } catch {
    return null;
  }
}

function readFields(der: Buffer): CertificateFields {
  const [body, algorithm] = readDerList(readOnly(der, derTag.sequence).body);
  const parts = readDerList(expectTag(body, derTag.sequence).body);
  // version [0] is left out in version 1 certificates.
  const fields = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts;
  const [serial, , issuer, validity, subject, key] = fields;
  const [notBefore, notAfter] = readDerList(expectTag(validity, derTag.sequence).body);
  const subjectRaw = expectTag(subject, derTag.sequence).raw;
  const issuerRaw = expectTag(issuer, derTag.sequence).raw;
  const from = readTime(expectTime(notBefore));
  const to = readTime(expectTime(notAfter));
  const signature = readSignature(expectTag(algorithm, derTag.sequence));
  const publicKey = readKey(expectTag(key, derTag.sequence));
  return {
    subject: nameText(subjectRaw),
    issuer: nameText(issuerRaw),
    ...readCertificateExtensions(fields.slice(6)),
    serial: expectTag(serial, derTag.integer).body.toString('hex'),
    notBefore: new Date(from).toISOString(),
    notAfter: new Date(to).toISOString(),
    keyType: publicKey.type,
    keyBits: publicKey.bits,
    signatureAlgorithm: signature.name,
    sha256: createHash('sha256').update(der).digest('hex'),
    from,
    to,
    subjectKey: subjectRaw.toString('hex'),
    issuerKey: issuerRaw.toString('hex'),
    commonName: readName(subjectRaw).findLast(({ type }) => type === 'CN')?.value ?? null,
    weakKey: publicKey.weak,
    weakSignature: signature.weak,
  };
}

function expectTime(value: DerValue | undefined): DerValue {
  return expectTag(value, value?.tag === derTag.utcTime ? derTag.utcTime : derTag.generalizedTime);
}

interface Signature {
  readonly name: string;
  readonly weak: boolean;
}

/** RFC 3279, 4055, 5758, 8410. */
const signatures: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.3': 'RSA with MD4',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.3.14.3.2.29': 'RSA with SHA-1',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256',
  '1.2.840.113549.1.1.12': 'RSA with SHA-384',
  '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.113549.1.1.14': 'RSA with SHA-224',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '2.16.840.1.101.3.4.3.2': 'DSA with SHA-256',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.1': 'ECDSA with SHA-224',
  '1.2.840.10045.4.3.2': 'ECDSA with SHA-256',
  '1.2.840.10045.4.3.3': 'ECDSA with SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

/** By their object identifiers. */
export const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
};

const rsaPss = '1.2.840.113549.1.1.10';

function readSignature(algorithm: DerValue): Signature {
  const name = signatureName(algorithm);
  return { name, weak: /MD2|MD4|MD5|SHA-1$/.test(name) };
}

/** Such as "ECDSA with SHA-256"; the object identifier where it is not known. Throws `Malformed`. */
export function signatureName(algorithm: DerValue): string {
  const [oid, parameters] = readDerList(algorithm.body);
  const code = readOid(expectTag(oid, derTag.oid).body);
  return code === rsaPss ? `RSA-PSS with ${pssHash(parameters)}` : (signatures[code] ?? code);
}

/** RFC 4055, 3.1: SHA-1 where the parameters do not name another hash. */
function pssHash(parameters: DerValue | undefined): string {
  const hash = parameters && readDerList(parameters.body).find(({ tag }) => tag === 0xa0);
  if (!hash) return 'SHA-1';
  const [oid] = readDerList(readOnly(hash.body, derTag.sequence).body);
  const code = readOid(expectTag(oid, derTag.oid).body);
  return hashNames[code] ?? code;
}

interface PublicKey {
  readonly type: string;
  readonly bits: number | null;
  readonly weak: boolean;
}

/** RFC 5480, 2.1.1.1 and RFC 5639: name and size of the curve. */
const curves: Readonly<Record<string, readonly [string, number]>> = {
  '1.2.840.10045.3.1.1': ['P-192', 192],
  '1.3.132.0.8': ['secp160r1', 160],
  '1.3.132.0.31': ['secp192k1', 192],
  '1.2.840.10045.3.1.7': ['P-256', 256],
  '1.3.132.0.33': ['P-224', 224],
  '1.3.132.0.34': ['P-384', 384],
  '1.3.132.0.35': ['P-521', 521],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
};

function readKey(key: DerValue): PublicKey {
  const [algorithm, bits] = readDerList(key.body);
  const [oid, parameters] = readDerList(expectTag(algorithm, derTag.sequence).body);
  const code = readOid(expectTag(oid, derTag.oid).body);
  if (code === '1.2.840.113549.1.1.1' || code === rsaPss) {
    const size = modulusBits(expectTag(bits, derTag.bitString).body.subarray(1));
    return { type: code === rsaPss ? 'RSA-PSS' : 'RSA', bits: size, weak: size < 2048 };
  }
  if (code === '1.2.840.10045.2.1') {
    const curve = parameters?.tag === derTag.oid ? curves[readOid(parameters.body)] : undefined;
    return { type: curve ? `EC ${curve[0]}` : 'EC', bits: curve?.[1] ?? null, weak: (curve?.[1] ?? 256) < 224 };
  }
  if (code === '1.3.101.112') return { type: 'Ed25519', bits: 256, weak: false };
  if (code === '1.3.101.113') return { type: 'Ed448', bits: 456, weak: false };
  if (code === '1.2.840.10040.4.1') return { type: 'DSA', bits: null, weak: true };
  return { type: code, bits: null, weak: false };
}

function modulusBits(key: Buffer): number {
  const [modulus] = readDerList(readOnly(key, derTag.sequence).body);
  const reader = new ByteReader(expectTag(modulus, derTag.integer).body);
  let bits = reader.left * 8;
  while (reader.left > 0) {
    const byte = reader.u8('modulus');
    if (byte !== 0) return bits - Math.clz32(byte) + 24;
    bits -= 8;
  }
  return 0;
}
