// Names and folders that more than one part of the UI goes by.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExtensionContext } from 'vscode';

export const treeViewId = 'apimTls.instances';
export const editorViewType = 'apimTls.editor';
/** Of read-only documents that the extension writes. */
export const documentScheme = 'apim-tls';

/** In the folder of the records: one file for each change that has not ended. */
export const operationsFolder = 'operations';

/** Operations, histories and drafts: the sample estate keeps its own. */
export function recordsFolder(context: ExtensionContext, estate: 'azure' | 'sample'): string {
  return path.join(context.globalStorageUri.fsPath, estate, 'records');
}

/**
 * Whether a change was begun that nobody has seen the end of. Looked up without reading what it is.
 * @param records the folder of the records
 */
export async function anyRunning(records: string): Promise<boolean> {
  try {
    return (await readdir(path.join(records, operationsFolder))).length > 0;
  } catch {
    return false;
  }
}
