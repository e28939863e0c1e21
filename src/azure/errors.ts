// What can go wrong on the way to Azure, as one error type. No token and no header ever enters an error.

import { ArmError, isArmError } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import { asRecord, asText, parseJson } from './json.ts';

/** The parts of the errors of the SDKs (RestError of two packages, errors of @azure/identity) that are looked at. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly cause?: unknown;
  readonly response?: {
    readonly headers?: { get(name: string): string | undefined };
    readonly bodyAsText?: string | null;
    readonly status?: number;
  };
}

const longestMessage = 1000;

/** Any error of a call to Azure as `ArmError`. One that is already an `ArmError` stays as it is. */
export function toArmError(error: unknown, signal?: AbortSignal): ArmError {
  if (signal?.aborted) return new ArmError({ code: 'cancelled' });
  if (isArmError(error)) return error;
  const thrown = asRecord(error) as Thrown;
  const status = statusOf(thrown);
  if (thrown.name === 'AbortError') return new ArmError({ code: 'cancelled' });
  if (status !== undefined && status >= 400) return fromAnswer(thrown, status);
  const code = codeWithoutAnswer(thrown);
  return new ArmError({ code, ...(status === undefined ? {} : { status }), ...messageOf(code, thrown) });
}

function statusOf(thrown: Thrown): number | undefined {
  const status = typeof thrown.statusCode === 'number' ? thrown.statusCode : thrown.response?.status;
  return typeof status === 'number' ? status : undefined;
}

function fromAnswer(thrown: Thrown, status: number): ArmError {
  const headers = thrown.response?.headers;
  const body = asRecord(parseJson(thrown.response?.bodyAsText));
  const stated = asRecord(body['error'] ?? body);
  const serviceCode = asText(stated['code']) ?? asText(thrown.code);
  const serviceMessage = asText(stated['message']) ?? readableMessage(thrown);
  const challenge = headers?.get('www-authenticate') ?? '';
  const details: FailureDetails = {
    code: codeForStatus(status, serviceCode, challenge),
    status,
    ...(serviceCode === null || serviceCode === 'PARSE_ERROR' ? {} : { serviceCode }),
    ...(serviceMessage === null ? {} : { serviceMessage: serviceMessage.slice(0, longestMessage) }),
    ...requestIdOf(headers),
    ...retryAfterOf(headers),
  };
  return new ArmError(details);
}

/** The message of the SDK, unless it repeats a whole body that could not be read. */
function readableMessage(thrown: Thrown): string | null {
  const message = asText(thrown.message);
  return message === null ||
    message.includes('<html') ||
    thrown.code === 'PARSE_ERROR' ||
    message.trimStart().startsWith('{')
    ? null
    : message;
}

const lockedCodes = ['servicelocked', 'pessimisticconcurrencyconflict'];

function codeForStatus(status: number, serviceCode: string | null, challenge: string): FailureCode {
  if (status === 401) return /claims=/i.test(challenge) ? 'interactionNeeded' : 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 408) return 'timeout';
  if (status === 409) return lockedCodes.includes((serviceCode ?? '').toLowerCase()) ? 'locked' : 'conflict';
  if (status === 412) return 'changed';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unavailable' : 'refused';
}

function codeWithoutAnswer(thrown: Thrown): FailureCode {
  const code = asText(thrown.code) ?? asText(asRecord(thrown.cause)['code']) ?? '';
  if (code === 'PARSE_ERROR') return 'malformed';
  if (thrown.name === 'AuthenticationRequiredError') return 'interactionNeeded';
  if (thrown.name === 'CredentialUnavailableError') return 'toolMissing';
  if (thrown.name === 'AuthenticationError' || thrown.name === 'AggregateAuthenticationError') return 'unauthorized';
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') return 'timeout';
  // Codes of Node's sockets, of its resolver and of its TLS layer.
  if (code === 'REQUEST_SEND_ERROR' || /^(E[A-Z_]+|ERR_TLS_\w+|ERR_SSL_\w+|\w*CERT\w*)$/.test(code)) return 'network';
  return 'unknown';
}

function messageOf(code: FailureCode, thrown: Thrown): { serviceMessage?: string } {
  if (code === 'malformed') return { serviceMessage: 'The answer is not the JSON that was expected.' };
  const message = asText(thrown.message);
  return message === null ? {} : { serviceMessage: message.slice(0, longestMessage) };
}

type Headers = { get(name: string): string | undefined } | undefined;

function requestIdOf(headers: Headers): { requestId?: string } {
  const requestId = headers?.get('x-ms-request-id') ?? headers?.get('x-ms-correlation-request-id');
  return requestId === undefined ? {} : { requestId };
}

function retryAfterOf(headers: Headers): { retryAfterSeconds?: number } {
  const milliseconds = retryAfterMs(headers, Date.now());
  return milliseconds === undefined ? {} : { retryAfterSeconds: Math.ceil(milliseconds / 1000) };
}

/** The header Retry-After (RFC 9110, section 10.2.3) in milliseconds: seconds or a date; undefined where there is none. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers?.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
