import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import {
  answerModal,
  modal,
  notification,
  openView,
  quickInput,
  rowMenu,
  runCommand,
  statusItem,
  treeRow,
  webviewFrame,
} from '../support/gestures.ts';
import { screenshot, startWorkbench, workbenchIsUp } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { backendTls10, clientTls10, openInstance, product, toggle } from './editor.ts';

const instance = 'contoso-shop-prod';

/** Whether OpenSSL, which is not our prober, gets through with TLS 1.0 and nothing else. */
function tls10Connects(address: string): boolean {
  const { status } = spawnSync(
    'openssl',
    ['s_client', '-connect', address, '-tls1', '-cipher', 'ALL:@SECLEVEL=0', '-brief'],
    { input: '', encoding: 'utf8', timeout: 10_000 },
  );
  return status === 0;
}

/** The loopback address that a probe of the gateway really went to, from the document that it opens. */
async function gatewayAddress(page: Page): Promise<string> {
  await rowMenu(page, instance, 'Probe gateway');
  const picker = page.locator('.quick-input-widget:visible .monaco-list-row').first();
  const lines = page.locator('.editor-instance:visible .view-lines');
  await picker
    .or(lines.filter({ hasText: 'How it was seen' }))
    .first()
    .waitFor();
  if (await picker.isVisible()) await picker.click();
  const text = lines.filter({ hasText: 'Address' });
  await text.first().waitFor();
  const found = /Address[\s\u00a0]+(127\.0\.0\.1:\d+)/.exec((await text.first().innerText()).replaceAll('\u00a0', ' '));
  assert.ok(found?.[1], `the document names the address: ${await text.first().innerText()}`);
  return found[1];
}

describe('the whole walk in VS Code', () => {
  let workbench: Workbench;
  let page: Page;
  let address = '';

  before(async function () {
    this.timeout(120_000);
    workbench = await startWorkbench({ settings: { 'apimTls.estate': 'azure', 'apimTls.sample.changeDuration': 12 } });
    page = workbench.page;
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshot(page, `failed-${this.currentTest.title.slice(0, 40)}`);
  });

  it('welcomes a first visit, and opens the sample estate from there', async () => {
    await openView(page, product);
    await page.getByRole('button', { name: 'Sign in to Azure' }).waitFor();
    await page.getByRole('button', { name: 'Explore the sample estate' }).click();
    await treeRow(page, instance).waitFor();
    await treeRow(page, /Fabrikam.*does not have authorization/).waitFor();
    assert.match(
      (await treeRow(page, instance).getAttribute('aria-label')) ?? '',
      /TLS 1\.0\+ in, TLS 1\.0\+ out, 3DES on/,
    );
  });

  it('accepts TLS 1.0 at the gateway as long as it is on', async () => {
    address = await gatewayAddress(page);
    assert.equal(tls10Connects(address), true);
  });

  it('shows what a draft would break before anything is saved', async () => {
    const frame = await openInstance(page, instance);
    await toggle(frame, backendTls10).click();
    await frame.getByRole('button', { name: 'Check' }).click();
    await frame.getByText('inventory.contoso.example:8443 would stop connecting').first().waitFor();
    await frame.getByRole('button', { name: /Apply despite blockers/ }).click();
    await quickInput(page).fill(instance.slice(0, -1));
    await page.getByText(`Type ${instance} to go on all the same.`).waitFor();
    await page.keyboard.press('Enter');
    // A part of the name is not enough: the box still asks.
    await quickInput(page).fill('another');
    await page.getByText('This is not the name of the instance.').waitFor();
    await page.keyboard.press('Escape');
    await quickInput(page).waitFor({ state: 'hidden' });
    assert.equal(await statusItem(page, 'TLS: changing').count(), 0, 'nothing was started');
  });

  it('compares the map as it is with the planned one', async () => {
    const frame = webviewFrame(page);
    await frame.getByRole('button', { name: 'Compare' }).click();
    await page.locator('.monaco-diff-editor').waitFor();
    await page.getByRole('tab', { name: /current ↔ planned/ }).waitFor();
    const key = page
      .locator('.monaco-diff-editor .view-line')
      .filter({ hasText: /^\s*"Security\.Backend\.Protocols\.Tls10"/ });
    await key.filter({ hasText: 'True' }).waitFor();
    await key.filter({ hasText: /false/i }).waitFor();
    await runCommand(page, 'View: Close Editor');
    await frame.getByRole('heading', { name: instance }).waitFor();
  });

  it('keeps the draft when the window is reloaded', async () => {
    await page.reload();
    await workbenchIsUp(page);
    const frame = webviewFrame(page);
    await frame.getByRole('heading', { name: instance }).waitFor();
    await frame.getByText('1 change', { exact: true }).first().waitFor();
    assert.equal(await toggle(frame, backendTls10).isChecked(), false);
  });

  it('applies another change after one confirmation', async () => {
    const frame = webviewFrame(page);
    await toggle(frame, backendTls10).click();
    await toggle(frame, clientTls10).click();
    await frame.getByRole('button', { name: 'Check' }).click();
    // One backend never answers, so there is always time to cancel.
    await frame.getByRole('button', { name: 'Cancel', exact: true }).waitFor();
    await frame.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'detached' });
    await frame.getByRole('button', { name: /^Apply/ }).click();
    await modal(page).waitFor();
    const text = (await modal(page).innerText()).replaceAll('\u00a0', ' ');
    assert.match(text, /TLS 1\.0, client side: on → off/);
    assert.match(text, /15 to 45 minutes/);
    await answerModal(page, 'Apply');
    await statusItem(page, /TLS: changing contoso-shop-prod/).waitFor();
  });

  it('follows the change through a reload of the window to its end, reads it back and looks at the gateway', async () => {
    await page.reload();
    await workbenchIsUp(page);
    await statusItem(page, /TLS: changing contoso-shop-prod/).waitFor();
    await notification(
      page,
      /contoso-shop-prod: the change is done and read back as sent.*refuse SSL 3\.0, TLS 1\.0/,
    ).waitFor();
    await statusItem(page, /TLS: changing/).waitFor({ state: 'detached' });
    await treeRow(page, /contoso-shop-prod.*TLS 1\.1\+ in/).waitFor();
    await webviewFrame(page).getByText('No changes').first().waitFor();
  });

  it('really refuses TLS 1.0 at the gateway afterwards', async () => {
    await runCommand(page, `${product}: Refresh`);
    const now = await gatewayAddress(page);
    assert.equal(tls10Connects(now), false);
  });

  it('undoes the change by the same way, in a server that was started anew meanwhile', async function () {
    this.timeout(120_000);
    await workbench.restartServer();
    page = await workbench.newWindow();
    await openView(page, product);
    const frame = await openInstance(page, instance);
    await frame
      .getByRole('button', { name: /^Undo the change of/ })
      .first()
      .click();
    await modal(page).waitFor();
    assert.match((await modal(page).innerText()).replaceAll('\u00a0', ' '), /TLS 1\.0, client side: off → on/);
    await answerModal(page, 'Undo change');
    await notification(page, /contoso-shop-prod: the change is undone and read back/).waitFor();
    await treeRow(page, /contoso-shop-prod.*TLS 1\.0\+ in/).waitFor();
    assert.equal(tls10Connects(await gatewayAddress(page)), true);
  });
});
