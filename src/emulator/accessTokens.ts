// Access tokens of the emulator: JSON web tokens (RFC 7519) with HMAC, since only this process reads them.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { bearerToken, challenge, missingToken } from './account.ts';
import type { Gate } from './account.ts';
import { armError } from './answer.ts';
import type { ArmAnswer } from './answer.ts';

export interface Claims {
  /** The resource as it was asked for. */
  readonly aud: string;
  /** The tenant, lower case. */
  readonly tid: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

export interface GateOptions {
  readonly key: Buffer;
  /** The resources whose tokens are taken, without trailing slash. */
  readonly resources: readonly string[];
  readonly authority: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Refuses as Azure Resource Manager does: 401, and where to get a token in WWW-Authenticate. */
export function tokenGate({ key, resources, authority, now }: GateOptions): Gate {
  return (request) => {
    const token = bearerToken(request);
    if (token === undefined) return missingToken(authority);
    const claims = readToken(key, token);
    if (claims === undefined) return refused(authority, 'common', 'InvalidAuthenticationToken', 'is invalid.');
    const wrong = wrongClaims(claims, resources, now());
    if (wrong === undefined) return { tenantId: claims.tid, authority };
    return refused(authority, claims.tid, wrong.code, wrong.text);
  };
}

/** The resource in the form in which it is compared: clients write it with and without a slash at its end. */
export function resourceOf(audience: string): string {
  return audience.replace(/\/+$/, '');
}

function wrongClaims(
  { aud, exp }: Claims,
  resources: readonly string[],
  now: number,
): { readonly code: string; readonly text: string } | undefined {
  if (!resources.includes(resourceOf(aud))) {
    const text =
      `has been obtained for wrong audience or resource '${aud}'. ` +
      `It should exactly match with one of the allowed audiences '${resources.join(',')}'.`;
    return { code: 'InvalidAuthenticationTokenAudience', text };
  }
  if (exp * 1000 > now) return undefined;
  const [expiry, present] = [exp * 1000, now].map((moment) => new Date(moment).toISOString());
  const text = `expiry UTC time '${expiry}' is earlier than current UTC time '${present}'.`;
  return { code: 'ExpiredAuthenticationToken', text };
}

function refused(authority: string, tenantId: string, code: string, text: string): ArmAnswer {
  const header = `${challenge(authority, tenantId)}, error_description="The access token ${text}"`;
  return armError(401, code, `The access token ${text}`, { 'www-authenticate': header });
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signature = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export function writeToken(key: Buffer, claims: Claims & Readonly<Record<string, unknown>>): string {
  const text = `${encoded({ typ: 'JWT', alg: 'HS256' })}.${encoded(claims)}`;
  return `${text}.${signature(key, text).toString('base64url')}`;
}

function readToken(key: Buffer, token: string): Claims | undefined {
  const [head = '', body = '', mark = ''] = token.split('.');
  const given = Buffer.from(mark, 'base64url');
  const due = signature(key, `${head}.${body}`);
  if (given.length !== due.length || !timingSafeEqual(given, due)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
}
