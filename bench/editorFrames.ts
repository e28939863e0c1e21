// What the editor page works for each frame while evidence streams in: surveys of 300 backends, in snapshots as the panel
// sends them, with the traffic of many operations in between.

import { serveWebview } from '../scripts/webview.mjs';
import { launchChromium } from '../test/support/browser.ts';
import { printFigure, quantile } from './support/figures.ts';
import { framesDuring } from './support/frames.ts';

/** In the page: the traffic that comes in, made beforehand: in VS Code the panel's process reads it. */
const prepare = `(() => {
  const rows = 1000;
  const at = new Date().toISOString();
  const traffic = {
    state: 'read', days: 30, readAt: at, cut: false,
    source: { workspaceId: '/w/logs', table: 'dedicated' },
    totals: [{ version: 'tls10', versionText: '1.0', requests: 1204, callers: 3, lastSeen: at }],
    rows: Array.from({ length: rows }, (_, i) => ({
      version: 'tls12', versionText: '1.2', requests: i, callers: 3, lastSeen: at,
      api: 'api-' + (i % 40), operation: 'operation-' + i, addresses: ['192.0.2.1', '192.0.2.2'],
    })),
  };
  window.read = { days: 30, reading: false, problem: '', found: traffic };
})()`;

/** In the page: everything was taken away, now it comes in, a snapshot each 50 ms as from the panel. */
const stream = `(async () => {
  const { push, found: surveys } = window.fakeHost;
  const found = Object.entries(surveys);
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const seen = {};
  for (let done = 0; done < found.length; done += 5) {
    await wait(50);
    for (const [host, survey] of found.slice(done, done + 5)) seen[host] = survey;
    push({
      surveys: { ...seen },
      probing: { what: 'backends', done, total: found.length },
      ...(done === 150 ? { traffic: window.read } : {}),
    });
  }
  push({ probing: null });
  await wait(200);
})()`;

/** What is in sight meanwhile. */
const sights = { settings: 'header', backends: '#backends' };

const server = await serveWebview();
try {
  for (const [sight, selector] of Object.entries(sights)) {
    // A browser of its own: in VS Code each page has a process of its own, without what another one has left.
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await page.goto(`${server.url}?scenario=many`);
    await page.locator('.toolbar').waitFor();
    await page.evaluate('window.fakeHost.push({ surveys: {} })');
    await page.getByRole('checkbox', { name: 'TLS 1.0, backend side', exact: true }).click();
    await page.evaluate(`document.querySelector('${selector}').scrollIntoView()`);
    await page.evaluate(prepare);
    const frames = await framesDuring(page, () => page.evaluate(stream));
    for (const [what, times] of [
      ['of the page itself', frames.map(({ script }) => script)],
      ['with the drawing of the browser', frames.map(({ whole }) => whole)],
    ] as const) {
      const name = `processor time in one frame ${what} while 300 surveys stream in, ${sight} in sight`;
      printFigure({ name: `${name}, median of ${times.length}`, value: quantile(times, 0.5), unit: 'ms' });
      printFigure({ name: `${name}, 99 of 100 within`, value: quantile(times, 0.99), unit: 'ms' });
      printFigure({ name: `${name}, longest`, value: Math.max(...times), unit: 'ms', goal: '<= 16' });
    }
    await browser.close();
  }
} finally {
  await server.close();
}
process.exit();
