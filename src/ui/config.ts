// The settings of the extension, read when they are needed.

import { workspace } from 'vscode';
import type { IdentityMode } from '../azure/identity.ts';
import type { Endpoint } from '../core/tls/evidence.ts';
import { proxyFor } from '../probe/proxy.ts';
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

/** 0: never. */
export function driftCheckMinutes(): number {
  const minutes = Math.round(bounded('driftCheckMinutes', 0, 0, 1440));
  return minutes === 0 ? 0 : Math.max(15, minutes);
}

/** Paths of operations that a check requests of each backend, beside that of its address. */
export const pathsPerHost = () => Math.round(bounded('check.pathsPerHost', 0, 0, 20));
export const connectionsPerHost = () => Math.round(bounded('probe.connectionsPerHost', 8, 1, 64));
export const hostTimeoutMs = () => bounded('probe.hostTimeout', 60, 1, 600) * 1000;

/** Hosts of this machine, which VS Code too reaches past any proxy. */
const local = ['localhost', '127.0.0.0/8', '::1'];

/** The proxy that VS Code's own settings and the environment name for an endpoint. */
function proxyOf(endpoint: Endpoint): string | undefined {
  const http = workspace.getConfiguration('http');
  if (http.get('proxySupport') === 'off') return undefined;
  const url = http.get<unknown>('proxy');
  const direct = http.get<unknown>('noProxy');
  return proxyFor(endpoint, {
    url: typeof url === 'string' ? url : '',
    direct: [...local, ...(Array.isArray(direct) ? direct.filter((entry) => typeof entry === 'string') : [])],
    environment: process.env,
  });
}

/** How every host is probed, unless it is one of the sample estate. */
export function defaultProbeOptions(): ProbeOptions {
  return {
    connectionTimeoutMs: connectionTimeoutMs(),
    endpointTimeoutMs: hostTimeoutMs(),
    maxConnections: connectionsPerHost(),
    expiresSoonDays: expiresSoonDays(),
    proxy: proxyOf,
  };
}
