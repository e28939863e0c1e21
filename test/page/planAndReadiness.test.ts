// The plan's buttons, a draft that comes from an opened plan, and readiness for TLS 1.3 beside the switches.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { button, isSet, plan, sent, startSite, summarySays, toggle, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const readiness = (page: Page) => page.getByRole('group', { name: 'Readiness for TLS 1.3' });

describe('the editor page, plans and readiness', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('saves and copies the plan of the draft, and offers neither without one', async () => {
    const page = await site.open({ scenario: 'classic' });
    assert.equal(await button(page, 'Save plan as…').count(), 0);
    await toggle(page, 'TLS 1.0, client side').click();
    await plan(page).getByRole('button', { name: 'Save plan as…' }).click();
    await plan(page).getByRole('button', { name: 'Copy plan' }).click();
    await untilSent(page, 'copyPlan');
    const changes = { 'client.tls10': 'off' };
    assert.deepEqual(
      [...(await sent(page, 'savePlan')), ...(await sent(page, 'copyPlan'))].map(({ argument }) => argument),
      [{ changes }, { changes }],
    );
  });

  it('takes over the draft of a plan that was opened, and gives the own one back by Undo', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'HTTP/2, client side').click();
    await summarySays(page, /^1 change\b/);
    await page.evaluate("window.fakeHost.giveDraft({ 'client.tls10': 'off', 'backend.tls11': 'off' })");
    await summarySays(page, /^2 changes/);
    await isSet(page, 'TLS 1.0, client side', false);
    await isSet(page, 'HTTP/2, client side', false);
    assert.equal(await page.locator('#conflict').count(), 0);
    await button(page, 'Undo').click();
    await summarySays(page, /^1 change\b/);
    await isSet(page, 'HTTP/2, client side', true);
  });

  it('refuses a draft of the wrong shape', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'HTTP/2, client side').click();
    await page.evaluate("window.fakeHost.giveDraft({ 'client.tls99': 'off' })");
    await toggle(page, 'TLS 1.0, client side').click();
    await summarySays(page, /^2 changes/);
  });

  it('gives one verdict a side with its reasons, and gathers what is missing', async () => {
    const page = await site.open({ scenario: 'classic', probe: 20 });
    const part = readiness(page);
    await part.getByText('Client side: Not known whether ready for TLS 1.3').click();
    await part
      .getByText('Not known: Whether operations ask for certificates by renegotiation was not looked at.')
      .waitFor();
    await part.getByText('edge-hamburg').first().waitFor();
    await part.getByRole('button', { name: 'Gather evidence for TLS 1.3' }).click();
    await part.getByText('Client side: Not ready for TLS 1.3').waitFor();
    await part.getByText(/Against: Callers of at least 3 operations are asked/).waitFor();
    await untilSent(page, 'readReadiness');
    await part.getByText('Backend side:').click();
    await part.getByText(/Have no TLS 1\.3 and go on with an earlier version:.*ledger\.contoso\.example/).waitFor();
  });

  it('is cancelled while it gathers, by keyboard', async () => {
    const page = await site.open({ scenario: 'classic', probe: 1500 });
    const part = readiness(page);
    await part.getByRole('button', { name: 'Gather evidence for TLS 1.3' }).focus();
    await page.keyboard.press('Enter');
    const cancel = part.getByRole('button', { name: 'Cancel gathering' });
    await cancel.focus();
    await page.keyboard.press('Enter');
    await cancel.waitFor({ state: 'hidden' });
    await untilSent(page, 'cancel');
  });

  it('is copied and saved as a document', async () => {
    const page = await site.open({ scenario: 'v2' });
    const part = readiness(page);
    await part.getByText('Client side: Ready for TLS 1.3').waitFor();
    await part.getByRole('button', { name: 'Copy readiness as Markdown' }).click();
    await part.getByRole('button', { name: 'Save readiness as Markdown…' }).click();
    await untilSent(page, 'copyReadiness');
    await untilSent(page, 'saveReadiness');
  });
});
