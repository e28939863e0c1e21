// axe on every scenario in every theme: nothing serious, nothing critical.

import assert from 'node:assert/strict';
import { scenarioNames } from '../../webview/standalone/scenarios.ts';
import { axeSource, serious } from './axe.ts';
import { button, startSite } from './browser.ts';
import type { Site } from './browser.ts';

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
        assert.deepEqual(await serious(page), []);
      });
    }

    it(`has nothing serious or critical with a draft, the map and the dialog open: ${theme}`, async () => {
      const page = await site.open({ scenario: 'classic', theme }, axeSource);
      await page.getByRole('button', { name: /^Modern/ }).click();
      await page.getByText('Map to be written').click();
      assert.deepEqual(await serious(page), []);
      await button(page, 'View and manage').click();
      await page.getByRole('cell', { name: 'POST /partners' }).waitFor();
      assert.deepEqual(await serious(page), []);
    });
  }

  it('finds what is wrong where something is', async () => {
    const page = await site.open({ scenario: 'classic' }, axeSource);
    await page.evaluate(`(() => {
      const box = document.querySelector('#suites .filters input[type=checkbox]');
      box.closest('label').replaceWith(box);
    })()`);
    assert.ok((await serious(page)).some((text) => text.startsWith('label')));
  });
});
