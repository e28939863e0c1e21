// The Microsoft accounts of VS Code: which of them are used, and what asks the user. Silent unless told otherwise.

import { authentication, l10n, workspace } from 'vscode';
import type {
  AuthenticationGetSessionOptions,
  AuthenticationSession,
  AuthenticationSessionAccountInformation,
  AuthenticationWwwAuthenticateRequest,
  Disposable,
  Memento,
} from 'vscode';
import type { Cloud } from '../azure/clouds.ts';

export type Account = AuthenticationSessionAccountInformation;

export function providerOf(cloud: Cloud): string {
  return cloud.name === 'public' ? 'microsoft' : 'microsoft-sovereign-cloud';
}

/** The special scope VSCODE_TENANT chooses the tenant (vscode, extensions/microsoft-authentication/src/common/scopeData.ts). */
export function scopesFor(scopes: readonly string[], tenantId: string | null): string[] {
  return [...scopes, ...(tenantId === null ? [] : [`VSCODE_TENANT:${tenantId}`])];
}

type Wanted = readonly string[] | AuthenticationWwwAuthenticateRequest;

/** The session of an account, or undefined where it would take a question to the user. */
export async function silentSession(
  cloud: Cloud,
  account: Account,
  wanted: Wanted,
): Promise<AuthenticationSession | undefined> {
  return authentication.getSession(providerOf(cloud), wanted, { silent: true, account });
}

/** Why the user is asked, shown in VS Code's question. */
const reason = () => l10n.t('API Management TLS reads and changes the TLS settings of your instances with it.');
/** The same for the logs, which take a permission of their own. */
export const logsReason = () =>
  l10n.t('API Management TLS reads the logs of your gateways with it, to show who calls with which TLS version.');

/** Asks the user, where there is something to ask. To be called from a user's gesture only. */
export async function askedSession(
  cloud: Cloud,
  wanted: Wanted,
  options: Pick<AuthenticationGetSessionOptions, 'account'>,
  how: 'whereNeeded' | 'always' = 'whereNeeded',
  detail = reason(),
): Promise<AuthenticationSession> {
  const provider = providerOf(cloud);
  if (how === 'whereNeeded')
    return authentication.getSession(provider, wanted, { ...options, createIfNone: { detail } });
  // Without it VS Code would sign in with the account that it prefers for this extension.
  const clearSessionPreference = options.account === undefined;
  const forceNewSession = { detail };
  return authentication.getSession(provider, wanted, { ...options, forceNewSession, clearSessionPreference });
}

/** Ids of the accounts that the user chose to use; undefined: never chosen. */
function rememberedKey(cloud: Cloud): string {
  return `accounts/${providerOf(cloud)}`;
}

export async function rememberAccounts(
  state: Memento,
  cloud: Cloud,
  ids: readonly string[] | undefined,
): Promise<void> {
  await state.update(rememberedKey(cloud), ids);
}

export function rememberedAccounts(state: Memento, cloud: Cloud): readonly string[] | undefined {
  const kept = state.get<unknown>(rememberedKey(cloud));
  return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : undefined;
}

/** Every account that VS Code knows, whether this extension may use it or not. */
export async function knownAccounts(cloud: Cloud): Promise<readonly Account[]> {
  if (sovereignEnvironmentDiffers(cloud)) return [];
  return authentication.getAccounts(providerOf(cloud));
}

/**
 * The accounts that are used: the chosen ones that VS Code still knows; where none was ever chosen, those that the user
 * lets this extension use. None where nobody of them can sign in without a question.
 */
export async function usedAccounts(state: Memento, cloud: Cloud): Promise<readonly Account[]> {
  const chosen = rememberedAccounts(state, cloud);
  const known = (await knownAccounts(cloud)).filter(({ id }) => chosen?.includes(id) ?? true);
  const sessions = await Promise.all(known.map((account) => silentSession(cloud, account, [cloud.armScope])));
  if (sessions.every((session) => session === undefined)) return [];
  // A chosen account whose sign-in has run out is told as such; one that was never chosen is left alone.
  return chosen ? known : known.filter((_, i) => sessions[i] !== undefined);
}

/** Tokens that are renewed are told as changes too, several at a time: accounts are looked at when it is quiet. */
const quietMs = 1000;

/** Calls `changed` when other accounts are used than before, such as after a sign-out in VS Code's own menu. */
export function watchAccounts(
  state: Memento,
  cloud: Cloud,
  before: readonly Account[],
  changed: () => void,
): Disposable {
  const idsOf = (accounts: readonly Account[]) =>
    accounts
      .map(({ id }) => id)
      .sort()
      .join(' ');
  let timer: NodeJS.Timeout | undefined;
  async function look(): Promise<void> {
    const now = await usedAccounts(state, cloud).catch(() => before);
    if (idsOf(now) !== idsOf(before)) changed();
  }
  const listening = authentication.onDidChangeSessions(({ provider }) => {
    if (provider.id !== providerOf(cloud)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietMs);
  });
  return {
    dispose: () => {
      clearTimeout(timer);
      listening.dispose();
    },
  };
}

/** The setting of VS Code by which its provider knows a cloud other than the public one. */
const sovereign = 'microsoft-sovereign-cloud';
const environments: Partial<Record<Cloud['name'], string>> = {
  usGovernment: 'USGovernment',
  china: 'ChinaCloud',
  custom: 'custom',
};

/** The provider of VS Code is set to another cloud, or to none. */
export function sovereignEnvironmentDiffers(cloud: Cloud): boolean {
  const wanted = environments[cloud.name];
  if (wanted === undefined) return false;
  const section = workspace.getConfiguration(sovereign);
  if (section.get('environment') !== wanted) return true;
  if (cloud.name !== 'custom') return false;
  const custom = section.get<{ readonly activeDirectoryEndpointUrl?: unknown }>('customEnvironment');
  const authority = custom?.activeDirectoryEndpointUrl;
  return typeof authority !== 'string' || authority.replace(/\/+$/, '') !== cloud.authority;
}

/** Tells VS Code's provider of the cloud. To be called after the user agreed: it holds for all extensions. */
export async function setSovereignEnvironment(cloud: Cloud): Promise<void> {
  const section = workspace.getConfiguration(sovereign);
  if (cloud.name === 'custom') await section.update('customEnvironment', customEnvironment(cloud), true);
  await section.update('environment', environments[cloud.name], true);
}

/** The shape of @azure/ms-rest-azure-env, which the provider takes. */
function customEnvironment(cloud: Cloud): Record<string, string> {
  return {
    name: 'API Management TLS',
    portalUrl: cloud.portal ?? cloud.arm,
    managementEndpointUrl: cloud.armScope.replace(/\/\.default$/, ''),
    resourceManagerEndpointUrl: cloud.arm,
    activeDirectoryEndpointUrl: `${cloud.authority}/`,
    activeDirectoryResourceId: cloud.armScope.replace(/\/\.default$/, ''),
  };
}
