// `npm run package`: builds and packs apim-tls-<version>.vsix, checks what is in it and installs it into code-server.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installVsix } from './codeServer.mjs';
import { endOnSignals, Failure, fail, readJson, root, run, step, workDir } from './processes.mjs';
import { ensureVsCodeServer, underNode24 } from './setup.mjs';

const maximumBytes = 1_500_000;

/** Everything that may be in the package. */
const expected = [
  /^package(\.nls(\.[a-z-]+)?)?\.json$/,
  /^(README|CHANGELOG)\.md$/i,
  /^LICENSE(\.txt)?$/,
  /^dist\/[a-z]+\.cjs$/,
  /^dist\/webview\/[\w-]+\.(js|css|ttf)$/,
  /^l10n\/bundle\.l10n(\.[a-z-]+)?\.json$/,
  /^media\/(icon\.png|activity\.svg|walkthrough\/[\w-]+\.(png|svg|md))$/,
];

/** What the extension cannot do without. */
const required = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'dist/app.cjs',
  'dist/extension.cjs',
  'media/icon.png',
];

const vsce = (...args) => run(process.execPath, [path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), ...args]);

/** Packs `dist` as it is into the file `vsix`. Resolves to that file; refuses what does not belong or is too big. */
export async function pack(vsix) {
  const files = (await vsce('ls', '--no-dependencies'))
    .split('\n')
    .filter(Boolean)
    .map((file) => file.replaceAll('\\', '/'));
  const surplus = files.filter((file) => !expected.some((pattern) => pattern.test(file)));
  if (surplus.length > 0)
    throw new Failure(`These files do not belong in the package; see .vscodeignore:\n${surplus.join('\n')}`);
  const missing = required.filter((file) => !files.some((each) => each.toLowerCase() === file.toLowerCase()));
  if (missing.length > 0) throw new Failure(`These files are missing in the package: ${missing.join(', ')}`);
  mkdirSync(path.dirname(vsix), { recursive: true });
  await vsce('package', '--no-dependencies', '--out', vsix);
  const { size } = statSync(vsix);
  if (size >= maximumBytes) throw new Failure(`The package has ${size} bytes; ${maximumBytes} are the limit.`);
  return vsix;
}

/** Installs the package into fresh folders and looks for it in the list of extensions. */
async function tryInstalling(vsix) {
  const { publisher, name, version } = readJson(path.join(root, 'package.json'));
  const entry = await ensureVsCodeServer();
  const folder = mkdtempSync(path.join(workDir, 'install-'));
  try {
    const folders = { userDataDir: path.join(folder, 'user-data'), extensionsDir: path.join(folder, 'extensions') };
    const installed = await installVsix({ entry, vsix, ...folders });
    if (installed.includes(`${publisher}.${name}@${version}`)) return;
    throw new Failure(
      `code-server did not list ${publisher}.${name}@${version} after installing it: ${installed.join(', ')}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  endOnSignals();
  await underNode24();
  const { build } = await import('./build.mjs');
  const { version } = readJson(path.join(root, 'package.json'));
  const vsix = path.join(root, `apim-tls-${version}.vsix`);
  await step('Building for production', () => build());
  await step('Packing', () => pack(vsix));
  await step('Installing the package into code-server', () => tryInstalling(vsix));
  console.log(`${path.basename(vsix)}: ${Math.round(statSync(vsix).size / 1000)} KB`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main().catch(fail);
