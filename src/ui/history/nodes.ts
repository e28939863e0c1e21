// The rows of the view "History" as data, and the little that the view remembers. Nothing here draws.

import type { EventEmitter } from 'vscode';
import type { HistoryEntry } from '../../core/history.ts';
import { nameInId } from '../../core/historyText.ts';
import type { Node } from '../tree/nodes.ts';

export type HistoryNode =
  | { readonly kind: 'entry'; readonly entry: HistoryEntry }
  | {
      readonly kind: 'line';
      readonly entry: HistoryEntry;
      readonly at: number;
      readonly text: string;
      readonly about: 'setting' | 'detail' | 'evidence';
    }
  | { readonly kind: 'moreEntries'; readonly shown: number; readonly left: number };

export interface HistoryState {
  /** Rows that are shown; more are asked for by a row of its own. */
  limit: number;
  /** Names of the instances whose history is shown, in lower case; none: all. */
  names: ReadonlySet<string>;
  /** What is selected in the view. */
  selection: readonly HistoryNode[];
  /** Fires when the view is to be drawn anew. */
  readonly changed: EventEmitter<void>;
}

/** Rows at first, and how many come with each step. */
export const entriesAtOnce = 200;

/** Whether the history of all instances is shown, whatever is selected; kept per workspace. */
export const allKey = 'history.all';

/** The entries of the instances of these names (lower case), in the order given; of all where no name is. */
export function entriesOfNames(entries: readonly HistoryEntry[], names: ReadonlySet<string>): readonly HistoryEntry[] {
  if (names.size === 0) return entries;
  return entries.filter(({ instanceId }) => names.has(nameInId(instanceId).toLowerCase()));
}

/** A row for each of the first entries, and one that brings more where there are more. */
export function entryRows(entries: readonly HistoryEntry[], limit: number): HistoryNode[] {
  const rows = entries.slice(0, limit).map((entry): HistoryNode => ({ kind: 'entry', entry }));
  const left = entries.length - rows.length;
  return left === 0 ? rows : [...rows, { kind: 'moreEntries', shown: rows.length, left }];
}

export function historyNodeId(node: HistoryNode): string {
  if (node.kind === 'moreEntries') return 'moreEntries';
  return node.kind === 'entry' ? node.entry.id : `${node.entry.id}#${node.at}`;
}

/** Names of the instances of rows of the view "Instances", in lower case. */
export function namesOf(rows: readonly Node[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => ('instance' in row ? [row.instance.name.toLowerCase()] : [])));
}

export function isHistoryNode(value: unknown): value is HistoryNode {
  const { kind } = (typeof value === 'object' && value !== null ? value : {}) as { readonly kind?: unknown };
  return kind === 'entry' || kind === 'line' || kind === 'moreEntries';
}
