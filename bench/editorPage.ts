// How long a toggle takes to redraw in the editor page alone, with few and with 300 backends, all of them probed.

import { serveWebview } from '../scripts/webview.mjs';
import { launchChromium } from '../test/support/browser.ts';
import { printSeries } from './support/figures.ts';
import { toggleTimes } from './support/toggles.ts';

const server = await serveWebview();
const browser = await launchChromium();
try {
  for (const [scenario, backends] of [
    ['classic', 'few'],
    ['many', '300'],
  ] as const) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await page.goto(`${server.url}?scenario=${scenario}`);
    const body = page.locator('body');
    await body.locator('.toolbar').waitFor();
    const times = await toggleTimes(body, 'TLS 1.0, backend side');
    printSeries(times, { name: `toggle in the page alone, ${backends} backends`, unit: 'ms', goal: '<= 16' });
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
process.exit();
