import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import type { BatchPlan } from '../../src/core/batch.ts';
import { compareReadBack } from '../../src/core/tls/readBack.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { serviceId } from '../../src/emulator/model.ts';
import { readState, serviceState } from '../../src/emulator/state.ts';
import type { State } from '../../src/emulator/state.ts';
import {
  answerModal,
  modal,
  notification,
  openView,
  quickPick,
  rowMenu,
  statusItem,
  treeRow,
  webviewFrame,
} from '../support/gestures.ts';
import { screenshot, startWorkbench, workbenchIsUp } from '../support/workbench.ts';
import type { Workbench } from '../support/workbench.ts';
import { product } from './editor.ts';

const subscription = 'Contoso Online - Production';

/** The row of an instance on the page. */
const row = (frame: FrameLocator, name: string) => frame.getByRole('row').filter({ hasText: name });
const cell = (frame: FrameLocator, text: string) => frame.getByRole('cell').filter({ hasText: text }).first();
const button = (frame: FrameLocator, name: string | RegExp) => frame.getByRole('button', { name });

/** What the tree says of the settings of an instance. */
async function seen(page: Page, name: string): Promise<string> {
  const label = (await treeRow(page, name).getAttribute('aria-label')) ?? '';
  return /TLS [^,]+ in, TLS [^,]+ out/.exec(label)?.[0] ?? label;
}

/** What the sample estate has kept: maps, and every change that Azure has accepted. */
function azureOf({ userDataDir }: Workbench): State {
  const [file = ''] = globSync(path.join(userDataDir, 'User/globalStorage/*/sample/estate.json'));
  const state = readState(readFileSync(file, 'utf8'));
  assert.ok(state);
  return state;
}

function changesOf({ operations, past }: State, instanceId: string): number {
  return [...operations, ...past].filter(({ service }) => service === instanceId.toLowerCase()).length;
}

/** The newest plan of several instances that was begun. */
function newestPlan({ userDataDir }: Workbench): BatchPlan {
  const files = globSync(path.join(userDataDir, 'User/globalStorage/*/sample/records/batches/*/plan.json'));
  const plans = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BatchPlan);
  const newest = plans.sort((a, b) => a.startedAt.localeCompare(b.startedAt)).at(-1);
  assert.ok(newest);
  return newest;
}

describe('a change of several instances in VS Code', () => {
  let workbench: Workbench;
  let page: Page;
  let first = '';

  before(async function () {
    this.timeout(120_000);
    workbench = await startWorkbench({ settings: { 'apimTls.sample.changeDuration': 4 } });
    page = workbench.page;
  });
  after(() => workbench.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshot(page, `failed-${this.currentTest.title.slice(0, 40)}`);
  });

  it('is planned for a whole group: each instance with its own plan, those with blockers left out', async () => {
    await openView(page, product);
    await treeRow(page, 'contoso-global').waitFor();
    first = await seen(page, 'contoso-global');
    await rowMenu(page, subscription, 'Change several...');
    const frame = webviewFrame(page);
    await frame.getByText(/11 instances\. Choose what is to change\./).waitFor();
    await button(frame, /^Modern/).click();
    await frame.getByText(/\d+ of 11 instances change\./).waitFor();
    await row(frame, 'contoso-logistics').getByText('Its plan has blockers.').waitFor();
    await button(frame, 'Check').click();
    await button(frame, 'Cancel').waitFor();
    await button(frame, 'Cancel').waitFor({ state: 'detached', timeout: 90_000 });
    await row(frame, 'contoso-shop-prod').getByText('Its plan has blockers.').waitFor();
    await row(frame, 'contoso-global').getByText('checked').waitFor();
    await button(frame, /plan of contoso-shop-prod/).click();
    await frame.getByText('inventory.contoso.example:8443 would stop connecting').first().waitFor();
  });

  it('begins after one question, and pauses', async () => {
    const frame = webviewFrame(page);
    await frame.getByRole('combobox', { name: 'Instances at once' }).selectOption('2');
    await frame.getByText(/at 2 instances at once/).waitFor();
    await button(frame, 'Start…').click();
    await modal(page).waitFor();
    const text = (await modal(page).innerText()).replaceAll('\u00a0', ' ');
    assert.match(text, /Change the TLS settings of \d+ instances\?/);
    assert.match(text, /Left out: \d+\. Its plan has blockers\./);
    await answerModal(page, 'Change all');
    await statusItem(page, /TLS: \d+ of \d+ instances/).waitFor();
    await cell(frame, 'Being changed').waitFor();
    await page.getByRole('tab', { name: 'Preset: Modern' }).waitFor();
    await button(frame, 'Pause').click();
    await frame.getByText('Paused. Nothing new begins; what Azure is changing goes on.').waitFor();
  });

  it('is still paused after the window was reloaded, and goes on to its end', async function () {
    this.timeout(180_000);
    await page.reload();
    await workbenchIsUp(page);
    await statusItem(page, /TLS: paused, \d+ of \d+ instances/).waitFor();
    await notification(page, /A change of several instances is paused: Preset: Modern/).waitFor();
    const frame = webviewFrame(page);
    // What was running has ended meanwhile, and nothing new has begun.
    await cell(frame, 'Being changed').waitFor({ state: 'detached', timeout: 60_000 });
    await cell(frame, 'Waiting').waitFor();
    await button(frame, 'Resume').click();
    await notification(page, /Preset: Modern: (\d+) of \1 instances have ended/).waitFor({ timeout: 150_000 });
    await frame.getByText(/(\d+) of \1 instances have ended\. Done: \1\./).waitFor();
    await row(frame, 'contoso-shop-prod').getByText('Left out').waitFor();
    // What was found is still there to be read.
    await button(frame, /plan of contoso-shop-prod/).click();
    await frame.getByText('inventory.contoso.example:8443 would stop connecting').first().waitFor();
    await statusItem(page, /TLS: \d+ of/).waitFor({ state: 'detached' });
    await treeRow(page, /contoso-global.*TLS 1\.2\+ in/).waitFor();
    assert.notEqual(await seen(page, 'contoso-global'), first);
  });

  it('is undone as a whole by the same way', async function () {
    this.timeout(180_000);
    await button(webviewFrame(page), 'Undo all…').click();
    const frame = webviewFrame(page);
    await frame.getByText('Undo: Preset: Modern').waitFor();
    await frame.getByText(/(\d+) of \1 instances change\./).waitFor();
    await frame.getByRole('combobox', { name: 'Instances at once' }).selectOption('10');
    await button(frame, 'Start…').click();
    await modal(page).waitFor();
    await answerModal(page, 'Undo all');
    await notification(page, /Undo: Preset: Modern: (\d+) of \1 instances have ended\. Done: \1/).waitFor({
      timeout: 150_000,
    });
    await treeRow(page, /contoso-global.*TLS 1\.1\+ in/).waitFor();
    assert.equal(await seen(page, 'contoso-global'), first);
  });

  it('is shown in a window beside it, which pauses it there and goes on when that one is closed', async function () {
    this.timeout(180_000);
    const other = await workbench.newWindow();
    for (const window of [page, other]) {
      await openView(window, product);
      await treeRow(window, 'contoso-global').waitFor();
    }
    const before = azureOf(workbench);
    await rowMenu(page, subscription, 'Change several...');
    const frame = webviewFrame(page);
    await button(frame, /^Modern/).click();
    await frame.getByText(/\d+ of 11 instances change\./).waitFor();
    await frame.getByRole('combobox', { name: 'Instances at once' }).selectOption('3');
    // A second click, too late to be meant, is no second question.
    await button(frame, 'Start…').dblclick();
    await answerModal(page, 'Change all');
    await cell(frame, 'Being changed').waitFor();

    // The window that was open all along learns of it without being touched.
    await statusItem(other, /TLS: \d+ of \d+ instances/).click();
    await quickPick(other, 'Preset: Modern').click();
    const shown = webviewFrame(other);
    await shown.getByText('Another window has this change in hand.').waitFor();
    await button(shown, 'Pause').click();
    for (const one of [frame, shown])
      await one.getByText('Paused. Nothing new begins; what Azure is changing goes on.').waitFor();
    await shown.getByText('Another window has this change in hand.').waitFor();
    await button(shown, 'Resume').click();
    await button(frame, 'Pause').waitFor();
    await button(shown, 'Pause').waitFor();

    await page.close();
    page = other;
    await shown.getByText('Another window has this change in hand.').waitFor({ state: 'detached' });
    await notification(page, /Preset: Modern: (\d+) of \1 instances have ended\. Done: \1\./).waitFor({
      timeout: 90_000,
    });
    await shown.getByText(/(\d+) of \1 instances have ended\. Done: \1\./).waitFor();
    const after = azureOf(workbench);
    const { items } = newestPlan(workbench);
    const taking = items.filter(({ leftOut }) => leftOut === null);
    assert.ok(taking.length > 5, `${taking.length} take part`);
    for (const { instanceId, name, base, map, createdAt, leftOut } of items) {
      const service = sampleEstate.services.find((one) => serviceId(one).toLowerCase() === instanceId.toLowerCase());
      assert.ok(service);
      const now = serviceState(after, service, Date.now()).map ?? {};
      const written = changesOf(after, instanceId) - changesOf(before, instanceId);
      assert.equal(written, leftOut === null ? 1 : 0, `${name} was written ${written} times`);
      if (leftOut === null) assert.equal(compareReadBack(base.map, map, now, createdAt).kind, 'asSent', name);
      else assert.deepEqual(now, serviceState(before, service, Date.now()).map ?? {}, name);
    }
  });
});
