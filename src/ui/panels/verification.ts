// What one editor panel shows of the last change of its instance: the hosts that follow it, and failures in the logs.

import type { Disposable } from 'vscode';
import type { ChangeWatch } from '../../core/changeWatch.ts';
import { sameId } from '../../core/instance.ts';
import type { Services } from '../services.ts';

export interface PanelVerification extends Disposable {
  /** Null where no change was seen to its end. */
  view(): ChangeWatch | null;
  /** Looks at the hosts that have not shown the change, now. */
  lookNow(id: string): Promise<void>;
  stop(id: string): Promise<void>;
}

/** @param changed called whenever the view says something else */
export function openVerification(services: Services, instanceId: string, changed: () => void): PanelVerification {
  const { watches } = services;
  const subscription = watches.onDidChange((id) => (sameId(id, instanceId) ? changed() : undefined));
  return {
    view: () => watches.of(instanceId),
    lookNow: (id) => watches.lookNow(id),
    stop: (id) => watches.stopWatching(id),
    dispose: () => void subscription.dispose(),
  };
}
