// The view "Instances": rows from the estate, grouping and filter, badge and message.

import { commands, l10n } from 'vscode';
import type { Disposable, TreeItem } from 'vscode';
import { hostAndPort } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { isWeak } from '../../core/tls/state.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import { failureText } from '../errors.ts';
import { idKey } from '../estate.ts';
import type { Shell } from '../app.ts';
import type { Services } from '../services.ts';
import { treeItem } from './items.ts';
import { nodeId, rootNodes, sections, settingsOf, visibleInstances } from './nodes.ts';
import type { Grouping, Node, TreeView as View } from './nodes.ts';

const viewKey = 'tree.view';

/** How the tree is grouped and filtered; kept per workspace. */
export function currentView(services: Services): View {
  const kept = services.context.workspaceState.get<Partial<View>>(viewKey);
  return { grouping: kept?.grouping ?? 'subscription', filter: kept?.filter ?? '', onlyWeak: kept?.onlyWeak ?? false };
}

export async function changeView(services: Services, change: Partial<View>): Promise<void> {
  await services.context.workspaceState.update(viewKey, { ...currentView(services), ...change });
  services.viewChanged.fire();
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

export interface Tree extends Disposable {
  item(node: Node): TreeItem;
  /** The rows below a row, or the first ones. Reads the estate where that has not been done yet. */
  children(node: Node | undefined): Promise<Node[]>;
  parent(node: Node): Node | undefined;
}

export function openTree(services: Services, { view, treeChanged: changed }: Shell): Tree {
  // The rows that VS Code knows, by id: a row that is redrawn must be the very object that was handed out, and a full
  // redraw, in which commands on rows find nothing, is kept for changes of more than one row.
  const rows = new Map<string, Node>();
  const known = (node: Node): Node => {
    const id = nodeId(node);
    const row = rows.get(id);
    if (row && row.kind !== 'group') return row;
    rows.set(id, node);
    return node;
  };
  let drawnEmpty = true;

  let scheduled: { readonly timer: NodeJS.Timeout; readonly ms: number } | undefined;
  function redraw(): void {
    // Many changes in one turn are one redraw. VS Code draws the first one at once and holds back those of the next
    // 200 ms, hence none while there is nothing to draw, and one for a reading that is short.
    const isEmpty = () => rootNodes(services.estate, currentView(services)).length === 0;
    const ms = services.estate.status === 'reading' && !isEmpty() ? 150 : 20;
    if (scheduled && scheduled.ms <= ms) return;
    clearTimeout(scheduled?.timer);
    const timer = setTimeout(() => {
      scheduled = undefined;
      if (!drawnEmpty || !isEmpty()) changed.fire(undefined);
      decorate();
    }, ms);
    scheduled = { timer, ms };
  }

  let weakBefore = new Set<string>();
  function redrawInstance(id: string): void {
    const instance = services.estate.instance(id);
    const { grouping, filter, onlyWeak } = currentView(services);
    const row = instance && rows.get(nodeId({ kind: 'instance', instance }));
    const moves = grouping === 'finding' || filter !== '' || onlyWeak;
    if (!row || moves || isWeak(instance) !== weakBefore.has(idKey(id))) redraw();
    else changed.fire(row);
  }

  function redrawHost(host: string): void {
    for (const row of rows.values()) if (row.kind === 'host' && hostAndPort(row) === host) changed.fire(row);
  }

  let changing = new Set<string>();
  function redrawChanging(): void {
    const now = new Set(services.operations.running.map(({ instanceId }) => instanceId));
    // Only rows that begin or end to change: the time that has passed is not in the tree.
    for (const id of [...changing, ...now]) if (changing.has(id) !== now.has(id)) redrawInstance(id);
    changing = now;
  }

  function decorate(): void {
    const { estate } = services;
    const state = currentView(services);
    weakBefore = new Set(estate.instances.filter(isWeak).map(({ id }) => idKey(id)));
    const weak = weakBefore.size;
    view.badge =
      weak === 0
        ? undefined
        : { value: weak, tooltip: weak === 1 ? l10n.t('1 weak instance') : l10n.t('{0} weak instances', weak) };
    const shown = visibleInstances(estate, state).length;
    const filtered = state.filter !== '' || state.onlyWeak;
    // With no row at all the welcome view says it.
    const rowsLeft = shown > 0 || estate.failures.length > 0;
    const message = filtered && rowsLeft ? filterMessage(state, shown, estate.instances.length) : '';
    // Even the same message would count as a change of the rows.
    if (message !== (view.message ?? '')) view.message = message;
    void commands.executeCommand('setContext', 'apimTls.state', contextState(services, shown));
    void commands.executeCommand('setContext', 'apimTls.onlyWeak', state.onlyWeak);
    void commands.executeCommand('setContext', 'apimTls.filtered', filtered);
  }

  const subscriptions: Disposable[] = [
    services.estate.onDidChange((id) => (id === undefined ? redraw() : redrawInstance(id))),
    services.operations.onDidChange(redrawChanging),
    services.surveys.onDidChange(redrawHost),
    services.viewChanged.event(redraw),
    { dispose: () => clearTimeout(scheduled?.timer) },
  ];
  return {
    item: (node) => treeItem(node, services),
    children: async (node) => {
      if (!node) rows.clear();
      const found = await children(node, services);
      if (!node) drawnEmpty = found.length === 0;
      return found.map(known);
    },
    parent: (node) => parent(node, services),
    dispose: () => subscriptions.forEach((subscription) => void subscription.dispose()),
  };
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
    if (services.estate.status === 'unread') await services.refresh();
    return rootNodes(services.estate, currentView(services));
  }
  switch (node.kind) {
    case 'group':
      return node.instances.map((instance) => ({
        kind: 'instance',
        instance: services.estate.instance(instance.id) ?? instance,
      }));
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
  if (section === 'hosts') return gatewayNodes(instance);
  return settingsOf(section).map((setting) => ({ kind: 'setting', instance, setting }));
}

async function backendNodes(instance: Instance, services: Services): Promise<Node[]> {
  const parentId = nodeId({ kind: 'section', instance, section: 'backends' });
  try {
    const { azure } = await services.connection();
    const { hosts, unreadable } = await readBackendHosts(azure, instance.id);
    const rows: Node[] = hosts.map(({ host, port, scheme, usedBy }) => ({
      kind: 'host',
      instance,
      role: 'backend',
      host,
      port,
      unprobed: scheme === 'http' ? l10n.t('plain HTTP, no TLS') : l10n.t('not probed yet'),
      tooltip: usedBy.map((use) => `${use.title}: ${use.url}`),
      tls: scheme === 'https',
    }));
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

function gatewayNodes(instance: Instance): Node[] {
  return instance.hosts.map((host) => ({
    kind: 'host',
    instance,
    role: 'gateway',
    host: host.hostName.toLowerCase(),
    port: 443,
    unprobed: host.type === 'Proxy' ? l10n.t('gateway, not probed yet') : host.type,
    tooltip: [
      host.type,
      host.certificateExpiry === null
        ? l10n.t('certificate end not stated')
        : l10n.t('certificate ends {0}', host.certificateExpiry.slice(0, 10)),
      host.negotiateClientCertificate
        ? l10n.t('asks for a client certificate in the handshake')
        : l10n.t('does not ask for a client certificate in the handshake'),
    ],
    tls: true,
  }));
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
