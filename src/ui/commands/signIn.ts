// Signing in and out, and what of the accounts' tenants and subscriptions is shown.

import { ConfigurationTarget, commands, l10n, window, workspace } from 'vscode';
import { signInCommands, signOutCommand } from '../../azure/signInCommands.ts';
import type { Cloud } from '../../azure/clouds.ts';
import {
  askedSession,
  knownAccounts,
  rememberAccounts,
  rememberedAccounts,
  setSovereignEnvironment,
  sovereignEnvironmentDiffers,
  usedAccounts,
} from '../auth.ts';
import type { Account } from '../auth.ts';
import { chosenCloud } from '../cloud.ts';
import { estateKind, servicePrincipalSetting, signInMode, startsProgram } from '../config.ts';
import { isCancelled, told } from '../errors.ts';
import { chosenScope, forgetSecret, rememberScope, storeSecret } from '../remembered.ts';
import type { Services } from '../services.ts';
import type { Target } from './pick.ts';

export async function setEstate(kind: 'azure' | 'sample'): Promise<void> {
  const section = workspace.getConfiguration('apimTls');
  const target =
    section.inspect('estate')?.workspaceValue === undefined
      ? ConfigurationTarget.Global
      : ConfigurationTarget.Workspace;
  await section.update('estate', kind, target);
}

/** Signs in; on the row of a tenant that wants it, to that tenant. */
export async function signIn(services: Services, target: Target): Promise<void> {
  const failure = typeof target === 'object' && target.kind === 'failure' ? target.failure : undefined;
  if (failure?.scope === 'tenant') {
    const connection = await services.connection();
    if (await asked(() => connection.askUser(failure.id))) return services.refresh();
  }
  if (signInMode() !== 'vscode') return signInElsewhere(services);
  const cloud = chosenCloud();
  if (!(await providerIsSet(cloud))) return;
  const before = await asked(() => usedAccounts(services.context.globalState, cloud));
  const { account } = await asked(() => askedSession(cloud, [cloud.armScope], {}));
  await use(services, cloud, [...before.map(({ id }) => id), account.id]);
}

/** A failure of VS Code's accounts, with what else can be done. */
async function asked<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (isCancelled(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw told(
      l10n.t(
        'Signing in with a Microsoft account of VS Code did not work: {0} Other ways to sign in are in the settings, under “Sign in”.',
        /[.!?]$/.test(reason) ? reason : `${reason}.`,
      ),
    );
  }
}

async function use(services: Services, cloud: Cloud, ids: readonly string[]): Promise<void> {
  await rememberAccounts(services.context.globalState, cloud, [...new Set(ids)]);
  await showAzure(services);
}

/** Shows the estate of Azure anew. A change of the setting alone would do it too, but only where there is one. */
async function showAzure(services: Services): Promise<void> {
  await setEstate('azure');
  await services.reconnect();
}

/** VS Code knows clouds other than the public one by a setting of its own, which holds for all extensions. */
async function providerIsSet(cloud: Cloud): Promise<boolean> {
  if (!sovereignEnvironmentDiffers(cloud)) return true;
  const set = l10n.t('Change setting');
  const choice = await window.showInformationMessage(
    l10n.t('VS Code signs in to another cloud. Change its setting microsoft-sovereign-cloud.environment?'),
    { modal: true, detail: l10n.t('The setting holds for all extensions. The new cloud is {0}.', cloud.authority) },
    set,
  );
  if (choice !== set) return false;
  await setSovereignEnvironment(cloud);
  return true;
}

async function signInElsewhere(services: Services): Promise<void> {
  const mode = signInMode();
  if (mode === 'servicePrincipal' && servicePrincipalSetting().certificatePath === '') {
    return storeServicePrincipalSecret(services);
  }
  if (startsProgram(mode) && (mode === 'azureCli' || mode === 'azurePowerShell' || mode === 'azureDeveloperCli')) {
    const [first = '', ...more] = signInCommands(mode, { cloud: chosenCloud(), tenantId: null });
    const again = l10n.t('Done, read again');
    const text = l10n.t('Run this in a terminal: {0}', [first, ...more].join(' ; '));
    if ((await window.showInformationMessage(text, again)) !== again) return;
  }
  await showAzure(services);
}

/** Stops using what was signed in. What VS Code or a tool keeps for others is left to them. */
export async function signOut(services: Services): Promise<void> {
  if (estateKind() === 'sample') throw told(l10n.t('The sample estate needs no sign-in. Leave it first.'));
  const mode = signInMode();
  if (mode === 'servicePrincipal') return forgetServicePrincipalSecret(services);
  if (mode !== 'vscode') {
    const command = signOutCommand(mode);
    throw told(
      command === null
        ? l10n.t('This machine itself is signed in. Choose another way to sign in, in the setting apimTls.signIn.')
        : l10n.t('Run this in a terminal to sign out: {0}', command),
    );
  }
  await rememberAccounts(services.context.globalState, chosenCloud(), []);
  await services.reconnect();
  const manage = l10n.t('Manage accounts');
  const text = l10n.t('API Management TLS uses no account any more. VS Code itself is still signed in.');
  void window.showInformationMessage(text, manage).then((choice) => {
    if (choice === manage) void commands.executeCommand('workbench.action.manageAccounts');
  });
}

/** Which of VS Code's accounts are used, several at once. None: signed out. */
export async function chooseAccounts(services: Services): Promise<void> {
  if (signInMode() !== 'vscode') {
    throw told(l10n.t('Accounts are not taken from VS Code. To choose some of them, set apimTls.signIn to "vscode".'));
  }
  const cloud = chosenCloud();
  if (!(await providerIsSet(cloud))) return;
  const { globalState } = services.context;
  const chosen = rememberedAccounts(globalState, cloud) ?? (await usedAccounts(globalState, cloud)).map(({ id }) => id);
  const known = await knownAccounts(cloud);
  const picked = await window.showQuickPick(
    [
      ...known.map((account) => ({ label: account.label, picked: chosen.includes(account.id), account })),
      { label: l10n.t('Sign in with another account...'), alwaysShow: true, account: undefined },
    ],
    { title: l10n.t('Accounts to use'), canPickMany: true, matchOnDescription: true },
  );
  if (!picked) return;
  const ids: string[] = [];
  for (const { account } of picked) {
    const session = await asked(() => sessionOf(cloud, account, chosen));
    ids.push(session);
  }
  await use(services, cloud, ids);
}

/** The id of the account, after it was asked where it was not used before. Undefined: one that VS Code does not know. */
async function sessionOf(cloud: Cloud, account: Account | undefined, used: readonly string[]): Promise<string> {
  if (account && used.includes(account.id)) return account.id;
  const session = account
    ? await askedSession(cloud, [cloud.armScope], { account })
    : await askedSession(cloud, [cloud.armScope], {}, 'always');
  return session.account.id;
}

/** Which tenants and subscriptions are read; remembered for the cloud. All of them: also those that are yet to come. */
export async function chooseSubscriptions(services: Services): Promise<void> {
  const { cloud, sample, readDirectory } = await services.connection();
  if (sample) throw told(l10n.t('The sample estate is always shown as a whole. Leave it first.'));
  const { tenants, subscriptions } = await readDirectory();
  const { globalState } = services.context;
  const chosen = chosenScope(globalState, cloud);
  const rows = new Map(tenants.map(({ id, name }) => [id.toLowerCase(), { id, name }]));
  const tenantIds = await chooseSome(l10n.t('Tenants to read'), [...rows.values()], chosen.tenants);
  if (tenantIds === undefined) return;
  const inTenants = subscriptions.filter(({ tenantId }) => tenantIds?.includes(tenantId) ?? true);
  const subscriptionIds = await chooseSome(l10n.t('Subscriptions to read'), inTenants, chosen.subscriptions);
  if (subscriptionIds === undefined) return;
  await rememberScope(globalState, cloud, { tenants: tenantIds, subscriptions: subscriptionIds });
  await services.reconnect();
}

/** Null: all. Undefined: given up. */
async function chooseSome(
  title: string,
  rows: readonly { readonly id: string; readonly name: string }[],
  chosen: readonly string[] | null,
): Promise<readonly string[] | null | undefined> {
  const before = new Set(chosen?.map((id) => id.toLowerCase()));
  const items = [...rows]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ id, name }) => ({
      label: name,
      description: id,
      picked: chosen === null || before.has(id.toLowerCase()),
      id,
    }));
  const picked = await window.showQuickPick(items, { title, canPickMany: true, matchOnDescription: true });
  if (!picked) return undefined;
  if (picked.length === 0) throw told(l10n.t('Nothing was chosen, so the choice is left as it was.'));
  return picked.length === items.length ? null : picked.map(({ id }) => id);
}

/** Asks for the secret of the application of the settings and keeps it in VS Code's secret storage. */
export async function storeServicePrincipalSecret(services: Services): Promise<void> {
  const { tenantId, clientId } = servicePrincipalSetting();
  if (tenantId === '' || clientId === '') {
    throw told(
      l10n.t(
        'Set apimTls.servicePrincipal.tenantId and apimTls.servicePrincipal.clientId first: the secret is kept for them.',
      ),
    );
  }
  const secret = await window.showInputBox({
    title: l10n.t('Secret of application {0}', clientId),
    prompt: l10n.t('It is kept by VS Code in the keychain of this machine and sent to Entra ID only.'),
    password: true,
    ignoreFocusOut: true,
  });
  if (!secret) return;
  await storeSecret(services.context.secrets, secret.trim());
  if (signInMode() === 'servicePrincipal') await showAzure(services);
}

export async function forgetServicePrincipalSecret(services: Services): Promise<void> {
  await forgetSecret(services.context.secrets);
  void window.showInformationMessage(l10n.t('The secret of the application was removed from this machine.'));
  if (signInMode() === 'servicePrincipal' && estateKind() === 'azure') await services.reconnect();
}
