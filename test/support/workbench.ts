// VS Code's workbench for end-to-end tests: code-server with the extension, and Chromium showing it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { installVsix, placeExtension, startCodeServer, writeSettings } from '../../scripts/codeServer.mjs';
import type { RunningServer, Settings } from '../../scripts/codeServer.mjs';
import { endOnSignals, root, workDir } from '../../scripts/processes.mjs';
import { ensureVsCodeServer } from '../../scripts/setup.mjs';
import { launchChromium } from './browser.ts';
import { quickInput, quickPick, runCommand } from './gestures.ts';

export interface WorkbenchOptions {
  /** Settings on top of the quiet workbench and the sample estate. */
  readonly settings?: Settings;
  /** Settings of the machine that the extension host runs on: VS Code takes those of scope `machine` from there alone. */
  readonly machineSettings?: Settings;
  /** A folder with a built extension, instead of the packaged one. */
  readonly extensionFolder?: string;
  /** Folders with further extensions that are ready to be installed. */
  readonly moreExtensions?: readonly string[];
  /** Kept after `close()` where given; else a fresh folder. */
  readonly userDataDir?: string;
  /** Environment of code-server, and so of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to open; none by default. */
  readonly folder?: string;
}

export interface Workbench {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly browser: Browser;
  readonly port: number;
  readonly url: string;
  readonly userDataDir: string;
  /** Ends code-server with its extension host and starts it again on the same port. Pages reload to see it. */
  restartServer(): Promise<void>;
  /** Another window of the same person: same storage. Resolves when its workbench is up. */
  newWindow(): Promise<Page>;
  close(): Promise<void>;
}

const runFolder = path.join(workDir, 'e2e', String(process.pid));
let count = 0;
let packaged: Promise<string> | undefined;

/** The extensions folder with the .vsix that APIM_TLS_VSIX names; without it, with what `npm run build` left in dist. */
async function installPackaged(entry: string): Promise<string> {
  const extensionsDir = path.join(runFolder, 'extensions');
  const vsix = process.env['APIM_TLS_VSIX'];
  if (!vsix) placeExtension(extensionsDir);
  else await installVsix({ entry, vsix, extensionsDir, userDataDir: path.join(runFolder, 'install') });
  return extensionsDir;
}

async function extensionsFor(
  entry: string,
  { extensionFolder, moreExtensions = [] }: WorkbenchOptions,
): Promise<string> {
  if (!extensionFolder && moreExtensions.length === 0) return (packaged ??= installPackaged(entry));
  const extensionsDir = path.join(runFolder, `extensions-${count}`);
  if (extensionFolder) placeExtension(extensionsDir, extensionFolder);
  else cpSync(await (packaged ??= installPackaged(entry)), extensionsDir, { recursive: true });
  // A list of what is installed would hide what is only put there.
  if (moreExtensions.length > 0) rmSync(path.join(extensionsDir, 'extensions.json'), { force: true });
  for (const folder of moreExtensions)
    cpSync(folder, path.join(extensionsDir, path.basename(folder)), { recursive: true });
  return extensionsDir;
}

/** Starts code-server and Chromium and waits until the workbench is up. `close()` it in an `after` hook. */
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  endOnSignals();
  if (count === 0) process.once('exit', () => rmSync(runFolder, { recursive: true, force: true }));
  count += 1;
  const entry = await ensureVsCodeServer();
  const userDataDir = options.userDataDir ?? path.join(runFolder, `user-data-${count}`);
  const extensionsDir = await extensionsFor(entry, options);
  writeSettings(userDataDir, { 'apimTls.estate': 'sample', ...options.settings });
  if (options.machineSettings) {
    const machine = path.join(userDataDir, 'Machine');
    mkdirSync(machine, { recursive: true });
    writeFileSync(path.join(machine, 'settings.json'), JSON.stringify(options.machineSettings));
  }
  const log = path.join(root, 'test-results', `code-server-${process.pid}-${count}.log`);
  const start = (port: number) =>
    startCodeServer({ entry, userDataDir, extensionsDir, port, log, ...(options.env ? { env: options.env } : {}) });
  let server: RunningServer = await start(0);
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(30_000);
  const query = options.folder ? `?folder=${encodeURIComponent(options.folder)}` : '?ew=true';
  const newWindow = async () => {
    const page = await context.newPage();
    await page.goto(`${server.url}${query}`);
    await workbenchIsUp(page);
    return page;
  };
  const close = async () => {
    await browser.close();
    await server.stop();
    if (!options.userDataDir) rmSync(userDataDir, { recursive: true, force: true });
  };
  try {
    const page = await newWindow();
    const { port, url } = server;
    const restartServer = async () => {
      await server.stop();
      server = await start(port);
    };
    return { page, context, browser, port, url, userDataDir, restartServer, newWindow, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the workbench of a page is drawn and its extensions may run; call it after `page.reload()`. */
export async function workbenchIsUp(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .activitybar').waitFor();
  await page.locator('.monaco-workbench .statusbar').waitFor();
  // The class of the theme comes with the extensions, which bring the themes.
  await page.locator('.monaco-workbench[class*="vscode-theme-"]').waitFor({ state: 'attached' });
}

/** What the picker calls a theme, and the file of it that the workbench then names in its class. */
const themes = {
  dark: { label: 'Dark Modern', file: 'dark_modern' },
  light: { label: 'Light Modern', file: 'light_modern' },
  hc: { label: 'Dark High Contrast', file: 'hc_black' },
  'hc-light': { label: 'Light High Contrast', file: 'hc_light' },
} as const;

export type Theme = keyof typeof themes;

/** Changes the settings file. code-server does not watch it: a page sees the change when it is loaded the next time. */
export function changeSettings(workbench: Workbench, settings: Settings): void {
  const file = path.join(workbench.userDataDir, 'User', 'settings.json');
  const now = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  writeFileSync(file, JSON.stringify({ ...now, ...settings }, null, 2));
}

/** Picks the colour theme and waits until the page shows it. */
export async function setTheme(page: Page, theme: Theme): Promise<void> {
  const { label, file } = themes[theme];
  await runCommand(page, 'Preferences: Color Theme');
  await quickInput(page).fill(label);
  await quickPick(page, label).click();
  await page.locator(`.monaco-workbench[class*="-themes-${file}-json"]`).waitFor({ state: 'attached' });
}

/** Keeps a picture of the page as test-results/screenshots/name.png. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const folder = path.join(root, 'test-results', 'screenshots');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}
