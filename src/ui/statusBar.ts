// One status bar item while changes are running: which, and for how long.

import { StatusBarAlignment, l10n, window } from 'vscode';
import type { Disposable } from 'vscode';
import { durationText } from '../core/wording.ts';
import type { Services } from './services.ts';

export function showOperations(services: Services): Disposable {
  const item = window.createStatusBarItem('apimTls.operations', StatusBarAlignment.Left, 50);
  item.name = l10n.t('API Management TLS changes');
  item.command = 'apimTls.showOperations';
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    const running = services.operations.running;
    const first = running[0];
    if (!first) {
      clearInterval(timer);
      timer = undefined;
      item.hide();
      return;
    }
    timer ??= setInterval(draw, 1000);
    const elapsed = durationText(Date.now() - Date.parse(first.startedAt));
    const what = running.length === 1 ? first.instanceName : l10n.t('{0} instances', running.length);
    item.text = `$(sync~spin) ${l10n.t('TLS: changing {0}, {1}', what, elapsed)}`;
    item.accessibilityInformation = { label: l10n.t('Changing the TLS settings of {0}, for {1}', what, elapsed) };
    item.tooltip = l10n.t(
      'Azure is changing TLS settings. This usually takes 15 to 45 minutes; you can close the window meanwhile.',
    );
    item.show();
  }

  const subscription = services.operations.onDidChange(draw);
  return {
    dispose: () => {
      clearInterval(timer);
      subscription.dispose();
      item.dispose();
    },
  };
}
