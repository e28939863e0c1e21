// Traffic on the page: asked for by the user alone, numbers beside the toggles, callers on request.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axeSource, serious } from './axe.ts';
import { button, plan, sent, startSite, toggle, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const window = (page: Page) => page.getByRole('combobox', { name: 'Traffic of the last' });
const tls10 = (page: Page) => page.getByRole('button', { name: /^TLS 1\.0: .* Show APIs and callers$/ });

describe('the editor page, traffic', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('is not read until the user asks, then stands beside each toggle', async () => {
    const page = await site.open({ scenario: 'classic' });
    assert.deepEqual(await sent(page, 'readTraffic'), []);
    await button(page, 'Read traffic').click();
    await tls10(page).waitFor();
    assert.equal(await tls10(page).innerText(), '1,204 requests from 3 callers, last 2 hours ago');
    const row = page.getByRole('row', { name: /^TLS 1\.1/ }).first();
    assert.match(await row.innerText(), /Not seen in the last 30 days; 8 requests without a known version/);
    assert.match(await page.locator('.traffic-notice').innerText(), /8 requests in the logs without a TLS version/);
    assert.deepEqual(
      (await sent(page, 'readTraffic')).map(({ argument }) => argument),
      [{ days: 30, fresh: false }],
    );
  });

  it('is read for the window that is chosen, at once where it was read before, and anew where that is asked for', async () => {
    const page = await site.open({ scenario: 'classic' });
    await window(page).selectOption('7');
    assert.deepEqual(await sent(page, 'readTraffic'), [], 'a choice alone reads nothing');
    // A check and what leads to the logs from elsewhere on the page go by it.
    assert.deepEqual(
      (await sent(page, 'chooseTraffic')).map(({ argument }) => argument),
      [{ days: 7 }],
    );
    await button(page, 'Read them').waitFor();
    assert.equal(await window(page).inputValue(), '7');
    await button(page, 'Read traffic').click();
    await tls10(page).waitFor();
    await window(page).selectOption('90');
    await page.getByText('Not seen in the last 90 days').first().waitFor();
    await button(page, 'Read traffic again').click();
    await untilSent(page, 'readTraffic', 3);
    assert.deepEqual(
      (await sent(page, 'readTraffic')).map(({ argument }) => argument),
      [
        { days: 7, fresh: false },
        { days: 90, fresh: false },
        { days: 90, fresh: true },
      ],
    );
  });

  it('is cancelled', async () => {
    const page = await site.open({ scenario: 'classic', probe: 60_000 });
    await button(page, 'Read traffic').click();
    await button(page, 'Cancel reading').click();
    await button(page, 'Read traffic').waitFor();
    assert.equal((await sent(page, 'cancelTraffic')).length, 1);
  });

  it('opens into APIs, operations and callers, by keyboard, and shows addresses on request only', async () => {
    const page = await site.open({ scenario: 'classic' }, axeSource);
    await button(page, 'Read traffic').click();
    await tls10(page).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Callers with TLS 1.0' });
    await dialog.waitFor();
    const cells = await dialog
      .getByRole('row', { name: /settlement/ })
      .getByRole('cell')
      .allInnerTexts();
    assert.deepEqual(cells.slice(0, 4), ['settlement', 'post-batch', 'TLS 1.0', '1,200']);
    assert.equal(await dialog.getByRole('row').count(), 3, 'the header and two rows');
    const address = dialog.getByText(/^192\.0\.2\.\d+$/).first();
    assert.equal(await address.isVisible(), false);
    await dialog.getByText('2 callers').click();
    assert.equal(await address.isVisible(), true);
    assert.deepEqual(await serious(page), []);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await button(page, 'All callers').click();
    const everything = page.getByRole('dialog', { name: 'Callers with any TLS version' });
    await everything.waitFor();
    assert.equal(await everything.getByRole('row').count(), 7);
    const busiest = everything.getByRole('row').filter({ hasText: '40 callers' });
    assert.match(await busiest.innerText(), /settlement/);
  });

  it('makes the plan speak of callers that were seen', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await toggle(page, 'TLS 1.1, client side').click();
    await plan(page)
      .getByText(/Who they are is not known/)
      .waitFor();
    await button(page, 'Read traffic').click();
    await plan(page)
      .getByText(
        /TLS 1\.0: 1,204 requests from 3 callers in the last 30 days, last on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\./,
      )
      .waitFor();
    await plan(page)
      .getByText(/No request with TLS 1\.1 is in the logs of the last 30 days, beside 8 requests/)
      .waitFor();
    assert.equal(
      await plan(page)
        .getByText(/Who they are is not known/)
        .count(),
      0,
    );
  });

  it('tells how to switch the logs on where there are none, with the command for this instance', async () => {
    const page = await site.open({ scenario: 'consumption' }, axeSource);
    await button(page, 'Read traffic').click();
    await page.getByText(/The instance has no diagnostic setting/).waitFor();
    assert.equal(await page.locator('.traffic-line').count(), 0);
    await button(page, 'Copy command').click();
    await untilSent(page, 'copy');
    const [copied] = await sent(page, 'copy');
    assert.match(
      (copied?.argument as { text: string }).text,
      /^az monitor diagnostic-settings create .*service\/contoso-payments/,
    );
    assert.deepEqual(await serious(page), []);
  });

  it('tells every other state as it is, and a failure as a failure', async () => {
    const page = await site.open({ scenario: 'classic' });
    const push = (traffic: object) =>
      page.evaluate(
        `window.fakeHost.push({ traffic: ${JSON.stringify({ days: 7, reading: false, problem: '', found: null, ...traffic })} })`,
      );
    const reading = { days: 7, readAt: '2026-11-20T12:00:00.000Z' };
    const source = { workspaceId: '/w/logs', table: 'legacy' };
    const action = 'Microsoft.Insights/diagnosticSettings/read';
    await push({ found: { state: 'noPermission', action, scope: '/subscriptions/s', ...reading } });
    await page.getByText(`your roles lack the action ${action} on /subscriptions/s`).waitFor();
    await push({ found: { state: 'tableMissing', source, ...reading } });
    await page.getByText('The workspace logs has no table of gateway logs').waitFor();
    await push({ found: { state: 'noData', source, ...reading } });
    await page.getByText('has no row of this instance from the last 7 days').waitFor();
    await push({
      found: { state: 'partial', problem: 'Too much.', source, totals: [], rows: [], cut: true, ...reading },
    });
    await page.getByText('Log Analytics read only a part of the logs, so there may be more: Too much.').waitFor();
    assert.equal(await page.getByText('Not seen in the part of the logs that was read').count(), 5);
    await push({ problem: 'The network is down.' });
    await page.getByText('The network is down.').waitFor();
    assert.equal(await page.locator('.traffic-line').count(), 0);
  });
});
