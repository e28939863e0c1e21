// The settings of the extension, read when they are needed.

import { workspace } from 'vscode';
import type { IdentityMode } from '../azure/identity.ts';
import type { ProbeOptions } from '../probe/survey.ts';

export type SignInMode = 'vscode' | IdentityMode;

const section = () => workspace.getConfiguration('apimTls');

/** A text of the settings, without space around it; empty where the settings file says something else. */
export function textSetting(name: string): string {
  const value = section().get<unknown>(name);
  return typeof value === 'string' ? value.trim() : '';
}

export function estateKind(): 'azure' | 'sample' {
  return section().get<string>('estate') === 'sample' ? 'sample' : 'azure';
}

const signInModes: readonly string[] = [
  'azureCli',
  'azurePowerShell',
  'azureDeveloperCli',
  'environment',
  'servicePrincipal',
  'managedIdentity',
] satisfies IdentityMode[];

export function signInMode(): SignInMode {
  const mode = section().get<unknown>('signIn');
  return typeof mode === 'string' && signInModes.includes(mode) ? (mode as IdentityMode) : 'vscode';
}

/** These start a program of the machine, which a workspace that is not trusted must not bring about. */
export function startsProgram(mode: SignInMode): boolean {
  return mode === 'azureCli' || mode === 'azurePowerShell' || mode === 'azureDeveloperCli';
}

/** The application that signs in by itself, without its secret. */
export function servicePrincipalSetting(): { tenantId: string; clientId: string; certificatePath: string } {
  return {
    tenantId: textSetting('servicePrincipal.tenantId'),
    clientId: textSetting('servicePrincipal.clientId'),
    certificatePath: textSetting('servicePrincipal.certificatePath'),
  };
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
