// Tokens of VS Code's accounts for the tenants of an estate, and what a tenant wants before it gives one.

import { l10n } from 'vscode';
import type { AuthenticationSession, AuthenticationWwwAuthenticateRequest } from 'vscode';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { logsScope } from '../azure/clouds.ts';
import type { Cloud } from '../azure/clouds.ts';
import { sharedCredential } from '../azure/tokens.ts';
import type { SharedCredential } from '../azure/tokens.ts';
import { ArmError } from '../core/failure.ts';
import { askedSession, logsReason, scopesFor, silentSession } from './auth.ts';
import type { Account } from './auth.ts';

export interface AccountTokens {
  /** Asked once for each tenant; null: the home of the account. */
  credential(account: Account, tenantId: string | null): TokenCredential;
  /** Asks the user for what a tenant wants. To be called from a user's gesture only. */
  askUser(account: Account, tenantId: string | null): Promise<void>;
}

/** What a service wants besides a valid sign-in, such as a second factor (RFC 9470; OpenID Connect `claims`). */
interface Challenge {
  readonly claims: string;
  readonly request: AuthenticationWwwAuthenticateRequest;
  /** What it was answered with: once, and not again with the same. */
  answer?: AccessToken;
}

interface Access {
  readonly credential: SharedCredential;
  /** By scopes: an answer holds for what it was asked for only. */
  readonly challenges: Map<string, Challenge>;
}

export function openAccountTokens(cloud: Cloud): AccountTokens {
  const accesses = new Map<string, Access>();

  function open(account: Account, tenantId: string | null): Access {
    const access: Access = {
      challenges: new Map(),
      credential: sharedCredential({
        getToken: (scopes, options) =>
          options?.claims === undefined
            ? plain(account, tenantId, [scopes].flat(), access)
            : answered(account, tenantId, [scopes].flat(), options.claims, access),
      }),
    };
    return access;
  }

  async function plain(account: Account, tenantId: string | null, scopes: readonly string[], access: Access) {
    const key = scopes.join(' ');
    const challenge = access.challenges.get(key);
    const answer = challenge?.answer;
    if (answer && answer.expiresOnTimestamp > Date.now()) return answer;
    if (challenge && !answer) throw interactionNeeded(account);
    const session = await sessionFor(account, scopes, scopesFor(scopes, tenantId));
    if (!session) throw interactionNeeded(account);
    access.challenges.delete(key);
    return tokenOf(session);
  }

  function areForLogs(scopes: readonly string[]): boolean {
    return cloud.logs !== null && scopes.includes(logsScope(cloud.logs));
  }

  /** In silence. Logs are read when the user asks for them and at no other time: there VS Code may ask as well. */
  async function sessionFor(
    account: Account,
    scopes: readonly string[],
    wanted: readonly string[] | AuthenticationWwwAuthenticateRequest,
  ): Promise<AuthenticationSession | undefined> {
    const silent = await silentSession(cloud, account, wanted);
    if (silent || !areForLogs(scopes)) return silent;
    // The user said no.
    return askedSession(cloud, wanted, { account }, 'whereNeeded', logsReason()).catch(() => undefined);
  }

  /** A challenge is answered once, in silence. Whoever meets it again gets the same answer. */
  async function answered(
    account: Account,
    tenantId: string | null,
    scopes: readonly string[],
    claims: string,
    access: Access,
  ) {
    const key = scopes.join(' ');
    const before = access.challenges.get(key);
    const met = before?.claims === claims ? before : undefined;
    if (met?.answer && met.answer.expiresOnTimestamp > Date.now()) return met.answer;
    if (met && !met.answer) throw interactionNeeded(account);
    const challenge: Challenge = { claims, request: challengeRequest(claims, scopesFor(scopes, tenantId)) };
    access.challenges.set(key, challenge);
    const session = await sessionFor(account, scopes, challenge.request);
    // Who said no may be asked again the next time.
    if (!session && areForLogs(scopes)) access.challenges.delete(key);
    if (!session) throw interactionNeeded(account);
    return (challenge.answer = tokenOf(session));
  }

  function accessOf(account: Account, tenantId: string | null): Access {
    const key = `${account.id} ${tenantId ?? ''}`;
    const access = accesses.get(key) ?? open(account, tenantId);
    accesses.set(key, access);
    return access;
  }

  return {
    credential: (account, tenantId) => accessOf(account, tenantId).credential,
    askUser: async (account, tenantId) => {
      const access = accessOf(account, tenantId);
      const challenge = access.challenges.get(cloud.armScope);
      const wanted = challenge?.request ?? scopesFor([cloud.armScope], tenantId);
      // The answer that was given in silence did not do: another one takes a new sign-in.
      const session = await askedSession(cloud, wanted, { account }, challenge?.answer ? 'always' : 'whereNeeded');
      if (challenge) challenge.answer = tokenOf(session);
      access.credential.forget();
    },
  };
}

/** The challenge as it came from the service: base64 in a Bearer header (RFC 9110, section 11.6.1). */
function challengeRequest(claims: string, fallbackScopes: readonly string[]): AuthenticationWwwAuthenticateRequest {
  return { wwwAuthenticate: `Bearer claims="${Buffer.from(claims).toString('base64')}"`, fallbackScopes };
}

function interactionNeeded(account: Account): ArmError {
  return new ArmError({
    code: 'interactionNeeded',
    serviceMessage: l10n.t('{0} has to sign in again.', account.label),
  });
}

function tokenOf(session: AuthenticationSession): AccessToken {
  return { token: session.accessToken, expiresOnTimestamp: expiryOf(session.accessToken) };
}

/** `exp` of a JSON web token (RFC 7519, section 4.1.4) in milliseconds; five minutes from now where it cannot be read. */
function expiryOf(token: string): number {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const exp = (payload as { exp?: unknown }).exp;
    if (typeof exp === 'number') return exp * 1000;
  } catch {
    // Opaque tokens carry no date.
  }
  return Date.now() + 300_000;
}
