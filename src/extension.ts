// Builds the services and registers what the user sees; nothing else.

import type { ExtensionContext } from 'vscode';
import { registerCommands } from './ui/commands/register.ts';
import { registerDocuments } from './ui/documents.ts';
import { registerEditors } from './ui/panels/editors.ts';
import { createServices } from './ui/services.ts';
import { registerStatusBar } from './ui/statusBar.ts';
import { registerTree } from './ui/tree/tree.ts';

export function activate(context: ExtensionContext): void {
  const services = createServices(context);
  context.subscriptions.push(
    services,
    registerDocuments(services),
    registerTree(services),
    registerEditors(services),
    registerStatusBar(services),
    registerCommands(services),
  );
  services.start();
}
