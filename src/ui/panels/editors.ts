// The editor panels: one per instance, opened from the tree, brought back after a reload.

import { Disposable, Uri, ViewColumn, window, workspace } from 'vscode';
import type { WebviewPanel } from 'vscode';
import * as v from 'valibot';
import { idKey } from '../estate.ts';
import type { Services } from '../services.ts';
import { readText } from '../text.ts';
import { EditorPanel } from './editorPanel.ts';

export const viewType = 'apimTls.editor';

const open = new Map<string, EditorPanel>();

/** What the page keeps with `setState`: enough to find its instance again. */
const keptSchema = v.object({ instanceId: v.string() });

function options(services: Services) {
  return { enableScripts: true, localResourceRoots: [Uri.joinPath(services.context.extensionUri, 'dist', 'webview')] };
}

function adopt(services: Services, panel: WebviewPanel, instanceId: string, name: string): EditorPanel {
  readText();
  const editor = new EditorPanel(services, panel, instanceId, name);
  open.set(idKey(instanceId), editor);
  panel.onDidDispose(() => {
    editor.dispose();
    if (open.get(idKey(instanceId)) === editor) open.delete(idKey(instanceId));
  });
  return editor;
}

/** Shows the editor of an instance; the panel that is open already comes to the front. */
export function openEditor(services: Services, instanceId: string, name: string): EditorPanel {
  const known = open.get(idKey(instanceId));
  if (known) {
    known.reveal();
    return known;
  }
  const panel = window.createWebviewPanel(viewType, name, ViewColumn.Active, options(services));
  return adopt(services, panel, instanceId, name);
}

export function registerEditors(services: Services): Disposable {
  // Instances of the other estate are out of reach; their drafts are kept.
  const otherEstate = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('apimTls.estate')) for (const editor of [...open.values()]) editor.close();
  });
  const serializer = window.registerWebviewPanelSerializer(viewType, {
    deserializeWebviewPanel: (panel, state) => {
      const kept = v.safeParse(keptSchema, state);
      if (!kept.success) panel.dispose();
      else {
        panel.webview.options = options(services);
        adopt(services, panel, kept.output.instanceId, panel.title);
      }
      return Promise.resolve();
    },
  });
  return Disposable.from(otherEstate, serializer);
}
