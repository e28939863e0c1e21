// `npm start`: opens VS Code with the extension and the sample estate.
//   --no-open    do not open a browser    --port N   serve on this port
//   --server     code-server even where desktop VS Code is installed
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { placeExtension, startCodeServer, writeSettings } from './codeServer.mjs';
import { endOnSignals, Failure, fail, onPath, root, since, spawnGroup, step, workDir } from './processes.mjs';
import { ensureVsCodeServer, underNode24 } from './setup.mjs';

const settings = { 'apimTls.estate': 'sample' };

function readOptions() {
  const options = {
    'no-open': { type: 'boolean', default: false },
    server: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new Failure(`${error.message}\nUsage: npm start -- [--no-open] [--port N] [--server]`);
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535) {
    throw new Failure(
      `--port ${values.port} is no port. Give a number from 1 to 65535, or leave it out for a free one.`,
    );
  }
  return { open: !values['no-open'], server: values.server, port };
}

const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** Desktop VS Code: VSCODE_BIN, or a `code` on PATH that is not the command of a server or a remote window. */
function desktopVsCode() {
  const named = process.env.VSCODE_BIN;
  if (named) {
    if (!existsSync(named)) throw new Failure(`VSCODE_BIN names ${named}, which does not exist. Correct or remove it.`);
    return named;
  }
  const found = hasDisplay() ? onPath(['code', 'code-insiders']) : undefined;
  if (!found) return undefined;
  return /remote-cli|code-server|vscode-server/.test(realpathSync(found)) ? undefined : found;
}

async function startDesktop(code) {
  const userDataDir = path.join(workDir, 'desktop-user-data');
  const extensionsDir = path.join(workDir, 'desktop-extensions');
  mkdirSync(extensionsDir, { recursive: true });
  writeSettings(userDataDir, settings);
  endOnSignals(
    () => endDesktop(userDataDir),
    (signal) => (signal === 'SIGINT' ? 0 : 1),
  );
  const args = ['--new-window', '--wait', `--extensionDevelopmentPath=${root}`];
  const folders = ['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir];
  const shell = process.platform === 'win32' && code.endsWith('.cmd');
  const group = spawnGroup(code, [...args, ...folders], { stdio: 'inherit', shell });
  console.log('VS Code opens with the extension and the sample estate. Close its window or press Ctrl+C to end.');
  const { code: exitCode, error } = await group.exited;
  if (exitCode !== 0) throw new Failure(`VS Code (${code}) ended with ${error?.message ?? `code ${exitCode}`}.`);
}

/** The command `code` hands over to another process; VS Code notes that process in its user data folder. */
async function endDesktop(userDataDir) {
  const lock = path.join(userDataDir, 'code.lock');
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : NaN;
  try {
    if (Number.isInteger(pid)) process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

async function startServer({ open, port }, started) {
  const entry = await ensureVsCodeServer();
  const folder = path.join(workDir, 'start');
  const userDataDir = path.join(folder, 'user-data');
  const extensionsDir = path.join(folder, 'extensions');
  placeExtension(extensionsDir);
  writeSettings(userDataDir, settings);
  const server = await startCodeServer({ entry, userDataDir, extensionsDir, port });
  console.log(`VS Code is ready at ${server.url}`);
  console.log(`Started in ${since(started)}. Press Ctrl+C to end.`);
  if (open) openBrowser(server.url);
  const { code, signal } = await server.exited;
  throw new Failure(
    `code-server ended by itself (${signal ?? `code ${code}`}). Its log is ${path.join(userDataDir, 'code-server.log')}.`,
  );
}

function openBrowser(url) {
  const opener = { darwin: ['open'], win32: ['explorer.exe'], linux: ['xdg-open'] }[process.platform] ?? ['xdg-open'];
  const command = hasDisplay() ? onPath(opener) : undefined;
  if (command) spawnGroup(command, [url], { stdio: 'ignore' });
}

async function main() {
  const started = Date.now();
  const options = readOptions();
  let ready = false;
  endOnSignals(undefined, (signal) => (ready && signal === 'SIGINT' ? 0 : 130));
  await underNode24();
  const { build } = await import('./build.mjs');
  await step('Building the extension', () => build({ dev: true }));
  ready = true;
  const desktop = options.server ? undefined : desktopVsCode();
  await (desktop ? startDesktop(desktop) : startServer(options, started));
}

await main().catch(fail);
