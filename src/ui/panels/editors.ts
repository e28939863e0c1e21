// The editor panels: one per instance, opened from the tree, brought back after a reload.

import { Uri, ViewColumn, window, workspace } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import * as v from 'valibot';
import { idKey } from '../../core/instance.ts';
import { editorViewType } from '../places.ts';
import type { Services } from '../services.ts';
import { EditorPanel } from './editorPanel.ts';

/** What the page keeps with `setState`: enough to find its instance and its draft again. */
const keptSchema = v.object({ instanceId: v.string(), writer: v.optional(v.string()) });

function options(services: Services) {
  return { enableScripts: true, localResourceRoots: [Uri.joinPath(services.context.extensionUri, 'dist', 'webview')] };
}

function adopt(
  services: Services,
  panel: WebviewPanel,
  { instanceId, writer }: v.InferOutput<typeof keptSchema>,
  name: string,
): EditorPanel {
  const editor = new EditorPanel(services, panel, instanceId, name, writer);
  services.editors.set(idKey(instanceId), editor);
  panel.onDidDispose(() => {
    editor.dispose();
    if (services.editors.get(idKey(instanceId)) === editor) services.editors.delete(idKey(instanceId));
  });
  return editor;
}

/** Shows the editor of an instance; the panel that is open already comes to the front. */
export function openEditor(services: Services, instanceId: string, name: string): EditorPanel {
  const known = services.editors.get(idKey(instanceId));
  if (known) {
    known.reveal();
    return known;
  }
  const panel = window.createWebviewPanel(editorViewType, name, ViewColumn.Active, options(services));
  return adopt(services, panel, { instanceId }, name);
}

/** Brings a panel back after a reload. One whose page has kept nothing sound is closed. */
export function restoreEditor(services: Services, panel: WebviewPanel, state: unknown): void {
  const kept = v.safeParse(keptSchema, state);
  if (!kept.success) {
    panel.dispose();
    return;
  }
  panel.webview.options = options(services);
  adopt(services, panel, kept.output, panel.title);
}

/** Closes the editors when the estate changes: instances of the other are out of reach. Their drafts are kept. */
export function closeEditorsWithEstate(services: Services): Disposable {
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('apimTls.estate'))
      for (const editor of [...services.editors.values()]) editor.close();
  });
}
