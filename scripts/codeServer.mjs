// Runs code-server on loopback and fills its folders: settings, extensions.
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, cleanEnv, readJson, root, run, spawnGroup, tail, workDir } from './processes.mjs';

/** Settings of a quiet workbench: nothing but the extension asks for attention, nothing goes to the network. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** What of the project an installed extension consists of. */
export const extensionFiles = [
  'package.json',
  'package.nls.json',
  'dist',
  'media',
  'l10n',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** Writes `User/settings.json`: the quiet workbench and on top of it `settings`. */
export function writeSettings(userDataDir, settings = {}) {
  const folder = path.join(userDataDir, 'User');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}

/** Puts the built extension of `from`, unpacked, into a fresh extensions folder. Resolves to its identifier. */
export function placeExtension(extensionsDir, from = root) {
  const { publisher, name, version } = readJson(path.join(from, 'package.json'));
  rmSync(extensionsDir, { recursive: true, force: true });
  const folder = path.join(extensionsDir, `${publisher}.${name}-${version}`);
  mkdirSync(folder, { recursive: true });
  const names = from === root ? extensionFiles : readdirSync(from);
  for (const file of names) {
    if (existsSync(path.join(from, file))) cpSync(path.join(from, file), path.join(folder, file), { recursive: true });
  }
  return `${publisher}.${name}`;
}

/** code-server keeps logs and its own configuration where XDG says: below the user data. */
function environment(userDataDir, extra) {
  const own = (name) => path.join(userDataDir, 'xdg', name);
  return cleanEnv({
    XDG_DATA_HOME: own('data'),
    XDG_CONFIG_HOME: own('config'),
    XDG_CACHE_HOME: own('cache'),
    ...extra,
  });
}

function commonArguments(userDataDir, extensionsDir) {
  mkdirSync(userDataDir, { recursive: true });
  mkdirSync(extensionsDir, { recursive: true });
  const config = path.join(userDataDir, 'code-server.yaml');
  writeFileSync(config, 'auth: none\ncert: false\n');
  return ['--config', config, '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir];
}

/**
 * Starts code-server and resolves once it serves its page: `{ url, port, pid, exited, output(), stop() }`.
 * Port 0 (the default) takes a free one. `stop()` ends every process of it.
 */
export async function startCodeServer({ entry, userDataDir, extensionsDir, port = 0, env = {}, extra = [], log }) {
  // Sockets live in the temporary folder: the path of one may have some 100 characters, a project's path may be longer.
  const sockets = mkdtempSync(path.join(os.tmpdir(), 'apim-tls-'));
  const removeSockets = () => rmSync(sockets, { recursive: true, force: true });
  process.once('exit', removeSockets);
  const args = [
    entry,
    ...commonArguments(userDataDir, extensionsDir),
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--session-socket', path.join(sockets, 'session.sock')],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    ...['--disable-getting-started-override', '--ignore-last-opened', ...extra],
  ];
  const options = {
    cwd: workDir,
    env: environment(userDataDir, { XDG_RUNTIME_DIR: sockets, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  const group = spawnGroup(process.execPath, args, options);
  const logFile = log ?? path.join(userDataDir, 'code-server.log');
  mkdirSync(path.dirname(logFile), { recursive: true });
  const sink = createWriteStream(logFile);
  let output = '';
  const address = new Promise((resolve) => {
    for (const stream of [group.child.stdout, group.child.stderr]) {
      stream.on('data', (data) => {
        output = (output + data).slice(-200_000);
        sink.write(data);
        const port = /server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
        if (port) resolve(Number(port));
      });
    }
  });
  const stop = async () => {
    await group.end();
    sink.end();
    process.off('exit', removeSockets);
    removeSockets();
  };
  const listening = await within(60_000, Promise.race([address, group.exited]));
  if (typeof listening !== 'number') {
    await stop();
    const reason = /EADDRINUSE/.test(output) ? `port ${port} is in use by another program` : tail(output);
    throw new Failure(
      `code-server did not start: ${reason || 'no answer within 60 s'}\nThe whole output is in ${logFile}.`,
    );
  }
  const url = `http://127.0.0.1:${listening}/`;
  try {
    await expectOk(`${url}healthz`);
    await expectOk(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port: listening, pid: group.child.pid, exited: group.exited, output: () => output, stop };
}

async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function expectOk(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Failure(`code-server answered ${url} with status ${answer.status}.`);
}

/** Installs a .vsix the way a person does; resolves to the list of installed extensions as `id@version`. */
export async function installVsix({ entry, vsix, userDataDir, extensionsDir }) {
  const common = [entry, ...commonArguments(userDataDir, extensionsDir)];
  const options = { cwd: workDir, env: environment(userDataDir, {}), timeoutMs: 120_000 };
  await run(process.execPath, [...common, '--install-extension', vsix], options);
  const list = await run(process.execPath, [...common, '--list-extensions', '--show-versions'], options);
  return list.split('\n').filter((line) => /^[^\s[]+@[^\s]+$/.test(line.trim()));
}
