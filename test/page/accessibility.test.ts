// axe on every scenario in every theme: nothing serious, nothing critical.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { scenarioNames } from '../../webview/standalone/scenarios.ts';
import { button, startSite } from './browser.ts';
import type { Site } from './browser.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function violations(page: Page): Promise<string[]> {
  const result = await page.evaluate<{ violations: Violation[]; passes: unknown[] }>('window.axe.run()');
  assert.ok(result.passes.length > 10, 'axe looked at the page');
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`);
}

describe('the editor page, accessibility', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  for (const theme of ['dark', 'light', 'hc']) {
    for (const scenario of scenarioNames) {
      it(`has nothing serious or critical: ${scenario}, ${theme}`, async () => {
        const page = await site.open({ scenario, theme }, axeSource);
        assert.deepEqual(await violations(page), []);
      });
    }

    it(`has nothing serious or critical with a draft, the map and the dialog open: ${theme}`, async () => {
      const page = await site.open({ scenario: 'classic', theme }, axeSource);
      await page.getByRole('button', { name: /^Modern/ }).click();
      await page.getByText('Map to be written').click();
      assert.deepEqual(await violations(page), []);
      await button(page, 'View and manage').click();
      await page.getByRole('cell', { name: 'POST /partners' }).waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }

  it('finds what is wrong where something is', async () => {
    const page = await site.open({ scenario: 'classic' }, axeSource);
    await page.evaluate(`(() => {
      const box = document.querySelector('#suites .filters input[type=checkbox]');
      box.closest('label').replaceWith(box);
    })()`);
    assert.ok((await violations(page)).some((text) => text.startsWith('label')));
  });
});
