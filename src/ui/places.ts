// Names and folders that more than one part of the UI goes by.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExtensionContext } from 'vscode';

export const treeViewId = 'apimTls.instances';
export const historyViewId = 'apimTls.history';
export const editorViewType = 'apimTls.editor';
/** The page of a change of several instances. */
export const batchViewType = 'apimTls.batch';
/** Of read-only documents that the extension writes. */
export const documentScheme = 'apim-tls';

/** In the folder of the records: one file for each change that has not ended. */
export const operationsFolder = 'operations';
/** In the folder of the records: one folder for each change of several instances, and one empty file beside it until it has ended. */
export const batchesFolder = 'batches';
export const openBatchEnding = '.open';

/** In the folder of the records: one file for each change whose hosts and logs are still looked at. */
export const watchesFolder = 'watches';

/** In the folder of the records: a file with the changes of each instance. */
export const historiesFolder = 'history';

/** What instances were when they were last seen. */
export function driftFolder(context: ExtensionContext, estate: 'azure' | 'sample'): string {
  return path.join(recordsFolder(context, estate), 'drift');
}

/** In the folder of the records: the draft of each page. */
export const draftsFolder = 'drafts';

/** Operations, histories and drafts: the sample estate keeps its own. */
export function recordsFolder(context: ExtensionContext, estate: 'azure' | 'sample'): string {
  return path.join(context.globalStorageUri.fsPath, estate, 'records');
}

/**
 * Whether there is a change that nobody has seen the end of, or that is still watched. Looked up without reading it.
 * @param records the folder of the records
 */
export async function anyRunning(records: string): Promise<boolean> {
  const folders = await Promise.all(
    [operationsFolder, watchesFolder].map((name) => readdir(path.join(records, name)).catch(() => [])),
  );
  return folders.flat().some((name) => name.endsWith('.json')) || anyBatch(records);
}

/** Whether a change of several instances runs or is paused. */
export async function anyBatch(records: string): Promise<boolean> {
  const names = await readdir(path.join(records, batchesFolder)).catch(() => []);
  return names.some((name) => name.endsWith(openBatchEnding));
}
