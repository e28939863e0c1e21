// How instances were when they were last seen or changed here: a file per cloud and account, shared by all windows.
// No secret is written: ids, names, settings.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { fingerprintOf, memoryKey, rememberedSchema } from '../core/drift.ts';
import type { Drift, Remembered } from '../core/drift.ts';
import { differences } from '../core/tls/customProperties.ts';
import { oneAtATime } from './fileLock.ts';
import type { Unkept } from './keeping.ts';

const format = 1;
/** What was seen longest ago is forgotten first. */
export const mostRemembered = 20_000;

const keptSchema = v.object({
  format: v.literal(format),
  /** Instances of one estate have few different maps. */
  maps: v.array(v.record(v.string(), v.string())),
  instances: v.array(v.object({ ...rememberedSchema.entries, map: v.number() })),
});

export interface DriftMemory {
  /** By `memoryKey`. Null where nothing was kept yet; what is damaged counts as that. */
  read(): Promise<ReadonlyMap<string, Remembered> | null>;
  /**
   * Adds to what is there by then; what another window has seen later stays. Gives what is kept now. What cannot be
   * written is remembered by this window.
   */
  keep(fresh: readonly Remembered[]): Promise<ReadonlyMap<string, Remembered>>;
  /**
   * Those of which the user has not been told. From now on they count as told: of several windows, one gets each. None
   * where nothing can be written, as other windows would tell of them too.
   */
  claimUntold(drifts: readonly Drift[]): Promise<Untold>;
}

export interface Untold {
  readonly drifts: readonly Drift[];
  /** What is kept now. */
  readonly memory: ReadonlyMap<string, Remembered>;
}

/** @param memory by `memoryKey` */
export function untoldOf(memory: ReadonlyMap<string, Remembered>, drifts: readonly Drift[]): readonly Drift[] {
  return drifts.filter((drift) => {
    const known = memory.get(memoryKey(drift));
    return known?.told !== fingerprintOf(drift) && !isAccepted(memory, drift);
  });
}

/** Whether the instance is remembered by now as the drift left it: here or in another window, somebody has accepted it. */
export function isAccepted(memory: ReadonlyMap<string, Remembered>, drift: Drift): boolean {
  const known = memory.get(memoryKey(drift));
  return known !== undefined && known.at > drift.since.at && differences(known.map, drift.map).length === 0;
}

/** What is to be remembered once the user has been told of drifts. */
export function asTold(memory: ReadonlyMap<string, Remembered>, drifts: readonly Drift[]): readonly Remembered[] {
  return drifts.map((drift) => {
    const known = memory.get(memoryKey(drift));
    return { ...(known && known.at > drift.since.at ? known : drift.since), told: fingerprintOf(drift) };
  });
}

/**
 * @param folder made when it is first needed
 * @param owner cloud and account as one text: the name of the file is made of it
 * @param unkept told of each writing that came to nothing; nothing rejects for that
 */
export function openDriftMemory(folder: string, owner: string, unkept: Unkept = () => undefined): DriftMemory {
  const name = createHash('sha256').update(owner).digest('hex').slice(0, 32);
  const file = path.join(folder, `${name}.json.gz`);
  /** What could not be written so far, by `memoryKey`. */
  const unwritten = new Map<string, Remembered>();

  async function read(): Promise<Map<string, Remembered> | null> {
    const written = await readFileOf();
    return unwritten.size === 0 ? written : merged(written ?? new Map<string, Remembered>(), [...unwritten.values()]);
  }

  async function readFileOf(): Promise<Map<string, Remembered> | null> {
    try {
      const unpacked = await promisify(gunzip)(await readFile(file));
      const { output, success } = v.safeParse(keptSchema, JSON.parse(unpacked.toString('utf8')));
      if (!success) return null;
      const { maps, instances } = output;
      return new Map(instances.map((one) => [memoryKey(one), { ...one, map: maps[one.map] ?? {} }]));
    } catch {
      return null;
    }
  }

  async function write(memory: ReadonlyMap<string, Remembered>): Promise<void> {
    const places = new Map<string, number>();
    const placeOf = (map: Remembered['map']) => {
      const text = JSON.stringify(map);
      if (!places.has(text)) places.set(text, places.size);
      return places.get(text) ?? 0;
    };
    const instances = [...memory.values()].map((one) => ({ ...one, map: placeOf(one.map) }));
    const maps = [...places.keys()].map((text) => JSON.parse(text) as unknown);
    const packed = await promisify(gzip)(JSON.stringify({ format, maps, instances }));
    await mkdir(folder, { recursive: true });
    const fresh = `${file}.${randomUUID()}.new`;
    await writeFile(fresh, packed, { flush: true });
    await rename(fresh, file);
  }

  async function writeAll(memory: ReadonlyMap<string, Remembered>): Promise<void> {
    await write(memory);
    for (const [key, one] of unwritten) if ((memory.get(key)?.at ?? '') >= one.at) unwritten.delete(key);
  }

  return {
    read,
    keep: async (fresh) => {
      try {
        return await oneAtATime(file, async () => {
          const memory = merged((await read()) ?? new Map<string, Remembered>(), fresh);
          await writeAll(memory);
          return memory;
        });
      } catch (error) {
        unkept(error);
        for (const one of fresh) unwritten.set(memoryKey(one), one);
        return (await read()) ?? new Map<string, Remembered>();
      }
    },
    claimUntold: async (drifts) => {
      try {
        return await oneAtATime(file, async () => {
          const kept = (await read()) ?? new Map<string, Remembered>();
          const untold = untoldOf(kept, drifts);
          if (untold.length === 0) return { drifts: untold, memory: kept };
          const memory = merged(kept, asTold(kept, untold));
          await writeAll(memory);
          return { drifts: untold, memory };
        });
      } catch (error) {
        unkept(error);
        return { drifts: [], memory: (await read()) ?? new Map<string, Remembered>() };
      }
    },
  };
}

function merged(kept: Map<string, Remembered>, fresh: readonly Remembered[]): Map<string, Remembered> {
  for (const one of fresh) {
    const known = kept.get(memoryKey(one));
    if (!known || known.at <= one.at) kept.set(memoryKey(one), one);
  }
  if (kept.size <= mostRemembered) return kept;
  const newest = [...kept].sort(([, a], [, b]) => (a.at < b.at ? 1 : -1)).slice(0, mostRemembered);
  return new Map(newest);
}

/**
 * Whether this window is the one to check in the present interval: the first that asks. Claims of earlier ones go.
 * Where no claim can be written, each window checks.
 * @param now milliseconds since 1970
 */
export async function claimCheck(folder: string, minutes: number, now: number): Promise<boolean> {
  const claim = `check-${minutes}-${Math.floor(now / (minutes * 60_000))}`;
  try {
    await mkdir(folder, { recursive: true });
    // "wx" fails where the file is there already: one window alone can make it.
    await writeFile(path.join(folder, claim), '', { flag: 'wx' });
  } catch {
    return !(await namesIn(folder)).includes(claim);
  }
  const old = (await namesIn(folder)).filter((name) => name.startsWith('check-') && name !== claim);
  await Promise.allSettled(old.map((name) => rm(path.join(folder, name), { force: true })));
  return true;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
