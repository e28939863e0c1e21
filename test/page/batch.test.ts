// The page of a change of several instances: from the plan to the result, by keyboard, with five hundred rows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { batchScenarios } from '../../webview/standalone/fakeBatch.ts';
import { button, isDisabled, sent, startSite, summarySays, untilSent } from './browser.ts';
import type { Site, Visit } from './browser.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function serious(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string }[] }>('window.axe.run()');
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
}

const row = (page: Page, name: string): Locator => page.getByRole('row').filter({ hasText: name });
const rows = (page: Page): Locator => page.locator('.batch-rows tbody tr:not(.details)');

describe('the page of several instances', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.close());
  const open = (scenario: (typeof batchScenarios)[number], more: Partial<Visit> = {}, script?: string) =>
    site.open({ at: 'batch', scenario, ...more }, script);

  it('begins with what is to change, and starts nothing before that is known', async () => {
    const page = await open('plan');
    await summarySays(page, /14 instances\. Choose what is to change\./);
    await isDisabled(page, 'Start…', true);
    // Of a row that has no plan, nothing is said, in no way.
    assert.equal(await rows(page).filter({ hasText: 'nothing chosen yet' }).count(), 14);
    assert.equal(await rows(page).filter({ hasText: 'Planned' }).count(), 0);
    await page.getByRole('button', { name: /^Modern/ }).click();
    await row(page, 'contoso-shop-001').getByText('Planned').waitFor();
    assert.equal(await page.getByText('nothing chosen yet').count(), 0);
    await summarySays(page, /10 of 14 instances change\. Left out because of blockers: 2\. Not checked: 10\./);
    await isDisabled(page, 'Start…', false);
    assert.equal(await page.getByRole('button', { name: /^Modern/ }).getAttribute('aria-pressed'), 'true');
    assert.match(
      await page.locator('.cost').innerText(),
      /45 min to 2 h 15 min at 5 instances at once.*2 instances are down/s,
    );
    await button(page, 'Start…').click();
    await untilSent(page, 'start');
    await summarySays(page, /of 10 instances have ended/);
  });

  it('tells when no instance is chosen, and takes more', async () => {
    const page = await open('none');
    await page.getByText('No instance is chosen. Add some.').waitFor();
    await button(page, 'Add instances…').click();
    await row(page, 'contoso-shop-001').waitFor();
    await button(page, 'Leave contoso-shop-001 out').click();
    await page.getByText('No instance is chosen. Add some.').waitFor();
  });

  it('shows the plan of a row by keyboard, and overrides its blockers by its name alone', async () => {
    const page = await open('planned', {}, axeSource);
    const name = 'contoso-search-007';
    await button(page, `3 changes: plan of ${name}`).focus();
    await page.keyboard.press('Enter');
    await page.getByText('erp.contoso.example:443 would stop connecting.').waitFor();
    await page.getByText('Logs: not read: You have no permission for this.').waitFor();
    const field = page.getByRole('textbox', { name: `To change it in spite of its blockers, type its name: ${name}` });
    await field.fill('contoso-search-00');
    await row(page, name).getByText('Its plan has blockers.').waitFor();
    await field.fill(name);
    await row(page, name).getByText('Blockers are overridden.').first().waitFor();
    await row(page, name).getByText('Planned').waitFor();
    // Also beside the field, from which the row may be far.
    await page.locator('.override').getByText('Blockers are overridden.').waitFor();
    assert.deepEqual(await serious(page), []);
    await button(page, `3 changes: plan of ${name}`).focus();
    await page.keyboard.press('Enter');
    await field.waitFor({ state: 'detached' });
  });

  it('checks with progress in units, and is cancelled', async () => {
    const page = await open('planned', { probe: 100 });
    await button(page, 'Check').click();
    await summarySays(page, /Checking: \d+ of 14 instances, \d+ hosts probed\./);
    await summarySays(page, /10 of 14 instances change\. Left out because of blockers: 2\.$/);
    const slow = await open('planned', { probe: 60_000 });
    await button(slow, 'Check').click();
    await button(slow, 'Cancel').click();
    await button(slow, 'Check').waitFor();
    assert.equal((await sent(slow, 'cancel')).length, 1);
  });

  it('is told how many at once, and when those that are down may begin', async () => {
    const page = await open('planned');
    await page.getByRole('combobox', { name: 'Instances at once' }).selectOption('2');
    await page.getByText(/at 2 instances at once/).waitFor();
    await page.getByRole('checkbox', { name: /begin at a time of their own/ }).click();
    await page.getByLabel('Not before (local time)').fill('2030-01-02T23:30');
    await page.getByText(/They begin on .*Jan 2, 2030/).waitFor();
    await page.getByText(/Jan 2, 2030.*in [\d,]+ days\. VS Code must be open then, and the machine awake/).waitFor();
    const last = (await sent(page, 'setOptions')).at(-1)?.argument as { limit: number; downtimeAt: string };
    assert.equal(last.limit, 2);
    assert.equal(new Date(last.downtimeAt).getTime(), new Date('2030-01-02T23:30').getTime());
    await page.getByLabel('Not before (local time)').fill('2020-01-02T23:30');
    await page.getByText('This time has passed. Choose a later one.').waitFor();
    assert.equal(await page.getByLabel('Not before (local time)').getAttribute('aria-invalid'), 'true');
  });

  it('says which moment a time is that the clock leaves out or shows twice', async () => {
    const page = await open('planned', { timezone: 'Europe/Berlin' });
    await page.getByRole('checkbox', { name: /begin at a time of their own/ }).click();
    const field = page.getByLabel('Not before (local time)');
    await field.fill('2030-03-31T02:30');
    await page
      .locator('#chosen-time')
      .filter({ hasText: /Mar 31, 2030, 3:30\sAM GMT\+2/ })
      .waitFor();
    assert.equal(await field.inputValue(), '2030-03-31T03:30');
    await field.fill('2030-10-27T02:30');
    await page
      .locator('#chosen-time')
      .filter({ hasText: /Oct 27, 2030, 2:30\sAM GMT\+2/ })
      .waitFor();
  });

  it('tells when those begin that wait for their time, once it has begun', async () => {
    const page = await open('running');
    const wait = page.getByText(/^Instances that are down meanwhile begin/);
    assert.equal(await wait.count(), 0);
    const at = new Date(Date.now() + 5.5 * 3_600_000).toISOString();
    await page.evaluate(`window.fakeHost.push({ downtimeAt: '${at}' })`);
    await wait.filter({ hasText: /, in 5 hours\./ }).waitFor();
  });

  it('pauses, resumes and stops, and says why it is paused', async () => {
    const page = await open('running');
    await button(page, 'Pause').click();
    await page.getByText('Paused. Nothing new begins; what Azure is changing goes on.').waitFor();
    await button(page, 'Resume').click();
    await button(page, 'Pause').waitFor();
    await button(page, 'Stop…').click();
    await untilSent(page, 'stop');
    await isDisabled(page, 'Undo all…', false);
    await button(page, 'Undo all…').click();
    await button(page, 'Save as CSV…').click();
    await untilSent(page, 'undo');
    await untilSent(page, 'save');
  });

  it('passes on what is asked of another window, and takes nothing more until that has answered', async () => {
    const page = await open('running');
    await page.evaluate('window.fakeHost.push({ foreign: true })');
    await page.getByText('Another window has this change in hand. What you choose here is passed on to it.').waitFor();
    await button(page, 'Pause').click();
    await untilSent(page, 'pause');
    await page.evaluate(`window.fakeHost.push({ phase: 'running', pause: '', asked: true })`);
    await page.getByText('The window that has this change in hand was asked.').waitFor();
    for (const name of ['Pause', 'Stop…']) await isDisabled(page, name, true);
    await page.evaluate(`window.fakeHost.push({ phase: 'paused', pause: 'Paused.', asked: false })`);
    await isDisabled(page, 'Resume', false);
  });

  it('leaves the focus on the button that means the same, and on none that means something else', async () => {
    const page = await open('planned');
    await button(page, 'Start…').focus();
    await page.keyboard.press('Enter');
    await page.locator('vscode-button:focus').filter({ hasText: 'Pause' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('vscode-button:focus').filter({ hasText: 'Resume' }).waitFor();
    await button(page, 'Stop…').focus();
    await page.keyboard.press('Enter');
    await button(page, 'Undo all…').waitFor();
    assert.equal(await page.locator('vscode-button:focus').count(), 0);
    assert.equal((await sent(page, 'undo')).length + (await sent(page, 'save')).length, 0);
  });

  it('takes no further instances where a change is taken back', async () => {
    const page = await open('planned');
    await button(page, 'Add instances…').waitFor();
    await page.evaluate(`window.fakeHost.push({ aim: { kind: 'undo', batchId: 'a', batchName: 'Preset: Modern' } })`);
    await page.getByText('Undo: Preset: Modern').waitFor();
    assert.equal(await button(page, 'Add instances…').count(), 0);
  });

  it('shows all of a row beside another editor, without a way sideways', async () => {
    const page = await open('planned');
    await page.setViewportSize({ width: 480, height: 900 });
    const name = 'contoso-shop-001';
    for (const part of [row(page, name).getByRole('rowheader'), button(page, `Leave ${name} out`)]) {
      const box = await part.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 480, JSON.stringify(box));
    }
    assert.deepEqual(
      await page.evaluate(
        '[...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth).length',
      ),
      0,
    );
  });

  it('shows one instance’s failure beside the results of the others, and finds it by its state', async () => {
    const page = await open('ended');
    await row(page, 'contoso-billing-002').getByText('Azure could not carry out the change.').waitFor();
    await page.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Failed (1)' });
    assert.equal(await rows(page).count(), 1);
    await page.getByText('(14 in all)').waitFor();
    await page.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Done (9)' });
    assert.equal(await rows(page).count(), 9);
  });

  it('says on the page what went wrong', async () => {
    const page = await open('planned');
    await page.evaluate(`window.fakeHost.failNext('The disk is full.')`);
    await button(page, 'Start…').click();
    await page.getByRole('alert').filter({ hasText: 'The disk is full.' }).waitFor();
    await page.evaluate(`window.fakeHost.push({ problem: 'Signed out.' })`);
    await page.getByRole('alert').filter({ hasText: 'Signed out.' }).waitFor();
  });

  it('finds one of five hundred, a hundred rows at a time', async () => {
    const page = await open('large');
    await page.getByText('1 to 100 of 500').waitFor();
    assert.equal(await rows(page).count(), 100);
    await button(page, 'Next rows').click();
    await page.getByText('101 to 200 of 500').waitFor();
    await page.getByRole('textbox', { name: 'Filter by name, subscription or tier' }).fill('partners 004');
    await page.getByText('1 to 1 of 1').waitFor();
    assert.equal(await rows(page).count(), 1);
    await page.getByRole('textbox', { name: 'Filter by name, subscription or tier' }).fill('nothing like it');
    await page.getByText('No instance fits the filter.').waitFor();
  });

  for (const theme of ['dark', 'light', 'hc']) {
    for (const scenario of batchScenarios.filter((one) => one !== 'large' || theme === 'dark')) {
      it(`has nothing serious or critical: ${scenario}, ${theme}`, async () => {
        const page = await open(scenario, { theme }, axeSource);
        assert.deepEqual(await serious(page), []);
      });
    }
  }
});
