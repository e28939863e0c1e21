// Installs code-server (VS Code's workbench and Node extension host) from npm below .vscode-test/.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnv, Failure, root, run, step, workDir } from './processes.mjs';

/** code-server and VS Code share their minor version: 4.139 is VS Code 1.139. */
export const codeServerVersion = '4.139.1';

const nodeMajor = 24;
const stampName = `.complete-node${nodeMajor}`;
const folder = path.join(workDir, `code-server-${codeServerVersion}`);
const entry = path.join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');

/** The folder of Node's headers, which come with the package `node`. */
function nodeHeaders() {
  const nested = path.join(root, 'node_modules', 'node', 'node_modules');
  const places = [nested, path.join(root, 'node_modules')];
  for (const place of places) {
    const names = existsSync(place)
      ? readdirSync(place).filter((name) => /^node(-bin)?-(linux|darwin)-/.test(name))
      : [];
    for (const name of names) if (existsSync(path.join(place, name, 'include'))) return path.join(place, name);
  }
  return undefined;
}

/** Removes what an interrupted installation left, unless its process still lives. */
function removeLeftovers() {
  if (!existsSync(workDir)) return;
  for (const name of readdirSync(workDir)) {
    const pid = /^code-server-.*\.partial-(\d+)$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(path.join(workDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The script that starts code-server, installed first where it is missing. `tools` sees to the compiler. */
export async function ensureCodeServer(tools) {
  if (existsSync(path.join(folder, stampName))) return entry;
  if (process.platform === 'win32') {
    throw new Failure(
      'On Windows this needs VS Code itself. Install it, or name its Code.exe in the variable VSCODE_BIN.',
    );
  }
  await tools();
  removeLeftovers();
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await step(`Installing VS Code for the browser (code-server ${codeServerVersion}), about a minute`, () =>
      install(partial),
    );
    if (existsSync(folder) && !existsSync(path.join(folder, stampName)))
      rmSync(folder, { recursive: true, force: true });
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return entry;
}

/**
 * No install script is run: the only native modules that the tarballs do not bring ready-made are compiled by name,
 * so that nothing but the npm registry is asked.
 */
async function install(target) {
  const log = path.join(workDir, 'logs', 'code-server-install.log');
  rmSync(log, { force: true });
  const headers = nodeHeaders();
  const env = cleanEnv({ CI: '1', ...(headers ? { npm_config_nodedir: headers } : {}) });
  const npm = (cwd, ...args) => run('npm', [...args, '--no-audit', '--no-fund'], { cwd, env, log });
  writeFileSync(path.join(target, 'package.json'), '{ "private": true }\n');
  await npm(target, 'install', '--no-save', '--ignore-scripts', `code-server@${codeServerVersion}`);
  console.log('  downloaded; now its parts');
  const vscode = path.join(target, 'node_modules', 'code-server', 'lib', 'vscode');
  await npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
  const native = ['@vscode/spdlog', '@vscode/native-watchdog'];
  console.log('  compiling two native modules');
  await npm(vscode, 'rebuild', '--foreground-scripts', ...native);
  await run(process.execPath, ['-e', native.map((name) => `require('${name}')`).join(';')], { cwd: vscode, env, log });
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  link(path.join(vscode, 'bin', 'remote-cli', 'code-server'), `code-${platform}.sh`);
  link(path.join(vscode, 'bin', 'helpers', 'browser.sh'), `browser-${platform}.sh`);
  await npm(path.join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
  writeFileSync(path.join(target, stampName), `${process.version}\n`);
}

function link(file, to) {
  rmSync(file, { force: true });
  symlinkSync(to, file);
}
