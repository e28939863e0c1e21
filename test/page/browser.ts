// The stand-alone page in Chromium, for the tests of the page.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { serveWebview } from '../../scripts/webview.mjs';

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  /** Default: the editor. */
  readonly at?: 'batch';
  readonly scenario: string;
  readonly theme?: string;
  /** Milliseconds of each made-up probe and of a made-up change. */
  readonly probe?: number;
  readonly operation?: number;
  /** Such as Europe/Berlin; default: that of the machine. */
  readonly timezone?: string;
}

export interface Site {
  /** A new page on a scenario, drawn; the one before it is closed. Errors of the page and violations of its policy fail the test at `close`. */
  readonly open: (visit: Visit, script?: string) => Promise<Page>;
  readonly close: () => Promise<void>;
}

export async function startSite(): Promise<Site> {
  const server = await serveWebview();
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: chromiumArguments,
  });
  let context: BrowserContext | undefined;
  const complaints: string[] = [];
  return {
    open: async ({ at = '', scenario, theme = 'dark', probe = 5, operation = 100, timezone }, script) => {
      await context?.close();
      context = await browser.newContext({
        viewport: { width: 1200, height: 900 },
        ...(timezone === undefined ? {} : { timezoneId: timezone }),
      });
      if (script !== undefined) await context.addInitScript({ content: script });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      page.on('pageerror', (error) => complaints.push(`${scenario}: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${scenario}: ${message.text()}`);
      });
      await page.goto(`${server.url}${at}?scenario=${scenario}&theme=${theme}&probe=${probe}&operation=${operation}`);
      await page.locator('.toolbar').waitFor();
      return page;
    },
    close: async () => {
      await context?.close();
      await browser.close();
      await server.close();
      assert.deepEqual(complaints, [], 'the page complains of nothing');
    },
  };
}

export function toggle(page: Page, name: string): Locator {
  return page.getByRole('checkbox', { name, exact: true });
}

/** Waits until the box is ticked, or is not: the toolkit draws a moment after the page has changed it. */
export async function isSet(page: Page, name: string, checked: boolean): Promise<void> {
  await page.getByRole('checkbox', { name, exact: true, checked }).first().waitFor();
}

/** Waits until the button takes no clicks, or does. */
export async function isDisabled(page: Page, name: string, disabled: boolean): Promise<void> {
  await page.getByRole('button', { name, exact: true, disabled }).first().waitFor();
}

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

/** All that the row of a table says, in sight or not: the browser lays out only those near the window. */
export async function rowText(row: Locator): Promise<string> {
  return (await row.textContent()) ?? '';
}

export function plan(page: Page): Locator {
  return page.getByRole('region', { name: 'Plan', exact: true });
}

/** What the functions that run in the page see of it: the types of the DOM are not those of these tests. */
interface InPage {
  readonly document: { querySelector(selector: string): { readonly innerText: string } | null };
  readonly fakeHost: { readonly requests: readonly SentRequest[] };
}

/** Waits until the bar tells so many changes and blockers. */
export async function summarySays(page: Page, text: RegExp): Promise<void> {
  await page.waitForFunction((source) => {
    const bar = (globalThis as unknown as InPage).document.querySelector('.toolbar .summary');
    return new RegExp(source).test(bar?.innerText ?? '');
  }, text.source);
}

export interface SentRequest {
  readonly name: string;
  readonly argument: unknown;
}

/** Every request of this name that the page has sent. */
export async function sent(page: Page, name: string): Promise<SentRequest[]> {
  const requests = await page.evaluate<SentRequest[]>('window.fakeHost.requests');
  return requests.filter((request) => request.name === name);
}

/** Waits until the page has sent so many requests of this name. */
export async function untilSent(page: Page, name: string, count = 1): Promise<void> {
  await page.waitForFunction(
    ([wanted, least]) =>
      (globalThis as unknown as InPage).fakeHost.requests.filter((request) => request.name === wanted).length >= least,
    [name, count] as const,
  );
}
