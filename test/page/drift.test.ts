// What changed elsewhere on the page: told with who and for better or worse; planned back into the draft, or accepted.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { axeSource, serious } from './axe.ts';
import { button, isSet, sent, startSite, untilSent } from './browser.ts';
import type { Site } from './browser.ts';

const section = (page: Page) => page.getByRole('region', { name: 'Changed elsewhere' });

describe('the editor page, what changed elsewhere', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('says nothing where nothing has changed', async () => {
    const page = await site.open({ scenario: 'classic' });
    assert.equal(await section(page).count(), 0);
  });

  it('says what, since when, for better or worse, and who may have done it', async () => {
    const page = await site.open({ scenario: 'drifted' });
    const text = await section(page).innerText();
    assert.match(text, /Weaker than before\. Since your last change, 2 days ago:/);
    assert.match(text, /TLS 1\.0, client side: off → on \(weaker than before\)/);
    assert.match(text, /Experiment\.Routing: canary-6 → canary-7/);
    assert.match(text, /Several have written .*robin@contoso\.example \(9 hours ago\), kim@contoso\.example/);
    assert.match(text, /A draft cannot say these: Experiment\.Routing/);
    await page.evaluate(axeSource);
    assert.deepEqual(await serious(page), []);
  });

  it('puts the draft that leads back into the editor and writes nothing', async () => {
    const page = await site.open({ scenario: 'drifted' });
    await isSet(page, 'TLS 1.0, client side', true);
    await button(page, 'Plan back').click();
    await isSet(page, 'TLS 1.0, client side', false);
    await section(page).getByText('The draft leads back. Nothing is written').waitFor();
    await untilSent(page, 'keepDraft', 1);
    const kept = (await sent(page, 'keepDraft')).at(-1)?.argument as { changes: unknown };
    assert.deepEqual(kept.changes, { 'client.tls10': 'off' });
    assert.deepEqual(await sent(page, 'apply'), []);
    // One step back takes it out again.
    await page.keyboard.press('Control+z');
    await isSet(page, 'TLS 1.0, client side', true);
  });

  it('asks for the way back with all keys, and goes once it is accepted', async () => {
    const page = await site.open({ scenario: 'drifted' });
    await button(page, 'Go back with all keys…').focus();
    await page.keyboard.press('Enter');
    await untilSent(page, 'goBackDrift', 1);
    await button(page, 'Accept as it is').click();
    await untilSent(page, 'acceptDrift', 1);
    await section(page).waitFor({ state: 'detached' });
  });
});
