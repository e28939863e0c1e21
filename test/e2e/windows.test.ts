import assert from 'node:assert/strict';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { answerModal, modal, notification, openView, statusItem, treeRow, webviewFrame } from '../support/gestures.ts';
import { screenshot, startWorkbench } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { clientTls10, clientTls11, openInstance, product, toggle } from './editor.ts';

const instance = 'contoso-legacy';
const changing = /TLS: changing contoso-legacy/;

async function ask(page: Page): Promise<void> {
  await webviewFrame(page)
    .getByRole('button', { name: /^Apply/ })
    .click();
  await modal(page).waitFor();
}

/** What the page says of the draft of another window. */
function otherDraft(frame: FrameLocator, text: RegExp): Locator {
  return frame
    .getByRole('status')
    .filter({ hasText: /^Another window has a draft of this instance/ })
    .filter({ hasText: text });
}

describe('two windows', () => {
  let workbench: Workbench;
  let first: Page;
  let second: Page;

  before(async function () {
    this.timeout(120_000);
    workbench = await startWorkbench({ settings: { 'apimTls.sample.changeDuration': 20 } });
    first = workbench.page;
    second = await workbench.newWindow();
    for (const page of [first, second]) {
      await openView(page, product);
      await openInstance(page, instance);
    }
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    for (const [index, page] of workbench.context.pages().entries())
      await screenshot(page, `failed-window-${index}-${this.currentTest.title.slice(0, 30)}`);
  });

  it('offer each other what is drafted in them', async () => {
    await toggle(webviewFrame(first), clientTls10).click();
    const frame = webviewFrame(second);
    await otherDraft(frame, /1 change, .*TLS 1\.0, client side/).waitFor();
    await frame.getByRole('button', { name: 'Leave it' }).click();
    await otherDraft(frame, /TLS 1\.0/).waitFor({ state: 'detached' });
    await toggle(frame, clientTls11).click();
    const offered = otherDraft(webviewFrame(first), /1 change, .*TLS 1\.1, client side/);
    await offered.getByRole('button', { name: 'Keep this draft' }).click();
    await offered.waitFor({ state: 'detached' });
    assert.equal(await toggle(webviewFrame(first), clientTls10).isChecked(), false);
  });

  it('refuse to save over each other, and lose no draft', async () => {
    const frame = webviewFrame(second);
    // Asked before it can know of the other one's change.
    await ask(second);
    await ask(first);
    await answerModal(first, 'Apply');
    await statusItem(first, changing).waitFor();
    await answerModal(second, 'Apply');
    const refusal = frame.getByRole('alert').filter({ hasText: /^Azure is changing this instance \(Updating\)/ });
    await refusal.getByText('Nothing was written. Wait until it has finished.').waitFor();
    await refusal.getByRole('button', { name: 'Dismiss' }).click();
    await refusal.waitFor({ state: 'detached' });
    await frame.getByText('1 change', { exact: true }).first().waitFor();
    assert.equal(await toggle(frame, clientTls11).isChecked(), false);
  });

  it('both follow the change of one of them', async () => {
    await statusItem(second, changing).waitFor();
    await treeRow(second, /contoso-legacy.*changing/).waitFor();
  });

  it('are followed by a new one when they are closed in the middle of a change', async () => {
    assert.ok(await statusItem(first, changing).isVisible(), 'still changing');
    await first.close();
    await second.close();
    const third = await workbench.newWindow();
    await statusItem(third, changing).waitFor();
    await notification(third, /contoso-legacy: the change is done and read back as sent.*TLS 1\.0/).waitFor();
    await statusItem(third, changing).waitFor({ state: 'detached' });
    await openView(third, product);
    const frame = await openInstance(third, instance);
    // VS Code brings back the page of either window. The draft of the first has come true: then the other's is offered.
    const conflict = frame.getByText('The instance changed elsewhere since this draft was begun:');
    const takeOver = otherDraft(frame, /TLS 1\.1/).getByRole('button', { name: 'Take it over' });
    await conflict.or(takeOver).waitFor();
    if (await takeOver.isVisible()) await takeOver.click();
    await conflict.waitFor();
    await frame.getByRole('button', { name: 'Rebase draft' }).click();
    await frame.getByText('1 change', { exact: true }).first().waitFor();
    assert.equal(await toggle(frame, clientTls10).isChecked(), false, 'what the other window saved');
    assert.equal(await toggle(frame, clientTls11).isChecked(), false, 'what was only drafted');
  });
});
