// Who asks: the bearer token of the sample estate and what it may see.

import { armError, unauthorizedError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import type { Estate, SampleSubscription } from './model.ts';

export const sampleAccount = 'sample@contoso.example';

/** The token of the sample account for one tenant. */
export function sampleToken(tenantId: string): string {
  return `sample:${tenantId}`;
}

export interface Caller {
  /** Lower case; null: a token that names no tenant. */
  readonly tenantId: string | null;
}

/** Any non-empty bearer token is taken. */
export function callerOf(request: ArmRequest): Caller | ArmAnswer {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
  if (token === undefined) {
    return unauthorizedError(
      "Authentication failed. The 'Authorization' header is missing.",
      'Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token"',
    );
  }
  const tenantId = token.startsWith('sample:') ? token.slice('sample:'.length).toLowerCase() : '';
  return { tenantId: tenantId === '' ? null : tenantId };
}

export function isAnswer(value: object): value is ArmAnswer {
  return 'status' in value;
}

export function visibleSubscriptions(estate: Estate, caller: Caller): readonly SampleSubscription[] {
  return estate.subscriptions.filter(
    ({ tenantId }) => caller.tenantId === null || tenantId.toLowerCase() === caller.tenantId,
  );
}

/** The subscription of a path, or the answer of Azure Resource Manager to one that this caller cannot use. */
export function subscriptionFor(estate: Estate, caller: Caller, id: string): SampleSubscription | ArmAnswer {
  const found = estate.subscriptions.find((candidate) => candidate.id.toLowerCase() === id.toLowerCase());
  if (found === undefined) return armError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
  if (visibleSubscriptions(estate, caller).includes(found)) return found;
  return armError(
    401,
    'InvalidAuthenticationTokenTenant',
    `The access token is from the wrong issuer 'https://sts.windows.net/${caller.tenantId ?? ''}/'. It must match the tenant ` +
      `'https://sts.windows.net/${found.tenantId}/' associated with this subscription. ` +
      `Please use the authority (URL) 'https://login.windows.net/${found.tenantId}' to get the token.`,
    {
      'www-authenticate': `Bearer authorization_uri="https://login.windows.net/${found.tenantId}", error="invalid_token"`,
    },
  );
}
