// Hands VS Code's translations to the sentences of the core, which know @vscode/l10n only.

import * as coreText from '@vscode/l10n';
import { l10n } from 'vscode';

export function readText(): void {
  if (l10n.bundle) coreText.config({ contents: l10n.bundle });
}
