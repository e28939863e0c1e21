// package.json agrees with itself, with its texts, its files and the code.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
  readonly icon?: string | { readonly light: string; readonly dark: string };
}

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Setting {
  readonly type: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly scope?: string;
}

interface View {
  readonly id: string;
  readonly name: string;
  readonly icon?: string;
  readonly when?: string;
}

interface Step {
  readonly id: string;
  readonly description: string;
  readonly media: Readonly<Record<string, string>>;
  readonly completionEvents?: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly main: string;
  readonly icon: string;
  readonly l10n: string;
  readonly engines: { readonly vscode: string };
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: unknown;
      readonly restrictedConfigurations?: readonly string[];
    };
  };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly views: Readonly<Record<string, readonly View[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when?: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
    readonly keybindings?: readonly { readonly command: string; readonly key: string; readonly when?: string }[];
    readonly walkthroughs?: readonly { readonly id: string; readonly steps: readonly Step[] }[];
  };
}

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const sources = globSync(['src/extension.ts', 'src/ui/**/*.ts'], { cwd: root }).map((file) => ({
  file,
  text: read(file),
}));
const {
  commands,
  menus,
  views,
  viewsContainers,
  viewsWelcome,
  configuration,
  walkthroughs = [],
} = manifest.contributes;
const commandIds = commands.map(({ command }) => command);
const viewIds = Object.values(views).flatMap((list) => list.map(({ id }) => id));
const menuItems = Object.entries(menus).flatMap(([menu, items]) => items.map((item) => ({ menu, ...item })));

/** Every string of a JSON value with its path. */
function strings(value: unknown, at = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[at, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, `${at}/${key}`));
}

/** The shown text: `%key%` looked up. */
function shown(value: string): string {
  const [, key] = /^%(.+)%$/.exec(value) ?? [];
  return key === undefined ? value : (texts[key] ?? '');
}

/** The keys of the object literal that the constant `name` is set to. */
function keysOfConstant(file: string, name: string): readonly string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const declarations = source.statements
    .filter(ts.isVariableStatement)
    .flatMap((one) => one.declarationList.declarations);
  const value = declarations.find((one) => one.name.getText(source) === name)?.initializer;
  assert.ok(value && ts.isObjectLiteralExpression(value), `${file} has a table ${name}`);
  return value.properties.map((property) => {
    assert.ok(property.name && ts.isStringLiteral(property.name), `a key of ${name} that is no string literal`);
    return property.name.text;
  });
}

/** What the code says in calls such as `setContext`, by a pattern with one group. */
function saidInCode(pattern: RegExp): ReadonlySet<string> {
  return new Set(sources.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')));
}

/** The names of VS Code's icons; the file maps a character to the names of its icon. */
const codicons = new Set(
  Object.values(JSON.parse(read('node_modules/@vscode/codicons/src/template/mapping.json')) as object).flat(),
);

const sorted = (values: Iterable<string>) => [...values].sort();
const unique = (values: readonly string[], what: string) =>
  assert.equal(new Set(values).size, values.length, `${what} twice`);

describe('manifest: commands', () => {
  it('are those of the command table, one for one', () => {
    assert.deepEqual(sorted(commandIds), sorted(keysOfConstant('src/ui/commands/table.ts', 'commandTable')));
    unique(commandIds, 'a command');
  });

  it('have a prefix, a category, a title in sentence case and an icon that can be shown', () => {
    for (const { command, title, category, icon } of commands) {
      assert.match(command, /^apimTls\.[a-z][A-Za-z]+$/);
      assert.equal(category, '%category%', `${command}: category`);
      assert.match(
        shown(title),
        /^[A-Z][^A-Z]*( (TLS|ID|Azure|JSON|HTTP|API|Resource|Markdown)\b[^A-Z]*)*$/,
        `${command}: ${shown(title)}`,
      );
      if (typeof icon === 'string' && icon.startsWith('$('))
        assert.ok(codicons.has(icon.slice(2, -1)), `${command}: ${icon}`);
    }
    unique(
      commands.map(({ title }) => shown(title)),
      'a title',
    );
  });

  it('in menus exist, stand in a group and have an icon where only the icon shows', () => {
    assert.ok(menuItems.length > 0);
    for (const { menu, command, group } of menuItems) {
      const found = commands.find((one) => one.command === command);
      assert.ok(found, `${menu} names the unknown command ${command}`);
      if (menu === 'commandPalette') continue;
      assert.match(group ?? '', /^(inline|navigation|\d_[a-z]+)@\d+$/, `${menu} ${command}: group ${group}`);
      if (/^(inline|navigation)/.test(group ?? '')) assert.ok(found.icon, `${menu} ${command}: icon`);
    }
  });

  it('that speak of one row of the history are not in the palette, where no row is in sight', () => {
    const places = menuItems.filter(({ menu }) => menu !== 'commandPalette');
    const ofRow = ({ when }: MenuItem) => /view == apimTls\.history && viewItem/.test(when ?? '');
    const isOfRows = (id: string) => {
      const own = places.filter(({ command }) => command === id);
      return own.length > 0 && own.every(ofRow);
    };
    const ofRows = commandIds.filter(isOfRows);
    const hidden = (menus['commandPalette'] ?? []).filter(({ when }) => when === 'false').map(({ command }) => command);
    assert.ok(ofRows.includes('apimTls.goBackBefore') && !ofRows.includes('apimTls.compareHistory'));
    assert.deepEqual(
      ofRows.filter((id) => !hidden.includes(id)),
      [],
    );
    const saysThis = commands.filter(({ title }) => /\bthis\b/.test(shown(title))).map(({ command }) => command);
    assert.ok(saysThis.every((id) => hidden.includes(id)));
  });

  it('in the welcome views and walkthroughs exist', () => {
    const places = [
      ...viewsWelcome.map(({ contents }) => shown(contents)),
      ...strings(walkthroughs).map(([, text]) => shown(text)),
    ];
    const linked = places.flatMap((text) => [...text.matchAll(/command:([\w.]+)/g)].map((match) => match[1] ?? ''));
    assert.ok(linked.length > 0);
    for (const command of linked) {
      if (command.startsWith('apimTls.'))
        assert.ok(commandIds.includes(command), `a link names the unknown command ${command}`);
      else assert.match(command, /^workbench\.|^vscode\./, command);
    }
  });

  it('named in the code exist', () => {
    const named = saidInCode(/executeCommand\(\s*'(apimTls\.[A-Za-z]+)'/g);
    for (const command of [...named, ...saidInCode(/command: '(apimTls\.[A-Za-z]+)'/g)]) {
      assert.ok(commandIds.includes(command), `the code runs the unknown command ${command}`);
    }
  });
});

describe('manifest: texts', () => {
  it('every %key% has its text, and every text is used', () => {
    const used = strings(manifest).flatMap(([, value]) =>
      [...value.matchAll(/^%(.+)%$/g)].map((match) => match[1] ?? ''),
    );
    assert.deepEqual(sorted(new Set(used)), sorted(Object.keys(texts)));
    for (const [key, text] of Object.entries(texts)) assert.ok(text.trim().length > 0, `${key} is empty`);
  });

  it('whatever a person reads is a %key%', () => {
    const read = /\/(title|category|description|markdownDescription|displayName|name|contextualTitle|contents)$/;
    const literal = strings(manifest.contributes).filter(([at, value]) => read.test(at) && !/^%.+%$/.test(value));
    assert.deepEqual(literal, []);
  });

  it('every setting has a description, a default of its type and one text per choice', () => {
    for (const [id, setting] of Object.entries(configuration.properties)) {
      assert.match(id, /^apimTls\.[a-z][A-Za-z.]+$/);
      assert.match(setting.description ?? setting.markdownDescription ?? '', /^%.+%$/, `${id}: description`);
      const type =
        typeof setting.default === 'number' && Number.isInteger(setting.default)
          ? ['integer', 'number']
          : [typeof setting.default];
      assert.ok(type.includes(setting.type), `${id}: default ${String(setting.default)} is no ${setting.type}`);
      if (!setting.enum) continue;
      assert.ok(setting.enum.includes(String(setting.default)), `${id}: default is none of the choices`);
      assert.equal(setting.enumDescriptions?.length, setting.enum.length, `${id}: a text per choice`);
    }
  });
});

describe('manifest: conditions', () => {
  /** Keys that VS Code itself sets. */
  const builtIn = new Set([
    'view',
    'viewItem',
    'false',
    'true',
    'isWeb',
    'activeWebviewPanelId',
    'listMultiSelection',
    'focusedView',
    'inputFocus',
    'resourceScheme',
    'resourcePath',
  ]);

  const conditions = [
    ...menuItems.map(({ menu, command, when }) => [`${menu} ${command}`, when] as const),
    ...viewsWelcome.map(({ contents, when }) => [contents, when] as const),
    ...Object.values(views).flatMap((list) => list.map(({ id, when }) => [id, when] as const)),
    ...(manifest.contributes.keybindings ?? []).map(({ key, when }) => [key, when] as const),
  ].flatMap(([place, when]) => (when === undefined ? [] : [[place, when] as const]));

  /** One comparison of a condition: key, operator, value. */
  function comparisons(when: string): readonly (readonly [string, string | undefined, string | undefined])[] {
    return when.split(/\s*(?:&&|\|\|)\s*/).map((part) => {
      const [, key, operator, value] = /^!?\(?([\w.-]+)(?:\s*(==|!=|=~)\s*(.+?))?\)?$/.exec(part) ?? [];
      assert.ok(key, `not understood: ${part}`);
      return [key, operator, value] as const;
    });
  }

  it('use keys that VS Code knows or that the code sets', () => {
    const set = saidInCode(/'setContext',\s*'([\w.]+)'/g);
    const used = new Set<string>();
    for (const [place, when] of conditions) {
      for (const [key] of comparisons(when)) {
        used.add(key);
        assert.ok(builtIn.has(key) || set.has(key), `${place}: the key ${key} is never set`);
      }
    }
    for (const key of set) assert.ok(used.has(key), `the key ${key} is set and never used`);
  });

  it('name views that exist and rows that the tree makes', () => {
    const rows = [
      ...saidInCode(/contextValue = (?:.*?\? )?'([\w.]+)'/g),
      ...saidInCode(/contextValue = .*: '([\w.]+)'/g),
    ];
    for (const [place, when] of conditions) {
      for (const [key, operator, value = ''] of comparisons(when)) {
        if (key === 'view') assert.ok(viewIds.includes(value), `${place}: no view ${value}`);
        if (key !== 'viewItem') continue;
        const matches = (row: string) => (operator === '=~' ? new RegExp(value.slice(1, -1)).test(row) : row === value);
        assert.ok(rows.some(matches), `${place}: no row is a ${value}`);
      }
    }
  });

  it('welcome views belong to a view, and views to a container', () => {
    for (const { view } of viewsWelcome) assert.ok(viewIds.includes(view), view);
    assert.deepEqual(sorted(Object.keys(views)), sorted(viewsContainers.activitybar.map(({ id }) => id)));
  });
});

describe('manifest: files', () => {
  it('icons, walkthrough pictures and the folder of translations exist', () => {
    const icons = [manifest.icon, ...viewsContainers.activitybar.map(({ icon }) => icon)];
    const viewIcons = Object.values(views).flatMap((list) => list.flatMap(({ icon }) => icon ?? []));
    const media = walkthroughs.flatMap(({ steps }) =>
      steps.flatMap((step) => strings(step.media).map(([, file]) => file)),
    );
    const files = [...icons, ...viewIcons, ...media.filter((file) => /\.(png|svg|md)$/.test(file)), manifest.l10n];
    for (const file of files) assert.ok(existsSync(path.join(root, file)), `${file} is missing`);
  });

  it('the icon is a square PNG of at least 128 pixels', () => {
    const png = readFileSync(path.join(root, manifest.icon));
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.equal(width, height);
    assert.ok(width >= 128, `${width} pixels`);
  });

  it('the activity bar icon takes the colour of the theme', () => {
    for (const { icon } of viewsContainers.activitybar) {
      const svg = read(icon);
      assert.match(svg, /viewBox="0 0 24 24"/);
      assert.match(svg, /currentColor/);
      assert.doesNotMatch(svg, /(fill|stroke)="(?!none|currentColor)/);
    }
  });

  it('scripts name files that exist', () => {
    for (const [name, line] of Object.entries(manifest.scripts)) {
      const [, file] = /^node (\S+)/.exec(line) ?? [];
      if (file) assert.ok(existsSync(path.join(root, file)), `npm run ${name}: ${file} is missing`);
    }
  });
});

describe('manifest: promises to VS Code', () => {
  it('types of the API are of the oldest version that is supported', () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
  });

  it('starts after the window is up, to resume changes, and for its panels; for nothing else', () => {
    assert.deepEqual(sorted(manifest.activationEvents), [
      'onStartupFinished',
      'onWebviewPanel:apimTls.batch',
      'onWebviewPanel:apimTls.editor',
    ]);
  });

  it('says what works in an untrusted workspace, for settings that exist', () => {
    const { supported, restrictedConfigurations = [] } = manifest.capabilities.untrustedWorkspaces;
    assert.ok([true, false, 'limited'].includes(supported as boolean | string));
    for (const id of restrictedConfigurations) assert.ok(id in configuration.properties, id);
    // A folder that nobody vouches for must not make requests to backends of one's own.
    assert.ok(restrictedConfigurations.includes('apimTls.check.pathsPerHost'));
  });

  it('everything is bundled: no package is installed with the extension', () => {
    assert.deepEqual(manifest.dependencies ?? {}, {});
    assert.equal(`${manifest.publisher}.${manifest.name}`, 'apim-tls.apim-tls');
    assert.match(manifest.main, /^\.\/dist\/[a-z]+\.cjs$/);
  });

  it('settings that the code reads exist, and all are read', () => {
    const ids = Object.keys(configuration.properties).map((id) => id.replace('apimTls.', ''));
    const all = sources.map(({ text }) => text).join('\n');
    for (const id of ids) assert.ok(all.includes(`'${id}'`) || all.includes(`'apimTls.${id}'`), `${id} is never read`);
    for (const id of saidInCode(/affectsConfiguration\('apimTls\.([\w.]+)'/g)) {
      assert.ok(
        ids.some((known) => known === id || known.startsWith(`${id}.`)),
        `no setting apimTls.${id}`,
      );
    }
  });
});
