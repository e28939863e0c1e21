// What can go wrong on the way to Azure, as one error type. No token and no header ever enters an error.

import { ArmError, isArmError, plainText } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import { asRecord, asText } from './json.ts';
import { refusalOf } from './refusals.ts';
import type { Headers } from './refusals.ts';

/** The parts of the errors of the SDKs (RestError of two packages, errors of @azure/identity) that are looked at. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly cause?: unknown;
  readonly request?: { readonly url?: unknown };
  readonly response?: {
    readonly headers?: Headers;
    readonly bodyAsText?: string | null;
    readonly status?: number;
  };
}

/** Any error of a call to Azure as `ArmError`. One that is already an `ArmError` stays as it is. */
export function toArmError(error: unknown, signal?: AbortSignal): ArmError {
  if (signal?.aborted) return new ArmError({ code: 'cancelled' });
  if (isArmError(error)) return error;
  const thrown = asRecord(error) as Thrown;
  if (thrown.name === 'AbortError') return new ArmError({ code: 'cancelled' });
  const status = statusOf(thrown);
  const host = hostOf(thrown);
  const place = { ...(status === undefined ? {} : { status }), ...(host === null ? {} : { host }) };
  const signIn = ofSignIn(thrown);
  if (status !== undefined && status >= 400 && signIn === null) {
    const { headers, bodyAsText } = thrown.response ?? {};
    const sdk = thrown.code === 'PARSE_ERROR' ? null : { code: asText(thrown.code), message: asText(thrown.message) };
    const refusal = refusalOf({ status, headers, body: bodyAsText ?? '' }, sdk);
    return new ArmError({ ...place, ...refusal, ...requestIdOf(headers), ...retryAfterOf(headers) });
  }
  const code = signIn ?? codeWithoutAnswer(thrown);
  const message = messageFor(code, asText(thrown.message));
  return new ArmError({ code, ...place, ...(message === null ? {} : { serviceMessage: message }) });
}

function messageFor(code: FailureCode, message: string | null): string | null {
  if (code === 'malformed') return 'The answer is not the JSON that was expected.';
  // Of what OpenSSL says, the reason alone means something to people.
  return code === 'oldTls' ? (/:SSL routines:[^:]*:([^:]+)/.exec(message ?? '')?.[1] ?? message) : message;
}

function statusOf(thrown: Thrown): number | undefined {
  const status = typeof thrown.statusCode === 'number' ? thrown.statusCode : thrown.response?.status;
  return typeof status === 'number' ? status : undefined;
}

function hostOf(thrown: Thrown): string | null {
  return URL.parse(asText(asRecord(thrown.request)['url']) ?? '')?.host ?? null;
}

/** Errors of @azure/identity. Those for which the way to Entra is to blame are told as such. */
function ofSignIn(thrown: Thrown): FailureCode | null {
  const way = wayFault(thrown);
  switch (thrown.name) {
    case 'AuthenticationRequiredError':
      return 'interactionNeeded';
    case 'CredentialUnavailableError':
      return way ?? 'toolMissing';
    case 'AuthenticationError':
    case 'AggregateAuthenticationError':
      return way ?? 'unauthorized';
    default:
      return null;
  }
}

function codeWithoutAnswer(thrown: Thrown): FailureCode {
  return thrown.code === 'PARSE_ERROR' ? 'malformed' : (wayFault(thrown) ?? 'unknown');
}

const longestId = 100;
const longestChain = 5;

/** The fault of resolver, sockets or TLS that is at the bottom of the error; null where there is none. */
function wayFault(thrown: Thrown): FailureCode | null {
  let link: Thrown = thrown;
  for (let depth = 0; depth < longestChain; depth += 1) {
    const found = faultOfCode(asText(link.code) ?? '', asText(link.message) ?? '');
    if (found !== null) return found;
    link = asRecord(link.cause);
  }
  return null;
}

const codesOf: readonly (readonly [FailureCode, RegExp])[] = [
  ['dns', /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_\w+)$/],
  ['offline', /^(ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/],
  ['timeout', /^(ETIMEDOUT|ESOCKETTIMEDOUT)$/],
  ['clock', /^(CERT_NOT_YET_VALID|CERT_HAS_EXPIRED)$/],
  // Codes of X.509 verification as Node names them (node.js, doc/api/tls.md, "X509 certificate error codes").
  ['certificateRefused', /^(UNABLE_TO_\w+|\w*SELF_SIGNED_CERT\w*|CERT_\w+|HOSTNAME_MISMATCH|INVALID_CA|\w+_CERT_\w+)$/],
];
/** How OpenSSL and BoringSSL name a server that they share no version or suite with, or that speaks no TLS at all. */
const otherTls =
  /(unsupported|wrong|no)[ _](protocols?[ _]available|protocol|version[ _]number)|alert[ _](protocol[ _]version|handshake[ _]failure|insufficient[ _]security)|version[ _]too[ _]low|dh[ _]key[ _]too[ _]small|legacy[ _]renegotiation/i;

function faultOfCode(code: string, message: string): FailureCode | null {
  const known = codesOf.find(([, codes]) => codes.test(code));
  if (known) return known[0];
  if (/^(EPROTO$|ERR_SSL_)/.test(code) && otherTls.test(`${code} ${message}`)) return 'oldTls';
  return /^(REQUEST_SEND_ERROR|E[A-Z]+|ERR_TLS_\w+|ERR_SSL_\w+)$/.test(code) ? 'network' : null;
}

function requestIdOf(headers: Headers): { requestId?: string } {
  const requestId = headers?.get('x-ms-request-id') ?? headers?.get('x-ms-correlation-request-id');
  return requestId === undefined ? {} : { requestId: plainText(requestId, longestId) };
}

function retryAfterOf(headers: Headers): { retryAfterSeconds?: number } {
  const milliseconds = retryAfterMs(headers, Date.now());
  return milliseconds === undefined ? {} : { retryAfterSeconds: Math.ceil(milliseconds / 1000) };
}

/**
 * The header Retry-After (RFC 9110, section 10.2.3) in milliseconds: seconds or a date; undefined where there is none.
 * A date is held against the server's own clock where it states it.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers?.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const moment = Date.parse(text);
  const theirs = Date.parse(headers?.get('date') ?? '');
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - (Number.isNaN(theirs) ? now : theirs));
}
