// axe in the page: what it finds that is serious or critical.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** To be run in the page before `serious` looks. */
export const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** In the page: rows far from the window are not laid out, and axe would not see their colours. */
const layOut = `for (const row of document.querySelectorAll('tr')) row.style.contentVisibility = 'visible';`;

/** Each with what it was found at. */
export async function serious(page: Page): Promise<string[]> {
  await page.evaluate(layOut);
  const result = await page.evaluate<{ violations: Violation[]; passes: unknown[] }>('window.axe.run()');
  assert.ok(result.passes.length > 10, 'axe looked at the page');
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`);
}
