// Lint rules. The table `rooms` is the wall plan of docs/architecture.md: what each room may import.
import js from '@eslint/js';
import globals from 'globals';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const root = path.dirname(fileURLToPath(import.meta.url));

/** Room -> what it may import besides itself: rooms by folder, packages by name or prefix. */
export const rooms = {
  'src/core': { rooms: [], packages: ['@vscode/l10n', 'valibot'] },
  'src/messages': { rooms: ['src/core'], packages: ['valibot'] },
  'src/probe': { rooms: ['src/core'], packages: ['node:'] },
  'src/azure': { rooms: ['src/core'], packages: ['@azure/', 'node:', 'fast-xml-parser'] },
  'src/flows': { rooms: ['src/core', 'src/azure', 'src/probe'], packages: [] },
  'src/emulator': { rooms: ['src/core', 'src/azure', 'src/probe'], packages: ['node:', '@azure/'] },
  'src/ui': {
    rooms: ['src/core', 'src/messages', 'src/azure', 'src/probe', 'src/flows', 'src/emulator'],
    packages: ['vscode', 'node:', '@vscode/l10n', 'valibot', '@azure/'],
  },
  'src/extension.ts': { rooms: ['src/ui'], packages: ['vscode'] },
  webview: {
    rooms: ['src/core', 'src/messages'],
    packages: ['preact', '@vscode/webview-ui-toolkit', '@vscode/l10n', 'valibot'],
  },
};

const roomOf = (file) => Object.keys(rooms).find((room) => file === room || file.startsWith(`${room}/`));

/** Forbids an import that the table `rooms` does not allow. */
const walls = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { wall: '{{room}} may not import {{target}}. See "Rooms" in docs/architecture.md.' },
  },
  create(context) {
    const file = path.relative(root, context.filename).replaceAll('\\', '/');
    const room = roomOf(file);
    if (!room) return {};
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== 'string') return;
      let allowed;
      if (target.startsWith('.')) {
        const resolved = path
          .relative(root, path.resolve(path.dirname(context.filename), target))
          .replaceAll('\\', '/');
        const other = roomOf(resolved);
        allowed =
          other === room ||
          (other !== undefined && rooms[room].rooms.includes(other)) ||
          (room === 'webview' && resolved.endsWith('.css'));
      } else {
        allowed = rooms[room].packages.some((name) =>
          name.endsWith(':') || name.endsWith('/')
            ? target.startsWith(name)
            : target === name || target.startsWith(`${name}/`),
        );
      }
      if (!allowed) context.report({ node, messageId: 'wall', data: { room, target } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', '.vscode-test/', 'test-results/', 'docs/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/core/tsconfig.json', './webview/tsconfig.json'],
        tsconfigRootDir: root,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'webview/**/*.{ts,tsx}'],
    plugins: { house: { rules: { walls } } },
    rules: { 'house/walls': 'error' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { ...globals.node } },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    rules: {
      'no-control-regex': 'off',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' }],
    },
  },
  { files: ['eslint.config.mjs', '**/.*rc.{js,mjs,cjs}'], rules: { 'no-restricted-syntax': 'off' } },
);
