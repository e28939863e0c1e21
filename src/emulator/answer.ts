// Requests and answers of the sample Azure, and the error envelope of Azure Resource Manager.

import { randomUUID } from 'node:crypto';

export interface ArmRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal?: AbortSignal;
}

export interface ArmAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Headers = Readonly<Record<string, string>>;

export function jsonAnswer(status: number, body: unknown, headers: Headers = {}): ArmAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function emptyAnswer(status: number, headers: Headers = {}): ArmAnswer {
  return { status, headers: { 'content-length': '0', ...headers }, body: '' };
}

export interface ErrorDetail {
  readonly code: string;
  readonly target?: string;
  readonly message: string;
}

/** An answer of Azure Resource Manager itself. */
export function armError(status: number, code: string, message: string, headers: Headers = {}): ArmAnswer {
  return jsonAnswer(status, { error: { code, message } }, headers);
}

/** An answer of API Management, which writes null for what is not there. */
export function serviceError(
  status: number,
  code: string,
  message: string,
  details: readonly ErrorDetail[] | null = null,
): ArmAnswer {
  return jsonAnswer(status, { error: { code, message, details, innerError: null } });
}

export function lockedError(name: string): ArmAnswer {
  return serviceError(
    409,
    'ServiceLocked',
    `The API Service ${name} is transitioning at this time. Please try the request again later.`,
  );
}

export function forbiddenError(action: string, scope: string): ArmAnswer {
  const who = "The client 'sample@contoso.example' with object id '5a3b7a52-64a5-4b6a-9a52-1d3cf4e0a7b1'";
  return armError(
    403,
    'AuthorizationFailed',
    `${who} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
      'If access was recently granted, please refresh your credentials.',
  );
}

export function unauthorizedError(message: string, challenge: string): ArmAnswer {
  return armError(401, 'AuthenticationFailed', message, { 'www-authenticate': challenge });
}

/** The headers that every answer of Azure Resource Manager carries. */
export function withCommonHeaders(answer: ArmAnswer, method: string, now: number): ArmAnswer {
  const id = randomUUID();
  const write = method !== 'GET' && method !== 'HEAD' && method !== 'POST';
  return {
    ...answer,
    headers: {
      'cache-control': 'no-cache',
      date: new Date(now).toUTCString(),
      'x-ms-request-id': id,
      'x-ms-correlation-request-id': id,
      'x-ms-routing-request-id': `WESTEUROPE:${new Date(now).toISOString()}:${id}`,
      [`x-ms-ratelimit-remaining-subscription-${write ? 'writes' : 'reads'}`]: write ? '1199' : '11999',
      ...answer.headers,
    },
  };
}
