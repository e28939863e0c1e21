// How each row of the view "History" looks and sounds.

import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, l10n } from 'vscode';
import type { HistoryEntry, OperationResult } from '../../core/history.ts';
import { entryMarkdown, entryTitle, nameInId, resultAndTime } from '../../core/historyText.ts';
import type { Reading } from '../../core/historyText.ts';
import type { Services } from '../services.ts';
import { agoHere, momentHere } from '../time.ts';
import { entriesAtOnce, historyNodeId } from './nodes.ts';
import type { HistoryNode } from './nodes.ts';

const icons: Readonly<Record<OperationResult, readonly [icon: string, colour: string | undefined]>> = {
  running: ['loading~spin', undefined],
  done: ['pass', 'testing.iconPassed'],
  different: ['error', 'problemsErrorIcon.foreground'],
  failed: ['error', 'problemsErrorIcon.foreground'],
  refused: ['circle-slash', 'problemsWarningIcon.foreground'],
  unknown: ['question', 'problemsWarningIcon.foreground'],
};

/** Of the instance as it is known now, wherever it is; it decides how the maps of an entry are read. */
export function readingOf({ estate }: Services, { instanceId }: Pick<HistoryEntry, 'instanceId'>): Reading | undefined {
  const known = estate.instance(instanceId);
  if (known) return known;
  const name = nameInId(instanceId).toLowerCase();
  return estate.instances.find((instance) => instance.name.toLowerCase() === name);
}

/** @param several entries of more than one instance stand beside each other */
export function historyItem(services: Services, node: HistoryNode, several: boolean): TreeItem {
  const item = node.kind === 'entry' ? entryItem(services, node, several) : draw(node);
  item.id = historyNodeId(node);
  return item;
}

function draw(node: Exclude<HistoryNode, { kind: 'entry' }>): TreeItem {
  switch (node.kind) {
    case 'line': {
      const item = new TreeItem(node.text, TreeItemCollapsibleState.None);
      const lineIcons = { setting: 'arrow-right', detail: 'comment', evidence: 'checklist' };
      item.iconPath = new ThemeIcon(lineIcons[node.about]);
      item.tooltip = node.text;
      item.contextValue = 'historyLine';
      return item;
    }
    case 'moreEntries': {
      const label = l10n.t('Show {0} more', Math.min(entriesAtOnce, node.left));
      const item = new TreeItem(label, TreeItemCollapsibleState.None);
      item.description = l10n.t('{0} of {1} shown', node.shown, node.shown + node.left);
      item.iconPath = new ThemeIcon('ellipsis');
      item.contextValue = 'moreEntries';
      item.command = { command: 'apimTls.showMoreHistory', title: l10n.t('Show more') };
      item.accessibilityInformation = { label: `${label}, ${item.description}` };
      return item;
    }
  }
}

function entryItem(services: Services, node: Extract<HistoryNode, { kind: 'entry' }>, several: boolean): TreeItem {
  const { entry } = node;
  const title = entryTitle(entry, readingOf(services, entry));
  // The side bar is narrow: of several instances, the one that it is comes first.
  const label = several ? nameInId(entry.instanceId) : title;
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.description = [
    ...(several ? [title] : []),
    ...[resultAndTime(entry), agoHere(entry.startedAt), entry.who].filter(Boolean),
  ].join(' · ');
  const [icon, colour] = icons[entry.result];
  item.iconPath = new ThemeIcon(icon, colour === undefined ? undefined : new ThemeColor(colour));
  item.contextValue = entry.result === 'running' ? 'historyEntry.running' : 'historyEntry';
  item.command = { command: 'apimTls.showChange', title: l10n.t('Show before and after'), arguments: [node] };
  item.accessibilityInformation = { label: `${label}, ${item.description}, ${momentHere(entry.startedAt)}` };
  return item;
}

export function historyTooltip(services: Services, entry: HistoryEntry): MarkdownString {
  return new MarkdownString(entryMarkdown(entry, momentHere, readingOf(services, entry)));
}
