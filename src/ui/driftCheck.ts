// The quiet check in this window: reads the estate without a bar and without asking anybody anything.

import { workspace } from 'vscode';
import type { Disposable } from 'vscode';
import type { Instance } from '../core/instance.ts';
import { driftCheckMinutes, estateKind } from './config.ts';
import { claimCheck } from './driftMemory.ts';
import { checkAtIntervals } from './driftSchedule.ts';
import { failureText, isCancelled } from './errors.ts';
import { driftFolder } from './places.ts';
import type { Services } from './services.ts';

/** Follows the setting until it is disposed of. */
export function checkDriftNowAndThen(services: Services): Disposable {
  const { context, estate, drifts, log } = services;
  return checkAtIntervals({
    minutes: driftCheckMinutes,
    onDidChangeMinutes: (listener) =>
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('apimTls.driftCheckMinutes')) listener();
      }),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    now: Date.now,
    isReady: () => estate.status === 'ready',
    claim: (minutes, now) => claimCheck(driftFolder(context, estateKind()), minutes, now),
    read: (signal) => readQuietly(services, signal),
    look: (instances) => drifts.look(instances, true),
    failed: (error) => {
      if (!isCancelled(error)) log.warn(`The quiet check could not be made: ${failureText(error)}`);
    },
  });
}

async function readQuietly(services: Services, signal: AbortSignal): Promise<readonly Instance[] | null> {
  const opened = await services.connection();
  const { instances } = await opened.azure.readEstate({ signal });
  // Whoever has signed out or gone elsewhere meanwhile is not to hear of what was read before.
  if (services.estate.status !== 'ready') return null;
  return (await services.connection()) === opened ? instances : null;
}
