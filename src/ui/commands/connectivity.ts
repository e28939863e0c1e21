// "Check whether the gateway reaches it": the service's own connectivity check of the chosen rows.

import { ProgressLocation, l10n, window } from 'vscode';
import type { HostConnectivity } from '../../core/connectivity.ts';
import { connectivityLimitText, connectivityState, regionConnectivityText } from '../../core/connectivity.ts';
import { hostAndPort } from '../../core/instance.ts';
import { abortOn } from '../cancellation.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Node } from '../tree/nodes.ts';
import type { Target } from './pick.ts';

type HostNode = Extract<Node, { kind: 'host' }>;

function hostRows(target: Target, selection: readonly Node[] | undefined): HostNode[] {
  const rows = selection && selection.length > 0 ? selection : [target];
  return rows.flatMap((row) => (typeof row === 'object' && row.kind === 'host' && row.role === 'backend' ? [row] : []));
}

export async function checkConnectivity(
  services: Services,
  target: Target,
  selection: readonly Node[] | undefined,
): Promise<void> {
  const rows = hostRows(target, selection);
  if (rows.length === 0) {
    void window.showInformationMessage(l10n.t('Choose a backend in the list of instances first.'));
    return;
  }
  const connection = await services.connection();
  const title = l10n.t('Asking whether the gateway reaches it');
  await window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const signal = abortOn(token);
      for (const row of rows) {
        progress.report({ message: hostAndPort(row), increment: 100 / rows.length });
        let found: HostConnectivity;
        try {
          found = await services.connectivity.check(connection, row.instance, row, signal);
        } catch (error) {
          if (isCancelled(error) || rows.length === 1) throw error;
          // The others may be told all the same.
          void window.showErrorMessage(l10n.t('{0}: not checked. {1}', hostAndPort(row), failureText(error)));
          continue;
        }
        const text = `${found.host}: ${found.regions.map(regionConnectivityText).join(' ')} ${connectivityLimitText()}`;
        services.log.info(`${row.instance.name}: ${text}`);
        if (connectivityState(found) === 'reached') void window.showInformationMessage(text);
        else void window.showWarningMessage(text);
      }
    },
  );
}
