// VS Code's cancellation tokens as the AbortSignal that everything below the UI takes.

import type { CancellationToken } from 'vscode';

export function abortOn(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
