// What the page asks of the panel, and what it makes of the panel's messages, also of those that make no sense.

import assert from 'node:assert/strict';
import {
  button,
  isDisabled,
  isSet,
  plan,
  rowText,
  sent,
  startSite,
  summarySays,
  toggle,
  untilSent,
} from './browser.ts';
import type { Site } from './browser.ts';

describe('the editor page and its host', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('sends the draft with Check, Compare and Apply', async () => {
    const page = await site.open({ scenario: 'classic', operation: 20 });
    await toggle(page, 'TLS 1.0, client side').click();
    await button(page, 'Compare').click();
    await untilSent(page, 'compare');
    await button(page, 'Check').click();
    await untilSent(page, 'check');
    // While it runs, "Cancel" stands in its place.
    await button(page, 'Check').waitFor();
    await button(page, 'Apply…').click();
    await untilSent(page, 'apply');
    const changes = { 'client.tls10': 'off' };
    for (const name of ['compare', 'check', 'apply']) {
      assert.deepEqual(
        (await sent(page, name)).map(({ argument }) => argument),
        [{ changes }],
        name,
      );
    }
  });

  it('shows the evidence of a check as it comes, and cancels', async () => {
    const page = await site.open({ scenario: 'consumption', probe: 150 });
    await button(page, 'Check').click();
    await page.getByText('Probing backends: 1 of 6').waitFor();
    const first = await rowText(page.getByRole('row', { name: /orders\.internal/ }));
    assert.match(first, /Connects as before/);
    assert.match(await rowText(page.getByRole('row', { name: /legacy-erp/ })), /Not probed/);
    assert.doesNotMatch(await plan(page).innerText(), /Choose Check/, 'it is running');
    await button(page, 'Cancel').click();
    await button(page, 'Check').waitFor();
    assert.equal((await sent(page, 'cancel')).length, 1);
    assert.match(await rowText(page.getByRole('row', { name: /10\.20\.0\.14/ })), /Not probed/);
  });

  it('keeps the focus in the page where a change is applied by keyboard', async () => {
    const page = await site.open({ scenario: 'classic', operation: 60_000 });
    await toggle(page, 'TLS 1.0, client side').click();
    await button(page, 'Apply…').focus();
    await page.keyboard.press('Enter');
    await isDisabled(page, 'Apply…', true);
    await page.getByRole('region', { name: 'Draft' }).and(page.locator(':focus')).waitFor();
  });

  it('asks for the details of a backend and for a probe of the gateway', async () => {
    const page = await site.open({ scenario: 'classic' });
    await button(page, 'Details of ledger.contoso.example:8443').click();
    await button(page, 'Probe gateway').click();
    await untilSent(page, 'probeGateway');
    assert.deepEqual(
      (await sent(page, 'showSurvey')).map(({ argument }) => argument),
      [{ host: 'ledger.contoso.example:8443' }],
    );
  });

  it('asks to undo an entry of the history that is done, and offers that for no other', async () => {
    const page = await site.open({ scenario: 'classic', operation: 20 });
    const entries = page.locator('#history .history > li');
    assert.equal(await entries.count(), 2);
    assert.match(await entries.nth(1).innerText(), /Failed/);
    assert.equal(await entries.nth(1).getByRole('button').count(), 0);
    await entries.nth(0).getByText('SSL 3.0, client side: on → off').click();
    assert.match(await entries.nth(0).innerText(), /Security\.Protocols\.Ssl30: True → False/);
    await entries.nth(0).getByRole('button', { name: /^Undo/ }).click();
    await page.getByText('The change was undone').waitFor();
    assert.deepEqual(
      (await sent(page, 'undo')).map(({ argument }) => argument),
      [{ id: 'op-2' }],
    );
    await isSet(page, 'SSL 3.0, client side', true);
  });

  it('counts the time of a running change and holds a further save', async () => {
    const page = await site.open({ scenario: 'developer' });
    const elapsed = page.locator('.operation .elapsed');
    const before = await elapsed.innerText();
    assert.match(before, /^4 min 1[0-9] s$/);
    await page.waitForFunction(`(text) => document.querySelector('.operation .elapsed').innerText !== text`, before);
    await toggle(page, 'TLS 1.0, client side').click();
    await isDisabled(page, 'Apply…', true);
    assert.match(await page.locator('header').innerText(), /The Developer tier is down during that time\./);
  });

  it('says why backends and history could not be read', async () => {
    const page = await site.open({ scenario: 'failing' });
    assert.match(await page.locator('#backends').innerText(), /403 AuthorizationFailed/);
    assert.match(await page.locator('#history').innerText(), /1 line of the history could not be read/);
    assert.match(await page.getByRole('alert').first().innerText(), /409 ServiceLocked/);
    assert.equal(await button(page, 'Open in portal').count(), 1);
  });

  it('survives messages that make no sense', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await page.evaluate(`(() => {
      const state = (argument) => ({ kind: 'request', id: 900, name: 'state', argument });
      const broken = [
        null, 7, 'state', [], {}, { kind: 'request' }, { kind: 'request', id: 'x', name: 'state' },
        { kind: 'request', id: 901, name: 'explode', argument: {} },
        { kind: 'request', id: 902, name: '__proto__', argument: {} },
        { kind: 'reply', id: 4711, result: {} }, { kind: 'error', id: 4712, message: 5 },
        state(undefined), state(null), state({}), state({ instance: { name: 'half' } }),
        state({ instance: { id: 'x', name: 'half', tier: 'Premium', createdAt: null, etag: null, customProperties: {} } }),
        state({ instance: null, surveys: 5, backends: 'x', history: [1] }),
      ];
      for (const message of broken) window.postMessage(message, location.origin);
      window.postMessage('end', location.origin);
      return new Promise((resolve) => window.addEventListener('message', ({ data }) => data === 'end' && resolve()));
    })()`);
    await summarySays(page, /^1 change\b/);
    assert.equal(await page.locator('h1').innerText(), 'contoso-payments');
    await page.evaluate(`window.fakeHost.push({ notice: 'Still listening.' })`);
    await page.getByText('Still listening.').waitFor();
  });

  it('shows the reason where the panel refuses a request, and goes on', async () => {
    const page = await site.open({ scenario: 'classic' });
    await page.evaluate(`window.fakeHost.failNext('The panel is busy.')`);
    await button(page, 'Check').click();
    await page.getByRole('alert').filter({ hasText: 'The panel is busy.' }).waitFor();
    await toggle(page, 'TLS 1.0, client side').click();
    await summarySays(page, /^1 change\b/);
  });
});
