// Changes of several instances as files: the plan is written once, what happens is appended, and one window at a time has
// a batch in hand. No secret is written.

import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { batchPlanSchema, journalLine, readJournal } from '../core/batch.ts';
import type { BatchEvent, BatchPlan, Wish } from '../core/batch.ts';
import { beginBatch, reduceBatch } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';
import { batchesFolder, openBatchEnding } from './places.ts';

/** A window renews its lease so often, and has lost it when it did not do so for so long. */
export const renewMs = 5000;
const staleMs = 20_000;

/** A window's right to a batch. Numbered: whoever makes the next number has taken over. */
export interface Lease {
  /** False where another window has taken over meanwhile. */
  readonly renew: () => Promise<boolean>;
  /** At once: a window that closes has no time. */
  readonly release: () => void;
}

export interface BatchFiles {
  readonly create: (plan: BatchPlan) => Promise<void>;
  /** Null where there is none, or where its plan cannot be read. */
  readonly read: (id: string) => Promise<Batch | null>;
  readonly append: (id: string, event: BatchEvent) => Promise<void>;
  /** Another text after each event. */
  readonly version: (id: string) => Promise<string>;
  /** Those that have not ended. */
  readonly open: () => Promise<readonly string[]>;
  /** All of them, newest first. */
  readonly all: () => Promise<readonly string[]>;
  readonly end: (id: string) => Promise<void>;
  /** Null where another window has it in hand. */
  readonly take: (id: string) => Promise<Lease | null>;
  readonly isTaken: (id: string) => Promise<boolean>;
  /** Leaves a wish to the window that has it in hand, or that takes it next. */
  readonly ask: (id: string, wish: Wish) => Promise<void>;
  /** Whether a wish waits for the window that has it in hand. */
  readonly isAsked: (id: string) => Promise<boolean>;
  /** The wishes that were left, oldest first. Each is given once, to whoever asks first. */
  readonly takeWishes: (id: string) => Promise<readonly Wish[]>;
}

/** So many that have ended are kept. */
const mostKept = 50;

/** @param records the folder of the records; what is needed in it is made when it is first written */
export function openBatchFiles(records: string): BatchFiles {
  const folder = path.join(records, batchesFolder);
  const of = (id: string) => path.join(folder, id.replace(/[^\w-]/g, ''));
  const journal = (id: string) => path.join(of(id), 'journal.jsonl');
  const names = (at: string) => readdir(at).catch(() => [] as string[]);
  const open = async () =>
    (await names(folder)).flatMap((name) =>
      name.endsWith(openBatchEnding) ? [name.slice(0, -openBatchEnding.length)] : [],
    );
  const all = async () => {
    const ids = (await names(folder)).filter((name) => !name.endsWith(openBatchEnding));
    const times = await Promise.all(ids.map(async (id) => [id, await timeOf(path.join(of(id), 'plan.json'))] as const));
    return times.sort(([, a], [, b]) => b - a).map(([id]) => id);
  };
  return {
    open,
    all,
    create: async (plan) => {
      await mkdir(of(plan.id), { recursive: true });
      const fresh = path.join(of(plan.id), 'plan.new');
      await writeFile(fresh, JSON.stringify(plan), { flush: true });
      await rename(fresh, path.join(of(plan.id), 'plan.json'));
      // Last: whoever finds this finds a whole plan.
      await writeFile(`${of(plan.id)}${openBatchEnding}`, '', { flush: true });
      const running = new Set(await open());
      const old = (await all()).filter((id) => !running.has(id)).slice(mostKept);
      await Promise.allSettled(old.map((id) => rm(of(id), { recursive: true, force: true })));
    },
    read: async (id) => {
      try {
        const plan = v.parse(batchPlanSchema, JSON.parse(await readFile(path.join(of(id), 'plan.json'), 'utf8')));
        const { events } = readJournal(await readFile(journal(id), 'utf8').catch(() => ''));
        return events.reduce(reduceBatch, beginBatch(plan));
      } catch {
        return null;
      }
    },
    append: (id, event) => appendFile(journal(id), journalLine(event), { flush: true }),
    version: async (id) => {
      const found = await stat(journal(id)).catch(() => undefined);
      return found ? `${found.size}` : '';
    },
    end: (id) => rm(`${of(id)}${openBatchEnding}`, { force: true }),
    take: (id) => takeLease(of(id)),
    isTaken: async (id) => (await newestLease(of(id)))?.live ?? false,
    ask: (id, wish) => writeFile(path.join(of(id), `ask-${Date.now()}-${randomUUID()}-${wish}`), '', { flag: 'wx' }),
    isAsked: async (id) => (await names(of(id))).some((name) => wishName.test(name)),
    takeWishes: async (id) => {
      const left = (await names(of(id))).filter((name) => wishName.test(name)).sort();
      const taken = await Promise.all(left.map((name) => removed(path.join(of(id), name))));
      return left.filter((_, index) => taken[index]).map((name) => wishName.exec(name)?.[1] as Wish);
    },
  };
}

/** By their names alone, in the order of time: a file without a content is never half there. */
const wishName = /^ask-\d+-[\da-f-]+-(pause|resume|stop)$/;

/** False where another window has removed it first. */
function removed(file: string): Promise<boolean> {
  return unlink(file).then(
    () => true,
    () => false,
  );
}

async function timeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

const leaseName = /^lease-(\d+)$/;

async function newestLease(folder: string): Promise<{ readonly number: number; readonly live: boolean } | null> {
  const numbers = (await readdir(folder).catch(() => [] as string[])).map((name) => Number(leaseName.exec(name)?.[1]));
  const number = Math.max(...numbers.filter((one) => !Number.isNaN(one)));
  if (!Number.isFinite(number)) return null;
  return { number, live: Date.now() - (await timeOf(path.join(folder, `lease-${number}`))) < staleMs };
}

async function takeLease(folder: string): Promise<Lease | null> {
  const newest = await newestLease(folder);
  if (newest?.live) return null;
  const number = (newest?.number ?? 0) + 1;
  const file = path.join(folder, `lease-${number}`);
  const mark = randomUUID();
  try {
    // Only one window can make this file: of two that try at once, one has it.
    await writeFile(file, mark, { flag: 'wx' });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return null;
    throw error;
  }
  if (newest) await rm(path.join(folder, `lease-${newest.number}`), { force: true });
  return {
    renew: async () => {
      // Another window may have made a file of the same number since.
      const own = (await readFile(file, 'utf8').catch(() => '')) === mark;
      if (!own || (await newestLease(folder))?.number !== number) return false;
      const time = new Date();
      return utimes(file, time, time).then(
        () => true,
        () => false,
      );
    },
    release: () => {
      try {
        if (readFileSync(file, 'utf8') === mark) rmSync(file);
      } catch {
        // Gone already: it was taken over.
      }
    },
  };
}
