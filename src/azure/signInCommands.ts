// The commands by which tools sign in and out.

import type { Cloud } from './clouds.ts';

/** Where to sign in; null: the tenant that the tool chooses. */
export interface Place {
  readonly cloud: Cloud;
  readonly tenantId: string | null;
}

export type Tool = 'azureCli' | 'azurePowerShell' | 'azureDeveloperCli';

/** What the tools call the clouds that they know besides the public one. */
const cloudNames: Partial<Record<Cloud['name'], string>> = {
  usGovernment: 'AzureUSGovernment',
  china: 'AzureChinaCloud',
};

/** The commands that sign the tool in to a tenant of a cloud, in the order to be run. */
export function signInCommands(tool: Tool, { cloud, tenantId }: Place): string[] {
  const name = cloudNames[cloud.name];
  const tenant = (option: string) => (tenantId === null ? '' : ` ${option} ${tenantId}`);
  switch (tool) {
    case 'azureCli':
      return [...(name ? [`az cloud set --name ${name}`] : []), `az login${tenant('--tenant')}`];
    case 'azurePowerShell':
      return [`Connect-AzAccount${name ? ` -Environment ${name}` : ''}${tenant('-Tenant')}`];
    case 'azureDeveloperCli':
      return [...(name ? [`azd config set cloud.name ${name}`] : []), `azd auth login${tenant('--tenant-id')}`];
  }
}

/** Null where nothing is to be run. */
export function signOutCommand(mode: string): string | null {
  if (mode === 'azureCli') return 'az logout';
  if (mode === 'azurePowerShell') return 'Disconnect-AzAccount';
  return mode === 'azureDeveloperCli' ? 'azd auth logout' : null;
}
