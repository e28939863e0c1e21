// The pages of changes of several instances: one for each batch, one for each plan, brought back after a reload.

import { Uri, ViewColumn, l10n, window } from 'vscode';
import type { WebviewPanel } from 'vscode';
import * as v from 'valibot';
import { keptBatchSchema } from '../../messages/batch.ts';
import type { KeptBatch } from '../../messages/batch.ts';
import type { Batches } from '../batches.ts';
import { batchViewType } from '../places.ts';
import type { Services } from '../services.ts';
import { BatchPanel } from './batchPanel.ts';

function options(services: Services) {
  return { enableScripts: true, localResourceRoots: [Uri.joinPath(services.context.extensionUri, 'dist', 'webview')] };
}

function adopt(services: Services, batches: Batches, panel: WebviewPanel, kept: KeptBatch): void {
  const { panels } = batches;
  const page = new BatchPanel(services, batches, panel, kept);
  panels.add(page);
  panel.onDidDispose(() => {
    panels.delete(page);
    page.dispose();
  });
}

/** Shows a batch or a plan; the page of a batch that is open already comes to the front. */
export function openBatchPanel(services: Services, batches: Batches, kept: KeptBatch): void {
  const known = [...batches.panels].find(({ batchId }) => kept.kind === 'batch' && batchId === kept.batchId);
  if (known) return known.reveal();
  const title = l10n.t('Change several instances');
  const panel = window.createWebviewPanel(batchViewType, title, ViewColumn.Active, options(services));
  adopt(services, batches, panel, kept);
}

/** Brings a page back after a reload. One that has kept nothing sound is closed. */
export function adoptBatchPanel(services: Services, batches: Batches, panel: WebviewPanel, state: unknown): void {
  const kept = v.safeParse(keptBatchSchema, state);
  if (!kept.success) {
    panel.dispose();
    return;
  }
  panel.webview.options = options(services);
  adopt(services, batches, panel, kept.output);
}
