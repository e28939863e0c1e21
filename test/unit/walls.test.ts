// The walls between the rooms: lint lets the allowed imports pass and refuses all others.
import assert from 'node:assert/strict';
import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = path.resolve(import.meta.dirname, '../..');

/** A file of each room; the linter need not find it on disk. */
const files = {
  core: 'src/core/sample.ts',
  messages: 'src/messages/sample.ts',
  probe: 'src/probe/sample.ts',
  azure: 'src/azure/sample.ts',
  flows: 'src/flows/sample.ts',
  emulator: 'src/emulator/sample.ts',
  ui: 'src/ui/tree/sample.ts',
  extension: 'src/extension.ts',
  webview: 'webview/sample.ts',
} as const;

type Room = keyof typeof files;

/** Package -> the rooms that may import it. */
const packages: Readonly<Record<string, readonly Room[]>> = {
  vscode: ['ui', 'extension'],
  'node:net': ['probe', 'azure', 'emulator', 'ui'],
  '@azure/arm-apimanagement': ['azure', 'emulator', 'ui'],
  'fast-xml-parser': ['azure'],
  preact: ['webview'],
  '@vscode/webview-ui-toolkit': ['webview'],
  valibot: ['core', 'messages', 'ui', 'webview'],
  '@vscode/l10n': ['core', 'ui', 'webview'],
  'left-pad': [],
};

/** Room -> the rooms that it may import, besides itself. */
const reach: Readonly<Record<Room, readonly Room[]>> = {
  core: [],
  messages: ['core'],
  probe: ['core'],
  azure: ['core'],
  flows: ['core', 'azure', 'probe'],
  emulator: ['core', 'azure', 'probe'],
  ui: ['core', 'messages', 'azure', 'probe', 'flows', 'emulator'],
  extension: ['ui'],
  webview: ['core', 'messages'],
};

const roomNames = Object.keys(files) as Room[];

const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }],
  ruleFilter: ({ ruleId }) => ruleId === 'house/walls',
});

/** The messages on a file of that room with this text. */
async function complaints(room: Room, text: string): Promise<readonly string[]> {
  const results = await eslint.lintText(text, { filePath: path.join(root, files[room]) });
  return results.flatMap(({ messages }) => messages.map(({ message }) => message));
}

/** How a file of one room names a file of another. */
function relativeImport(from: Room, to: Room): string {
  const target = to === 'extension' ? 'src/extension.ts' : files[to].replace('sample.ts', 'other.ts');
  const relative = path.posix.relative(path.posix.dirname(files[from]), target);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

describe('walls: imports that lint allows and refuses', () => {
  for (const from of roomNames) {
    it(`${from}: rooms`, async () => {
      for (const to of roomNames.filter((room) => room !== from || room !== 'extension')) {
        const found = await complaints(from, `import { one } from '${relativeImport(from, to)}';`);
        const allowed = to === from || reach[from].includes(to);
        assert.equal(found.length, allowed ? 0 : 1, `${from} importing ${to}: ${found.join(' ')}`);
      }
    });

    it(`${from}: packages`, async () => {
      for (const [name, allowedIn] of Object.entries(packages)) {
        const found = await complaints(from, `import { one } from '${name}';`);
        assert.equal(found.length, allowedIn.includes(from) ? 0 : 1, `${from} importing ${name}: ${found.join(' ')}`);
      }
    });
  }

  it('refuses every form of import, and says which room may not import what', async () => {
    const forms = [
      `import 'vscode';`,
      `import * as all from 'vscode';`,
      `import type { Uri } from 'vscode';`,
      `export { Uri } from 'vscode';`,
      `export * from 'vscode';`,
      `export const later = () => import('vscode');`,
    ];
    for (const form of forms) {
      const [found] = await complaints('core', form);
      assert.match(found ?? 'no complaint', /^src\/core may not import vscode\./, form);
    }
  });

  it('refuses a way round: a path that leaves src, or a name that only begins like an allowed one', async () => {
    assert.equal((await complaints('probe', `import { one } from '../../scripts/setup.mjs';`)).length, 1);
    assert.equal((await complaints('core', `import { one } from '../../node_modules/vscode/index.js';`)).length, 1);
    assert.equal((await complaints('core', `import { one } from 'valibot-extra';`)).length, 1);
  });
});
