// How soon a person sees what they asked for in code-server: rows of the tree, the editor, a toggle. All of it warm:
// each has been done once before it is measured. Times are taken in the pages, at the frame after the one that shows it.

import type { Page } from 'playwright-core';
import { openView, rowAction, runCommand, treeRow, webviewFrame } from '../test/support/gestures.ts';
import { startWorkbench } from '../test/support/workbench.ts';
import { benchExtension } from './support/benchExtension.ts';
import type { BenchExtension } from './support/benchExtension.ts';
import { printSeries } from './support/figures.ts';
import { toggleTimes } from './support/toggles.ts';

const product = 'API Management TLS';
const instance = 'contoso-shop-prod';
const rounds = 10;

/** In each frame of the page: when something was clicked, and when the first toggle that can be used was on screen. */
const watchFrames = `
  addEventListener('click', () => (window.benchClicked = Date.now()), true);
  if (window !== window.top)
    window.benchShown = new Promise((resolve) => {
      // Frames asked for now are lost when VS Code writes the page of a webview into its frame.
      const timer = setInterval(() => {
        if (!document.querySelector('input[type="checkbox"]:enabled')?.checkVisibility()) return;
        clearInterval(timer);
        requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
      }, 4);
    });`;

/** Milliseconds since 1970 at which the row of the last subscription, which fails, and all other rows are on screen. */
const rowsShown = `new Promise((resolve) => {
  const wanted = [/contoso-shop-prod/, /does not have authorization/];
  const look = () => {
    const rows = [...document.querySelectorAll('.sidebar [role="treeitem"]')].map((row) => row.textContent);
    if (wanted.every((text) => rows.some((row) => text.test(row)))) requestAnimationFrame(() => resolve(Date.now()));
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Requests that bring instances: Resource Graph, and the plain list for a subscription that the graph keeps silent on. */
const bringsInstances = /\/Microsoft\.ResourceGraph\/resources$|\/Microsoft\.ApiManagement\/service$/i;

/** Closes the sample estate and opens it again; the time from the last answer with instances until the rows are shown. */
async function rowsAfterAnswer(page: Page, extension: BenchExtension): Promise<number> {
  await runCommand(page, `${product}: Leave the sample estate`);
  const explore = page.getByRole('button', { name: 'Explore the sample estate' });
  await explore.waitFor();
  const before = extension.answers().length;
  const shown = page.evaluate<number>(rowsShown);
  await explore.click();
  const at = await shown;
  const answers = extension.answers().slice(before);
  const last = answers.findLast((answer) => bringsInstances.test(answer.path) && answer.at <= at);
  if (!last) throw new Error('The rows came without an answer of the estate.');
  return at - last.at;
}

/** From the click on the pencil until the first toggle can be used. The editor is closed again. */
async function editorAfterClick(page: Page): Promise<number> {
  const at = await openEditor(page);
  const clicked = await page.evaluate<number>('window.benchClicked');
  await runCommand(page, 'View: Close Editor');
  await page.locator('iframe.webview').waitFor({ state: 'detached' });
  return at - clicked;
}

/** Resolves to the time at which the first toggle could be used, in milliseconds since 1970. */
async function openEditor(page: Page): Promise<number> {
  await rowAction(page, instance, 'Edit TLS settings');
  const frame = webviewFrame(page);
  await frame.getByRole('heading', { name: instance }).waitFor();
  const shown: number = await frame.locator('body').evaluate('window.benchShown');
  return shown;
}

/** The editor with every backend probed, so that each toggle weighs the verdicts anew. */
async function togglesInEditor(page: Page): Promise<{ backends: number; times: readonly number[] }> {
  await openEditor(page);
  const frame = webviewFrame(page);
  await frame.getByRole('checkbox', { name: 'TLS 1.0, backend side' }).click();
  await frame.getByRole('button', { name: 'Check' }).click();
  await frame.getByText('would stop connecting').first().waitFor();
  await frame.getByRole('button', { name: 'Check' }).and(frame.locator(':not([disabled])')).waitFor();
  const backends = await frame.locator('#backends tbody tr').count();
  return { backends, times: await toggleTimes(frame.locator('body'), 'TLS 1.0, backend side') };
}

async function measured(count: number, measure: () => Promise<number>): Promise<number[]> {
  await measure();
  const values: number[] = [];
  while (values.length < count) values.push(await measure());
  return values;
}

const extension = benchExtension('workbench');
const workbench = await startWorkbench({
  extensionFolder: extension.folder,
  env: extension.env,
  settings: { 'apimTls.estate': 'azure' },
});
try {
  const { context } = workbench;
  await context.addInitScript({ content: watchFrames });
  const page = await workbench.newWindow();
  await workbench.page.close();
  await openView(page, product);
  await page.getByRole('button', { name: 'Explore the sample estate' }).click();
  await treeRow(page, instance).waitFor();
  printSeries(await measured(rounds, () => rowsAfterAnswer(page, extension)), {
    name: "tree rows after the estate's answer",
    unit: 'ms',
    goal: '<= 300',
  });
  printSeries(await measured(rounds, () => editorAfterClick(page)), {
    name: 'editor usable after the click',
    unit: 'ms',
    goal: '<= 700',
  });
  const { backends, times } = await togglesInEditor(page);
  printSeries(times, { name: `toggle in VS Code, ${backends} backends`, unit: 'ms', goal: '<= 16' });
} finally {
  await workbench.close();
}
process.exit();
