// The texts of the code and the bundle for translators agree.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { root } from '../../scripts/processes.mjs';

describe('texts for translators', () => {
  it('are all in l10n/bundle.l10n.json, and nothing else is (npm run l10n writes it)', async () => {
    const files = globSync(['src/**/*.ts', 'webview/**/*.{ts,tsx}'], { cwd: root }).map((file) => ({
      extension: path.extname(file),
      contents: readFileSync(path.join(root, file), 'utf8'),
    }));
    const bundle = JSON.parse(readFileSync(path.join(root, 'l10n', 'bundle.l10n.json'), 'utf8')) as object;
    const found = Object.keys(await getL10nJson(files)).sort();
    assert.deepEqual(Object.keys(bundle).sort(), found);
  });

  it('keep their places in order, so that a translation can be filled in', () => {
    const bundle = JSON.parse(readFileSync(path.join(root, 'l10n', 'bundle.l10n.json'), 'utf8')) as object;
    for (const text of Object.keys(bundle)) {
      const places = [...new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, place]) => Number(place)))].sort(
        (a, b) => a - b,
      );
      assert.deepEqual(places, [...places.keys()], text);
    }
  });
});
