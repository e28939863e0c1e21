// What a person does to the draft, and what the page answers at once.

import assert from 'node:assert/strict';
import { button, isDisabled, isSet, plan, rowText, sent, startSite, summarySays, toggle } from './browser.ts';
import type { Site } from './browser.ts';

describe('the editor page, editing', function () {
  this.timeout(30_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());

  it('redraws plan, verdicts and buttons when TLS 1.0 is switched off, without asking the host', async () => {
    const page = await site.open({ scenario: 'classic' });
    await summarySays(page, /^No changes/);
    await isDisabled(page, 'Apply…', true);
    await toggle(page, 'TLS 1.0, backend side').click();
    await summarySays(page, /1 change\b[^]*1 blocker/);
    const text = await plan(page).innerText();
    assert.match(text, /TLS 1\.0, backend side/);
    assert.match(text, /on → off/);
    assert.match(text, /Blocker: mainframe\.contoso\.example:443 would stop connecting/);
    const row = page.getByRole('row', { name: /mainframe/ });
    assert.match(await rowText(row), /Would stop connecting/);
    await isDisabled(page, 'Apply despite blockers…', false);
    const names = (await page.evaluate<{ name: string }[]>('window.fakeHost.requests')).map(({ name }) => name);
    // The panel is told of the draft, for keeping; nothing that is drawn waits for it.
    assert.deepEqual(names, ['ready', 'keepDraft']);
  });

  it('marks a changed cell in words, and takes the mark away when it is switched back', async () => {
    const page = await site.open({ scenario: 'classic' });
    const cell = page.getByRole('cell').filter({ has: toggle(page, 'TLS 1.1, client side') });
    assert.match(await cell.innerText(), /^On \(set\)$/);
    await toggle(page, 'TLS 1.1, client side').click();
    assert.match(await cell.innerText(), /^Off \(set\)\s+was on$/);
    await toggle(page, 'TLS 1.1, client side').click();
    assert.match(await cell.innerText(), /^On \(set\)$/);
    await summarySays(page, /^No changes/);
  });

  it('offers no toggle where a setting is locked, and gives the reason', async () => {
    const page = await site.open({ scenario: 'consumption' });
    assert.equal(await toggle(page, 'TLS 1.2, client side').count(), 0);
    assert.equal(await toggle(page, 'SSL 3.0, client side').count(), 0);
    assert.equal(await page.locator('#suites').getByRole('checkbox', { name: /^TLS_/ }).count(), 0);
    const protocols = await page.locator('#protocols').innerText();
    assert.match(protocols, /The Consumption tier does not have this setting\./);
    assert.match(protocols, /Always on: the platform requires it\./);
    assert.match(
      await page.locator('#suites').innerText(),
      /The Consumption tier does not let cipher suites be changed\./,
    );
  });

  it('lets nothing be changed while Azure does not state the settings', async () => {
    const page = await site.open({ scenario: 'nullmap' });
    const boxes = page.locator('#protocols').getByRole('checkbox');
    assert.ok((await boxes.count()) > 5);
    for (const box of await boxes.all()) assert.equal(await box.isDisabled(), true);
    assert.equal(await page.getByText('Already so').count(), 0);
    assert.match(await plan(page).innerText(), /Azure does not state the settings/);
  });

  it('replaces the draft by a preset that says how much it changes, and takes it back with Ctrl+Z', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'HTTP/2, client side').click();
    const preset = page.getByRole('button', { name: /^Compatible/ });
    const count = /(\d+) changes/.exec(await preset.innerText())?.[1];
    assert.ok(count !== undefined);
    await preset.click();
    await summarySays(page, new RegExp(`^${count} changes`));
    assert.equal(await preset.getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('Control+z');
    await summarySays(page, /^1 change\b/);
    await isSet(page, 'HTTP/2, client side', true);
    await button(page, 'Undo').click();
    await summarySays(page, /^No changes/);
    await page.getByRole('button', { name: 'Undo', exact: true, disabled: true }).waitFor();
  });

  it('takes one change back out of the plan', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await toggle(page, 'TLS 1.1, client side').click();
    await button(page, 'Take back: TLS 1.0, client side').click();
    await isSet(page, 'TLS 1.0, client side', true);
    await summarySays(page, /^1 change\b/);
  });

  it('leaves Ctrl+Z to a text field that has the focus', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await page.getByRole('textbox', { name: 'Filter cipher suites' }).click();
    await page.keyboard.press('Control+z');
    await summarySays(page, /^1 change\b/);
  });

  it('filters cipher suites by text and by strength, and says so when none is left', async () => {
    const page = await site.open({ scenario: 'classic' });
    const rows = page.locator('#suites tbody tr');
    assert.equal(await rows.count(), 21);
    await page.locator('#suites').getByRole('checkbox', { name: 'Weak only' }).click();
    assert.equal(await rows.count(), 15);
    const field = page.getByRole('textbox', { name: 'Filter cipher suites' });
    await field.fill('ecdsa gcm');
    assert.equal(await rows.count(), 0);
    assert.match(await page.locator('#suites').innerText(), /No cipher suite matches/);
    await field.fill('3des');
    assert.deepEqual(await rows.locator('th').allInnerTexts(), ['TLS_RSA_WITH_3DES_EDE_CBC_SHA']);
  });

  it('shows the exact map with the changed lines and copies it whole', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, client side').click();
    await page.getByText('Map to be written (10 keys)').click();
    assert.deepEqual(await page.locator('.map-text .removed').allInnerTexts(), [
      '-\nold:\nSecurity.Protocols.Tls10: True',
    ]);
    assert.deepEqual(await page.locator('.map-text .added').allInnerTexts(), [
      '+\nnew:\nSecurity.Protocols.Tls10: false',
    ]);
    await button(page, 'Copy as JSON').click();
    const [copied] = await sent(page, 'copy');
    const map = JSON.parse((copied?.argument as { text: string }).text) as Record<string, string>;
    assert.equal(map['Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10'], 'false');
    assert.equal(map['Microsoft.WindowsAzure.ApiManagement.Gateway.Experiment.Routing'], 'canary-7');
  });

  it('manages client TLS 1.3 with the list of renegotiations, its sources and the warning', async () => {
    const page = await site.open({ scenario: 'classic' });
    const opener = button(page, 'View and manage');
    await opener.click();
    const dialog = page.getByRole('dialog', { name: 'TLS 1.3, client side' });
    await dialog.getByRole('cell', { name: 'POST /partners' }).waitFor();
    const text = await dialog.innerText();
    assert.match(text, /An estimate/);
    assert.match(text, /no renegotiation/);
    assert.match(text, /Gateway logs: the last 30 days were read/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(
      await opener.evaluate(
        (node: { readonly ownerDocument: { readonly activeElement: unknown } }) =>
          node === node.ownerDocument.activeElement,
      ),
      true,
    );
    await opener.click();
    await dialog.getByRole('button', { name: 'Disable TLS 1.3' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.match(await plan(page).innerText(), /TLS 1\.3, client side/);
  });

  it('is worked by keyboard alone', async () => {
    const page = await site.open({ scenario: 'classic' });
    const seen: string[] = [];
    for (let step = 0; step < 30 && !seen.includes('TLS 1.0, client side'); step++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate<string>(
          'document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText',
        ),
      );
    }
    assert.ok(seen.includes('Check'), seen.join(' | '));
    assert.ok(seen.some((name) => name.startsWith('Modern')));
    await page.keyboard.press('Space');
    await isSet(page, 'TLS 1.0, client side', false);
    await summarySays(page, /^1 change\b/);
  });

  it('shows every one of 300 backends by pages and filter, and measures each redraw', async () => {
    const page = await site.open({ scenario: 'many' });
    const rows = page.locator('#backends tbody tr');
    const seen = new Set<string>();
    for (;;) {
      assert.equal(await rows.count(), 25);
      for (const text of await rows.allTextContents()) seen.add(/service-\d+/.exec(text)?.[0] ?? text);
      if (!(await button(page, 'Next').isEnabled())) break;
      await button(page, 'Next').click();
    }
    assert.equal(seen.size, 300);
    await page.getByRole('textbox', { name: 'Filter backends' }).fill('service-299');
    assert.equal(await rows.count(), 1);
    for (let i = 0; i < 5; i++) await toggle(page, 'TLS 1.0, backend side').click();
    const measured = await page.evaluate<number[]>(
      'performance.getEntriesByName("apim-tls:toggle").map((e) => e.duration)',
    );
    assert.equal(measured.length, 5);
    assert.ok(
      measured.every((ms) => ms > 0 && ms < 1000),
      measured.join(', '),
    );
  });

  it('puts the backends that need a decision first', async () => {
    const page = await site.open({ scenario: 'classic' });
    await toggle(page, 'TLS 1.0, backend side').click();
    const rows = page.locator('#backends tbody tr');
    await rows
      .first()
      .filter({ hasText: /mainframe.*Would stop connecting/s })
      .waitFor();
    assert.match(await rowText(rows.last()), /Connects as before|no TLS/);
  });

  it('never shows what is unknown as fine', async () => {
    const page = await site.open({ scenario: 'classic' });
    const silent = await rowText(page.getByRole('row', { name: /10\.20\.0\.14/ }));
    assert.match(silent, /Unknown/);
    assert.match(silent, /Does not answer in time/);
    assert.doesNotMatch(silent, /as before|the same/);
    const unread = await site.open({ scenario: 'consumption' });
    assert.match(await unread.locator('#backends').innerText(), /have not been read yet/);
  });
});
