// The histories of all instances as one list. Files that have not changed are not read again.

import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { readHistory } from '../core/history.ts';
import type { HistoryEntry, OperationResult } from '../core/history.ts';
import { nameInId } from '../core/historyText.ts';
import { inParallel } from '../core/parallel.ts';

export interface AllHistory {
  /** Newest first; each change once, though a moved instance has it in two files. */
  readonly entries: readonly HistoryEntry[];
  readonly unreadable: number;
}

export interface Histories {
  all(): Promise<AllHistory>;
  /** By the name of the instance in lower case: those from before a move are among them. */
  byName(): Promise<ReadonlyMap<string, readonly HistoryEntry[]>>;
}

interface FileRead {
  readonly stamp: string;
  readonly history: AllHistory;
}

const filesAtOnce = 16;

/** @param folder of the records that are open now */
export function openHistories(folder: () => string): Histories {
  let known = new Map<string, FileRead>();
  let last:
    | { readonly key: string; readonly all: AllHistory; readonly byName: ReadonlyMap<string, HistoryEntry[]> }
    | undefined;

  async function readFileOf(file: string): Promise<readonly [string, FileRead] | null> {
    try {
      const { mtimeMs, size } = await stat(file);
      const stamp = `${mtimeMs} ${size}`;
      const before = known.get(file);
      if (before?.stamp === stamp) return [file, before];
      return [file, { stamp, history: readHistory(await readFile(file, 'utf8')) }];
    } catch {
      return null;
    }
  }

  async function load(): Promise<NonNullable<typeof last>> {
    const place = folder();
    const names = await readdir(place).catch((): string[] => []);
    const own = names.filter((name) => name.endsWith('.jsonl')).sort();
    const files = own.map((name) => path.join(place, name));
    const reads = (await inParallel(files, filesAtOnce, readFileOf)).filter((one) => one !== null);
    known = new Map(reads);
    const key = reads.map(([file, { stamp }]) => `${file} ${stamp}`).join('\n');
    if (last?.key !== key) last = { key, ...together(reads.map(([, { history }]) => history)) };
    return last;
  }

  return {
    all: async () => (await load()).all,
    byName: async () => (await load()).byName,
  };
}

/** Whoever followed a change to its end knows more than whoever lost sight of it. */
const weights: Readonly<Partial<Record<OperationResult, number>>> = { running: 0, unknown: 1 };

/** Of two copies of an entry: the end rather than the way there, then what ended last, then what was looked at since. */
function knowsMore(one: HistoryEntry, other: HistoryEntry): boolean {
  const measures = ({ result, endedAt, aftermath }: HistoryEntry) => [
    weights[result] ?? 2,
    endedAt === null ? 0 : Date.parse(endedAt) || 0,
    aftermath ? 1 + (Date.parse(aftermath.logs?.asOf ?? '') || 0) : 0,
  ];
  const others = measures(other);
  const differences = measures(one).map((measure, at) => measure - (others[at] ?? 0));
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}

function together(histories: readonly AllHistory[]) {
  const byId = new Map<string, HistoryEntry>();
  for (const { entries } of histories) {
    for (const entry of entries) {
      const other = byId.get(entry.id);
      if (!other || knowsMore(entry, other)) byId.set(entry.id, entry);
    }
  }
  const entries = [...byId.values()].sort((a, b) =>
    a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0,
  );
  const byName = new Map<string, HistoryEntry[]>();
  for (const entry of entries) {
    const name = nameInId(entry.instanceId).toLowerCase();
    const own = byName.get(name);
    if (own) own.push(entry);
    else byName.set(name, [entry]);
  }
  const unreadable = histories.reduce((sum, history) => sum + history.unreadable, 0);
  return { all: { entries, unreadable }, byName };
}
