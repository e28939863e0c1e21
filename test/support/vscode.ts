// Stands in for `vscode` in Node, as far as the parts of the UI need it that are tested outside of VS Code: events, texts,
// and messages that nobody answers. Import it first, then import the part with `await import(…)`.

import { registerHooks } from 'node:module';

/** What was shown, oldest first. */
export const shown: { readonly kind: 'information' | 'warning' | 'error'; readonly text: string }[] = [];

class EventEmitter<Value> {
  readonly #listeners = new Set<(value: Value) => void>();
  readonly event = (listener: (value: Value) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(value: Value): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

const show = (kind: 'information' | 'warning' | 'error') => (text: string) => {
  shown.push({ kind, text });
  return Promise.resolve(undefined);
};

const parts = {
  EventEmitter,
  Uri: {},
  ProgressLocation: { Notification: 15 },
  commands: { executeCommand: () => Promise.resolve(undefined) },
  env: { language: 'en' },
  l10n: {
    t: (text: string, ...values: readonly unknown[]) =>
      text.replaceAll(/\{(\d+)\}/g, (_, place: string) => String(values[Number(place)])),
  },
  window: {
    showInformationMessage: show('information'),
    showWarningMessage: show('warning'),
    showErrorMessage: show('error'),
  },
  workspace: { getConfiguration: () => ({ get: () => undefined }) },
};

const global = Symbol.for('apim-tls.test.vscode');
Object.assign(globalThis, { [global]: parts });
const source = [
  `const parts = globalThis[Symbol.for('apim-tls.test.vscode')];`,
  ...Object.keys(parts).map((name) => `export const ${name} = parts.${name};`),
].join('\n');

registerHooks({
  resolve: (name, context, next) =>
    name === 'vscode' ? { url: 'apim-tls-test:vscode', format: 'module', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === 'apim-tls-test:vscode' ? { format: 'module', source, shortCircuit: true } : next(url, context),
});
