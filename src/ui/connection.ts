// The way to Azure, or to the sample estate that stands in for it: the only place that knows which.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { l10n } from 'vscode';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { Azure } from '../azure/access.ts';
import { clouds } from '../azure/clouds.ts';
import type { Cloud } from '../azure/clouds.ts';
import type { SampleEstate } from '../emulator/sample.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { silentSession, vscodeCredential } from './auth.ts';
import {
  chosenCloud,
  connectionTimeoutMs,
  defaultProbeOptions,
  estateKind,
  expiresSoonDays,
  sampleChangeMs,
  signInMode,
} from './config.ts';
import { ArmError } from '../core/failure.ts';

export interface Connection {
  readonly azure: Azure;
  readonly cloud: Cloud;
  readonly sample: SampleEstate | null;
  probeOptions(): ProbeOptions;
  close(): Promise<void>;
}

/** Opens what the settings name. Rejects with `ArmError` code signedOut where nobody is signed in. */
export function connect(context: ExtensionContext, log: LogOutputChannel): Promise<Connection> {
  return estateKind() === 'sample' ? connectSample(context, log) : connectAzure(log);
}

async function connectAzure(log: LogOutputChannel): Promise<Connection> {
  const cloud = chosenCloud();
  const mode = signInMode();
  let accountLabel = l10n.t('the signed-in account');
  if (mode === 'vscode') {
    const session = await silentSession(cloud, null);
    if (!session) throw new ArmError({ code: 'signedOut' });
    accountLabel = session.account.label;
  }
  const identity = mode === 'vscode' ? null : await import('../azure/identity.ts');
  const { connectAzure: open } = await import('../azure/connect.ts');
  const azure = open({
    cloud,
    accountLabel,
    credentialFor: (tenantId) =>
      identity && mode !== 'vscode'
        ? identity.identityCredential(mode, { cloud, tenantId })
        : vscodeCredential(cloud, tenantId),
    log: (line) => log.debug(line),
  });
  return {
    azure,
    cloud,
    sample: null,
    probeOptions: defaultProbeOptions,
    close: () => Promise.resolve(),
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
  const azure = open({
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
  return {
    azure,
    cloud: clouds.public,
    sample,
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
