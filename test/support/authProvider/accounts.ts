// What the test and its authentication provider share: the file with the accounts, and the list of what was asked.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

export interface Accounts {
  /** Label of each account, which is its id too. */
  readonly known: readonly string[];
  /** Accounts that VS Code is signed in with. */
  readonly signedIn: readonly string[];
  /** `account@tenant` that gives no token before the user was asked. */
  readonly wanting: readonly string[];
  /** `account@tenant` that has met a challenge. */
  readonly proven: readonly string[];
}

export interface Asked {
  readonly kind: 'silent' | 'asked' | 'challenge' | 'askedByChallenge';
  readonly who: string;
  readonly scopes: readonly string[];
  readonly claims?: string;
}

/** Environment variable that names the file. */
export const accountsVariable = 'APIM_TLS_TEST_ACCOUNTS';
const journalOf = (file: string) => `${file}.asked`;

export function readAccounts(file: string): Accounts {
  return JSON.parse(readFileSync(file, 'utf8')) as Accounts;
}

export function writeAccounts(file: string, accounts: Accounts): void {
  writeFileSync(file, JSON.stringify(accounts));
}

export function writeAsked(file: string, asked: Asked): void {
  appendFileSync(journalOf(file), `${JSON.stringify(asked)}\n`);
}

export function readAsked(file: string): Asked[] {
  const text = readFileSync(journalOf(file), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Asked);
}

/** `account@tenant`; the tenant is empty where none was asked for. */
export function whoOf(account: string, scopes: readonly string[]): string {
  const tenant = scopes.find((scope) => scope.startsWith('VSCODE_TENANT:'))?.slice('VSCODE_TENANT:'.length) ?? '';
  return `${account}@${tenant}`;
}

/** A token that Azure Resource Manager of the test can read. */
export function tokenOf(who: string, proven: boolean): string {
  return `${proven ? 'proven' : 'plain'}:${who}`;
}

export function readToken(token: string): {
  readonly account: string;
  readonly tenant: string;
  readonly proven: boolean;
} {
  const [, level, account = '', tenant = ''] = /^(\w+):(.*)@([^@]*)$/.exec(token) ?? [];
  return { account, tenant, proven: level === 'proven' };
}
