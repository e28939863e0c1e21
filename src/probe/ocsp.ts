// What a stapled OCSP response says of a certificate (RFC 6960, 4.2.1).

import type { OcspEvidence } from '../core/tls/evidence.ts';
import { derTag, expectTag, readDerList, readOid, readOnly, readTime, type DerValue } from './der.ts';

const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** CertStatus by its tag; "good" and "unknown" carry nothing. */
const statuses: Readonly<Record<number, OcspEvidence['status']>> = { 0x80: 'good', 0xa1: 'revoked', 0x82: 'unknown' };

const unreadable: OcspEvidence = { status: 'unreadable', thisUpdate: null, nextUpdate: null, revokedAt: null };

/** `serial` of the leaf, hexadecimal. The signature is not checked. Never throws. */
export function readStaple(response: Buffer, serial: string): OcspEvidence {
  try {
    return readResponse(response, serial);
  } catch {
    return unreadable;
  }
}

function readResponse(response: Buffer, serial: string): OcspEvidence {
  const [state, wrapped] = readDerList(readOnly(response, derTag.sequence).body);
  if (expectTag(state, derTag.enumerated).body[0] !== 0) return unreadable;
  const [type, octets] = readDerList(readOnly(expectTag(wrapped, 0xa0).body, derTag.sequence).body);
  if (readOid(expectTag(type, derTag.oid).body) !== basicResponse) return unreadable;
  const [data] = readDerList(readOnly(expectTag(octets, derTag.octetString).body, derTag.sequence).body);
  const parts = readDerList(expectTag(data, derTag.sequence).body);
  // version [0] is left out where it is 1; the list follows the responder's id and the time of production.
  const list = parts[0]?.tag === 0xa0 ? parts[3] : parts[2];
  const answers = readDerList(expectTag(list, derTag.sequence).body).map(readAnswer);
  return answers.find((answer) => answer.serial === serial)?.evidence ?? unreadable;
}

interface SingleAnswer {
  readonly serial: string;
  readonly evidence: OcspEvidence;
}

function readAnswer(answer: DerValue): SingleAnswer {
  const [id, status, thisUpdate, ...optional] = readDerList(expectTag(answer, derTag.sequence).body);
  const serial = expectTag(readDerList(expectTag(id, derTag.sequence).body)[3], derTag.integer).body.toString('hex');
  const next = optional.find(({ tag }) => tag === 0xa0);
  return {
    serial,
    evidence: {
      status: statuses[status?.tag ?? 0] ?? 'unreadable',
      thisUpdate: timeText(thisUpdate),
      nextUpdate: next ? timeText(readOnly(next.body, derTag.generalizedTime)) : null,
      revokedAt: status?.tag === 0xa1 ? timeText(readDerList(status.body)[0]) : null,
    },
  };
}

function timeText(value: DerValue | undefined): string {
  return new Date(readTime(expectTag(value, derTag.generalizedTime))).toISOString();
}
