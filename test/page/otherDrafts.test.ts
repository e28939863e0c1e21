// The draft of another window on the page: told, taken over or left, and nothing of either is lost.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { axeSource, serious } from './axe.ts';
import { button, isSet, sent, startSite, summarySays, toggle, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const notice = (page: Page) => page.getByRole('status').filter({ hasText: 'Another window has a draft' });
const writer = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** The panel has found what another window has drafted, on the map that the instance holds. */
async function otherDrafts(page: Page, changes: DraftChanges, minutesAgo = 5): Promise<void> {
  const at = new Date(Date.now() - (minutesAgo + 0.5) * 60_000).toISOString();
  await page.evaluate(
    ([name, given, when]) => {
      const { fakeHost } = globalThis as unknown as {
        fakeHost: { push: (part: unknown) => void; state: () => { instance: Record<string, unknown> } };
      };
      const { id, etag, customProperties } = fakeHost.state().instance;
      const draft = { instanceId: id, base: { etag, map: customProperties }, changes: given };
      fakeHost.push({ drafts: { from: null, others: [{ writer: name, at: when, draft }] } });
    },
    [writer, changes, at] as const,
  );
}

describe('the editor page, drafts of other windows', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('are told with what they change and when, and taken over without losing the own one', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await otherDrafts(page, { 'client.tls11': 'off', 'backend.tls11': 'off' });
    await notice(page).waitFor();
    assert.match(
      await notice(page).innerText(),
      /Another window has a draft of this instance: 2 changes, last changed 5 minutes ago \(TLS 1\.1, client side, TLS 1\.1, backend side\)/,
    );
    await page.evaluate(axeSource);
    assert.deepEqual(await serious(page), []);
    await button(page, 'Replace this draft by it').focus();
    await page.keyboard.press('Enter');
    await isSet(page, 'TLS 1.1, client side', false);
    await isSet(page, 'TLS 1.0, client side', true);
    await notice(page).waitFor({ state: 'detached' });
    await untilSent(page, 'settleDraft', 1);
    const [settled] = await sent(page, 'settleDraft');
    const { writer: from, taken } = settled?.argument as { writer: string; taken: boolean };
    assert.deepEqual([from, taken], [writer, true]);
    await page.keyboard.press('Control+z');
    await isSet(page, 'TLS 1.0, client side', false);
    await isSet(page, 'TLS 1.1, client side', true);
  });

  it('are left where the user keeps the own one', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await otherDrafts(page, { 'client.tls11': 'off' });
    await button(page, 'Keep this draft').click();
    await notice(page).waitFor({ state: 'detached' });
    await untilSent(page, 'settleDraft', 1);
    await isSet(page, 'TLS 1.0, client side', false);
    await isSet(page, 'TLS 1.1, client side', true);
  });

  it('are offered where nothing is drafted here', async () => {
    const page = await site.open({ scenario: 'classic' });
    await otherDrafts(page, { 'client.tls11': 'off' });
    await button(page, 'Leave it').waitFor();
    await button(page, 'Take it over').click();
    await isSet(page, 'TLS 1.1, client side', false);
    await summarySays(page, /1 change\b/);
  });

  it('are not told of where they are as the own one, or where the instance is so already', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await otherDrafts(page, { 'client.tls11': 'off' });
    await notice(page).waitFor();
    await otherDrafts(page, { 'client.tls10': 'off' });
    await notice(page).waitFor({ state: 'detached' });
    await otherDrafts(page, { 'client.tls11': 'off' });
    await notice(page).waitFor();
    await otherDrafts(page, { 'client.tls11': 'on' });
    await notice(page).waitFor({ state: 'detached' });
  });

  it('say where they come from when the page begins with one', async () => {
    const page = await site.open({ scenario: 'classic' });
    await page.evaluate(
      (at) => {
        const { fakeHost } = globalThis as unknown as { fakeHost: { push: (part: unknown) => void } };
        fakeHost.push({ drafts: { from: at, others: [] } });
      },
      new Date(Date.now() - 3.2 * 3_600_000).toISOString(),
    );
    await toggle(page, 'TLS 1.0, client side').click();
    const told = page.getByRole('status').filter({ hasText: 'This draft was kept by another window' });
    assert.match(await told.innerText(), /another window, or an earlier one, 3 hours ago\./);
    await told.getByRole('button', { name: 'Dismiss' }).click();
    await told.waitFor({ state: 'detached' });
    await isSet(page, 'TLS 1.0, client side', false);
  });
});
