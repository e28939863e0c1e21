#!/usr/bin/env node
// Looks like the executable of VS Code to @vscode/test-electron and runs the extension host's tests in code-server,
// whose window Chromium shows. Ends with the exit code of the tests.
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { startCodeServer } from '../../../scripts/codeServer.mjs';
import type { RunningServer } from '../../../scripts/codeServer.mjs';
import { endOnSignals, workDir } from '../../../scripts/processes.mjs';
import { ensureVsCodeServer } from '../../../scripts/setup.mjs';
import { launchChromium } from '../browser.ts';

interface Arguments {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly paths: readonly string[];
}

/** `--name=value`, `--name value` for the two folders, `--flag`; the rest are paths to open. */
function readArguments(args: readonly string[]): Arguments {
  const options = new Map<string, string[]>();
  const paths: string[] = [];
  const rest = [...args];
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(next) ?? [];
    if (name === undefined) paths.push(next);
    else {
      const separate = value === undefined && /^(user-data|extensions)-dir$/.test(name) ? rest.shift() : undefined;
      options.set(name, [...(options.get(name) ?? []), value ?? separate ?? 'true']);
    }
  }
  return { options, paths };
}

/** The workbench takes what the desktop takes as options from the `payload` of its address. */
function address(server: RunningServer, { options, paths }: Arguments): string {
  const remote = (file: string) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(file)}`;
  const payload = ['extensionDevelopmentPath', 'extensionTestsPath'].flatMap((name) =>
    (options.get(name) ?? []).map((file) => [name, remote(file)]),
  );
  const query = new URLSearchParams({ payload: JSON.stringify([['skipWelcome', 'true'], ...payload]) });
  const [folder] = paths;
  if (folder) query.set('folder', path.resolve(folder));
  else query.set('ew', 'true');
  return `${server.url}?${query.toString()}`;
}

/** Resolves to the exit code that the workbench reports when the tests are over. */
async function testsEnd(page: Page, url: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    process.stdout.write(`${format(...args)}\n`);
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  page.on('crash', () => {
    console.error('The page of the workbench crashed.');
    resolve(99);
  });
  await page.goto(url);
  return promise;
}

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  const temporary = mkdtempSync(path.join(workDir, 'launcher-'));
  const folder = (name: string) => path.resolve(given.options.get(name)?.at(-1) ?? path.join(temporary, name));
  let server: RunningServer | undefined;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server?.stop();
    rmSync(temporary, { recursive: true, force: true });
  };
  endOnSignals(close);
  try {
    server = await startCodeServer({
      entry: await ensureVsCodeServer(),
      userDataDir: folder('user-data-dir'),
      extensionsDir: folder('extensions-dir'),
      // Without it a built workbench ignores extensionTestsPath.
      extra: ['--vscode-option', 'enable-smoke-test-driver'],
    });
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    return await testsEnd(page, address(server, given));
  } finally {
    await close();
  }
}

process.exitCode = await main();
