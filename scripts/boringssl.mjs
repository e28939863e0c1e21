// `npm run boringssl`: the prober's unit tests on a runtime with BoringSSL (Bun), as a smoke test for Electron, which has it
// too. The runtime comes from npm into .vscode-test/; it is no dependency of the project.
import { existsSync, mkdirSync } from 'node:fs';
import fs from 'node:fs';
import path from 'node:path';
import { cleanEnv, endOnSignals, Failure, fail, root, run, spawnGroup, step, workDir } from './processes.mjs';
import { ensureDebianTools, ensurePackages, underNode24 } from './setup.mjs';

const version = '1.4.5';
const folder = path.join(workDir, `bun-${version}`);
const bun = path.join(folder, 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun');

async function ensureBun() {
  if (existsSync(bun)) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Failure('This needs Linux on x64.');
  mkdirSync(folder, { recursive: true });
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
  await step(`Getting Bun ${version}`, () => run('npm', ['install', ...options, `@oven/bun-linux-x64@${version}`]));
}

async function main() {
  endOnSignals();
  await ensurePackages();
  await underNode24();
  await ensureDebianTools();
  await ensureBun();
  const files = fs.globSync(process.argv[2] ?? 'test/unit/probe/*.test.ts', { cwd: root });
  const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const options = { cwd: root, env: cleanEnv(), stdio: ['ignore', 'inherit', 'inherit'] };
  const { exited } = spawnGroup(bun, ['--bun', mocha, '--exit', ...files], options);
  const { code } = await exited;
  process.exit(code ?? 1);
}

await main().catch(fail);
