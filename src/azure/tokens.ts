// Tokens are asked for once and shared: every client of a tenant asks for its own, and some ways to get one take a second.

import type { AccessToken, TokenCredential } from '@azure/core-auth';

/** A token is not handed out any more so long before its end, in milliseconds. */
const marginMs = 120_000;

export interface SharedCredential extends TokenCredential {
  /** The next caller is given a new token. */
  forget(): void;
}

/** The credential, asked once for all callers at the same time, and again when its token is about to end. */
export function sharedCredential(credential: TokenCredential, now: () => number = Date.now): SharedCredential {
  const kept = new Map<string, AccessToken>();
  const asked = new Map<string, Promise<AccessToken | null>>();

  async function ask(key: string, ...[scopes, options]: Parameters<TokenCredential['getToken']>) {
    // One caller that gives up must not take the token away from the others.
    const shared = { ...options };
    delete shared.abortSignal;
    const token = await credential.getToken(scopes, shared);
    if (token) kept.set(key, token);
    return token;
  }

  return {
    forget: () => kept.clear(),
    getToken: (scopes, options) => {
      const key = [scopes].flat().join(' ');
      const token = kept.get(key);
      // A challenge asks for another token than the one that is kept.
      if (!options?.claims && token && token.expiresOnTimestamp - marginMs > now()) return Promise.resolve(token);
      const question = `${key} ${options?.claims ?? ''}`;
      const running = asked.get(question);
      if (running) return running;
      const answer = ask(key, scopes, options).finally(() => asked.delete(question));
      asked.set(question, answer);
      return answer;
    },
  };
}
