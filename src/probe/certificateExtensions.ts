// The extensions of a certificate that say what it is for (RFC 5280, 4.2).

import { ByteReader } from './bytes.ts';
import {
  derTag,
  expectTag,
  readAlternativeNames,
  readDer,
  readDerList,
  readOid,
  readOnly,
  type DerValue,
} from './der.ts';
import { readGeneralNames, readNameConstraints, type GeneralNames, type NameConstraints } from './nameConstraints.ts';

/** Bit numbers of KeyUsage (RFC 5280, 4.2.1.3). */
export const keyUsage = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, certificateSigning: 5 } as const;

/** Key purposes (RFC 5280, 4.2.1.12). */
export const serverAuthentication = '1.3.6.1.5.5.7.3.1';
export const anyPurpose = '2.5.29.37.0';

export interface CertificateExtensions {
  /** DNS names and addresses of the subject alternative name. */
  readonly names: readonly string[];
  /** The same names as they are held against constraints. */
  readonly generalNames: GeneralNames;
  /** What the certificate may issue for; null = any name. */
  readonly nameConstraints: NameConstraints | null;
  /** Whether there is a subject alternative name at all, of whatever kind. */
  readonly hasAlternativeNames: boolean;
  /** cA of the basic constraints, false where they are missing. */
  readonly isAuthority: boolean;
  /** Numbers of the bits that are set; null = any use. */
  readonly keyUsage: readonly number[] | null;
  /** Object identifiers; null = any purpose. */
  readonly purposes: readonly string[] | null;
  /** Says where its issuer's certificate can be fetched. */
  readonly pointsToIssuer: boolean;
}

const oids = {
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  purposes: '2.5.29.37',
  authorityAccess: '1.3.6.1.5.5.7.1.1',
} as const;

const issuerLocation = '1.3.6.1.5.5.7.48.2';

/** `rest` = the fields of a TBSCertificate after the public key. Throws `Malformed`. */
export function readCertificateExtensions(rest: readonly DerValue[]): CertificateExtensions {
  const found = extensionValues(rest);
  const names = found.get(oids.alternativeNames);
  const constraints = found.get(oids.basicConstraints);
  const usage = found.get(oids.keyUsage);
  const purposes = found.get(oids.purposes);
  const access = found.get(oids.authorityAccess);
  const limits = found.get(oids.nameConstraints);
  return {
    names: names ? readAlternativeNames(names) : [],
    generalNames: readGeneralNames(names ? readDerList(readOnly(names, derTag.sequence).body) : []),
    nameConstraints: limits ? readNameConstraints(limits) : null,
    hasAlternativeNames: names !== undefined,
    isAuthority: constraints !== undefined && readIsAuthority(constraints),
    keyUsage: usage ? readBits(usage) : null,
    purposes: purposes ? readPurposes(purposes) : null,
    pointsToIssuer: access !== undefined && readPointsToIssuer(access),
  };
}

function extensionValues(rest: readonly DerValue[]): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const extensions = rest.find(({ tag }) => tag === 0xa3);
  if (!extensions) return found;
  for (const entry of readDerList(readOnly(extensions.body, derTag.sequence).body)) {
    const [oid, ...values] = readDerList(expectTag(entry, derTag.sequence).body);
    const name = readOid(expectTag(oid, derTag.oid).body);
    if (!found.has(name)) found.set(name, expectTag(values.at(-1), derTag.octetString).body);
  }
  return found;
}

function readIsAuthority(value: Buffer): boolean {
  const [first] = readDerList(readOnly(value, derTag.sequence).body);
  return first?.tag === derTag.boolean && first.body[0] !== 0;
}

function readBits(value: Buffer): readonly number[] {
  const body = readOnly(value, derTag.bitString).body.subarray(1, 4);
  return [...body].flatMap((byte, index) =>
    Array.from({ length: 8 }, (_, bit) => bit).flatMap((bit) => (byte & (0x80 >> bit) ? [index * 8 + bit] : [])),
  );
}

function readPurposes(value: Buffer): readonly string[] {
  return readDerList(readOnly(value, derTag.sequence).body).map((oid) => readOid(expectTag(oid, derTag.oid).body));
}

function readPointsToIssuer(value: Buffer): boolean {
  return readDerList(readOnly(value, derTag.sequence).body).some((description) => {
    const method = readDer(new ByteReader(expectTag(description, derTag.sequence).body));
    return readOid(expectTag(method, derTag.oid).body) === issuerLocation;
  });
}
