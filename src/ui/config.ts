// The settings of the extension, read when they are needed.

import { workspace } from 'vscode';
import { clouds } from '../azure/clouds.ts';
import type { Cloud } from '../azure/clouds.ts';
import type { ProbeOptions } from '../probe/survey.ts';

export type SignInMode =
  'vscode' | 'azureCli' | 'azurePowerShell' | 'azureDeveloperCli' | 'environment' | 'managedIdentity';

const section = () => workspace.getConfiguration('apimTls');

export function estateKind(): 'azure' | 'sample' {
  return section().get<string>('estate') === 'sample' ? 'sample' : 'azure';
}

export function chosenCloud(): Cloud {
  const name = section().get<string>('cloud');
  return clouds[name === 'usGovernment' || name === 'china' ? name : 'public'];
}

export function signInMode(): SignInMode {
  return section().get<SignInMode>('signIn') ?? 'vscode';
}

/** A number of the settings, kept within its bounds whatever the settings file says. */
function bounded(name: string, fallback: number, least: number, most: number): number {
  const value = section().get<unknown>(name);
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

export const connectionTimeoutMs = () => bounded('probe.connectionTimeout', 5, 1, 60) * 1000;
export const hostsAtOnce = () => Math.round(bounded('probe.hostsAtOnce', 64, 1, 256));
export const expiresSoonDays = () => Math.round(bounded('certificates.expiresSoon', 30, 1, 365));
export const sampleChangeMs = () => bounded('sample.changeDuration', 20, 0, 3600) * 1000;

/** Probing of hosts that have nothing to do with the sample estate. */
export function defaultProbeOptions(): ProbeOptions {
  return { connectionTimeoutMs: connectionTimeoutMs(), expiresSoonDays: expiresSoonDays() };
}
