// An authentication provider in place of `microsoft`. Nobody is asked anything: being asked is written down and granted.
import { EventEmitter, authentication } from 'vscode';
import type {
  AuthenticationProvider,
  AuthenticationProviderAuthenticationSessionsChangeEvent,
  AuthenticationProviderSessionOptions,
  AuthenticationSession,
  ExtensionContext,
} from 'vscode';
import { accountsVariable, readAccounts, tokenOf, whoOf, writeAccounts, writeAsked } from './accounts.ts';
import type { Accounts } from './accounts.ts';

/** Of the proposed API authenticationChallenges. */
interface Constraint {
  readonly challenges: readonly { readonly scheme: string; readonly params: Readonly<Record<string, string>> }[];
  readonly fallbackScopes?: readonly string[];
}

interface ChallengeProvider extends AuthenticationProvider {
  getSessionsFromChallenges(
    constraint: Constraint,
    options: AuthenticationProviderSessionOptions,
  ): Promise<AuthenticationSession[]>;
  createSessionFromChallenges(
    constraint: Constraint,
    options: AuthenticationProviderSessionOptions,
  ): Promise<AuthenticationSession>;
}

function session(accounts: Accounts, account: string, scopes: readonly string[]): AuthenticationSession {
  const who = whoOf(account, scopes);
  return {
    id: who,
    accessToken: tokenOf(who, accounts.proven.includes(who)),
    account: { id: account, label: account },
    scopes,
  };
}

function openProvider(file: string): ChallengeProvider {
  const changed = new EventEmitter<AuthenticationProviderAuthenticationSessionsChangeEvent>();
  const add = (change: (accounts: Accounts) => Accounts) => {
    const accounts = change(readAccounts(file));
    writeAccounts(file, accounts);
    return accounts;
  };
  const claimsOf = ({ challenges }: Constraint) =>
    Buffer.from(challenges[0]?.params['claims'] ?? '', 'base64').toString('utf8');
  const scopesOf = ({ fallbackScopes = [] }: Constraint) => fallbackScopes;
  return {
    onDidChangeSessions: changed.event,
    getSessions: (scopes, options) => {
      const accounts = readAccounts(file);
      const asked = accounts.signedIn.filter((one) => (options.account ? one === options.account.label : true));
      if (scopes) for (const one of asked) writeAsked(file, { kind: 'silent', who: whoOf(one, scopes), scopes });
      const given = asked.filter((one) => !accounts.wanting.includes(whoOf(one, scopes ?? [])));
      return Promise.resolve(given.map((one) => session(accounts, one, scopes ?? [])));
    },
    createSession: (scopes, options) => {
      const before = readAccounts(file);
      const account = options.account?.label ?? before.known.find((one) => !before.signedIn.includes(one)) ?? '';
      const who = whoOf(account, scopes);
      writeAsked(file, { kind: 'asked', who, scopes });
      const accounts = add((now) => ({
        ...now,
        signedIn: [...new Set([...now.signedIn, account])],
        wanting: now.wanting.filter((one) => one !== who),
      }));
      const made = session(accounts, account, scopes);
      changed.fire({ added: [made], removed: [], changed: [] });
      return Promise.resolve(made);
    },
    removeSession: (id) => {
      const account = id.replace(/@[^@]*$/, '');
      const gone = session(readAccounts(file), account, []);
      add((now) => ({ ...now, signedIn: now.signedIn.filter((one) => one !== account) }));
      changed.fire({ added: [], removed: [gone], changed: [] });
      return Promise.resolve();
    },
    getSessionsFromChallenges: (constraint, options) => {
      const accounts = readAccounts(file);
      const scopes = scopesOf(constraint);
      const who = whoOf(options.account?.label ?? '', scopes);
      writeAsked(file, { kind: 'challenge', who, scopes, claims: claimsOf(constraint) });
      const met = accounts.proven.includes(who) && options.account;
      return Promise.resolve(met ? [session(accounts, met.label, scopes)] : []);
    },
    createSessionFromChallenges: (constraint, options) => {
      const scopes = scopesOf(constraint);
      const account = options.account?.label ?? '';
      const who = whoOf(account, scopes);
      writeAsked(file, { kind: 'askedByChallenge', who, scopes, claims: claimsOf(constraint) });
      const accounts = add((now) => ({ ...now, proven: [...now.proven, who] }));
      return Promise.resolve(session(accounts, account, scopes));
    },
  };
}

export function activate(context: ExtensionContext): void {
  const file = process.env[accountsVariable];
  if (file === undefined) throw new Error(`${accountsVariable} is not set.`);
  context.subscriptions.push(
    authentication.registerAuthenticationProvider('microsoft', 'Microsoft', openProvider(file), {
      supportsMultipleAccounts: true,
      // Of the proposed API too.
      ...{ supportsChallenges: true },
    }),
  );
}
