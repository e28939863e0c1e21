// Watches of changes as files, so that a reload goes on with them and of all windows only one does: whoever holds the
// newest claim. Where nothing can be written, this window alone has what it began. No secret is written: ids, host
// names, counts, times.

import { createHash, randomUUID } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { changeWatchSchema } from '../core/changeWatch.ts';
import type { ChangeWatch } from '../core/changeWatch.ts';
import { idKey } from '../core/instance.ts';
import { watchesFolder } from './places.ts';

/** A claim that is not renewed for so long has ended with its window, in milliseconds. */
export const claimMs = 30_000;

export interface WatchFiles {
  /** False where the change is or was watched already: another window saw its end as well. */
  begin(watch: ChangeWatch): Promise<boolean>;
  /** Replaces the watch; one that has ended is kept as the newest of its instance. */
  save(watch: ChangeWatch): Promise<void>;
  /** Watches that have not ended. Files that cannot be read are left where they are. */
  running(): Promise<readonly ChangeWatch[]>;
  /** The newest of each instance that have ended. */
  ended(): Promise<readonly ChangeWatch[]>;
  /** True where this window is the one to go on with it. `force`: also where another window is. */
  claim(id: string, force?: boolean): Promise<boolean>;
  /** Keeps the claim; false where another window has taken it. */
  renew(id: string): Promise<boolean>;
  /** Gives the claim up at once, such as when the window closes. */
  release(id: string): void;
}

const claimPattern = /^(.+)\.claim\.(\d+)$/;

/**
 * @param folder of the records; made when it is first needed
 * @param unkept told of each writing that came to nothing; nothing rejects for that
 */
export function openWatchFiles(folder: string, unkept: (error: unknown) => void = () => undefined): WatchFiles {
  const watches = path.join(folder, watchesFolder);
  const past = path.join(watches, 'ended');
  /** Numbers of the claims of this window, by watch. */
  const held = new Map<string, number>();
  /** As they stand by now, where that could not be written. By watch. */
  const unwritten = new Map<string, ChangeWatch>();
  const plain = (text: string) => text.replace(/[^\w-]/g, '');
  const fileOf = (id: string) => path.join(watches, `${plain(id)}.json`);
  const claimOf = (id: string, number: number) => path.join(watches, `${plain(id)}.claim.${number}`);
  const pastOf = (instanceId: string) =>
    path.join(past, `${createHash('sha256').update(idKey(instanceId)).digest('hex').slice(0, 32)}.json`);

  const names = (where: string) => readdir(where).catch(() => [] as string[]);
  async function readAll(where: string, belongs: (watch: ChangeWatch) => boolean): Promise<ChangeWatch[]> {
    const files = (await names(where)).filter((name) => name.endsWith('.json'));
    const read = await Promise.all(files.map((name) => readWatch(path.join(where, name))));
    const written = read.filter((watch) => watch !== null && !unwritten.has(watch.id));
    return [...written.filter((watch) => watch !== null), ...[...unwritten.values()].filter(belongs)];
  }
  async function claims(id: string): Promise<readonly number[]> {
    const found = (await names(watches)).map((name) => claimPattern.exec(name));
    return found.flatMap((match) => (match?.[1] === plain(id) ? Number(match[2]) : [])).sort((a, b) => b - a);
  }
  async function isFresh(file: string): Promise<boolean> {
    const modified = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return Date.now() - modified < claimMs;
  }

  async function write(watch: ChangeWatch): Promise<void> {
    await mkdir(past, { recursive: true });
    if (watch.ended === null) return replaceFile(fileOf(watch.id), JSON.stringify(watch));
    await replaceFile(pastOf(watch.instanceId), JSON.stringify(watch));
    await rm(fileOf(watch.id), { force: true });
    for (const number of await claims(watch.id)) await rm(claimOf(watch.id, number), { force: true });
    held.delete(watch.id);
  }

  return {
    begin: async (watch) => {
      try {
        await mkdir(past, { recursive: true });
        if ((await readWatch(pastOf(watch.instanceId)))?.id === watch.id) return false;
        await writeFile(fileOf(watch.id), JSON.stringify(watch), { flag: 'wx', flush: true });
      } catch (error) {
        if ((error as { code?: unknown }).code === 'EEXIST' || unwritten.has(watch.id)) return false;
        unwritten.set(watch.id, watch);
        unkept(error);
      }
      return true;
    },
    save: async (watch) => {
      try {
        await write(watch);
        unwritten.delete(watch.id);
      } catch (error) {
        unwritten.set(watch.id, watch);
        unkept(error);
      }
    },
    running: () => readAll(watches, ({ ended }) => ended === null),
    ended: () => readAll(past, ({ ended }) => ended !== null),
    claim: async (id, force = false) => {
      if (held.has(id)) return true;
      const [newest = 0] = await claims(id);
      if (!force && newest > 0 && (await isFresh(claimOf(id, newest)))) return false;
      try {
        // Of several windows that see the same end of a claim, one makes the next.
        await writeFile(claimOf(id, newest + 1), '', { flag: 'wx' });
      } catch {
        // No other window knows of one that is not written.
        return unwritten.has(id);
      }
      held.set(id, newest + 1);
      return true;
    },
    renew: async (id) => {
      const own = held.get(id);
      const [newest] = await claims(id);
      if (own === undefined && newest === undefined && unwritten.has(id)) return true;
      if (own === undefined || newest !== own) {
        held.delete(id);
        return false;
      }
      const now = new Date();
      await utimes(claimOf(id, own), now, now).catch(() => undefined);
      return true;
    },
    release: (id) => {
      const own = held.get(id);
      held.delete(id);
      if (own === undefined) return;
      try {
        // Old at once, so that the next window need not wait. Not removed: its number must not come again.
        utimesSync(claimOf(id, own), 0, 0);
      } catch {
        // Removed with the watch.
      }
    },
  };
}

async function readWatch(file: string): Promise<ChangeWatch | null> {
  try {
    const parsed = v.safeParse(changeWatchSchema, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Never half-written: the new text takes the place of the old in one step. */
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, text, { flush: true });
  await rename(fresh, file);
}
