// The quiet check at an interval: one window reads the estate for all, without a bar and without asking anybody anything.

import { workspace } from 'vscode';
import type { Disposable } from 'vscode';
import { driftCheckMinutes, estateKind } from './config.ts';
import { claimCheck } from './driftMemory.ts';
import { failureText, isCancelled } from './errors.ts';
import { driftFolder } from './places.ts';
import type { Services } from './services.ts';

/** Follows the setting until it is disposed of. */
export function checkDriftNowAndThen(services: Services): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let ending = new AbortController();

  function begin(): void {
    clearTimeout(timer);
    ending.abort();
    ending = new AbortController();
    const { signal } = ending;
    const minutes = driftCheckMinutes();
    if (minutes === 0) return;
    timer = setTimeout(() => {
      void check(services, minutes, signal).finally(() => {
        if (!signal.aborted) begin();
      });
    }, minutes * 60_000);
  }

  begin();
  const configuration = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('apimTls.driftCheckMinutes')) begin();
  });
  return {
    dispose: () => {
      clearTimeout(timer);
      ending.abort();
      configuration.dispose();
    },
  };
}

/** Nothing is done before the estate was read in this window: whoever is signed out is not to be asked. */
async function check(services: Services, minutes: number, signal: AbortSignal): Promise<void> {
  const { context, estate, drifts, log } = services;
  if (estate.status !== 'ready') return;
  if (!(await claimCheck(driftFolder(context, estateKind()), minutes, Date.now()))) return;
  try {
    const { azure } = await services.connection();
    const { instances } = await azure.readEstate({ signal });
    if (!signal.aborted) await drifts.look(instances, true);
  } catch (error) {
    if (!isCancelled(error) && !signal.aborted) log.warn(`The quiet check could not be made: ${failureText(error)}`);
  }
}
