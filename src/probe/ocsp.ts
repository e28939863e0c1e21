// What a stapled OCSP response says of a certificate (RFC 6960, 4.2.1).

import { createHash } from 'node:crypto';
import type { OcspEvidence } from '../core/tls/evidence.ts';
import { hashNames, type CertificateFields } from './certificateFields.ts';
import { derTag, expectTag, readDerList, readOid, readOnly, readTime, type DerValue } from './der.ts';
import { keyBytes, signerOf, type SignedResponse } from './ocspSignature.ts';
import { certificatesOf, issuerAmong, readEntry, type Entry } from './trust.ts';

export interface StapleContext {
  /** DER as the server sent them, leaf first. */
  readonly chain: readonly Buffer[];
  /** PEM of roots besides those of Mozilla and of this machine. */
  readonly extraRoots: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** CertStatus by its tag; "good" and "unknown" carry nothing. */
const statuses: Readonly<Record<number, OcspEvidence['status']>> = { 0x80: 'good', 0xa1: 'revoked', 0x82: 'unknown' };

const unreadable: OcspEvidence = {
  status: 'unreadable',
  signedBy: 'unknown',
  thisUpdate: null,
  nextUpdate: null,
  revokedAt: null,
};

/** What the response says of the leaf of the chain, and whose signature it bears. Never throws. */
export function readStaple(response: Buffer, context: StapleContext): OcspEvidence {
  try {
    const leaf = context.chain[0] && readEntry(context.chain[0]);
    return leaf ? readResponse(response, leaf, context) : unreadable;
  } catch {
    return unreadable;
  }
}

function readResponse(response: Buffer, leaf: Entry, context: StapleContext): OcspEvidence {
  const [state, wrapped] = readDerList(readOnly(response, derTag.sequence).body);
  if (expectTag(state, derTag.enumerated).body[0] !== 0) return unreadable;
  const [type, octets] = readDerList(readOnly(expectTag(wrapped, 0xa0).body, derTag.sequence).body);
  if (readOid(expectTag(type, derTag.oid).body) !== basicResponse) return unreadable;
  const signed = readSigned(expectTag(octets, derTag.octetString).body);
  const parts = readDerList(signed.data.body);
  // version [0] is left out where it is 1; the list follows the responder's id and the time of production.
  const list = parts[0]?.tag === 0xa0 ? parts[3] : parts[2];
  const sent = context.chain.flatMap((der) => readEntry(der) ?? []);
  const issuer = issuerAmong(leaf, sent, certificatesOf(context.extraRoots));
  const answer = readDerList(expectTag(list, derTag.sequence).body)
    .map(readAnswer)
    .find(({ id }) => isAbout(id, leaf.fields, issuer));
  if (!answer) return unreadable;
  return { ...answer.evidence, signedBy: issuer ? signerOf(signed, issuer, context.now) : 'unknown' };
}

/** BasicOCSPResponse (RFC 6960, 4.2.1). */
function readSigned(bytes: Buffer): SignedResponse {
  const [data, algorithm, signature, certificates] = readDerList(readOnly(bytes, derTag.sequence).body);
  return {
    data: expectTag(data, derTag.sequence),
    algorithm: expectTag(algorithm, derTag.sequence),
    signature: expectTag(signature, derTag.bitString).body.subarray(1),
    certificates:
      certificates?.tag === 0xa0
        ? readDerList(readOnly(certificates.body, derTag.sequence).body).map(({ raw }) => raw)
        : [],
  };
}

/** CertID: the serial number, and hashes of the issuer's name and key. */
interface CertificateId {
  /** As Node calls it; undefined where it is unknown. */
  readonly hash: string | undefined;
  readonly issuerName: Buffer;
  readonly issuerKey: Buffer;
  readonly serial: string;
}

interface SingleAnswer {
  readonly id: CertificateId;
  readonly evidence: Omit<OcspEvidence, 'signedBy'>;
}

function isAbout(id: CertificateId, leaf: CertificateFields, issuer: Entry | undefined): boolean {
  if (id.serial !== leaf.serial || id.hash === undefined) return false;
  const digest = (bytes: Buffer) =>
    createHash(id.hash ?? '')
      .update(bytes)
      .digest();
  if (!digest(Buffer.from(leaf.issuerKey, 'hex')).equals(id.issuerName)) return false;
  return issuer === undefined || digest(keyBytes(issuer)).equals(id.issuerKey);
}

function readAnswer(answer: DerValue): SingleAnswer {
  const [id, status, thisUpdate, ...optional] = readDerList(expectTag(answer, derTag.sequence).body);
  const next = optional.find(({ tag }) => tag === 0xa0);
  return {
    id: readId(expectTag(id, derTag.sequence)),
    evidence: {
      status: statuses[status?.tag ?? 0] ?? 'unreadable',
      thisUpdate: timeText(thisUpdate),
      nextUpdate: next ? timeText(readOnly(next.body, derTag.generalizedTime)) : null,
      revokedAt: status?.tag === 0xa1 ? timeText(readDerList(status.body)[0]) : null,
    },
  };
}

function readId(id: DerValue): CertificateId {
  const [algorithm, issuerName, issuerKey, serial] = readDerList(id.body);
  const [oid] = readDerList(expectTag(algorithm, derTag.sequence).body);
  return {
    hash: hashNames[readOid(expectTag(oid, derTag.oid).body)]?.replace('-', '').toLowerCase(),
    issuerName: expectTag(issuerName, derTag.octetString).body,
    issuerKey: expectTag(issuerKey, derTag.octetString).body,
    serial: expectTag(serial, derTag.integer).body.toString('hex'),
  };
}

function timeText(value: DerValue | undefined): string {
  return new Date(readTime(expectTag(value, derTag.generalizedTime))).toISOString();
}
