// The list of client certificate renegotiations stands in the way of TLS 1.3, with its reasons.

import assert from 'node:assert/strict';
import { openView, rowAction, treeRow, webviewFrame } from '../support/gestures.ts';
import { screenshot, startWorkbench } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { product } from './editor.ts';

describe('renegotiations in VS Code', () => {
  let workbench: Workbench;

  before(async function () {
    this.timeout(120_000);
    workbench = await startWorkbench();
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshot(workbench.page, 'failed-renegotiations');
  });

  it('are listed with their sources, and TLS 1.3 towards clients is refused because of them', async () => {
    const { page } = workbench;
    await openView(page, product);
    await treeRow(page, 'contoso-b2b').waitFor();
    await rowAction(page, 'contoso-b2b', 'Edit TLS settings');
    const frame = webviewFrame(page);
    const button = (name: string) => frame.getByRole('button', { name });
    await button('View and manage').click();
    const dialog = frame.getByRole('dialog', { name: 'TLS 1.3, client side' });
    await dialog.getByRole('row', { name: /^Purchasing POST \/orders b2b\.contoso\.example .*High/ }).waitFor();
    await dialog.getByText(/Azure Advisor: TLS renegotiation was blocked for b2b\.contoso\.example\. Its/).waitFor();
    await button('Enable TLS 1.3').click();
    const plan = frame.getByRole('region', { name: 'Plan', exact: true });
    await plan.getByText(/Callers of \d+ operations are asked for a certificate by renegotiation/).waitFor();
    // Nothing is written before the name of the instance is typed.
    await button('Apply despite blockers…').click();
    const input = page.locator('.quick-input-widget:visible');
    await input.waitFor();
    await page.keyboard.press('Escape');
    await input.waitFor({ state: 'hidden' });
    await button('Discard').click();
    await frame.getByText('No changes', { exact: true }).waitFor();
    assert.match((await treeRow(page, 'contoso-b2b').getAttribute('aria-label')) ?? '', /TLS 1\.2 in/);
  });
});
