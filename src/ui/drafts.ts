// Drafts of instances as files: each page writes its own, so that no window writes over what another one has drafted.
// No secret is written: ids, times, texts of settings.

import { createHash, randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { keptDraftSchema } from '../messages/editor.ts';
import type { KeptDraft, OtherDraft } from '../messages/editor.ts';

/** The draft that a page begins with. */
export interface BegunDraft {
  /** Null where none was kept: the page goes by its own state. */
  readonly draft: KeptDraft | null;
  /** When it was changed, where that was not by a page of this window: ISO 8601, UTC. */
  readonly from: string | null;
  /** The name under which the page writes; it is kept in the page's state. */
  readonly writer: string;
}

export interface Drafts {
  /** @param writer what the state of the page says, such as after a reload of the window */
  begin(instanceId: string, writer?: string): Promise<BegunDraft>;
  /** Replaces the draft of this window. Rejects where nothing can be written. */
  keep(draft: KeptDraft): Promise<void>;
  /** That of this window, else the newest. Null where none was kept, or where it cannot be read. */
  of(instanceId: string): Promise<KeptDraft | null>;
  /**
   * What other windows have drafted, newest first, but for what was taken over here, and what was left. The latter comes
   * again when it is changed, or when the draft of this window has become empty.
   */
  others(instanceId: string): Promise<readonly OtherDraft[]>;
  /** The user has taken over what another window has drafted, or leaves it to that window. */
  settle(instanceId: string, other: Settled): Promise<void>;
  /** Calls after any window has written a draft of the instance, where the system tells. */
  watch(instanceId: string, changed: () => void): { dispose(): void };
}

/** taken: whether it was taken over. */
export type Settled = Pick<OtherDraft, 'writer' | 'at'> & { readonly taken: boolean };

const versionsSchema = v.record(v.string(), v.string());

/** By writer, when drafts of others were changed: those that this one goes on from, and those that were left. */
const fileSchema = v.object({
  ...keptDraftSchema.entries,
  at: v.optional(v.string(), ''),
  seen: v.optional(versionsSchema, {}),
  left: v.optional(versionsSchema, {}),
});
type Kept = v.InferOutput<typeof fileSchema> & { readonly writer: string };

/** Of an instance; drafts that were changed later are offered first. */
const mostOthers = 5;
/** What is empty, or was taken over by others, goes after that time, in milliseconds. */
const forgottenMs = 30 * 24 * 60 * 60_000;

type Versions = Readonly<Record<string, string>>;

interface Own {
  readonly writer: string;
  /** What the file said when it was last read or written here; null: there was none. */
  readonly at: string | null;
  readonly seen: Versions;
  readonly left: Versions;
}

/** @param folder of the drafts that are open now; made when it is first needed */
export function openDrafts(folder: () => string, now: () => Date = () => new Date()): Drafts {
  /** Of this window, by file name. */
  const own = new Map<string, Own>();
  /** Under which this window has written, since it was opened. */
  const writers = new Set<string>();

  const fileOf = (instanceId: string, writer: string) =>
    path.join(folder(), `${[hashOf(instanceId), ...(writer === '' ? [] : [writer])].join('.')}.json`);
  const keyOf = (instanceId: string) => fileOf(instanceId, '');

  async function all(instanceId: string): Promise<readonly Kept[]> {
    const start = `${hashOf(instanceId)}.`;
    const names = await readdir(folder()).catch((): string[] => []);
    const written = names.filter((name) => name.startsWith(start) && name.endsWith('.json'));
    const read = await Promise.all(written.map((name) => readDraft(path.join(folder(), name), writerIn(name))));
    return read.filter((one) => one !== null).sort((a, b) => (a.at < b.at ? 1 : -1));
  }

  /** `at`: when the draft was changed, which is not when it is settled with others. */
  async function write({ writer, seen, left }: Own, draft: KeptDraft, at: string): Promise<void> {
    const { instanceId } = draft;
    const file = fileOf(instanceId, writer);
    await mkdir(folder(), { recursive: true });
    const fresh = `${file}.${randomUUID()}.new`;
    await writeFile(fresh, JSON.stringify({ ...draft, at, seen, left }), { flush: true });
    // Never half-written: the new text takes the place of the old in one step.
    await rename(fresh, file);
    own.set(keyOf(instanceId), { writer, at, seen, left });
    writers.add(writer);
  }

  function ownOf(instanceId: string): Own {
    return own.get(keyOf(instanceId)) ?? { writer: randomUUID(), at: null, seen: {}, left: {} };
  }

  return {
    begin: async (instanceId, stated) => {
      const drafts = await all(instanceId);
      await forget(drafts);
      const known = own.get(keyOf(instanceId));
      const writer = known?.writer ?? (stated !== undefined && isName(stated) ? stated : randomUUID());
      const mine = drafts.find((one) => one.writer === writer);
      const isFirst = known === undefined && stated === undefined;
      const begun = mine ?? (isFirst ? newestOf(drafts) : undefined);
      const seen = { ...known?.seen, ...begun?.seen, ...(begun && !mine ? { [begun.writer]: begun.at } : {}) };
      const left = among(drafts, { ...known?.left, ...mine?.left });
      own.set(keyOf(instanceId), { writer, at: mine?.at ?? null, seen: among(drafts, seen), left });
      const foreign = begun !== undefined && begun !== mine && !writers.has(begun.writer) && !isEmpty(begun);
      return { draft: begun ? plain(begun) : null, from: foreign ? begun.at || null : null, writer };
    },
    keep: async (draft) => {
      const mine = ownOf(draft.instanceId);
      const there = await readDraft(fileOf(draft.instanceId, mine.writer), mine.writer);
      // Of two pages with the same state, such as one restored twice, the later one writes under a name of its own.
      const taken = there !== null && there.at !== mine.at;
      const named = taken ? { ...mine, writer: randomUUID() } : mine;
      const isOver = isEmpty(draft) && there !== null && !isEmpty(there);
      await write(isOver ? { ...named, left: {} } : named, draft, now().toISOString());
    },
    of: async (instanceId) => {
      const drafts = await all(instanceId);
      const mine = own.get(keyOf(instanceId))?.writer;
      const found = drafts.find(({ writer }) => writer === mine) ?? newestOf(drafts);
      return found ? plain(found) : null;
    },
    others: async (instanceId) => {
      const { writer: mine, seen, left } = ownOf(instanceId);
      const drafts = await all(instanceId);
      return drafts
        .filter(
          (one) => one.writer !== mine && !isEmpty(one) && ![seen, left].some((versions) => isAmong(versions, one)),
        )
        .filter((one) => !isTakenOver(drafts, one))
        .slice(0, mostOthers)
        .map((one) => ({ writer: one.writer, at: one.at, draft: plain(one) }));
    },
    settle: async (instanceId, { writer, at, taken }) => {
      if (!isName(writer) && writer !== '') return;
      const mine = ownOf(instanceId);
      const list = taken ? 'seen' : 'left';
      const settled = { ...mine, [list]: { ...mine[list], [writer]: at } };
      own.set(keyOf(instanceId), settled);
      const there = await readDraft(fileOf(instanceId, mine.writer), mine.writer);
      if (there !== null && there.at === mine.at) await write(settled, plain(there), there.at);
    },
    watch: (instanceId, changed) => watchFolder(folder(), hashOf(instanceId), changed),
  };

  async function forget(drafts: readonly Kept[]): Promise<void> {
    const before = new Date(now().getTime() - forgottenMs).toISOString();
    const old = drafts.filter((one) => one.at < before && one.at !== '' && (isEmpty(one) || isTakenOver(drafts, one)));
    await Promise.allSettled(old.map((one) => rm(fileOf(one.instanceId, one.writer), { force: true })));
  }
}

function hashOf(instanceId: string): string {
  return createHash('sha256').update(instanceId.toLowerCase()).digest('hex').slice(0, 32);
}

/** Such as `<hash>.<writer>.json`; empty in the name of a file from before there were writers. */
function writerIn(name: string): string {
  return name.split('.').slice(1, -1).join('.');
}

/** What comes from a page is a part of a file name. */
function isName(writer: string): boolean {
  return /^[\da-f-]{36}$/.test(writer);
}

async function readDraft(file: string, writer: string): Promise<Kept | null> {
  try {
    const parsed = v.safeParse(fileSchema, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? { ...parsed.output, writer } : null;
  } catch {
    return null;
  }
}

function plain({ instanceId, base, changes }: Kept): KeptDraft {
  return { instanceId, base, changes };
}

function isEmpty({ changes }: KeptDraft): boolean {
  return Object.keys(changes).length === 0;
}

function isAmong(versions: Versions, { writer, at }: Kept): boolean {
  const known = versions[writer];
  return known !== undefined && known >= at;
}

/** Of drafts that are gone, nothing need be known. */
function among(drafts: readonly Kept[], versions: Versions): Versions {
  return Object.fromEntries(Object.entries(versions).filter(([writer]) => drafts.some((one) => one.writer === writer)));
}

/** Another draft goes on from this one as it is. */
function isTakenOver(drafts: readonly Kept[], draft: Kept): boolean {
  return drafts.some((other) => other.writer !== draft.writer && isAmong(other.seen, draft) && other.at > draft.at);
}

/** With changes rather than without, and not one that others go on from. */
function newestOf(drafts: readonly Kept[]): Kept | undefined {
  const heads = drafts.filter((one) => !isTakenOver(drafts, one));
  return heads.find((one) => !isEmpty(one)) ?? heads[0] ?? drafts[0];
}

function watchFolder(folder: string, start: string, changed: () => void): { dispose(): void } {
  const ending = new AbortController();
  const begin = async () => {
    await mkdir(folder, { recursive: true });
    if (ending.signal.aborted) return;
    const watcher = watch(folder, { persistent: false, signal: ending.signal }, (_, name) => {
      if (name?.startsWith(start) === true && name.endsWith('.json')) changed();
    });
    watcher.on('error', () => watcher.close());
  };
  // Where the system tells nothing, the window looks when it gets the focus.
  void begin().catch(() => undefined);
  return { dispose: () => ending.abort() };
}
