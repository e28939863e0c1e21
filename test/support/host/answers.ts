// Answers for what a person would be asked, inside the extension host: the tests share the extension's own `vscode`.
import { window } from 'vscode';
import type { Uri } from 'vscode';

type Message = 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage';
const messages: readonly Message[] = ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'];

export interface Shown {
  readonly kind: Message;
  readonly text: string;
  readonly detail: string;
  readonly modal: boolean;
}

export interface Pick {
  readonly title: string;
  readonly items: readonly { readonly label: string; readonly description?: string; readonly detail?: string }[];
}

export interface Answers {
  readonly shown: readonly Shown[];
  readonly picks: readonly Pick[];
  /** Resolves to the first message, shown already or yet to come, that matches. */
  message(pattern: RegExp): Promise<Shown>;
  restore(): void;
}

export interface Script {
  /** The label of the row to choose, by the title of the list; undefined gives up. */
  readonly pick?: (pick: Pick) => string | undefined;
  readonly input?: (title: string) => string | undefined;
  /** Where to save, by the title of the dialog; undefined gives up. */
  readonly save?: (title: string) => Uri | undefined;
  /** Which file to open, by the title of the dialog; undefined gives up. */
  readonly open?: (title: string) => Uri | undefined;
  /** The button of a modal question to press; undefined cancels. */
  readonly confirm?: (shown: Shown) => string | undefined;
  /** The button of a message that does not wait for an answer; undefined leaves it alone. */
  readonly press?: (shown: Shown) => string | undefined;
}

/** Puts itself in place of the questions of `window` until `restore` is called. */
export function answerWith(script: Script): Answers {
  const shown: Shown[] = [];
  const picks: Pick[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: (message: Shown) => void }[] = [];
  const original = { ...window };

  function showMessage(kind: Message) {
    return (text: string, ...rest: unknown[]): Promise<unknown> => {
      const options = (typeof rest[0] === 'object' ? rest[0] : {}) as { modal?: boolean; detail?: string };
      const entry: Shown = { kind, text, detail: options.detail ?? '', modal: options.modal === true };
      shown.push(entry);
      for (const { pattern, resolve } of waiting) if (pattern.test(text)) resolve(entry);
      return Promise.resolve(entry.modal ? script.confirm?.(entry) : script.press?.(entry));
    };
  }

  const replacements: Record<string, unknown> = {
    ...Object.fromEntries(messages.map((kind) => [kind, showMessage(kind)])),
    showQuickPick: async (rows: Pick['items'] | Promise<Pick['items']>, options?: { title?: string }) => {
      const items = await rows;
      const pick = { title: options?.title ?? '', items };
      picks.push(pick);
      const label = script.pick?.(pick);
      return items.find((item) => item.label === label);
    },
    showSaveDialog: (options?: { title?: string }) => Promise.resolve(script.save?.(options?.title ?? '')),
    showOpenDialog: (options?: { title?: string }) => {
      const uri = script.open?.(options?.title ?? '');
      return Promise.resolve(uri && [uri]);
    },
    showInputBox: (options?: { title?: string }) => Promise.resolve(script.input?.(options?.title ?? '')),
  };
  Object.assign(window, replacements);
  return {
    shown,
    picks,
    message: (pattern) => {
      const found = shown.find(({ text }) => pattern.test(text));
      return found ? Promise.resolve(found) : new Promise((resolve) => waiting.push({ pattern, resolve }));
    },
    restore: () => {
      for (const name of Object.keys(replacements))
        Object.assign(window, { [name]: original[name as keyof typeof original] });
    },
  };
}
