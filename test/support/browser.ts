// Chromium for the tests, with its files inside the project's folder.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { cleanEnv, workDir } from '../../scripts/processes.mjs';
import { ensureChromium } from '../../scripts/setup.mjs';

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a headless Chromium. `close()` it when done. */
export async function launchChromium(): Promise<Browser> {
  const own = (name: string) => path.join(workDir, 'chromium', name);
  mkdirSync(own('config'), { recursive: true });
  // Chromium's sandbox refuses to run as root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath: await ensureChromium(),
    headless: true,
    args: [...quiet, ...sandbox],
    env: cleanEnv({ XDG_CONFIG_HOME: own('config'), XDG_CACHE_HOME: own('cache') }),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
