// Who asks: what a bearer token says of its holder, and what that holder may see.

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
  /** Where tokens come from, without trailing slash. */
  readonly authority: string;
}

/** Says who asks, or refuses. */
export type Gate = (request: ArmRequest) => Caller | ArmAnswer;

const publicAuthority = 'https://login.microsoftonline.com';

/** The gate of the sample estate: any non-empty bearer token is taken. */
export function callerOf(request: ArmRequest): Caller | ArmAnswer {
  const token = bearerToken(request);
  if (token === undefined) return missingToken(publicAuthority);
  const tenantId = token.startsWith('sample:') ? token.slice('sample:'.length).toLowerCase() : '';
  return { tenantId: tenantId === '' ? null : tenantId, authority: publicAuthority };
}

/** RFC 6750, 2.1. */
export function bearerToken(request: ArmRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

export function missingToken(authority: string): ArmAnswer {
  return unauthorizedError(
    "Authentication failed. The 'Authorization' header is missing.",
    challenge(authority, 'common'),
  );
}

/** The value of WWW-Authenticate by which Azure Resource Manager refuses a token. */
export function challenge(authority: string, tenantId: string): string {
  return `Bearer authorization_uri="${authority}/${tenantId}", error="invalid_token"`;
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
      `Please use the authority (URL) '${caller.authority}/${found.tenantId}' to get the token.`,
    { 'www-authenticate': challenge(caller.authority, found.tenantId) },
  );
}
