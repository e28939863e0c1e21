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

const sampleClient = "The client 'sample@contoso.example' with object id '5a3b7a52-64a5-4b6a-9a52-1d3cf4e0a7b1'";

export function forbiddenError(action: string, scope: string): ArmAnswer {
  return armError(
    403,
    'AuthorizationFailed',
    `${sampleClient} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
      'If access was recently granted, please refresh your credentials.',
  );
}

/** For the subnet of a service that is in a virtual network. */
export function linkedForbiddenError(scope: string): ArmAnswer {
  return armError(
    403,
    'LinkedAuthorizationFailed',
    `${sampleClient} has permission to perform action 'Microsoft.ApiManagement/service/write' on scope '${scope}'; ` +
      "however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' " +
      `on the linked scope(s) '${scope}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub/subnets/api' ` +
      '(respectively) or the linked scope(s) are invalid.',
  );
}

/** A management lock of the kind ReadOnly. */
export function scopeLockedError(scope: string): ArmAnswer {
  return armError(
    409,
    'ScopeLocked',
    `The scope '${scope}/providers/Microsoft.ApiManagement/service/contoso' cannot perform write operation because ` +
      `following scope(s) are locked: '${scope}'. Please remove the lock and try again.`,
  );
}

/** Azure Policy with the effect deny. @param bare without `additionalInfo`: the message alone names the policy */
export function policyError(scope: string, bare: boolean): ArmAnswer {
  const policyAssignment = { name: 'tls', id: `${scope}/providers/Microsoft.Authorization/policyAssignments/tls` };
  const policyDefinition = {
    name: 'Gateways speak TLS 1.2 and later',
    id: `${scope}/providers/Microsoft.Authorization/policyDefinitions/tls12`,
  };
  const identifiers = JSON.stringify([{ policyAssignment, policyDefinition }]);
  const info = {
    policyDefinitionDisplayName: policyDefinition.name,
    policyDefinitionId: policyDefinition.id,
    policyAssignmentId: policyAssignment.id,
    policyAssignmentName: policyAssignment.name,
    policyDefinitionEffect: 'deny',
  };
  return jsonAnswer(403, {
    error: {
      code: 'RequestDisallowedByPolicy',
      target: 'contoso',
      message: `Resource 'contoso' was disallowed by policy. Policy identifiers: '${identifiers}'.`,
      ...(bare ? {} : { additionalInfo: [{ type: 'PolicyViolation', info }] }),
    },
  });
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
