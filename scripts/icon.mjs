// Draws media/icon.png (256 x 256, transparent) from media/icon.svg: `node scripts/icon.mjs`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { endOnSignals, fail, root } from './processes.mjs';
import { underNode24 } from './setup.mjs';

async function main() {
  endOnSignals();
  await underNode24();
  const { launchChromium } = await import('../test/support/browser.ts');
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
  const svg = readFileSync(path.join(root, 'media', 'icon.svg'), 'utf8');
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 256px; height: 256px }</style>${svg}`);
  await page.screenshot({ path: path.join(root, 'media', 'icon.png'), omitBackground: true });
  await browser.close();
}

await main().catch(fail);
