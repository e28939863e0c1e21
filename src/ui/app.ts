// Everything behind what is registered at activation. Loaded when VS Code first asks for something.

import type { Disposable, EventEmitter, ExtensionContext, TreeView, Uri, WebviewPanel } from 'vscode';
import { runCommand } from './commands/run.ts';
import { checkDriftNowAndThen } from './driftCheck.ts';
import type { HistoryNode } from './history/nodes.ts';
import { openHistory } from './history/view.ts';
import type { HistoryTree } from './history/view.ts';
import { closeEditorsWithEstate, restoreEditor } from './panels/editors.ts';
import { createServices } from './services.ts';
import { showOperations } from './statusBar.ts';
import { readText } from './text.ts';
import type { Node } from './tree/nodes.ts';
import { openTree } from './tree/tree.ts';
import type { Tree } from './tree/tree.ts';

/** What was registered before there was an app. */
export interface Shell {
  readonly view: TreeView<Node>;
  /** Fired with the row or rows to draw again, or undefined for all. */
  readonly treeChanged: EventEmitter<Node | Node[] | undefined>;
  readonly historyView: TreeView<HistoryNode>;
  readonly historyChanged: EventEmitter<HistoryNode | undefined>;
  readonly documentChanged: EventEmitter<Uri>;
}

export interface App {
  readonly tree: Tree;
  readonly history: HistoryTree;
  /** @param given what VS Code hands to the command: row, selected rows */
  runCommand(id: string, given: readonly unknown[]): Promise<void>;
  /** @param state what the page kept; a panel without a sound one is closed */
  restoreEditor(panel: WebviewPanel, state: unknown): void;
  /** As `restoreEditor`, of a change of several instances. */
  restoreBatch(panel: WebviewPanel, state: unknown): Promise<void>;
  documentText(uri: Uri): Promise<string>;
  dispose(): void;
}

export function openApp(context: ExtensionContext, shell: Shell): App {
  readText();
  const services = createServices(context, shell.documentChanged);
  const tree = openTree(services, shell);
  const history = openHistory(services, shell);
  const parts: readonly Disposable[] = [
    tree,
    history,
    closeEditorsWithEstate(services),
    showOperations(services),
    checkDriftNowAndThen(services),
    services,
  ];
  void services.operations
    .resume()
    .then(() => services.watches.resume())
    .then(() => services.batches.resume());
  return {
    tree,
    history,
    runCommand: (id, given) => runCommand(services, id, given, shell.view.selection),
    restoreEditor: (panel, state) => restoreEditor(services, panel, state),
    restoreBatch: (panel, state) => services.batches.restore(panel, state),
    documentText: (uri) => services.documents.text(uri),
    dispose: () => {
      for (const part of parts) void part.dispose();
    },
  };
}
