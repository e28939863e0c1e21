// Running operations and histories as files of this extension's storage, so that every window and every restart sees them.
// No secret is written: ids, times, texts of settings.

import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { historyLine, operationSchema, readHistory } from '../core/history.ts';
import type { HistoryEntry, Operation } from '../core/history.ts';
import { historiesFolder, operationsFolder } from './places.ts';

export interface Records {
  /** Writes the operation, replacing an earlier state of it, in one step. */
  keep(operation: Operation): Promise<void>;
  forget(operationId: string): Promise<void>;
  /** Operations that have not ended. Files that cannot be read are left where they are. */
  running(): Promise<readonly Operation[]>;
  /** Adds or, for the same id, replaces an entry. */
  record(entry: HistoryEntry): Promise<void>;
  history(instanceId: string): Promise<{ readonly entries: readonly HistoryEntry[]; readonly unreadable: number }>;
  clear(): Promise<void>;
}

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(String((error as { code?: unknown }).code));

/** Never half-written: the new text takes the place of the old in one step. */
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, text, { flush: true });
  await rename(fresh, file);
}

/** @param folder made when it is first needed */
export function openRecords(folder: string): Records {
  const operations = path.join(folder, operationsFolder);
  const histories = path.join(folder, historiesFolder);
  const nameOf = (instanceId: string) =>
    createHash('sha256').update(instanceId.toLowerCase()).digest('hex').slice(0, 32);
  const operationFile = (id: string) => path.join(operations, `${id.replace(/[^\w-]/g, '')}.json`);
  const historyFile = (instanceId: string) => path.join(histories, `${nameOf(instanceId)}.jsonl`);

  async function readOperation(name: string): Promise<Operation[]> {
    try {
      const parsed = v.safeParse(operationSchema, JSON.parse(await readFile(path.join(operations, name), 'utf8')));
      return parsed.success ? [parsed.output] : [];
    } catch {
      return [];
    }
  }

  return {
    keep: async (operation) => {
      await mkdir(operations, { recursive: true });
      await replaceFile(operationFile(operation.id), JSON.stringify(operation));
    },
    forget: (operationId) => rm(operationFile(operationId), { force: true }),
    running: async () => {
      const names = await readdir(operations).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return (await Promise.all(names.filter((name) => name.endsWith('.json')).map(readOperation))).flat();
    },
    record: async (entry) => {
      await mkdir(histories, { recursive: true });
      await appendFile(historyFile(entry.instanceId), historyLine(entry), { flush: true });
    },
    history: async (instanceId) => {
      const text = await readFile(historyFile(instanceId), 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return '';
        throw error;
      });
      return readHistory(text);
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}
