// Work that one window at a time does: whoever holds the newest claim beside a file. Windows of one user share a disk.

import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A claim of this age, in milliseconds, has ended with its window: what is done under it takes much less. */
export const lockMs = 10_000;

/** Long enough to outlive the claim of a window that has ended. */
const patienceMs = 1.5 * lockMs;

/**
 * Does the work while no other window does any under the same name. Rejects where no claim can be written, such as on a
 * disk that is full, and where the others do not come to an end; the work is not begun then.
 * @param file whatever the work is about; claims stand beside it, and one is left there. Its folder is made
 */
export async function oneAtATime<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  await mkdir(path.dirname(file), { recursive: true });
  const until = Date.now() + patienceMs;
  let own = await claim(file);
  while (own === null) {
    if (Date.now() > until) throw new Error('Another window does not come to an end.');
    await pause(5 + Math.random() * 20);
    own = await claim(file);
  }
  try {
    return await work();
  } finally {
    // Old at once. Not removed: its number must not come again.
    await utimes(own, 0, 0).catch(() => undefined);
  }
}

/** The file of the claim; null where another window has one. */
async function claim(file: string): Promise<string | null> {
  const claimOf = (number: number) => `${file}.claim.${number}`;
  const [newest = 0, ...older] = await numbersOf(file);
  if (newest > 0 && (await isFresh(claimOf(newest)))) return null;
  try {
    // Of several windows that see the same end of a claim, one makes the next.
    await writeFile(claimOf(newest + 1), '', { flag: 'wx' });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return null;
    throw error;
  }
  const [last] = await numbersOf(file);
  // What was looked at first may have been out of date: others have claimed, ended and tidied up since.
  const won = last === newest + 1;
  const gone = won ? [newest, ...older] : [newest + 1];
  await Promise.allSettled(gone.map((number) => rm(claimOf(number), { force: true })));
  return won ? claimOf(newest + 1) : null;
}

/** Of the claims that are there, the newest first. */
async function numbersOf(file: string): Promise<readonly number[]> {
  const start = `${path.basename(file)}.claim.`;
  const names = (await readdir(path.dirname(file))).filter((name) => name.startsWith(start));
  return names.map((name) => Number(name.slice(start.length))).sort((a, b) => b - a);
}

async function isFresh(file: string): Promise<boolean> {
  const modified = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  // Either way: a clock that was set back must not make a claim last.
  return Math.abs(Date.now() - modified) < lockMs;
}
