// Child processes: a clean environment, one process group each, and nothing left behind when we end.
import { spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream, mkdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project folder. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Everything that is installed or written for trying out and testing lives below this folder. */
export const workDir = path.join(root, '.vscode-test');

/** A problem with a sentence for the person at the keyboard; shown without a stack. */
export class Failure extends Error {}

const unwanted = [
  /^npm_(config_(local_prefix|global_prefix|prefix|node_gyp|nodedir|runtime|target|arch|production|omit)|lifecycle_|package_)/i,
  /^(NODE_OPTIONS|NODE_PATH|NODE_ENV|NODE_V8_COVERAGE|ELECTRON_RUN_AS_NODE|INIT_CWD|FORCE_COLOR)$/,
  /^(PORT|PASSWORD|HASHED_PASSWORD|LOG_LEVEL|CODE_SERVER_.*|CS_DISABLE_.*)$/,
  /^VSCODE_(?!BIN$)/,
];

/** This process's environment without what changes the behaviour of Node, npm or VS Code; Node's folder first on PATH. */
export function cleanEnv(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.some((pattern) => pattern.test(name)));
  const env = Object.fromEntries(kept);
  env.PATH = [path.dirname(process.execPath), env.PATH ?? ''].join(path.delimiter);
  return { ...env, ...extra };
}

const living = new Set();

function signalGroup(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

function endAtOnce() {
  for (const pid of living) signalGroup(pid, 'SIGKILL');
}

/** Starts a process in a group of its own; `end()` ends the whole group and resolves when it is gone. */
export function spawnGroup(command, args, options = {}) {
  if (!process.listeners('exit').includes(endAtOnce)) process.on('exit', endAtOnce);
  const windows = process.platform === 'win32';
  const child = spawn(command, args, { env: cleanEnv(), ...options, detached: !windows });
  const { pid } = child;
  if (pid !== undefined) living.add(pid);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  let told = false;
  const gone = exited.then(async () => {
    if (pid === undefined) return;
    // npm and its shell are gone before the program below them has cleaned up.
    await groupGone(pid, told ? 2000 : 0);
    living.delete(pid);
  });
  const end = async (graceMs = 5000) => {
    if (pid === undefined || !living.has(pid)) return;
    told = true;
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
  };
  return { child, exited, end };
}

/** The last lines of a text. */
export const tail = (text, lines = 15) => text.trimEnd().split('\n').slice(-lines).join('\n');

const seconds = (ms) => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;

/** The time since `start` (from `Date.now()`), for people: `3.2 s`. */
export const since = (start) => seconds(Date.now() - start);

/** Runs a command to its end, its output in the file `log`; a failure is a sentence with the last lines. */
export async function run(command, args, { cwd = root, env = cleanEnv(), log, timeoutMs = 20 * 60_000 } = {}) {
  const file = log ?? path.join(workDir, 'logs', `${path.basename(command)}.log`);
  mkdirSync(path.dirname(file), { recursive: true });
  const sink = createWriteStream(file, { flags: 'a' });
  sink.write(`$ ${command} ${args.join(' ')}\n`);
  const shell = process.platform === 'win32' && /\.cmd$|^npm$/.test(command);
  const group = spawnGroup(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [group.child.stdout, group.child.stderr]) {
    stream?.on('data', (data) => {
      output += data;
      sink.write(data);
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void group.end();
  }, timeoutMs);
  const { code, signal, error } = await group.exited;
  clearTimeout(timer);
  await new Promise((resolve) => sink.end(resolve));
  if (code === 0) return output;
  const reason = error
    ? `could not be started: ${error.message}`
    : late
      ? `did not end within ${seconds(timeoutMs)}`
      : `ended with ${signal ?? `code ${code}`}`;
  throw new Failure(
    `${[command, ...args.slice(0, 3)].join(' ')} ${reason}.\n${tail(output)}\nThe whole output is in ${file}.`,
  );
}

/** Shows one line for a piece of work, a sign of life every 15 seconds, and the time at its end. */
export async function step(title, work) {
  const start = Date.now();
  console.log(`${title} ...`);
  const timer = setInterval(() => console.log(`  still at it, ${since(start)}`), 15_000);
  try {
    const result = await work();
    console.log(`  done in ${since(start)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

let ending = false;
let farewell;

/**
 * On Ctrl-C, a request to end or a closed terminal: `before(signal)`, end every process we started, exit with
 * `codeOf(signal)`. A later call replaces both.
 */
export function endOnSignals(before = async () => {}, codeOf = (signal) => 128 + numbers[signal]) {
  const first = farewell === undefined;
  farewell = { before, codeOf };
  if (!first) return;
  for (const signal of Object.keys(numbers)) process.on(signal, () => void endAll(signal));
  if (process.env.npm_lifecycle_event) watchNpm();
  if (!process.connected) return;
  process.on('disconnect', () => void endAll('SIGTERM'));
  process.channel?.unref();
}

/** A signal sent to npm ends npm and its shell, but not the program below them; no event tells of it. */
function watchNpm() {
  const shell = process.ppid;
  const npm = parentOf(shell);
  const check = () => {
    if (process.ppid !== shell || parentOf(shell) !== npm) void endAll('SIGTERM');
  };
  setInterval(check, 500).unref();
}

/** The parent of a process where the system tells (Linux), else undefined. */
function parentOf(pid) {
  try {
    return /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

async function endAll(signal) {
  if (ending) return;
  ending = true;
  const code = farewell.codeOf(signal);
  setTimeout(() => process.exit(code), 10_000).unref();
  try {
    await farewell.before(signal);
  } finally {
    const pids = [...living];
    for (const pid of pids) signalGroup(pid, 'SIGTERM');
    await Promise.all(pids.map((pid) => groupGone(pid, 5000)));
    process.exit(code);
  }
}

async function groupGone(pid, withinMs) {
  const until = Date.now() + withinMs;
  while (signalGroup(pid, 0) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  signalGroup(pid, 'SIGKILL');
}

/** Ends this process with the sentence of a failure on stderr, unless it is ending already. */
export function fail(error) {
  if (ending) return;
  console.error(error instanceof Failure ? error.message : error);
  process.exit(1);
}

/** The parsed JSON file. */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The full path of a command on PATH, or undefined. */
export function onPath(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const name of names) {
    for (const folder of folders) {
      for (const ending of endings) {
        const file = path.join(folder.replace(/^~/, os.homedir()), name + ending);
        if (isProgram(file)) return file;
      }
    }
  }
  return undefined;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
