// The view "Instances": rows from the estate, grouping and filter, badge and message.

import { commands, l10n } from 'vscode';
import type { Disposable, TreeItem } from 'vscode';
import { hostAndPort, idKey } from '../../core/instance.ts';
import { durationText } from '../../core/wording.ts';
import type { Shell } from '../app.ts';
import { failureText } from '../errors.ts';
import type { Services } from '../services.ts';
import { backendNodes, hostNodes, selfHostedHostNodes, selfHostedNodes, workspaceNodes } from './below.ts';
import { badgeDrifts } from './driftMark.ts';
import { treeItem, treeTooltip } from './items.ts';
import { isFiltered, listingOf } from './listing.ts';
import type { Grouping, Listing, TreeView as View } from './listing.ts';
import { rowsAtOnce, sectionsOf, settingsOf } from './nodes.ts';
import type { Node } from './nodes.ts';
import { drawGroup, drawRoots, handOut, nothingDrawn, rowsToRedraw } from './redraw.ts';

const viewKey = 'tree.view';

/** How the tree is grouped and filtered; kept per workspace. */
export function currentView(services: Services): View {
  const kept = services.context.workspaceState.get<Partial<View>>(viewKey);
  return { grouping: kept?.grouping ?? 'subscription', filter: kept?.filter ?? '', onlyWeak: kept?.onlyWeak ?? false };
}

export async function changeView(services: Services, change: Partial<View>): Promise<void> {
  const saved = services.context.workspaceState.update(viewKey, { ...currentView(services), ...change });
  services.rowLimits.clear();
  services.viewChanged.fire();
  await saved;
}

/** Shows more rows of the long group that the row stands for. */
export function showMore(services: Services, node: unknown): void {
  const { group, shown } = node as Extract<Node, { kind: 'more' }>;
  services.rowLimits.set(group, shown + rowsAtOnce);
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
  /** Adds what is shown only when a row is pointed at. */
  resolve(item: TreeItem, node: Node): TreeItem;
  /** The rows below a row, or the first ones. Reads the estate where that has not been done yet. */
  children(node: Node | undefined): Promise<Node[]>;
  parent(node: Node): Node | undefined;
}

export function openTree(services: Services, { view, treeChanged: changed }: Shell): Tree {
  const { estate, rowLimits } = services;
  const drawn = nothingDrawn();
  const listing = listingOnce(services);

  let scheduled: { readonly timer: NodeJS.Timeout; readonly ms: number } | undefined;
  function redraw(): void {
    // Many changes in one turn are one redraw. VS Code draws the first one at once and holds back those of the next
    // 200 ms, hence none while there is nothing to draw, and one for a reading that is short.
    const ms = estate.status === 'reading' && estate.instances.length > 0 ? 150 : 20;
    if (scheduled && scheduled.ms <= ms) return;
    clearTimeout(scheduled?.timer);
    const timer = setTimeout(() => {
      scheduled = undefined;
      drawNow();
    }, ms);
    scheduled = { timer, ms };
  }

  function drawNow(): void {
    clearTimeout(scheduled?.timer);
    scheduled = undefined;
    const rows = rowsToRedraw(drawn, listing(), rowLimits);
    if (rows === 'all') changed.fire(undefined);
    else if (rows.length > 0) changed.fire([...rows]);
    decorate();
  }

  function redrawHost(host: string): void {
    for (const row of drawn.rows.values()) if (row.kind === 'host' && hostAndPort(row) === host) changed.fire(row);
  }

  let changing = new Set<string>();
  function redrawChanging(): void {
    const now = new Set(services.operations.running.map(({ instanceId }) => idKey(instanceId)));
    // Only rows that begin or end to change: the time that has passed is not in the tree.
    for (const id of new Set([...changing, ...now])) {
      const row = changing.has(id) === now.has(id) ? undefined : drawn.rows.get(id);
      if (row) changed.fire(row);
    }
    changing = now;
  }

  function redrawDrifts(ids: readonly string[]): void {
    for (const id of ids) {
      const row = drawn.rows.get(idKey(id));
      if (row) changed.fire(row);
    }
  }

  function decorate(): void {
    const { weak } = listing();
    view.badge =
      weak === 0
        ? undefined
        : { value: weak, tooltip: weak === 1 ? l10n.t('1 weak instance') : l10n.t('{0} weak instances', weak) };
    const message = messageOf(services, listing());
    // Even the same message would count as a change of the rows.
    if (message !== (view.message ?? '')) view.message = message;
    const state = currentView(services);
    void commands.executeCommand('setContext', 'apimTls.state', contextState(services, listing()));
    void commands.executeCommand('setContext', 'apimTls.onlyWeak', state.onlyWeak);
    void commands.executeCommand('setContext', 'apimTls.filtered', isFiltered(state));
  }

  const subscriptions: Disposable[] = [
    estate.onDidChange(redraw),
    services.operations.onDidChange(redrawChanging),
    services.surveys.onDidChange(redrawHost),
    services.drifts.onDidChange(redrawDrifts),
    badgeDrifts(services.drifts),
    services.viewChanged.event(drawNow),
    { dispose: () => clearTimeout(scheduled?.timer) },
  ];
  return {
    item: (node) => treeItem(node, services, listing()),
    resolve: (item, node) => {
      const tooltip = treeTooltip(node, services);
      if (tooltip !== undefined) item.tooltip = tooltip;
      return item;
    },
    children: async (node) => {
      if (!node && estate.status === 'unread') await untilSomething(services);
      if (!node) return drawRoots(drawn, listing());
      const group = node.kind === 'group' ? listing().groups.get(node.id) : undefined;
      return group ? drawGroup(drawn, group, rowLimits) : handOut(drawn, await below(node, services, listing()));
    },
    parent: (node) => {
      const group = node.kind === 'instance' ? listing().groupOf(node.instance)?.id : undefined;
      if (node.kind === 'more') return drawn.rows.get(node.group);
      if (group !== undefined) return drawn.rows.get(group);
      return node.kind === 'section' ? drawn.rows.get(idKey(node.instance.id)) : undefined;
    },
    dispose: () => subscriptions.forEach((subscription) => void subscription.dispose()),
  };
}

/** A reading that ends so soon after its first rows is drawn once. */
const shortReadingMs = 120;

/** Begins the reading, and resolves with its first rows or its end: they need not wait for the rest. */
async function untilSomething(services: Services): Promise<void> {
  const { estate } = services;
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const listener = estate.onDidChange(() => {
    if (estate.instances.length === 0) return;
    if (estate.keptFrom === undefined) timer ??= setTimeout(resolve, shortReadingMs);
    else resolve();
  });
  await Promise.race([services.refresh(), promise]).finally(() => {
    clearTimeout(timer);
    listener.dispose();
  });
}

/** The listing of now; worked out again only when the estate or the view has changed. */
function listingOnce(services: Services): () => Listing {
  let last: { readonly key: string; readonly listing: Listing } | undefined;
  return () => {
    const { estate } = services;
    const view = currentView(services);
    const key = JSON.stringify([estate.version, view]);
    if (last?.key !== key) last = { key, listing: listingOf(estate, view) };
    return last.listing;
  };
}

function contextState({ estate }: Services, { shown, all, failures, notAsked, gateways }: Listing): string {
  const rows = shown + failures.length + notAsked.length + gateways.length > 0;
  if (estate.status === 'signedOut' || estate.status === 'failed') return estate.status;
  if (estate.status !== 'ready') return 'reading';
  if (rows) return 'ready';
  return all === 0 ? 'empty' : 'filtered';
}

/** What is left by the filter, and how old rows of an earlier session are. With no row at all the welcome view says it. */
function messageOf(services: Services, { shown, all, failures }: Listing): string {
  if (shown === 0 && failures.length === 0) return '';
  const state = currentView(services);
  const filtered = isFiltered(state) ? [filterMessage(state, shown, all)] : [];
  const limited = services.estate.limited ? [l10n.t('Chosen tenants and subscriptions only')] : [];
  return [...limited, ...filtered, ...ageMessage(services)].join('. ');
}

function filterMessage(state: View, shown: number, all: number): string {
  const parts = [
    ...(state.filter === '' ? [] : [`"${state.filter}"`]),
    ...(state.onlyWeak ? [l10n.t('only weak')] : []),
  ];
  return l10n.t('{0}: {1} of {2} instances', parts.join(', '), shown, all);
}

function ageMessage({ estate }: Services): string[] {
  if (estate.keptFrom === undefined) return [];
  const age = durationText(Date.now() - Date.parse(estate.keptFrom));
  if (estate.status === 'reading') return [l10n.t('As it was {0} ago. Reading it from Azure…', age)];
  return [l10n.t('As it was {0} ago. It could not be read now: {1}', age, failureText(estate.failure))];
}

async function below(node: Node, services: Services, { gateways }: Listing): Promise<Node[]> {
  switch (node.kind) {
    case 'instance': {
      const instance = services.estate.instance(node.instance.id) ?? node.instance;
      return sectionsOf(instance).map((section) => ({ kind: 'section', instance, section }));
    }
    case 'section':
      return sectionNodes(node, services);
    case 'selfHosted':
      return selfHostedHostNodes(node.instance, node.gateway);
    case 'gateways':
      return gateways.map((gateway) => ({ kind: 'gateway', gateway }));
    case 'gateway':
      return workspaceNodes(node.gateway, services);
    default:
      return [];
  }
}

async function sectionNodes(node: Extract<Node, { kind: 'section' }>, services: Services): Promise<Node[]> {
  const { section } = node;
  const instance = services.estate.instance(node.instance.id) ?? node.instance;
  if (section === 'backends') return backendNodes(instance, services);
  if (section === 'selfHosted') return selfHostedNodes(instance, services);
  if (section === 'hosts') return hostNodes(instance);
  return settingsOf(section).map((setting) => ({ kind: 'setting', instance, setting }));
}
