// Builds the extension that stands in for VS Code's own Microsoft accounts.
import { cpSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** Puts the extension into `folder`, ready to be installed. */
export async function buildAuthProvider(folder: string): Promise<void> {
  cpSync(path.join(import.meta.dirname, 'package.json'), path.join(folder, 'package.json'));
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'provider.ts')],
    outfile: path.join(folder, 'provider.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'warning',
  });
}
