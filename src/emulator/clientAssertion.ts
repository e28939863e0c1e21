// Checks the JSON web token by which an application proves that it holds the key of its certificate (RFC 7523, 2.2).

import { constants, createHash, verify } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';

export interface Due {
  readonly clientId: string;
  /** The address of the token endpoint. */
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Clocks may differ by so much. */
const skewSeconds = 300;

export function isSignedBy(certificate: X509Certificate, assertion: string, due: Due): boolean {
  const [head = '', body = '', mark = ''] = assertion.split('.');
  const [header, claims] = [parse(head), parse(body)];
  const seconds = due.now / 1000;
  const { exp, nbf } = claims;
  const inTime =
    typeof exp === 'number' && exp + skewSeconds > seconds && (typeof nbf !== 'number' || nbf - skewSeconds < seconds);
  const sameNames = [claims['iss'], claims['sub']].every((name) => name === due.clientId);
  if (!inTime || !sameNames || claims['aud'] !== due.audience || !names(header, certificate)) return false;
  return isSignature(header['alg'], certificate, `${head}.${body}`, Buffer.from(mark, 'base64url'));
}

/** The header names the certificate by its digest (RFC 7515, 4.1.7 and 4.1.8). */
function names(header: Readonly<Record<string, unknown>>, certificate: X509Certificate): boolean {
  const digest = (algorithm: string): string => createHash(algorithm).update(certificate.raw).digest('base64url');
  return header['x5t#S256'] === digest('sha256') || header['x5t'] === digest('sha1');
}

function isSignature(algorithm: unknown, { publicKey }: X509Certificate, text: string, mark: Buffer): boolean {
  const padding =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : algorithm === 'RS256'
        ? { padding: constants.RSA_PKCS1_PADDING }
        : undefined;
  if (padding === undefined || publicKey.asymmetricKeyType !== 'rsa') return false;
  return verify('sha256', Buffer.from(text), { key: publicKey, ...padding }, mark);
}

function parse(part: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
