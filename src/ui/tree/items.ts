// How each row of the tree looks and sounds.

import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, l10n } from 'vscode';
import type { Worst } from '../../core/finding.ts';
import { hostAndPort, isBusy } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { gatewaySuites } from '../../core/tls/ciphers.ts';
import { retiredVersions } from '../../core/tls/protocols.ts';
import { isConfirmed, readSettings, settingById, stateOf, versionsOf } from '../../core/tls/settings.ts';
import type { SettingId } from '../../core/tls/settings.ts';
import { instanceFindings } from '../../core/tls/state.ts';
import { surveyHeadline } from '../../core/surveyText.ts';
import {
  lockText,
  originText,
  settingLabel,
  unconfirmedText,
  unlockedText,
  valueText,
} from '../../core/settingText.ts';
import { instanceFindingText, timeCostText, versionRange, worstText } from '../../core/wording.ts';
import type { Services } from '../services.ts';
import { driftMark, driftTooltip } from './driftMark.ts';
import { factsOf } from './facts.ts';
import { gatewayItem, gatewaysItem, selfHostedItem } from './gatewayItems.ts';
import type { Listing } from './listing.ts';
import { nodeId, rowsAtOnce } from './nodes.ts';
import type { Node, Section } from './nodes.ts';
import { failureItem, notAskedItem } from './unreadItems.ts';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

function worstIcon(worst: Worst): ThemeIcon {
  switch (worst) {
    case 'problem':
      return new ThemeIcon('error', new ThemeColor('problemsErrorIcon.foreground'));
    case 'warning':
      return new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'));
    case 'note':
      return new ThemeIcon('info', new ThemeColor('problemsInfoIcon.foreground'));
    case 'none':
      return new ThemeIcon('pass', new ThemeColor('testing.iconPassed'));
  }
}

export function treeItem(node: Node, services: Services, listing: Listing): TreeItem {
  const item = draw(node, services, listing);
  item.id = nodeId(node);
  return item;
}

/** What is shown when a row is pointed at and is not part of the row from the beginning. */
export function treeTooltip(node: Node, services: Services): MarkdownString | undefined {
  return node.kind === 'instance' ? instanceTooltip(fresh(node, services), services) : undefined;
}

function draw(node: Node, services: Services, listing: Listing): TreeItem {
  switch (node.kind) {
    case 'group':
      return groupItem(node.id, listing);
    case 'more':
      return moreItem(node);
    case 'gateways':
      return gatewaysItem(node.count, listing.open);
    case 'gateway':
      return gatewayItem(node.gateway, services.estate.subscriptionName(node.gateway.subscriptionId));
    case 'selfHosted':
      return selfHostedItem(node.gateway);
    case 'notAsked':
      return notAskedItem(node.subscriptions);
    case 'instance':
      return instanceItem(fresh(node, services), services);
    case 'section':
      return sectionItem(node.section, fresh(node, services));
    case 'setting':
      return settingItem(fresh(node, services), node.setting);
    case 'host':
      return hostItem(node, services);
    case 'failure':
      return failureItem(node.failure);
    case 'message': {
      const item = new TreeItem(node.text, None);
      item.iconPath = new ThemeIcon(node.problem ? 'warning' : 'info');
      item.contextValue = 'message';
      return item;
    }
  }
}

/** Rows keep their identity while the estate moves on: they are drawn from what is known now. */
function fresh(node: { readonly instance: Instance }, services: Services): Instance {
  return services.estate.instance(node.instance.id) ?? node.instance;
}

function groupItem(id: string, { groups, open }: Listing): TreeItem {
  const group = groups.get(id);
  // A group that has gone is drawn once more before VS Code hears of it.
  if (!group) return new TreeItem('', None);
  const item = new TreeItem(group.label, open ? Expanded : Collapsed);
  const { count, weak } = group;
  item.description = weak === 0 ? String(count) : l10n.t('{0}, {1} weak', count, weak);
  const icons = { subscription: 'key', tier: 'layers', region: 'globe', finding: 'list-unordered' };
  item.iconPath = new ThemeIcon(icons[group.grouping]);
  item.contextValue = 'group';
  const instances = count === 1 ? l10n.t('1 instance') : l10n.t('{0} instances', count);
  item.accessibilityInformation = { label: l10n.t('{0}, {1}, {2} weak', group.label, instances, weak) };
  return item;
}

function moreItem(node: Extract<Node, { kind: 'more' }>): TreeItem {
  const label = l10n.t('Show {0} more', Math.min(rowsAtOnce, node.left));
  const item = new TreeItem(label, None);
  item.description = l10n.t('{0} of {1} shown', node.shown, node.shown + node.left);
  item.iconPath = new ThemeIcon('ellipsis');
  item.contextValue = 'more';
  item.command = { command: 'apimTls.showMore', title: l10n.t('Show more'), arguments: [node] };
  item.accessibilityInformation = { label: `${label}, ${item.description}` };
  return item;
}

function instanceItem(instance: Instance, services: Services): TreeItem {
  const item = new TreeItem(instance.name, Collapsed);
  const own = services.operations.of(instance.id);
  const changing = own !== undefined || isBusy(instance);
  const { worst, summary } = factsOf(instance);
  const drift = driftMark(services, instance);
  const state = [changing ? l10n.t('changing, {0}', summary) : summary, ...(drift ? [drift.text] : [])]
    .reverse()
    .join(', ');
  // The state comes first: a narrow side bar cuts off the end.
  item.description = `${state} · ${instance.tier}, ${instance.location}`;
  item.iconPath = changing ? new ThemeIcon('loading~spin') : worstIcon(worst);
  item.contextValue = changing ? 'instance.changing' : 'instance';
  if (drift) {
    item.contextValue = 'instance.drifted';
    item.resourceUri = drift.uri;
  }
  item.accessibilityInformation = {
    label: `${instance.name}, ${instance.tier}, ${instance.location}, ${state}, ${worstText(worst)}`,
  };
  return item;
}

function instanceTooltip(instance: Instance, services: Services): MarkdownString {
  const text = new MarkdownString('', true);
  const states = readSettings(instance);
  const explicit = Object.values(states).filter((state) => state.origin === 'explicit').length;
  const lines: [string, string][] = [
    [l10n.t('Tier'), l10n.t('{0}, {1} units', instance.tier, instance.units)],
    [l10n.t('Region'), [instance.location, ...instance.otherRegions].join(', ')],
    [l10n.t('Subscription'), services.estate.subscriptionName(instance.subscriptionId)],
    [l10n.t('Resource group'), instance.resourceGroup],
    [l10n.t('Provisioning state'), instance.provisioningState],
    [l10n.t('Created'), instance.createdAt?.slice(0, 10) ?? l10n.t('not stated')],
    [
      l10n.t('Settings'),
      instance.customProperties === null ? l10n.t('not stated') : l10n.t('{0} set, the rest by default', explicit),
    ],
    [
      l10n.t('Read'),
      `${instance.readAt.slice(0, 19).replace('T', ' ')} UTC${instance.etag === null ? `, ${l10n.t('from Resource Graph')}` : ''}`,
    ],
  ];
  const findings = instanceFindings(instance).map((finding) => `* ${escape(instanceFindingText(finding))}`);
  text.appendMarkdown(
    `**${escape(instance.name)}**\n\n${lines.map(([name, value]) => `${name}: ${escape(value)}`).join('  \n')}`,
  );
  if (findings.length > 0) text.appendMarkdown(`\n\n${findings.join('\n')}`);
  const drift = driftTooltip(services, instance).map(escape);
  if (drift.length > 0) text.appendMarkdown(`\n\n${drift.join('  \n')}`);
  text.appendMarkdown(`\n\n${escape(timeCostText(instance.tier))}`);
  return text;
}

/** Names come from Azure: they are shown, not interpreted. */
function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$]/g, '\\$&');
}

function sectionItem(section: Section, instance: Instance): TreeItem {
  const states = readSettings(instance);
  const labels = {
    client: l10n.t('Client side'),
    backend: l10n.t('Backend side'),
    ciphers: l10n.t('Cipher suites'),
    backends: l10n.t('Backends'),
    hosts: l10n.t('Gateway hosts'),
    selfHosted: l10n.t('Self-hosted gateways'),
  };
  const icons = {
    client: 'arrow-right',
    backend: 'arrow-left',
    ciphers: 'lock',
    backends: 'server',
    hosts: 'globe',
    selfHosted: 'server-environment',
  };
  const item = new TreeItem(labels[section], Collapsed);
  item.iconPath = new ThemeIcon(icons[section]);
  item.contextValue = 'section';
  const missing = instance.customProperties === null;
  if (section === 'client' || section === 'backend') item.description = versionRange(versionsOf(states, section));
  if (section === 'ciphers') {
    const on = gatewaySuites.filter((suite) => states[`cipher.${suite.name}`]?.value === 'on');
    const weak = on.filter((suite) => suite.strength !== 'recommended').length;
    item.description = missing
      ? l10n.t('not stated')
      : l10n.t('{0} of {1} on, {2} weak', on.length, gatewaySuites.length, weak);
  }
  if (section === 'hosts') item.description = String(instance.hosts.length);
  return item;
}

function settingItem(instance: Instance, id: SettingId): TreeItem {
  const state = stateOf(readSettings(instance), id);
  const setting = settingById(id);
  const label = setting?.suite?.name ?? settingLabel(id).split(',')[0] ?? id;
  const item = new TreeItem(label, None);
  const origin = state.origin === 'platform' || state.origin === 'notStated' ? '' : ` (${originText(state)})`;
  item.description = `${valueText(state)}${origin}`;
  const old = setting?.version !== undefined && retiredVersions.includes(setting.version);
  const risky = state.value === 'on' && (old || setting?.suite?.strength === 'insecure');
  const weak = state.value === 'on' && setting?.suite?.strength === 'weak';
  const icon = risky
    ? worstIcon('problem')
    : weak
      ? worstIcon('note')
      : new ThemeIcon(state.value === 'on' ? 'check' : state.value === 'off' ? 'circle-slash' : 'question');
  item.iconPath = icon;
  item.contextValue = 'setting';
  item.tooltip = [
    `${settingLabel(id)}: ${valueText(state)} (${originText(state)})`,
    lockText(state, instance.tier),
    unlockedText(state, instance.tier),
    setting && state.lock === undefined && !isConfirmed(setting, instance.tier) ? unconfirmedText(id) : '',
    ...(setting?.keys ?? []),
  ]
    .filter((line) => line !== '')
    .join('\n');
  item.accessibilityInformation = {
    label: `${label}, ${item.description}${risky || weak ? `, ${l10n.t('weak')}` : ''}`,
  };
  return item;
}

function hostItem(node: Extract<Node, { kind: 'host' }>, services: Services): TreeItem {
  const item = new TreeItem(node.port === 443 ? node.host : hostAndPort(node), None);
  const survey = services.surveys.get(hostAndPort(node));
  item.description = survey && node.tls ? surveyHeadline(survey) : node.unprobed;
  item.tooltip = [hostAndPort(node), item.description, ...node.tooltip].join('\n');
  item.accessibilityInformation = { label: [hostAndPort(node), item.description, ...node.tooltip].join(', ') };
  item.iconPath = new ThemeIcon(node.tls ? (node.role === 'backend' ? 'server' : 'globe') : 'unlock');
  if (node.role === 'backend') item.contextValue = node.tls ? 'backendHost' : 'plainBackendHost';
  else item.contextValue = node.tls ? 'host' : 'plainHost';
  return item;
}
