import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expandRow, openView, quickInput, runCommand, treeRow, webviewFrame } from '../support/gestures.ts';
import { screenshot, setTheme, startWorkbench } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { backendTls10, openInstance, product, toggle } from './editor.ts';

const instance = 'contoso-shop-prod';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical in the editor's page, and in nothing around it. */
async function seriousFindings(page: Page): Promise<string[]> {
  const content = await webviewFrame(page).locator('main').elementHandle();
  const frame = await content?.ownerFrame();
  assert.ok(frame, 'the page of the editor');
  await frame.evaluate(axeSource);
  const { violations, passes } = await frame.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  assert.ok(passes.length > 10, `axe has looked: ${passes.length} rules passed`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
}

describe('how it looks and sounds', () => {
  let workbench: Workbench;
  let page: Page;
  before(async function () {
    this.timeout(120_000);
    workbench = await startWorkbench();
    page = workbench.page;
    await openView(page, product);
    await treeRow(page, instance).waitFor();
  });
  after(() => workbench.close());

  for (const theme of ['dark', 'light', 'hc'] as const) {
    it(`is drawn in the theme ${theme}, and axe finds nothing serious in the editor`, async () => {
      await setTheme(page, theme);
      await treeRow(page, instance).waitFor();
      await screenshot(page, `tree-${theme}`);
      const frame = await openInstance(page, instance);
      await toggle(frame, backendTls10).waitFor();
      await frame.locator('#backends tbody tr').first().waitFor();
      await screenshot(page, `editor-${theme}`);
      assert.deepEqual(await seriousFindings(page), []);
    });
  }

  it('names hosts and their use to screen readers', async () => {
    await expandRow(page, 'contoso-b2b');
    await expandRow(page, 'Gateway hosts');
    const host = treeRow(page, 'b2b.contoso.example');
    await host.waitFor();
    assert.match((await host.getAttribute('aria-label')) ?? '', /^b2b\.contoso\.example:443, .*client certificate/);
  });

  it('opens the editor of the selected row by a key', async () => {
    await treeRow(page, 'contoso-hr').click();
    await page.keyboard.press('Control+Enter');
    await webviewFrame(page).getByRole('heading', { name: 'contoso-hr' }).waitFor();
  });

  it('says how many instances a filter leaves, even if none', async () => {
    await runCommand(page, `${product}: Filter...`);
    await quickInput(page).fill('no such instance');
    await page.keyboard.press('Enter');
    await page.getByText('"no such instance": 0 of 17 instances').waitFor();
    await treeRow(page, /Fabrikam/).waitFor();
    await runCommand(page, `${product}: Clear filter`);
    await treeRow(page, instance).waitFor();
  });
});
