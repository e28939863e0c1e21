// Bundles the extension: one small entry that loads at activation, and chunks that load at first use.
// `--watch` rebuilds on change; `--dev` leaves names readable and writes source maps.
import * as esbuild from 'esbuild';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Chunks: source file -> bundle name. A dynamic import() of one of these files loads the bundle. */
const chunks = {
  'src/ui/app.ts': 'app',
  'src/azure/connect.ts': 'azure',
  'src/azure/identity.ts': 'identity',
  'src/azure/logs.ts': 'logs',
  'src/probe/survey.ts': 'probe',
  'src/emulator/sample.ts': 'emulator',
  'src/core/tls/reportNames.ts': 'suites',
  'src/ui/changes.ts': 'changes',
  'src/ui/plans.ts': 'plans',
  'src/ui/batches.ts': 'batches',
};

/** esbuild cannot split CommonJS output, so a dynamic import of a chunk becomes a require of its bundle. */
const lazyChunks = {
  name: 'lazy-chunks',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined;
      const file = path.relative(root, path.resolve(args.resolveDir, args.path)).replaceAll('\\', '/');
      const chunk = chunks[file];
      return chunk ? { path: `./${chunk}.cjs`, external: true } : undefined;
    });
  },
};

export async function build({ dev = false, watch = false } = {}) {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: !dev,
    sourcemap: dev ? 'linked' : false,
    legalComments: 'none',
    logLevel: 'warning',
    mainFields: ['module', 'main'],
    metafile: true,
  };
  const host = {
    ...common,
    entryPoints: {
      extension: 'src/extension.ts',
      ...Object.fromEntries(Object.entries(chunks).map(([file, name]) => [name, file])),
    },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    // The texts are handed over, never read from files or addresses: the package's variant for pages is enough.
    alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
    plugins: [lazyChunks],
  };
  const page = {
    ...common,
    entryPoints: { editor: 'webview/main.tsx', batch: 'webview/batch/main.tsx' },
    outdir: 'dist/webview',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file' },
  };
  if (!watch) return Promise.all([esbuild.build(host), esbuild.build(page)]);
  const contexts = await Promise.all([esbuild.context(host), esbuild.context(page)]);
  await Promise.all(contexts.map((context) => context.watch()));
  return contexts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const watch = process.argv.includes('--watch');
  await build({ dev: watch || process.argv.includes('--dev'), watch });
  if (watch) console.log('Watching for changes. Press Ctrl+C to end.');
}
