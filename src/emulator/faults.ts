// Faults on demand: rules say which requests meet which trouble, and how often.

import { armError, forbiddenError, jsonAnswer, lockedError, serviceError, unauthorizedError } from './answer.ts';
import type { ArmAnswer } from './answer.ts';

export type Fault =
  /** 401 with a claims challenge, as Conditional Access sends it. */
  | { readonly kind: 'claimsChallenge' }
  /** 403 AuthorizationFailed. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'serviceLocked' }
  | { readonly kind: 'preconditionFailed' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'serverError' }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds?: number }
  /** The connection breaks. late: after the request has taken effect, so that only its answer is lost. */
  | { readonly kind: 'drop'; readonly late?: true }
  /** No answer until the caller gives up. */
  | { readonly kind: 'hang' }
  /** 200 with JSON that breaks off. */
  | { readonly kind: 'malformed' }
  /** 200 with a page of HTML, as the login page of a network gives it. */
  | { readonly kind: 'html' }
  /**
   * For PATCH: accepted, then the operation fails. error: the poll answers 4xx with an error. status: the poll answers
   * 200 with `status` Failed. resource: the poll answers 200 with the resource, provisioning state Failed.
   */
  | { readonly kind: 'operationFails'; readonly as: 'error' | 'status' | 'resource' }
  /** For PATCH: accepted, and polls answer 202 for ever. */
  | { readonly kind: 'operationNeverEnds' }
  /** For PATCH: the operation succeeds, but one key is lost (`key`, or else the last one written). */
  | { readonly kind: 'readBackLosesKey'; readonly key?: string };

export interface FaultRule {
  readonly match: { readonly method?: string; readonly path?: RegExp };
  /** How many matching requests meet the fault; Infinity for all. */
  readonly times: number;
  /** How many matching requests pass before. */
  readonly after?: number;
  readonly fault: Fault;
}

export interface Faults {
  /** The fault that this request meets. Counts. `path` is path and query. */
  take(request: { readonly method: string; readonly path: string }): Fault | undefined;
  add(rule: FaultRule): void;
  clear(): void;
}

export function createFaults(rules: readonly FaultRule[] = []): Faults {
  const start = (rule: FaultRule) => ({ rule, left: rule.times, before: rule.after ?? 0 });
  let live = rules.map(start);
  return {
    take(request) {
      const met = live.find(({ rule, left }) => left > 0 && matches(rule, request));
      if (met === undefined) return undefined;
      if (met.before > 0) {
        met.before -= 1;
        return undefined;
      }
      met.left -= 1;
      return met.rule.fault;
    },
    add(rule) {
      live.push(start(rule));
    },
    clear() {
      live = [];
    },
  };
}

function matches({ match }: FaultRule, request: { readonly method: string; readonly path: string }): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== request.method.toUpperCase()) return false;
  return match.path === undefined || request.path.search(match.path) >= 0;
}

/** The connection broke. `httpClient.ts` turns it into what a socket would have given. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}

/** The answer of a fault that does not need the service; undefined for those that change how the request is served. */
export function faultAnswer(fault: Fault): ArmAnswer | undefined {
  switch (fault.kind) {
    case 'claimsChallenge':
      return unauthorizedError('The access token does not satisfy the claims that are asked for.', claimsChallenge);
    case 'forbidden':
      return forbiddenError(
        'Microsoft.ApiManagement/service/read',
        '/subscriptions/00000000-0000-0000-0000-000000000000',
      );
    case 'notFound':
      return armError(404, 'ResourceNotFound', 'The resource was not found.');
    case 'serviceLocked':
      return lockedError('contoso');
    case 'preconditionFailed':
      return serviceError(
        412,
        'PreconditionFailed',
        'The ETag given in If-Match does not match the one of the resource.',
      );
    case 'throttled':
      return armError(429, 'TooManyRequests', 'The number of requests is over its limit. Please try again later.', {
        'retry-after': String(fault.retryAfterSeconds),
      });
    case 'serverError':
      return armError(500, 'InternalServerError', 'Encountered internal server error.');
    case 'unavailable':
      return armError(503, 'ServiceUnavailable', 'The service is unavailable. Please try again later.', {
        ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
      });
    case 'malformed':
      return { ...jsonAnswer(200, null), body: '{"value":[{"id":"/subscriptions/' };
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html><title>Guest network</title><p>Please sign in.</p></html>',
      };
    case 'drop':
    case 'hang':
    case 'operationFails':
    case 'operationNeverEnds':
    case 'readBackLosesKey':
      return undefined;
  }
}

const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1760000000"}}}').toString('base64');
const claimsChallenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
  `error="insufficient_claims", claims="${claims}"`;
