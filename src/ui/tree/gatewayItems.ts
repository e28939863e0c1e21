// How the rows of workspace gateways and self-hosted gateways look and sound.

import { ThemeIcon, TreeItem, TreeItemCollapsibleState, l10n } from 'vscode';
import type { SelfHostedGateway } from '../../azure/access.ts';
import type { WorkspaceGateway } from '../../core/instance.ts';

const { Collapsed, Expanded } = TreeItemCollapsibleState;

export function gatewaysItem(count: number, open: boolean): TreeItem {
  const item = new TreeItem(l10n.t('Workspace gateways'), open ? Expanded : Collapsed);
  item.description = String(count);
  item.iconPath = new ThemeIcon('multiple-windows');
  item.contextValue = 'gateways';
  item.accessibilityInformation = { label: l10n.t('Workspace gateways, {0}', count) };
  return item;
}

export function gatewayItem(gateway: WorkspaceGateway, subscription: string): TreeItem {
  const item = new TreeItem(gateway.name, Collapsed);
  item.description = l10n.t('TLS not stated · {0}, {1}, {2}', gateway.tier, gateway.location, subscription);
  item.iconPath = new ThemeIcon('question');
  item.contextValue = 'gateway';
  item.tooltip = [
    gateway.name,
    l10n.t('{0}, {1} units', gateway.tier, gateway.units),
    gateway.location,
    subscription,
    gateway.resourceGroup,
    gateway.provisioningState,
  ].join('\n');
  item.accessibilityInformation = { label: `${gateway.name}, ${item.description}` };
  return item;
}

export function selfHostedItem(gateway: SelfHostedGateway): TreeItem {
  const item = new TreeItem(gateway.name, Collapsed);
  item.description = [gateway.place, gateway.description].filter((text) => text !== '').join(' · ');
  item.iconPath = new ThemeIcon('server-environment');
  item.contextValue = 'selfHosted';
  item.accessibilityInformation = { label: [gateway.name, gateway.place, gateway.description].join(', ') };
  return item;
}
