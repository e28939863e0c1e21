// Puts the page into the document: texts, building blocks, channel, first drawing.

import * as l10n from '@vscode/l10n';
import { render } from 'preact';
import type { JSX } from 'preact';
import { registerParts } from './parts.tsx';

/** The texts of the user's language, from the panel; English where there are none. */
function configureTexts(): void {
  const text = document.getElementById('l10n')?.textContent?.trim() ?? '';
  if (text === '') return;
  try {
    const contents: unknown = JSON.parse(text);
    if (typeof contents === 'object' && contents !== null && Object.keys(contents).length > 0)
      l10n.config({ contents: text });
  } catch {
    // A bundle that cannot be read leaves the page in English.
  }
}

export function mount(page: JSX.Element): void {
  configureTexts();
  registerParts();
  const root = document.getElementById('root');
  if (root) render(page, root);
}
