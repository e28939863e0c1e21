// Backends on the page: what the logs say of them, who leads to them, their order, and what the gateway itself reaches.

import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { axeSource, serious } from './axe.ts';
import { rowText, sent, startSite, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const table = (page: Page) => page.getByRole('region', { name: 'Table of backends' });
const row = (page: Page, name: RegExp) => table(page).getByRole('row', { name });
const head = (page: Page, name: string) => table(page).getByRole('columnheader', { name });
const section = (page: Page) => page.locator('#backends');

async function hosts(page: Page): Promise<string[]> {
  return table(page).locator('tbody .host').allTextContents();
}

const sortBy = (page: Page, name: string): Locator => head(page, name).getByRole('button');

describe('the editor page, backends', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('say nothing of traffic until the logs are read, and offer to read them', async () => {
    const page = await site.open({ scenario: 'classic' });
    assert.equal(await head(page, 'Logged calls').count(), 0);
    await section(page).getByRole('button', { name: 'Read them' }).click();
    await head(page, 'Logged calls').waitFor();
    assert.deepEqual(
      (await sent(page, 'readTraffic')).map(({ argument }) => argument),
      [{ days: 30, fresh: false }],
    );
    assert.match(await rowText(row(page, /^orders/)), /1,204 requests in 30 days, last 2 hours ago/);
    assert.match(await rowText(row(page, /^ledger/)), /12 without a connection: The request was aborted/);
    assert.match(await rowText(row(page, /^mainframe/)), /none seen/);
    const only = await rowText(row(page, /^scoring/));
    assert.match(only, /Seen in logs only/);
    assert.match(only, /Not probed/);
  });

  it('say which paths were cut, and how many are not known', async () => {
    const page = await site.open({ scenario: 'classic' });
    const said = await rowText(row(page, /^orders/));
    assert.match(said, /1 more path requested, up to the first parameter, no client certificate asked for;/);
    assert.match(said, /2 operations of contoso-payments not requested, paths not known/);
  });

  it('are ordered by verdict, traffic or name, either way, by keyboard too', async () => {
    const page = await site.open({ scenario: 'classic' });
    await section(page).getByRole('button', { name: 'Read them' }).click();
    await head(page, 'Logged calls').waitFor();
    assert.equal(await head(page, 'Verdict').getAttribute('aria-sort'), 'descending');
    await sortBy(page, 'Host').focus();
    await page.keyboard.press('Enter');
    await table(page).locator('th[aria-sort=ascending]', { hasText: 'Host' }).waitFor();
    const names = await hosts(page);
    assert.deepEqual(names, [...names].sort());
    await page.keyboard.press('Enter');
    await table(page).locator('th[aria-sort=descending]', { hasText: 'Host' }).waitFor();
    assert.deepEqual(await hosts(page), [...names].reverse());
    await sortBy(page, 'Logged calls').click();
    await table(page).locator('th[aria-sort=descending]', { hasText: 'Calls' }).waitFor();
    const counts = (await table(page).locator('tbody tr td:nth-of-type(2)').allInnerTexts()).map((text) =>
      text.startsWith('none') ? -1 : Number(/^[\d,.]+/.exec(text)?.[0].replace(/\D/g, '')),
    );
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => b - a),
    );
    assert.equal(counts.length, names.length);
  });

  it('that are not reachable from here are asked of the gateway, which is told with its limits', async () => {
    const page = await site.open({ scenario: 'classic', probe: 300 });
    const lost = row(page, /10\.20\.0\.14/);
    assert.equal(
      await row(page, /^orders/)
        .getByRole('button', { name: /gateway/ })
        .count(),
      0,
    );
    await lost.getByRole('button', { name: 'Ask the gateway whether it reaches 10.20.0.14:9443' }).click();
    await lost.getByText('Asking the gateway…').waitFor();
    await untilSent(page, 'checkConnectivity', 1);
    await lost.getByText(/the gateway reaches it/).waitFor();
    const said = await lost.textContent();
    assert.match(said ?? '', /westeurope: the gateway reaches it \(TCP, 12 ms\)/);
    assert.match(said ?? '', /It says nothing of TLS\./);
    assert.match(said ?? '', /Unknown/, 'the verdict stays what it was');
    await lost.getByRole('button', { name: /gateway/ }).click();
    await section(page).getByRole('button', { name: 'Cancel asking' }).click();
    await untilSent(page, 'cancelConnectivity', 1);
    await lost.getByText('Asking the gateway…').waitFor({ state: 'detached' });
  });

  it('have no serious accessibility violation, in any theme', async () => {
    for (const theme of ['dark', 'light', 'hc-black', 'hc-light']) {
      const page = await site.open({ scenario: 'classic', theme }, axeSource);
      await section(page).getByRole('button', { name: 'Read them' }).click();
      await head(page, 'Logged calls').waitFor();
      await row(page, /10\.20\.0\.14/)
        .getByRole('button', { name: /gateway/ })
        .click();
      await row(page, /10\.20\.0\.14/)
        .getByText(/the gateway reaches it/)
        .waitFor();
      assert.deepEqual(await serious(page), [], theme);
    }
  });
});
