// The estimate of renegotiations on the page: sorted, filtered, copied and saved, by keyboard as well, with thousands of rows.

import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { axeSource, serious } from './axe.ts';
import { button, sent, startSite, untilSent } from './browser.ts';
import type { Site, Visit } from './browser.ts';

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'TLS 1.3, client side' });
const firstCells = async (dialog: Locator) =>
  dialog.locator('table.renegotiations tbody tr td:first-child').allInnerTexts();
const header = (dialog: Locator, name: string) => dialog.getByRole('columnheader', { name });

describe('the editor page, renegotiations', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  async function opened(visit: Partial<Visit> = {}): Promise<{ page: Page; dialog: Locator }> {
    const page = await site.open({ scenario: 'classic', ...visit }, axeSource);
    await button(page, 'View and manage').click();
    const dialog = dialogOf(page);
    await dialog.locator('table.renegotiations tbody tr').first().waitFor();
    return { page, dialog };
  }

  it('shows every column, the sources, and what is not known as that', async () => {
    const { page, dialog } = await opened();
    assert.deepEqual(await dialog.getByRole('columnheader').allInnerTexts(), [
      'API',
      'Operation',
      'Host',
      'TLS version',
      'Requests',
      'Callers',
      'Last seen',
      'Confidence',
      'Sources',
    ]);
    const settlement = await dialog
      .getByRole('row', { name: /^Settlement/ })
      .getByRole('cell')
      .allInnerTexts();
    assert.deepEqual(settlement, [
      'Settlement',
      'All operations',
      'contoso-payments.azure-api.net',
      'Traffic not known',
      'Not known',
      'Not known',
      'Not known',
      'Low',
      'Policy of the API: validate-client-certificate',
    ]);
    const text = await dialog.innerText();
    assert.match(text, /Policies: 12 of 48 were not read yet/);
    assert.match(text, /Named values in these policies that are secret.*partner-key/);
    assert.deepEqual(
      (await sent(page, 'readRenegotiations')).map(({ argument }) => argument),
      [{ days: 30, fresh: false }],
    );
    assert.deepEqual(await serious(page), []);
  });

  it('blocks what it speaks against: switched on, TLS 1.3 is refused with the reason', async () => {
    const { page } = await opened();
    await button(page, 'Enable TLS 1.3').click();
    const findings = page.getByRole('region', { name: 'Plan', exact: true });
    await findings.getByText(/Callers of at least 3 operations are asked for a certificate by renegotiation/).waitFor();
    await button(page, 'Apply despite blockers…').waitFor();
  });

  it('sorts by a column by keyboard, says so, and keeps what is not known at the end', async () => {
    const { page, dialog } = await opened();
    const requests = header(dialog, 'Requests');
    assert.equal(await requests.getAttribute('aria-sort'), 'none');
    await requests.getByRole('button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await requests.getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(await firstCells(dialog), ['=HYPERLINK("x")', 'Partner onboarding', 'Settlement']);
    await page.keyboard.press('Enter');
    assert.equal(await requests.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await firstCells(dialog), ['Partner onboarding', '=HYPERLINK("x")', 'Settlement']);
    await header(dialog, 'API').getByRole('button').click();
    assert.equal(await requests.getAttribute('aria-sort'), 'none');
  });

  it('filters by every word, and sends the rows that are shown, in their order', async () => {
    const { page, dialog } = await opened();
    await header(dialog, 'Requests').getByRole('button').click();
    await button(page, 'Copy rows').click();
    await dialog.getByText('3 rows copied').waitFor();
    await dialog.getByRole('textbox', { name: 'Filter renegotiations' }).fill('tls POST');
    await dialog.getByText('1 of 3 rows').waitFor();
    await button(page, 'Save as CSV…').click();
    await dialog.getByText('1 row saved').waitFor();
    assert.deepEqual(
      (await sent(page, 'exportRenegotiations')).map(({ argument }) => argument),
      [
        { list: 1, rows: [2, 0, 1], to: 'clipboard' },
        { list: 1, rows: [0], to: 'file' },
      ],
    );
    await dialog.getByRole('textbox', { name: 'Filter renegotiations' }).fill('nothing like it');
    await dialog.getByText('No row matches the filter.').waitFor();
    await page.getByRole('button', { name: 'Copy rows', exact: true, disabled: true }).waitFor();
  });

  it('reads another window, more policies and everything anew, and is cancelled', async () => {
    const { page, dialog } = await opened({ probe: 1500 });
    await dialog.getByRole('combobox', { name: 'Traffic of the last' }).selectOption('90');
    await button(page, 'Read more policies').click();
    await dialog.getByText('Reading policies: 1 of 48…').waitFor();
    await button(page, 'Cancel reading').click();
    await button(page, 'Read').click();
    await untilSent(page, 'readRenegotiations', 4);
    assert.deepEqual(
      (await sent(page, 'readRenegotiations')).map(({ argument }) => argument),
      [
        { days: 30, fresh: false },
        { days: 90, fresh: false },
        { days: 90, fresh: false },
        { days: 90, fresh: true },
      ],
    );
    assert.equal((await sent(page, 'cancelRenegotiations')).length, 1);
  });

  it('says of a tier without renegotiation that it does not apply', async () => {
    const page = await site.open({ scenario: 'v2' });
    await button(page, 'View and manage').click();
    await dialogOf(page).getByText('Does not apply: the StandardV2 tier').waitFor();
    assert.equal(await dialogOf(page).getByRole('combobox').count(), 0);
    assert.equal(await dialogOf(page).locator('.warning').count(), 0, 'no warning of what does not apply');
    assert.equal(await button(page, 'Disable TLS 1.3').isEnabled(), true);
  });

  it('draws thousands of rows in pages, sorts and filters them at once', async () => {
    const { page, dialog } = await opened({ scenario: 'many' });
    await dialog.getByText('4,312 rows').waitFor();
    await dialog.getByText('Page 1 of 87').waitFor();
    assert.equal((await firstCells(dialog)).length, 50);
    await header(dialog, 'Requests').getByRole('button').click();
    await header(dialog, 'Requests').getByRole('button').click();
    const most = await dialog.locator('table.renegotiations tbody tr:first-child td.number').first().innerText();
    assert.match(most, /^99,9\d\d$/);
    await button(page, 'Next page').click();
    await dialog.getByText('Page 2 of 87').waitFor();
    await dialog.getByRole('textbox', { name: 'Filter renegotiations' }).fill('/things/4311');
    await dialog.getByText('1 of 4,312 rows').waitFor();
    assert.deepEqual(await firstCells(dialog), ['API 111']);
    assert.deepEqual(await serious(page), []);
  });
});
