// Ten thousand instances in 300 subscriptions of five tenants, over HTTPS with 100 ms for each answer: how soon the rows
// are there in code-server, how quickly they are filtered and grouped, and what memory of the extension host that takes.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { workDir } from '../scripts/processes.mjs';
import { largeEstate } from '../src/emulator/largeEstate.ts';
import { openView, quickInput, quickPick, runCommand, treeRow } from '../test/support/gestures.ts';
import { startWorkbench, workbenchIsUp } from '../test/support/workbench.ts';
import type { Workbench } from '../test/support/workbench.ts';
import { benchExtension } from './support/benchExtension.ts';
import type { BenchExtension } from './support/benchExtension.ts';
import { printFigure, printSeries } from './support/figures.ts';
import { openLargeCloud } from './support/largeCloud.ts';
import type { LargeCloud } from './support/largeCloud.ts';

const product = 'API Management TLS';
const rounds = 5;
const megabyte = 1_000_000;

/** For each row that is wanted: texts that stand in it. */
type Rows = readonly (readonly string[])[];

/** What rows say when all is read: each region with the number of its instances. */
function finalRows(): Rows {
  const counts = new Map<string, number>();
  for (const { location } of largeEstate().services) {
    const region = location.toLowerCase().replaceAll(' ', '');
    counts.set(region, (counts.get(region) ?? 0) + 1);
  }
  return [...counts].map(([region, count]) => [region, `${count},`]);
}

/**
 * Milliseconds since 1970 at the frame after the one in which there is, for each entry of `wanted`, a row with all its
 * texts. Rejects after half a minute.
 */
function shown(page: Page, wanted: Rows): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve, reject) => {
    const begun = Date.now();
    const wanted = ${JSON.stringify(wanted)};
    const look = () => {
      const rows = [...document.querySelectorAll('.sidebar [role="treeitem"]')].map((row) => row.textContent);
      if (wanted.every((texts) => rows.some((row) => texts.every((text) => row.includes(text)))))
        requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
      else if (Date.now() - begun > 30_000) reject(new Error('Not shown: ' + JSON.stringify(wanted) + ' in ' + rows.join(' | ')));
      // A frame each time would keep the browser, which draws without a graphics card, busy meanwhile.
      else setTimeout(look, 20);
    };
    look();
  })`);
}

/** In the page: when a key or the mouse was last pressed. */
const watchPresses = `
  for (const kind of ['keydown', 'mousedown']) addEventListener(kind, () => (window.benchPressed = Date.now()), true);`;
const pressed = (page: Page) => page.evaluate<number>('window.benchPressed');

interface Bench {
  readonly workbench: Workbench;
  readonly extension: BenchExtension;
  readonly cloud: LargeCloud;
}

/** Loads the window anew, with the view open as it was. Resolves with the time at which the extension was activated. */
async function reload({ workbench: { page }, extension }: Bench): Promise<number> {
  const before = extension.activated();
  await page.reload();
  await workbenchIsUp(page);
  await page.locator('.sidebar .composite.title', { hasText: new RegExp(product, 'i') }).waitFor();
  return (await extension.activations(before + 1)).at(-1)?.at ?? NaN;
}

const keptFolder = (workbench: Workbench) =>
  path.join(workbench.userDataDir, 'User', 'globalStorage', 'apim-tls.apim-tls', 'azure', 'estate');

const bringsInstances = /\/Microsoft\.ResourceGraph\/resources/i;

/** Rows of a window that has nothing from before: the first ones, and all of them. */
async function fromAzure(bench: Bench, final: Rows) {
  rmSync(keptFolder(bench.workbench), { recursive: true, force: true });
  const activated = await reload(bench);
  const { page } = bench.workbench;
  const [first, all] = await Promise.all([shown(page, [[final[0]?.[0] ?? '']]), shown(page, final)]);
  const answers = bench.cloud.answers(activated);
  const instances = answers.filter((answer) => bringsInstances.test(answer.path));
  const [firstAnswer, lastAnswer] = [instances[0]?.at ?? NaN, instances.at(-1)?.at ?? NaN];
  return {
    first: first - firstAnswer,
    all: all - lastAnswer,
    sinceActivation: first - activated,
    reading: lastAnswer - activated,
    requests: answers.length,
  };
}

/** Resolves when a reading has ended and is kept. */
async function isKept(bench: Bench): Promise<void> {
  const folder = keptFolder(bench.workbench);
  for (let tries = 0; tries < 300; tries += 1) {
    if (existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.gz'))) return;
    await bench.workbench.page.waitForTimeout(100);
  }
  throw new Error('No reading was kept within half a minute.');
}

/** Rows of the last window: how long after the activation of this one, and before its first answer with instances. */
async function fromLastWindow(bench: Bench, final: Rows) {
  const activated = await reload(bench);
  const { page } = bench.workbench;
  const rows = await shown(page, final);
  await page.getByText('Reading it from Azure').waitFor({ state: 'hidden' });
  const answer = bench.cloud.answers(activated).find(({ path }) => bringsInstances.test(path))?.at ?? NaN;
  return { sinceActivation: rows - activated, beforeAnswer: answer - rows };
}

/** From Enter in the input box until the rows are there. */
async function filtering(page: Page, text: string, wanted: Rows): Promise<number> {
  await runCommand(page, `${product}: Filter...`);
  await quickInput(page).fill(text);
  const rows = shown(page, wanted);
  await page.keyboard.press('Enter');
  const at = await rows;
  return at - (await pressed(page));
}

/** From the click on the kind of groups until they are there. */
async function grouping(page: Page, label: string, wanted: Rows): Promise<number> {
  await runCommand(page, `${product}: Group by...`);
  const rows = shown(page, wanted);
  await quickPick(page, label).click();
  const at = await rows;
  return at - (await pressed(page));
}

const extension = benchExtension('scale');
const cloud = await openLargeCloud();
const userDataDir = path.join(workDir, 'bench', 'scale', 'user-data');
rmSync(userDataDir, { recursive: true, force: true });
// Endpoints are settings of the machine.
mkdirSync(path.join(userDataDir, 'Machine'), { recursive: true });
writeFileSync(path.join(userDataDir, 'Machine', 'settings.json'), JSON.stringify(cloud.settings));
// How the tree is grouped is kept for a folder.
const folder = path.join(workDir, 'bench', 'scale', 'folder');
mkdirSync(folder, { recursive: true });
const workbench = await startWorkbench({
  folder,
  extensionFolder: extension.folder,
  env: { ...extension.env, ...cloud.env },
  settings: cloud.settings,
  userDataDir,
});
try {
  const bench: Bench = { workbench, extension, cloud };
  const { page } = workbench;
  const final = finalRows();
  await workbench.context.addInitScript({ content: watchPresses });
  await openView(page, product);
  await treeRow(page, /Contoso|Adatum/).waitFor();
  await reload(bench);
  await treeRow(page, /Contoso|Adatum/).waitFor();
  await grouping(page, 'Region', [[final[0]?.[0] ?? '']]);
  await shown(page, final);
  // The workbench writes what it keeps for a folder a little later, and tells nobody.
  await page.waitForTimeout(2000);

  const readings: Awaited<ReturnType<typeof fromAzure>>[] = [];
  for (let round = 0; round < rounds; round += 1) readings.push(await fromAzure(bench, final));
  const print = (name: string, pick: (reading: (typeof readings)[number]) => number, unit: string, goal?: string) =>
    printSeries(readings.map(pick), {
      name: `10,000 instances: ${name}`,
      unit,
      ...(goal === undefined ? {} : { goal }),
    });
  print('first rows after the first answer with instances', ({ first }) => first, 'ms', '<= 1000');
  print('all rows after the last answer with instances', ({ all }) => all, 'ms', '<= 3000');
  print('first rows after activation, with signing in', ({ sinceActivation }) => sinceActivation, 'ms');
  print('last answer with instances after activation', ({ reading }) => reading, 'ms');
  print('requests to Azure Resource Manager', ({ requests }) => requests, '');

  const { used, most } = await extension.heap();
  printFigure({
    name: '10,000 instances: heap of the extension host',
    value: used / megabyte,
    unit: 'MB',
    goal: '<= 150',
  });
  printFigure({ name: '10,000 instances: its highest while reading', value: most / megabyte, unit: 'MB' });

  const kept: Awaited<ReturnType<typeof fromLastWindow>>[] = [];
  await isKept(bench);
  for (let round = 0; round < rounds; round += 1) kept.push(await fromLastWindow(bench, final));
  printSeries(
    kept.map(({ sinceActivation }) => sinceActivation),
    { name: '10,000 instances: rows of the last window after activation', unit: 'ms' },
  );
  printSeries(
    kept.map(({ beforeAnswer }) => beforeAnswer),
    { name: '10,000 instances: and before the first answer with instances', unit: 'ms', goal: '>= 0' },
  );

  const filters: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    filters.push(await filtering(page, '00432', [['00432']]));
    filters.push(await filtering(page, '', final));
  }
  printSeries(filters, { name: '10,000 instances: filter', unit: 'ms', goal: '<= 100' });
  const groups: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    groups.push(await grouping(page, 'Tier', [['Consumption', ',']]));
    groups.push(await grouping(page, 'Region', final));
  }
  printSeries(groups, { name: '10,000 instances: other groups', unit: 'ms', goal: '<= 100' });
} finally {
  await workbench.close();
  await cloud.close();
}
process.exit();
