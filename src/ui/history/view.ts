// The view "History": the changes of the instances that are selected above, or of all of them, newest first.

import { commands, l10n } from 'vscode';
import type { Disposable, EventEmitter, TreeItem, TreeView } from 'vscode';
import type { HistoryEntry } from '../../core/history.ts';
import { evidenceLines, entryLines } from '../../core/historyText.ts';
import { failureText } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import { historyItem, historyTooltip, readingOf } from './items.ts';
import { allKey, entriesAtOnce, entriesOfNames, entryRows, namesOf } from './nodes.ts';
import type { HistoryNode } from './nodes.ts';

export interface HistoryShell {
  readonly view: TreeView<Node>;
  readonly historyView: TreeView<HistoryNode>;
  readonly historyChanged: EventEmitter<HistoryNode | undefined>;
}

export interface HistoryTree extends Disposable {
  item(node: HistoryNode): TreeItem;
  /** Adds what is shown only when a row is pointed at. */
  resolve(item: TreeItem, node: HistoryNode): TreeItem;
  children(node: HistoryNode | undefined): Promise<HistoryNode[]>;
}

/** The entries that the view shows now, all of them, whatever its number of rows. */
export async function shownEntries(services: Services): Promise<readonly HistoryEntry[]> {
  const { entries } = await services.histories.all();
  return entriesOfNames(entries, shownNames(services));
}

/** None: all instances. */
function shownNames(services: Services): ReadonlySet<string> {
  return showsAll(services) ? new Set() : services.historyState.names;
}

export function showsAll({ context }: Services): boolean {
  return context.workspaceState.get<unknown>(allKey) === true;
}

export function openHistory(services: Services, { view, historyView, historyChanged }: HistoryShell): HistoryTree {
  const { historyState } = services;
  let several = true;
  const redraw = () => historyChanged.fire(undefined);

  async function roots(): Promise<HistoryNode[]> {
    const names = shownNames(services);
    several = names.size !== 1;
    try {
      const { entries, unreadable } = await services.histories.all();
      const shown = entriesOfNames(entries, names);
      historyView.description = descriptionOf(names);
      historyView.message = messageOf(shown.length, unreadable);
      return entryRows(shown, historyState.limit);
    } catch (error) {
      historyView.message = failureText(error);
      return [];
    }
  }

  void commands.executeCommand('setContext', 'apimTls.historyOfAll', showsAll(services));
  const subscriptions: readonly Disposable[] = [
    view.onDidChangeSelection(({ selection }) => {
      historyState.names = namesOf(selection);
      historyState.limit = entriesAtOnce;
      if (!showsAll(services)) redraw();
    }),
    historyView.onDidChangeSelection(({ selection }) => (historyState.selection = selection)),
    historyState.changed.event(() => {
      void commands.executeCommand('setContext', 'apimTls.historyOfAll', showsAll(services));
      redraw();
    }),
    services.operations.onDidEnd(redraw),
    // What is seen after a change is kept with its entry.
    services.watches.onDidChange(redraw),
    // A change has begun, or another window's has become known. Progress of one alone changes no row.
    services.operations.onDidChange(onOther(() => services.operations.running.map(({ id }) => id).join(), redraw)),
    services.estate.onDidChange(onOther(() => services.estate.status, redraw)),
  ];
  return {
    item: (node) => historyItem(services, node, several),
    resolve: (item, node) => {
      if (node.kind === 'entry') item.tooltip = historyTooltip(services, node.entry);
      return item;
    },
    children: async (node) => {
      if (!node) return roots();
      return node.kind === 'entry' ? linesOf(services, node.entry) : [];
    },
    dispose: () => subscriptions.forEach((subscription) => void subscription.dispose()),
  };
}

/** Calls only where what is looked at is not what it was. */
function onOther(look: () => string, call: () => void): () => void {
  let last = look();
  return () => {
    const now = look();
    if (now === last) return;
    last = now;
    call();
  };
}

function linesOf(services: Services, entry: HistoryEntry): HistoryNode[] {
  const settings = entryLines(entry, readingOf(services, entry)).map((text) => ({ text, about: 'setting' as const }));
  const detail = entry.detail === '' ? [] : [{ text: entry.detail, about: 'detail' as const }];
  const evidence = evidenceLines(entry).map((text) => ({ text, about: 'evidence' as const }));
  return [...settings, ...detail, ...evidence].map((line, at) => ({ kind: 'line', entry, at, ...line }));
}

function descriptionOf(names: ReadonlySet<string>): string {
  if (names.size === 0) return l10n.t('All instances');
  const [only] = names;
  return names.size === 1 ? (only ?? '') : l10n.t('{0} instances', names.size);
}

function messageOf(entries: number, unreadable: number): string {
  const lines =
    unreadable === 0
      ? []
      : unreadable === 1
        ? [l10n.t('1 line of the history could not be read. It is kept, not shown.')]
        : [l10n.t('{0} lines of the history could not be read. They are kept, not shown.', unreadable)];
  return [...(entries === 0 ? [l10n.t('No change has been made from here yet.')] : []), ...lines].join(' ');
}
