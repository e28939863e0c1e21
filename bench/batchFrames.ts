// What the page of several instances works for each frame while five hundred of them are checked. The made-up panel runs
// in a thread of its own.

import { serveWebview } from '../scripts/webview.mjs';
import { launchChromium } from '../test/support/browser.ts';
import { printFigure, quantile } from './support/figures.ts';
import { framesDuring } from './support/frames.ts';

/** The panel sends a snapshot each 150 ms at most; here two come for each step. */
const stepMs = 75;
const steps = 80;

/**
 * In the page: until so many instances have been checked. Looks at nothing but what changes, whereas a locator that waits
 * looks through the whole page again and again, and would be counted.
 */
const checked = `new Promise((resolve) => {
  const summary = document.querySelector('.summary');
  new MutationObserver((_, observer) => {
    if (Number(/Checking: (\\d+) of/.exec(summary.textContent)?.[1]) < ${steps}) return;
    observer.disconnect();
    resolve();
  }).observe(summary, { characterData: true, childList: true, subtree: true });
})`;

const server = await serveWebview();
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  await page.goto(`${server.url}batch?scenario=large&probe=${stepMs}&apart`);
  await page.getByText('1 to 100 of 500').waitFor();
  const check = await page.getByRole('button', { name: 'Check', exact: true }).boundingBox();
  if (!check) throw new Error('The page shows no button to check.');
  const done = page.evaluate(checked);
  const frames = await framesDuring(page, async () => {
    await page.mouse.click(check.x + check.width / 2, check.y + check.height / 2);
    await done;
  });
  for (const [what, times] of [
    ['of the page itself', frames.map(({ script }) => script)],
    ['with the drawing of the browser', frames.map(({ whole }) => whole)],
  ] as const) {
    const name = `processor time in one frame ${what} while 500 instances are checked`;
    printFigure({ name: `${name}, median of ${times.length}`, value: quantile(times, 0.5), unit: 'ms' });
    printFigure({ name: `${name}, 99 of 100 within`, value: quantile(times, 0.99), unit: 'ms' });
    printFigure({ name: `${name}, longest`, value: Math.max(...times), unit: 'ms', goal: '<= 16' });
  }
} finally {
  await browser.close();
  await server.close();
}
process.exit();
