// Runs test/host in the extension host of a real VS Code through @vscode/test-electron: the desktop one that
// VSCODE_BIN names, else code-server behind launcher.ts. Results go to the file named by APIM_TLS_RESULTS.
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import type { Plugin } from 'esbuild';
import { writeSettings } from '../../../scripts/codeServer.mjs';
import { root, workDir } from '../../../scripts/processes.mjs';

const folder = path.join(workDir, 'host');
const bundle = path.join(folder, 'suite.cjs');
const mocha = createRequire(import.meta.url).resolve('mocha');

/** Mocha stays outside of the bundle, so that tests and runner share one. */
const outsideMocha: Plugin = {
  name: 'outside-mocha',
  setup(build) {
    build.onResolve({ filter: /^mocha$/ }, () => ({ path: mocha, external: true }));
  },
};

/** The module VS Code loads: `run()` loads the tests and resolves when all have passed. */
function suiteSource(files: readonly string[]): string {
  const loads = files.map((file) => `await import(${JSON.stringify(file)});`);
  return `
    import { runSuite } from ${JSON.stringify(path.join(import.meta.dirname, 'suite.ts'))};
    export const run = () => runSuite(async () => { ${loads.join(' ')} });`;
}

async function bundleSuite(): Promise<void> {
  const files = globSync('test/host/**/*.test.ts', { cwd: root }).map((file) => path.join(root, file));
  await esbuild.build({
    stdin: { contents: suiteSource(files.sort()), resolveDir: root, loader: 'ts' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    plugins: [outsideMocha],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

async function main(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const userDataDir = path.join(folder, 'user-data');
  const workspace = path.join(folder, 'workspace');
  mkdirSync(workspace, { recursive: true });
  writeSettings(userDataDir, { 'apimTls.estate': 'sample' });
  await bundleSuite();
  await runTests({
    vscodeExecutablePath: process.env['VSCODE_BIN'] ?? path.join(import.meta.dirname, 'launcher.ts'),
    extensionDevelopmentPath: root,
    extensionTestsPath: bundle,
    extensionTestsEnv: { APIM_TLS_RESULTS: process.env['APIM_TLS_RESULTS'], APIM_TLS_HOST_TESTS: '1' },
    launchArgs: [workspace, `--user-data-dir=${userDataDir}`, `--extensions-dir=${path.join(folder, 'extensions')}`],
  });
}

await main();
