// The built extension with a main file that takes notes, and what it has noted.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { extensionFiles } from '../../scripts/codeServer.mjs';
import { root, workDir } from '../../scripts/processes.mjs';

export interface Activation {
  readonly event: 'activated';
  /** Milliseconds since 1970: its end. */
  readonly at: number;
  /** Milliseconds from the first byte of the bundle that was run to the end of `activate`. */
  readonly own: number;
  /** Milliseconds that the thread of the extension host was computing meanwhile, and not waiting for a processor. */
  readonly cpu: number;
  /** The part of `own` in which the bundle was run. */
  readonly run: number;
  /** With finding, reading and compiling the bundle. */
  readonly all: number;
  /** What VS Code needed before that to make its API for the extension. */
  readonly api: number;
  /** Names of the file and network functions called meanwhile. */
  readonly calls: readonly string[];
  /** Bundles loaded besides the main one. */
  readonly chunks: readonly string[];
}

export interface Answer {
  readonly event: 'answered';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export interface Heap {
  readonly event: 'heap';
  /** Bytes in use after a collection. */
  readonly used: number;
  /** The most bytes in use since the last time, whether still needed or not. */
  readonly most: number;
}

export interface BenchExtension {
  readonly folder: string;
  /** For the extension host. */
  readonly env: Readonly<Record<string, string>>;
  /** The activations so far, as soon as there are so many. */
  activations(count: number): Promise<readonly Activation[]>;
  /** How often so far. */
  activated(): number;
  answers(): readonly Answer[];
  /** Of the extension host, now. */
  heap(): Promise<Heap>;
}

/** The first line keeps the bundle strict, as it is without it. */
const firstLine = '"use strict";globalThis.apimTlsBenchBegin();\n';

/** Copies what `npm run build` left in dist, so that a build meanwhile does no harm. */
export function benchExtension(name: string): BenchExtension {
  const folder = path.join(workDir, 'bench', name, 'extension');
  const log = path.join(workDir, 'bench', name, 'notes.jsonl');
  rmSync(path.dirname(folder), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of extensionFiles)
    if (existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(folder, file), { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, main: './mainFile.cjs' }));
  cpSync(path.join(import.meta.dirname, 'mainFile.cjs'), path.join(folder, 'mainFile.cjs'));
  const bundle = path.join(folder, 'dist', 'extension.cjs');
  writeFileSync(bundle, firstLine + readFileSync(bundle, 'utf8'));
  writeFileSync(log, '');
  const notes = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Activation | Answer | Heap);
  return {
    folder,
    env: { APIM_TLS_BENCH_LOG: log },
    activations: (count) =>
      soon(log, () => {
        const found = notes().filter((entry) => entry.event === 'activated');
        return found.length < count ? undefined : found;
      }),
    activated: () => notes().filter((entry) => entry.event === 'activated').length,
    heap: () => {
      const before = notes().filter((entry) => entry.event === 'heap').length;
      writeFileSync(`${log}.heap`, String(Date.now()));
      return soon(log, () => notes().filter((entry) => entry.event === 'heap')[before]);
    },
    answers: () => notes().filter((entry) => entry.event === 'answered'),
  };
}

/** What `look` finds in the file, now or after a later write; rejects after a minute. */
function soon<T>(file: string, look: () => T | undefined): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const check = () => {
    const found = look();
    if (found !== undefined) resolve(found);
  };
  const watcher = watch(file, check);
  const timer = setTimeout(() => reject(new Error(`${file} did not tell within a minute.`)), 60_000);
  check();
  return promise.finally(() => {
    watcher.close();
    clearTimeout(timer);
  });
}
