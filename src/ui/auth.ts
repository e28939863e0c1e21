// The Microsoft accounts of VS Code as an Azure credential. Silent unless the user has just asked to sign in.

import { authentication } from 'vscode';
import type { AuthenticationSession } from 'vscode';
import type { TokenCredential } from '@azure/core-auth';
import type { Cloud } from '../azure/clouds.ts';
import { ArmError } from '../core/failure.ts';

function provider(cloud: Cloud): string {
  return cloud.name === 'public' ? 'microsoft' : 'microsoft-sovereign-cloud';
}

/** The special scope VSCODE_TENANT chooses the tenant (vscode, extensions/microsoft-authentication/src/common/scopeData.ts). */
function scopesFor(cloud: Cloud, tenantId: string | null): string[] {
  return [cloud.armScope, ...(tenantId === null ? [] : [`VSCODE_TENANT:${tenantId}`])];
}

/** The session of the account, or undefined where nobody is signed in or no such provider exists. */
export async function silentSession(cloud: Cloud, tenantId: string | null): Promise<AuthenticationSession | undefined> {
  return authentication.getSession(provider(cloud), scopesFor(cloud, tenantId), { silent: true });
}

/** Asks the user to sign in. To be called from a user's gesture only. */
export async function signIn(cloud: Cloud): Promise<AuthenticationSession> {
  return authentication.getSession(provider(cloud), scopesFor(cloud, null), { createIfNone: true });
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

export function vscodeCredential(cloud: Cloud, tenantId: string | null): TokenCredential {
  const scopes = scopesFor(cloud, tenantId);
  return {
    getToken: async (_scopes, options) => {
      // A claims challenge (continuous access evaluation, multi-factor) goes back as it came, base64 in a Bearer header.
      const request = options?.claims
        ? {
            wwwAuthenticate: `Bearer claims="${Buffer.from(options.claims).toString('base64')}"`,
            fallbackScopes: scopes,
          }
        : scopes;
      const session = await authentication.getSession(provider(cloud), request, { silent: true });
      if (!session) throw new ArmError({ code: tenantId === null ? 'signedOut' : 'interactionNeeded' });
      return { token: session.accessToken, expiresOnTimestamp: expiryOf(session.accessToken) };
    },
  };
}
