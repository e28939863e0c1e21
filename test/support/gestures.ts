// What a person does in the workbench, and where things are on its page.
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** Runs a command from the palette by its full title, as shown: `Category: Title`. */
export async function runCommand(page: Page, title: string): Promise<void> {
  // An editor that takes the focus late closes the palette again.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await page.keyboard.press('F1');
      await quickInput(page).fill(`>${title}`, { timeout: 5000 });
      await quickPick(page, title).click({ timeout: 5000 });
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** The text field of the quick input, which also is VS Code's input box. */
export function quickInput(page: Page): Locator {
  return page.locator('.quick-input-widget:visible input[type="text"]').first();
}

/** The row of the quick input with this label. */
export function quickPick(page: Page, label: string): Locator {
  const exact = new RegExp(`^${escaped(label)}$`);
  const name = page.locator('.quick-input-list-rows > .quick-input-list-row:first-child .label-name', {
    hasText: exact,
  });
  return page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row', { has: name }).first();
}

/** Opens a view container of the activity bar by its title; leaves it open if it is. */
export async function openView(page: Page, title: string): Promise<void> {
  const tab = page.locator('.activitybar .action-item', { has: page.locator(`[aria-label^="${title}"]`) }).first();
  await tab.waitFor();
  if (!(await isShown(tab))) await tab.click();
  await page.locator('.sidebar .composite.title', { hasText: new RegExp(escaped(title), 'i') }).waitFor();
}

async function isShown(tab: Locator): Promise<boolean> {
  return (await tab.getAttribute('class'))?.split(/\s+/).includes('checked') ?? false;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** The row of a tree that contains the text; the first one where there are several. */
export function treeRow(page: Page, text: string | RegExp): Locator {
  return page.locator('.sidebar [role="treeitem"]').filter({ hasText: text }).first();
}

/** Expands a row of a tree that is not expanded. */
export async function expandRow(page: Page, text: string | RegExp): Promise<void> {
  const row = treeRow(page, text);
  await row.waitFor();
  if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  await page.locator('.sidebar [role="treeitem"][aria-expanded="true"]').filter({ hasText: text }).first().waitFor();
}

/** An inline action of a row, which shows while the pointer is on it. */
export async function rowAction(page: Page, text: string | RegExp, action: string): Promise<void> {
  const row = treeRow(page, text);
  await row.hover();
  await row.getByRole('button', { name: action }).first().click();
}

/**
 * Opens the context menu of a row and chooses an entry. With the keyboard: in its first moments the menu takes no
 * click, so that the one which opened it is not taken for a choice. VS Code closes the menu where rows are drawn again
 * meanwhile; then it is opened once more, as a person would.
 */
export async function rowMenu(page: Page, text: string | RegExp, entry: string): Promise<void> {
  const item = page.locator('.monaco-menu .action-item', { has: page.getByRole('menuitem', { name: entry }) }).first();
  const opened = async () => {
    await treeRow(page, text).click({ button: 'right' });
    await item.hover({ timeout: 5000 });
    await page.locator('.monaco-menu .action-item.focused', { hasText: entry }).waitFor({ timeout: 5000 });
  };
  await opened().catch(opened);
  await page.keyboard.press('Enter');
  await page.locator('.monaco-menu').waitFor({ state: 'detached' });
}

/** The page of the webview that is visible. */
export function webviewFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
}

/** The modal dialog. */
export function modal(page: Page): Locator {
  return page.locator('.monaco-dialog-box');
}

/** Clicks a button of the modal dialog and waits until the dialog is gone. */
export async function answerModal(page: Page, button: string): Promise<void> {
  await modal(page).getByRole('button', { name: button, exact: true }).click();
  await modal(page).waitFor({ state: 'detached' });
}

/** The notification that contains the text. */
export function notification(page: Page, text: string | RegExp): Locator {
  return page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
}

/** Clicks a button of a notification. */
export async function answerNotification(page: Page, text: string | RegExp, button: string): Promise<void> {
  const toast = notification(page, text);
  await toast.hover();
  await toast.getByRole('button', { name: button }).first().click();
}

/** The status bar item that contains the text. */
export function statusItem(page: Page, text: string | RegExp): Locator {
  return page.locator('.statusbar .statusbar-item').filter({ hasText: text }).first();
}
