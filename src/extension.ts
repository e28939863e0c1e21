// Registers what VS Code may ask for. What answers is in a bundle of its own, loaded when something is asked.

import { Disposable, EventEmitter, commands, window, workspace } from 'vscode';
import type { ExtensionContext, TreeView, Uri } from 'vscode';
import type { App, Shell } from './ui/app.ts';
import { estateKind } from './ui/config.ts';
import {
  anyRunning,
  batchViewType,
  documentScheme,
  editorViewType,
  historyViewId,
  recordsFolder,
  treeViewId,
} from './ui/places.ts';
import type { HistoryNode } from './ui/history/nodes.ts';
import type { Node } from './ui/tree/nodes.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** What other windows have begun or left is looked for so often, until something of ours is asked for here. */
const lookMs = 30_000;

export function activate(context: ExtensionContext): void {
  const treeChanged = new EventEmitter<Node | Node[] | undefined>();
  const documentChanged = new EventEmitter<Uri>();
  const view: TreeView<Node> = window.createTreeView<Node>(treeViewId, {
    treeDataProvider: {
      onDidChangeTreeData: treeChanged.event,
      getTreeItem: async (node) => (await app()).tree.item(node),
      resolveTreeItem: async (item, node) => (await app()).tree.resolve(item, node),
      getChildren: async (node) => (await app()).tree.children(node),
      getParent: async (node) => (await app()).tree.parent(node),
    },
    showCollapseAll: true,
    canSelectMany: true,
  });
  const historyChanged = new EventEmitter<HistoryNode | undefined>();
  const historyView: TreeView<HistoryNode> = window.createTreeView<HistoryNode>(historyViewId, {
    treeDataProvider: {
      onDidChangeTreeData: historyChanged.event,
      getTreeItem: async (node) => (await app()).history.item(node),
      resolveTreeItem: async (item, node) => (await app()).history.resolve(item, node),
      getChildren: async (node) => (await app()).history.children(node),
    },
    showCollapseAll: true,
    canSelectMany: true,
  });
  const shell: Shell = { view, treeChanged, historyView, historyChanged, documentChanged };
  let opening: Promise<App> | undefined;
  const app = (): Promise<App> => (opening ??= import('./ui/app.ts').then(({ openApp }) => openApp(context, shell)));

  const { contributes } = context.extension.packageJSON as Manifest;
  context.subscriptions.push(
    view,
    treeChanged,
    historyView,
    historyChanged,
    documentChanged,
    ...contributes.commands.map(({ command }) =>
      commands.registerCommand(command, async (...given: unknown[]) => (await app()).runCommand(command, given)),
    ),
    window.registerWebviewPanelSerializer(editorViewType, {
      deserializeWebviewPanel: async (panel, state) => (await app()).restoreEditor(panel, state),
    }),
    window.registerWebviewPanelSerializer(batchViewType, {
      deserializeWebviewPanel: async (panel, state) => (await app()).restoreBatch(panel, state),
    }),
    workspace.registerTextDocumentContentProvider(documentScheme, {
      onDidChange: documentChanged.event,
      provideTextDocumentContent: async (uri) => (await app()).documentText(uri),
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('apimTls.estate')) tellEstate();
    }),
    new Disposable(() => void opening?.then((open) => open.dispose())),
  );
  // A change that another window has left is followed on by this one, whether or not anybody has opened our view in it.
  const look = () => {
    if (opening === undefined)
      void anyRunning(recordsFolder(context, estateKind())).then((any) => (any ? app() : undefined));
  };
  const looking = setInterval(look, lookMs);
  context.subscriptions.push(new Disposable(() => clearInterval(looking)));
  // After activation, never in it: so is one that was running when the window closed.
  setImmediate(() => {
    tellEstate();
    look();
  });
}

function tellEstate(): void {
  void commands.executeCommand('setContext', 'apimTls.sample', estateKind() === 'sample');
}
