import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { commands, extensions } from 'vscode';

const extension = () => {
  const found = extensions.getExtension<void>('apim-tls.apim-tls');
  assert.ok(found, 'the extension is installed');
  return found;
};

/** Bundles of the extension that this process has loaded. */
function loadedBundles(): string[] {
  const folder = path.join(extension().extensionPath, 'dist');
  const cache = createRequire(path.join(folder, 'extension.cjs')).cache;
  return Object.keys(cache)
    .filter((file) => file.startsWith(folder))
    .map((file) => path.basename(file));
}

describe('activation', () => {
  it('registers every command of the manifest', async () => {
    await extension().activate();
    const manifest = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const known = new Set(await commands.getCommands(true));
    const missing = manifest.contributes.commands.map(({ command }) => command).filter((id) => !known.has(id));
    assert.deepEqual(missing, []);
  });

  it('loads neither the Azure SDK nor the prober nor the sample estate', async () => {
    await extension().activate();
    assert.deepEqual(loadedBundles(), ['extension.cjs']);
  });
});
