// The product's own places in the workbench.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { rowAction, webviewFrame } from '../support/gestures.ts';

export const product = 'API Management TLS';

/** Opens the editor of an instance from its row in the tree. */
export async function openInstance(page: Page, name: string): Promise<FrameLocator> {
  await rowAction(page, name, 'Edit TLS settings');
  const frame = webviewFrame(page);
  await frame.getByRole('heading', { name }).waitFor();
  return frame;
}

export const clientTls10 = /TLS 1\.0.*client/i;
export const clientTls11 = /TLS 1\.1.*client/i;
export const backendTls10 = /TLS 1\.0.*backend/i;

/** The box of a setting in the editor. */
export function toggle(frame: FrameLocator, name: RegExp): Locator {
  return frame.getByRole('checkbox', { name }).first();
}
