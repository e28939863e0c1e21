// A text that the user gives a file to.

import { Uri, env, l10n, window, workspace } from 'vscode';

export interface TextFile {
  readonly title: string;
  /** Without a folder. */
  readonly name: string;
  /** What the dialog calls files of this kind, and how their names end, without the leading dot. */
  readonly kind: string;
  readonly ending: string;
  readonly text: string;
}

/** The file that was written; undefined where the user chose none. */
export async function saveTextFile({ title, name, kind, ending, text }: TextFile): Promise<Uri | undefined> {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 100);
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    title,
    ...(folder ? { defaultUri: Uri.joinPath(folder, safe) } : {}),
    filters: { [kind]: [ending] },
  });
  if (!uri) return undefined;
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

export async function copyText(what: string, text: string): Promise<void> {
  await env.clipboard.writeText(text);
  window.setStatusBarMessage(l10n.t('Copied: {0}', what), 3000);
}
