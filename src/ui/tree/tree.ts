// The view "Instances": rows from the estate, grouping and filter, badge and message.

import { EventEmitter, commands, l10n, window } from 'vscode';
import type { Disposable, TreeDataProvider } from 'vscode';
import { hostAndPort } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { isWeak } from '../../core/tls/state.ts';
import { surveyHeadline } from '../../core/wording.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import { failureText } from '../errors.ts';
import type { Services } from '../services.ts';
import { readText } from '../text.ts';
import { treeItem } from './items.ts';
import { nodeId, rootNodes, sections, settingsOf, visibleInstances } from './nodes.ts';
import type { Grouping, Node, TreeView as View } from './nodes.ts';

const viewKey = 'tree.view';

/** How the tree is grouped and filtered; kept per workspace. */
export function currentView(services: Services): View {
  const kept = services.context.workspaceState.get<Partial<View>>(viewKey);
  return { grouping: kept?.grouping ?? 'subscription', filter: kept?.filter ?? '', onlyWeak: kept?.onlyWeak ?? false };
}

const viewChanged = new EventEmitter<void>();

export async function changeView(services: Services, change: Partial<View>): Promise<void> {
  await services.context.workspaceState.update(viewKey, { ...currentView(services), ...change });
  viewChanged.fire();
}

export function groupingLabel(grouping: Grouping): string {
  const labels = {
    subscription: l10n.t('Subscription'),
    tier: l10n.t('Tier'),
    region: l10n.t('Region'),
    finding: l10n.t('Finding'),
  };
  return labels[grouping];
}

export function registerTree(services: Services): Disposable {
  const changed = new EventEmitter<Node | undefined>();
  const provider: TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => treeItem(node, services),
    getChildren: (node) => children(node, services),
    getParent: (node) => parent(node, services),
  };
  const view = window.createTreeView('apimTls.instances', {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });

  let scheduled: NodeJS.Timeout | undefined;
  function redraw(): void {
    // Many changes in one turn are one redraw.
    scheduled ??= setTimeout(() => {
      scheduled = undefined;
      changed.fire(undefined);
      decorate();
    }, 20);
  }

  function decorate(): void {
    const { estate } = services;
    const state = currentView(services);
    const weak = estate.instances.filter(isWeak).length;
    view.badge =
      weak === 0
        ? undefined
        : { value: weak, tooltip: weak === 1 ? l10n.t('1 weak instance') : l10n.t('{0} weak instances', weak) };
    const shown = visibleInstances(estate, state).length;
    const filtered = state.filter !== '' || state.onlyWeak;
    view.message = filtered && shown > 0 ? filterMessage(state, shown, estate.instances.length) : '';
    void commands.executeCommand('setContext', 'apimTls.state', contextState(services, shown));
    void commands.executeCommand('setContext', 'apimTls.onlyWeak', state.onlyWeak);
    void commands.executeCommand('setContext', 'apimTls.filtered', state.filter !== '' || state.onlyWeak);
  }

  const subscriptions: Disposable[] = [
    view,
    changed,
    services.estate.onDidChange(redraw),
    services.operations.onDidChange(redraw),
    services.surveys.onDidChange(redraw),
    viewChanged.event(redraw),
    { dispose: () => clearTimeout(scheduled) },
  ];
  return { dispose: () => subscriptions.forEach((subscription) => void subscription.dispose()) };
}

function contextState(services: Services, shown: number): string {
  const { estate } = services;
  if (estate.status === 'signedOut' || estate.status === 'failed') return estate.status;
  if (estate.status !== 'ready') return 'reading';
  if (estate.instances.length === 0) return estate.failures.length === 0 ? 'empty' : 'ready';
  return shown === 0 && estate.failures.length === 0 ? 'filtered' : 'ready';
}

function filterMessage(state: View, shown: number, all: number): string {
  const parts = [
    ...(state.filter === '' ? [] : [`"${state.filter}"`]),
    ...(state.onlyWeak ? [l10n.t('only weak')] : []),
  ];
  return l10n.t('{0}: {1} of {2} instances', parts.join(', '), shown, all);
}

async function children(node: Node | undefined, services: Services): Promise<Node[]> {
  if (!node) {
    readText();
    if (services.estate.status === 'unread') await services.refresh();
    return rootNodes(services.estate, currentView(services));
  }
  switch (node.kind) {
    case 'group':
      return node.instances.map((instance) => ({ kind: 'instance', instance }));
    case 'instance':
      return sections.map((section) => ({ kind: 'section', instance: node.instance, section }));
    case 'section':
      return sectionChildren(node, services);
    default:
      return [];
  }
}

async function sectionChildren(node: Extract<Node, { kind: 'section' }>, services: Services): Promise<Node[]> {
  const { instance, section } = node;
  if (section === 'backends') return backendNodes(instance, services);
  if (section === 'hosts') return gatewayNodes(instance, services);
  return settingsOf(section).map((setting) => ({ kind: 'setting', instance, setting }));
}

async function backendNodes(instance: Instance, services: Services): Promise<Node[]> {
  const parentId = nodeId({ kind: 'section', instance, section: 'backends' });
  try {
    const { azure } = await services.connection();
    const { hosts, unreadable } = await readBackendHosts(azure, instance.id);
    const rows: Node[] = hosts.map((host) => {
      const survey = services.surveys.get(hostAndPort(host));
      const detail =
        host.scheme === 'http'
          ? l10n.t('plain HTTP, no TLS')
          : survey
            ? surveyHeadline(survey)
            : l10n.t('not probed yet');
      const uses = host.usedBy.map((use) => `${use.title}: ${use.url}`);
      return {
        kind: 'host',
        instance,
        role: 'backend',
        host: host.host,
        port: host.port,
        detail,
        tooltip: [detail, ...uses].join('\n'),
        tls: host.scheme === 'https',
      };
    });
    const odd: Node[] = unreadable.map(({ title, url }) => ({
      kind: 'message',
      parent: `${parentId}/${title}`,
      text: l10n.t('{0}: the address "{1}" cannot be read', title, url),
      problem: true,
    }));
    if (rows.length + odd.length === 0)
      return [{ kind: 'message', parent: parentId, text: l10n.t('This instance has no backends'), problem: false }];
    return [...rows, ...odd];
  } catch (error) {
    return [{ kind: 'message', parent: parentId, text: failureText(error), problem: true }];
  }
}

function gatewayNodes(instance: Instance, services: Services): Node[] {
  return instance.hosts.map((host) => {
    const survey = services.surveys.get(hostAndPort({ host: host.hostName.toLowerCase(), port: 443 }));
    const detail =
      host.type === 'Proxy' ? (survey ? surveyHeadline(survey) : l10n.t('gateway, not probed yet')) : host.type;
    const expiry =
      host.certificateExpiry === null
        ? l10n.t('certificate end not stated')
        : l10n.t('certificate ends {0}', host.certificateExpiry.slice(0, 10));
    const negotiate = host.negotiateClientCertificate
      ? l10n.t('asks for a client certificate in the handshake')
      : l10n.t('does not ask for a client certificate in the handshake');
    return {
      kind: 'host',
      instance,
      role: 'gateway',
      host: host.hostName.toLowerCase(),
      port: 443,
      detail,
      tooltip: [host.type, detail, expiry, negotiate].join('\n'),
      tls: true,
    };
  });
}

function parent(node: Node, services: Services): Node | undefined {
  switch (node.kind) {
    case 'instance':
      return rootNodes(services.estate, currentView(services)).find(
        (root) => root.kind === 'group' && root.instances.some(({ id }) => id === node.instance.id),
      );
    case 'section':
      return { kind: 'instance', instance: node.instance };
    default:
      return undefined;
  }
}
