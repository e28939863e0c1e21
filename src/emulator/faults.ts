// Faults on demand: rules say which requests meet which trouble, and how often.

import {
  armError,
  forbiddenError,
  jsonAnswer,
  linkedForbiddenError,
  lockedError,
  policyError,
  scopeLockedError,
  serviceError,
  unauthorizedError,
} from './answer.ts';
import type { ArmAnswer } from './answer.ts';

export type Fault =
  /** 401 with a claims challenge, as Conditional Access sends it. */
  | { readonly kind: 'claimsChallenge' }
  /** 401 without a challenge. date: the header of that name. */
  | { readonly kind: 'tokenRefused'; readonly date?: string }
  /** 403 AuthorizationFailed; for reading the service where no action is named. */
  | { readonly kind: 'forbidden'; readonly action?: string }
  /** 403 LinkedAuthorizationFailed: for a subnet of the service. */
  | { readonly kind: 'linkedForbidden' }
  /** 403 RequestDisallowedByPolicy. bare: without additionalInfo. */
  | { readonly kind: 'policyDenied'; readonly bare?: true }
  /** 409 ScopeLocked: a read-only lock on the resource group. */
  | { readonly kind: 'scopeLocked' }
  /** 400 of a service whose `apiVersionConstraint` wants a later version. */
  | { readonly kind: 'apiVersion' }
  | { readonly kind: 'notFound' }
  /** 410, as for an operation that is no longer kept. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'serviceLocked' }
  | { readonly kind: 'preconditionFailed' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'serverError' }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds?: number }
  /** The connection breaks. late: after the request has taken effect, so that only its answer is lost. */
  | { readonly kind: 'drop'; readonly late?: true }
  /** No connection comes about. */
  | { readonly kind: 'noConnection'; readonly why: keyof typeof socketErrors }
  /** No answer until the caller gives up. */
  | { readonly kind: 'hang' }
  /** 200 with JSON that breaks off. */
  | { readonly kind: 'malformed' }
  /** 200 with a page of HTML, as the login page of a network gives it. */
  | { readonly kind: 'html' }
  /** 302 to the sign-in page of a network. */
  | { readonly kind: 'redirect' }
  /** 511 with such a page. */
  | { readonly kind: 'networkLogin' }
  /** 407: the proxy wants to know who asks. */
  | { readonly kind: 'proxySignIn' }
  /** 403 with a page of a proxy. */
  | { readonly kind: 'proxyRefusal' }
  /** 502 with a page of a proxy. */
  | { readonly kind: 'badGateway' }
  /**
   * For PATCH: accepted, then the operation fails. error: the poll answers 4xx with an error. status: the poll answers
   * 200 with `status` Failed. resource: the poll answers 200 with the resource, provisioning state Failed.
   */
  | { readonly kind: 'operationFails'; readonly as: 'error' | 'status' | 'resource' }
  /** For PATCH: accepted, and polls answer 202 for ever. For a poll of a connectivity check: it has not ended. */
  | { readonly kind: 'operationNeverEnds' }
  /** For PATCH: the operation succeeds, and nothing has changed. */
  | { readonly kind: 'operationWithoutEffect' }
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

/** What Node gives where no connection comes about: code and message. */
const socketErrors = {
  offline: ['ENETUNREACH', 'connect ENETUNREACH 203.0.113.7:443'],
  dns: ['ENOTFOUND', 'getaddrinfo ENOTFOUND management.azure.com'],
  refused: ['ECONNREFUSED', 'connect ECONNREFUSED 203.0.113.7:443'],
  untrusted: ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'],
  notYetValid: ['CERT_NOT_YET_VALID', 'certificate is not yet valid'],
  oldTls: ['EPROTO', 'write EPROTO 1:error:0A000102:SSL routines::unsupported protocol:ssl/statem/statem_lib.c:1'],
} as const;

/** The connection broke, or never came about. `httpClient.ts` turns it into what a socket would have given. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
  readonly code: string;

  constructor(message: string, code = 'ECONNRESET') {
    super(message);
    this.code = code;
  }
}

/**
 * The answer of a fault that does not need the service; undefined for those that change how the request is served.
 * Throws `ConnectionDropped` where there is no connection.
 */
export function faultAnswer(fault: Fault): ArmAnswer | undefined {
  if (fault.kind === 'noConnection') {
    const [code, message] = socketErrors[fault.why];
    throw new ConnectionDropped(message, code);
  }
  return refusal(fault) ?? trouble(fault) ?? betweenAnswer(fault);
}

const someScope = '/subscriptions/00000000-0000-0000-0000-000000000000';

function refusal(fault: Fault): ArmAnswer | undefined {
  switch (fault.kind) {
    case 'claimsChallenge':
      return unauthorizedError('The access token does not satisfy the claims that are asked for.', claimsChallenge);
    case 'tokenRefused':
      return armError(401, 'ExpiredAuthenticationToken', 'The access token has expired.', {
        'www-authenticate': 'Bearer error="invalid_token"',
        ...(fault.date === undefined ? {} : { date: fault.date }),
      });
    case 'forbidden':
      return forbiddenError(fault.action ?? 'Microsoft.ApiManagement/service/read', someScope);
    case 'linkedForbidden':
      return linkedForbiddenError(someScope);
    case 'policyDenied':
      return policyError(someScope, fault.bare ?? false);
    case 'scopeLocked':
      return scopeLockedError(`${someScope}/resourceGroups/rg-api`);
    case 'apiVersion':
      // An envelope of its own: no code, and Message with a capital.
      return jsonAnswer(400, {
        Message:
          'The service is configured to allow management requests only with the following api-version values: 2025-09-01-preview',
      });
    case 'notFound':
      return armError(404, 'ResourceNotFound', 'The resource was not found.');
    case 'gone':
      return armError(410, 'Gone', 'The operation is no longer kept.');
    case 'serviceLocked':
      return lockedError('contoso');
    case 'preconditionFailed':
      return serviceError(
        412,
        'PreconditionFailed',
        'The ETag given in If-Match does not match the one of the resource.',
      );
    default:
      return undefined;
  }
}

function trouble(fault: Fault): ArmAnswer | undefined {
  switch (fault.kind) {
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
    default:
      return undefined;
  }
}

/** What a network or a proxy answers in place of Azure. */
function betweenAnswer(fault: Fault): ArmAnswer | undefined {
  switch (fault.kind) {
    case 'html':
      return page(200, 'Guest network', 'Please sign in.');
    case 'redirect':
      return {
        ...page(302, 'Found', 'Moved.'),
        headers: { location: 'https://login.guest-network.example/?to=azure' },
      };
    case 'networkLogin':
      return page(511, 'Guest network', 'Please sign in.');
    case 'proxySignIn':
      return {
        ...page(407, 'Proxy authentication required', 'Who are you?'),
        headers: { 'content-type': 'text/html', 'proxy-authenticate': 'Basic realm="proxy.contoso.example"' },
      };
    case 'proxyRefusal':
      return page(403, 'Blocked by policy of the network', 'Category: cloud management.');
    case 'badGateway':
      return page(502, 'Bad gateway', 'proxy.contoso.example cannot reach the host.');
    default:
      return undefined;
  }
}

function page(status: number, title: string, text: string): ArmAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${title}</title></head><body><p>${text}</p></body></html>`,
  };
}

const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1760000000"}}}').toString('base64');
const claimsChallenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
  `error="insufficient_claims", claims="${claims}"`;
