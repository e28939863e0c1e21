// `npm run --silent probe -- https://host`: the prober in a terminal. Runs on Node 20.
// The sources are bundled once and whenever one of them has changed; standard output is the result's alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, '.vscode-test', 'probe');
const bundle = path.join(folder, 'probe.cjs');
const list = path.join(folder, 'sources.json');

/** When a file was changed and how long it is; undefined where it is missing. */
function stamp(file) {
  const found = statSync(path.join(root, file), { throwIfNoEntry: false });
  return found && `${found.mtimeMs} ${found.size}`;
}

function isFresh() {
  try {
    const sources = Object.entries(JSON.parse(readFileSync(list, 'utf8')));
    return sources.length > 0 && sources.every(([file, known]) => stamp(file) === known);
  } catch {
    return false;
  }
}

async function bundleSources() {
  const setup = path.join(root, 'scripts', 'setup.mjs');
  const { status } = spawnSync(process.execPath, [setup, '--packages'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
  const { build } = await import('esbuild');
  const { metafile, outputFiles } = await build({
    entryPoints: [path.join(root, 'src', 'probe', 'commandLine.ts')],
    absWorkingDir: root,
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(bundle, outputFiles[0].contents);
  const sources = [...Object.keys(metafile.inputs), path.join('scripts', 'probe.mjs')];
  writeFileSync(list, JSON.stringify(Object.fromEntries(sources.map((file) => [file, stamp(file)]))));
}

if (!isFresh()) await bundleSources();
const { runCommand } = await import(pathToFileURL(bundle).href);
const cancel = new AbortController();
process.once('SIGINT', () => cancel.abort());
process.once('SIGTERM', () => cancel.abort());
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  environment: process.env,
  signal: cancel.signal,
});
