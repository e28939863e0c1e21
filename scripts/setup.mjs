// Brings the project's folder to a working state: packages, Node 24, code-server, Chromium, Debian packages.
// `node scripts/setup.mjs` does all of it, with `--packages` only those; the other commands call what they need.
// Runs on Node 20 without packages.
import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureCodeServer } from './codeServerInstall.mjs';
import { cleanEnv, endOnSignals, Failure, fail, onPath, readJson, root, run, spawnGroup, step } from './processes.mjs';

/** Programs that the tests and the set-up need, and the Debian package each comes in. */
const debianTools = [
  { command: 'openssl', package: 'openssl', need: 'real TLS servers in the tests' },
  { command: 'nginx', file: '/usr/sbin/nginx', package: 'nginx-light', need: 'real TLS servers in the tests' },
  { command: 'apache2', file: '/usr/sbin/apache2', package: 'apache2', need: 'real TLS servers in the tests' },
  { command: 'haproxy', file: '/usr/sbin/haproxy', package: 'haproxy', need: 'real TLS servers in the tests' },
  { command: 'stunnel4', package: 'stunnel4', need: 'real TLS servers in the tests' },
  { command: 'gnutls-serv', package: 'gnutls-bin', need: 'real TLS servers in the tests' },
  { command: 'selfserv', package: 'libnss3-tools', need: 'real TLS servers in the tests' },
  { command: 'g++', package: 'g++', need: "code-server's two native modules" },
  { command: 'make', package: 'make', need: "code-server's two native modules" },
  { command: 'python3', package: 'python3', need: "code-server's two native modules" },
];

/** Other probers, for the benchmark that compares with them. */
const peers = [
  { command: 'sslscan', package: 'sslscan', need: 'the benchmark of the prober' },
  { command: 'nmap', package: 'nmap', need: 'the benchmark of the prober' },
  { command: 'testssl', package: 'testssl.sh', need: 'the benchmark of the prober' },
];

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const browserFiles = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
];

/** Node 24 from the packages, where npm has one for this machine. */
const suppliedNode = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Installs the packages of package-lock.json where some are missing or of another version. */
export async function ensurePackages() {
  if (packagesAreComplete()) return;
  const folder = path.join(root, 'node_modules');
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink()) {
    throw new Failure(
      `${folder} is a link and its packages differ from package-lock.json. Remove the link and try again.`,
    );
  }
  await step('Installing npm packages', () => run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']));
}

function packagesAreComplete() {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson(path.join(root, 'package-lock.json')).packages).every(
    ([name, { version, optional }]) => name === '' || optional || installed[name]?.version === version,
  );
}

/** Where npm did not run the install script of the package `node`, runs it. */
async function ensureNode() {
  if (existsSync(suppliedNode) || newEnough(process.versions.node)) return;
  const script = path.join(root, 'node_modules', 'node', 'installArchSpecificPackage.js');
  const env = cleanEnv();
  await step('Installing Node 24', () => run(process.execPath, [script], { cwd: path.dirname(script), env })).catch(
    () => {},
  );
  if (existsSync(suppliedNode)) return;
  throw new Failure(`This needs Node 22.18 or later, and npm has none for this machine. You have ${process.version}.`);
}

function newEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/**
 * Installs the packages and goes on under Node 24: on an older Node the same command is run again with it, and this
 * call never returns.
 */
export async function underNode24() {
  // Set by ourselves below. Paths are no proof: node_modules may be a link, and this would start itself for ever.
  const startedByUs = process.env.APIM_TLS_NODE !== undefined;
  if (!startedByUs) await ensurePackages();
  await ensureNode();
  if (startedByUs || !existsSync(suppliedNode)) {
    delete process.env.APIM_TLS_NODE;
    process.env.PATH = cleanEnv().PATH;
    return;
  }
  const env = cleanEnv({ APIM_TLS_NODE: suppliedNode });
  const { child, exited } = spawnGroup(suppliedNode, process.argv.slice(1), {
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', () => {});
  endOnSignals(async (signal) => {
    child.kill(signal);
    const { code } = await exited;
    process.exit(code ?? 1);
  });
  const { code } = await exited;
  process.exit(code ?? 1);
}

/** The path of Chromium or Chrome: from CHROMIUM, the PATH, the usual places, or installed now as a Debian package. */
export async function ensureChromium() {
  const named = process.env.CHROMIUM;
  if (named && !existsSync(named))
    throw new Failure(`CHROMIUM names ${named}, which does not exist. Correct or remove it.`);
  const present = () => named ?? onPath(browsers) ?? browserFiles.find((file) => existsSync(file));
  if (!present()) await installDebian(['chromium'], 'Chromium, for the tests in a browser');
  const found = present();
  if (!found) throw new Failure('Chromium was installed but cannot be found. Name its path in the variable CHROMIUM.');
  return found;
}

/** Installs those programs of the table that are missing. */
export async function ensureDebianTools(commands = debianTools.map((tool) => tool.command)) {
  await ensureTools(debianTools.filter((tool) => commands.includes(tool.command)));
}

/** Installs the probers that ours is compared with. */
export async function ensurePeers() {
  await ensureTools(peers);
}

async function ensureTools(tools) {
  // Debian keeps /usr/sbin off the PATH of ordinary users.
  const present = ({ command, file }) => onPath([command]) !== undefined || (file !== undefined && existsSync(file));
  const missing = tools.filter((tool) => !present(tool));
  if (missing.length === 0) return;
  const needs = [...new Set(missing.map((tool) => tool.need))].join(', ');
  await installDebian(
    missing.map((tool) => tool.package),
    `${missing.map((tool) => tool.command).join(', ')} (${needs})`,
  );
}

let listsAreFresh = false;

async function installDebian(packages, what) {
  const byHand = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!onPath(['apt-get'])) throw new Failure(`Missing: ${what}. Install it and try again; on Debian: ${byHand}`);
  if (process.getuid?.() !== 0) throw new Failure(`Missing: ${what}. Install it and try again: sudo ${byHand}`);
  // In run level 1 no package starts a service of its own: the tests start what they need, on loopback.
  const env = cleanEnv({ DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' });
  await step(`Installing ${what}`, async () => {
    if (!listsAreFresh) await run('apt-get', ['update'], { env });
    listsAreFresh = true;
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  });
}

/** What trying the extension out in code-server needs. Resolves to its start script. */
export async function ensureVsCodeServer() {
  return ensureCodeServer(() => ensureDebianTools(['g++', 'make', 'python3']));
}

/** What all tests need. Resolves to the paths of what was set up. */
export async function ensureAll() {
  await ensureDebianTools();
  const chromium = await ensureChromium();
  const codeServer = await ensureVsCodeServer();
  return { chromium, codeServer };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endOnSignals();
  try {
    if (process.argv.includes('--packages')) {
      await ensurePackages();
      process.exit(0);
    }
    await underNode24();
    const { chromium, codeServer } = await ensureAll();
    console.log(
      `Everything is set up.\n  Node      ${process.execPath}\n  Chromium  ${chromium}\n  VS Code   ${codeServer}`,
    );
  } catch (error) {
    fail(error);
  }
}
