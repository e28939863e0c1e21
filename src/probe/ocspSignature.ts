// Whose signature an OCSP response bears (RFC 6960, 4.2.2.2).

import { constants, verify, X509Certificate, type KeyObject } from 'node:crypto';
import type { OcspEvidence } from '../core/tls/evidence.ts';
import { signatureName } from './certificateFields.ts';
import { derTag, expectTag, readDerList, readOnly, type DerValue } from './der.ts';
import { readEntry, SignatureChecks, type Entry } from './trust.ts';

export interface SignedResponse {
  /** What is signed. */
  readonly data: DerValue;
  readonly algorithm: DerValue;
  readonly signature: Buffer;
  /** DER, of those who may have signed. */
  readonly certificates: readonly Buffer[];
}

/** The purpose by which an issuer appoints a responder (RFC 6960, 4.2.2.2). */
const ocspSigning = '1.3.6.1.5.5.7.3.9';
/** Certificates that are looked at in one response: an honest one has one or two. */
const mostCertificates = 10;

/**
 * issuer: by the key of the issuer of the certificate. delegate: by one whom the issuer has appointed for it and whose
 * certificate is valid now. nobody: by neither, so that clients ignore the response. unknown: the algorithm is not known.
 */
export function signerOf(response: SignedResponse, issuer: Entry, now: number): OcspEvidence['signedBy'] {
  const how = signatureCheck(signatureName(response.algorithm));
  if (how === undefined) return 'unknown';
  const signs = (entry: Entry) => holds(response, how, entry);
  if (signs(issuer)) return 'issuer';
  const checks = new SignatureChecks();
  const appointed = response.certificates
    .slice(0, mostCertificates)
    .flatMap((der) => readEntry(der) ?? [])
    .filter(({ fields }) => fields.purposes?.includes(ocspSigning) === true && fields.from <= now && now <= fields.to)
    .filter((entry) => checks.issued(issuer, entry));
  return appointed.some(signs) ? 'delegate' : 'nobody';
}

interface SignatureCheck {
  /** As Node calls it; null where the key itself says it. */
  readonly digest: string | null;
  readonly pss: boolean;
}

function signatureCheck(name: string): SignatureCheck | undefined {
  if (/^Ed/.test(name)) return { digest: null, pss: false };
  const [, scheme, digest] = /^(RSA|RSA-PSS|ECDSA|DSA) with (\S+)$/.exec(name) ?? [];
  if (digest === undefined) return undefined;
  return { digest: digest.replace('-', '').toLowerCase(), pss: scheme === 'RSA-PSS' };
}

function holds({ data, signature }: SignedResponse, { digest, pss }: SignatureCheck, { der }: Entry): boolean {
  try {
    const key = new X509Certificate(der).publicKey;
    const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: saltLength } = constants;
    return verify(digest, data.raw, pss ? { key, padding, saltLength } : key, signature);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}

/** The bits of the public key, without their algorithm: what a CertID holds a hash of. Throws where it has none. */
export function keyBytes({ der }: Entry): Buffer {
  const key: KeyObject = new X509Certificate(der).publicKey;
  const [, bits] = readDerList(readOnly(key.export({ type: 'spki', format: 'der' }), derTag.sequence).body);
  return expectTag(bits, derTag.bitString).body.subarray(1);
}
