// The first look at the gateway after a change: what it says in the closing sentence, and the watch that it begins.

import { l10n } from 'vscode';
import type { ChangeWatch } from '../core/changeWatch.ts';
import { firstLookText } from '../core/changeWatchText.ts';
import { gatewayNames } from '../core/gatewayNames.ts';
import type { Operation } from '../core/history.ts';
import { expectations, hostSeen, refusedVersions, unseenSettings } from '../core/tls/verification.ts';
import { showFailure, told } from './errors.ts';
import type { Ended } from './operations.ts';
import type { Services } from './services.ts';
import type { Watches } from './watches.ts';

/** What was seen, in a sentence; empty where there was nothing to look at. Changes that wrote nothing are not watched. */
export async function watchEnded(watches: Watches, operation: Operation, outcome: Ended): Promise<string> {
  if (outcome.kind !== 'done' && outcome.kind !== 'different') return '';
  const { instance, gateway, entry } = outcome;
  const held = instance.customProperties ?? {};
  const expected = expectations(instance, operation.before, held);
  const hosts =
    expected.length === 0
      ? []
      : gatewayNames(instance).map((name) => {
          const surveys = gateway.filter(({ endpoint }) => endpoint.host === name.host);
          return hostSeen(name, expected, surveys);
        });
  const watch = await watches.begin({
    ...{ id: operation.id, instanceId: instance.id, instanceName: instance.name, kind: operation.kind },
    ...{ startedAt: operation.startedAt, endedAt: entry.endedAt ?? instance.readAt },
    ...{ expected, unseen: unseenSettings(instance, operation.before, held), hosts },
  });
  return firstLookText(watch, gateway, refusedVersions(instance, gateway));
}

/** Takes a watched change back, by the same plan, check and confirmation as from the history. */
export async function undoWatched(services: Services, watch: ChangeWatch): Promise<void> {
  try {
    const { entries } = await services.records().history(watch.instanceId);
    const entry = entries.find(({ id }) => id === watch.id);
    if (!entry) throw told(l10n.t('This change is no longer in the history.'));
    const { undoEntry } = await import('./changes.ts');
    await undoEntry(services, entry, watch.instanceName);
  } catch (error) {
    void showFailure(error, services.log);
  }
}
