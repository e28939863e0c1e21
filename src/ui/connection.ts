// The way to Azure, or to the sample estate that stands in for it: the only place that knows which.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { l10n, workspace } from 'vscode';
import type { Disposable, ExtensionContext, LogOutputChannel } from 'vscode';
import type { TokenCredential } from '@azure/core-auth';
import type { Azure } from '../azure/access.ts';
import { clouds } from '../azure/clouds.ts';
import type { Cloud } from '../azure/clouds.ts';
import { withOpenLocks } from '../azure/overridden.ts';
import { readVia } from '../azure/via.ts';
import type { Chosen, Directory } from '../azure/connection.ts';
import type { IdentityMode } from '../azure/identity.ts';
import { ArmError, plainText } from '../core/failure.ts';
import type { SampleEstate } from '../emulator/sample.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { openAccountTokens } from './accountTokens.ts';
import { usedAccounts, watchAccounts } from './auth.ts';
import { chosenCloud } from './cloud.ts';
import {
  connectionTimeoutMs,
  defaultProbeOptions,
  estateKind,
  expiresSoonDays,
  sampleChangeMs,
  signInMode,
  startsProgram,
} from './config.ts';
import { told } from './errors.ts';
import { chosenScope, readServicePrincipal } from './remembered.ts';
import { byTierOverrides } from './tierOverrides.ts';

export interface Connection {
  readonly azure: Azure;
  readonly cloud: Cloud;
  readonly sample: SampleEstate | null;
  /** How the account is shown that an instance is reached by. */
  readonly accountOf: (instanceId: string) => string;
  /** What of the estate is read. */
  readonly chosen: Chosen;
  /** Every tenant and subscription, chosen or not. */
  readonly readDirectory: () => Promise<Directory>;
  /**
   * Asks the user for what an account (and tenant, `viaText`) wants before it gives a token. Resolves to false where it
   * is not VS Code that signs in. To be called from a user's gesture only.
   */
  readonly askUser: (via: string) => Promise<boolean>;
  probeOptions(): ProbeOptions;
  close(): Promise<void>;
}

/**
 * Opens what the settings name. Rejects with `ArmError` code signedOut where nobody is signed in.
 * @param accountsChanged called when the user signs an account in or out elsewhere in VS Code
 */
export function connect(
  context: ExtensionContext,
  log: LogOutputChannel,
  accountsChanged: () => void,
): Promise<Connection> {
  return estateKind() === 'sample' ? connectSample(context, log) : connectAzure(context, log, accountsChanged);
}

async function connectAzure(
  context: ExtensionContext,
  log: LogOutputChannel,
  accountsChanged: () => void,
): Promise<Connection> {
  const cloud = chosenCloud();
  const mode = signInMode();
  const { accounts, credentialFor, askUser, watch } =
    mode === 'vscode' ? await byAccounts(context, cloud, log) : await byIdentity(context, cloud, mode);
  const { connectAzure: open } = await import('../azure/connect.ts');
  const chosen = chosenScope(context.globalState, cloud);
  const connected = open({
    cloud,
    accountLabel: accounts.join(', '),
    accounts,
    credentialFor,
    chosen,
    log: (line) => log.debug(line),
  });
  const azure = withOpenLocks(connected, byTierOverrides);
  return {
    azure,
    cloud,
    sample: null,
    accountOf: azure.accountOf,
    chosen,
    readDirectory: () => azure.readDirectory(),
    askUser: (via) => {
      const { account, tenantId } = readVia(via);
      return askUser(account, tenantId);
    },
    probeOptions: defaultProbeOptions,
    close: closing(watch?.(accountsChanged)),
  };
}

function closing(watching: Disposable | undefined): () => Promise<void> {
  return async () => {
    await watching?.dispose();
  };
}

interface Ways {
  /** How each account is shown. */
  readonly accounts: readonly string[];
  /** @param account its place in `accounts` */
  readonly credentialFor: (tenantId: string | null, account: number) => TokenCredential;
  readonly askUser: (account: number, tenantId: string | null) => Promise<boolean>;
  readonly watch?: (accountsChanged: () => void) => Disposable;
}

async function byAccounts(context: ExtensionContext, cloud: Cloud, log: LogOutputChannel): Promise<Ways> {
  const accounts = await usedAccounts(context.globalState, cloud).catch((error: unknown) => {
    // Such as where VS Code's own extension is switched off: told in a sentence when the user wants to sign in.
    log.warn(`No accounts of VS Code: ${plainText(String(error))}`);
    return [];
  });
  if (accounts.length === 0) throw new ArmError({ code: 'signedOut' });
  const tokens = openAccountTokens(cloud);
  const signedOut: TokenCredential = { getToken: () => Promise.reject(new ArmError({ code: 'signedOut' })) };
  return {
    accounts: accounts.map(({ label }) => label),
    credentialFor: (tenantId, index) => {
      const account = accounts[index];
      return account ? tokens.credential(account, tenantId) : signedOut;
    },
    askUser: async (index, tenantId) => {
      const account = accounts[index];
      if (account) await tokens.askUser(account, tenantId);
      return account !== undefined;
    },
    watch: (accountsChanged) => watchAccounts(context.globalState, cloud, accounts, accountsChanged),
  };
}

async function byIdentity(context: ExtensionContext, cloud: Cloud, mode: IdentityMode): Promise<Ways> {
  if (startsProgram(mode) && !workspace.isTrusted) {
    throw told(
      l10n.t(
        'The chosen way to sign in starts a program, which Restricted Mode forbids. Trust this workspace, or choose another way in the setting apimTls.signIn.',
      ),
    );
  }
  const { identityCredential } = await import('../azure/identity.ts');
  const servicePrincipal = mode === 'servicePrincipal' ? await readServicePrincipal(context.secrets) : undefined;
  return {
    accounts: [
      servicePrincipal ? l10n.t('application {0}', servicePrincipal.clientId) : l10n.t('the signed-in account'),
    ],
    credentialFor: (tenantId) =>
      identityCredential(mode, { cloud, tenantId, ...(servicePrincipal ? { servicePrincipal } : {}) }),
    askUser: () => Promise.resolve(false),
  };
}

async function connectSample(context: ExtensionContext, log: LogOutputChannel): Promise<Connection> {
  const [{ openSampleEstate }, { connectAzure: open }] = await Promise.all([
    import('../emulator/sample.ts'),
    import('../azure/connect.ts'),
  ]);
  const sample = await openSampleEstate({
    store: fileStore(sampleFolder(context)),
    changeMs: sampleChangeMs(),
    retryAfterSeconds: 1,
  });
  if (sample.notPlayed.length > 0)
    log.info(`Sample servers that this runtime cannot play: ${sample.notPlayed.join(', ')}`);
  const connected = open({
    cloud: clouds.public,
    accountLabel: sample.accountLabel,
    httpClient: sample.httpClient,
    credentialFor: (tenantId) => ({
      getToken: () =>
        Promise.resolve({ token: `sample:${tenantId ?? ''}`, expiresOnTimestamp: Date.now() + 3_600_000 }),
    }),
    pollIntervalMs: 1000,
    log: (line) => log.debug(line),
  });
  const azure = withOpenLocks(connected, byTierOverrides);
  return {
    azure,
    cloud: clouds.public,
    sample,
    accountOf: azure.accountOf,
    chosen: { tenants: null, subscriptions: null },
    readDirectory: () => azure.readDirectory(),
    askUser: () => Promise.resolve(false),
    probeOptions: () => ({
      connectionTimeoutMs: Math.min(connectionTimeoutMs(), 3000),
      expiresSoonDays: expiresSoonDays(),
      route: sample.route,
      extraRoots: [sample.caPem],
    }),
    close: () => sample.close(),
  };
}

function sampleFolder(context: ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'sample');
}

/** The state of the sample estate in a file, so that all windows share it and a reload keeps a running change. */
function fileStore(folder: string): { read(): string | undefined; write(text: string): void } {
  const file = path.join(folder, 'estate.json');
  return {
    read: () => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
    },
    write: (text) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.${process.pid}`, text);
      renameSync(`${file}.${process.pid}`, file);
    },
  };
}
