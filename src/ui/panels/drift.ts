// What one editor panel shows of changes made elsewhere, and what its user does about them.

import { idKey } from '../../core/instance.ts';
import type { Activity } from '../../core/activity.ts';
import type { DriftView } from '../../messages/editor.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';

export interface PanelDrift {
  /** Null where nothing has changed elsewhere. */
  view(): DriftView | null;
  /** Remembers the instance as it is from now on. */
  accept(): Promise<void>;
  /** Back to the map as a whole, by check and confirmation. True where a change was begun. */
  goBack(): Promise<boolean>;
  cancel(): void;
}

/** @param changed called whenever the view says something else */
export function openDrift(services: Services, instanceId: string, changed: () => void): PanelDrift {
  const { drifts } = services;
  const ending = new AbortController();
  let asked: string | undefined;
  let reading = false;
  let problem = '';
  let writers: Activity | null = null;

  /** Who wrote is looked up as soon as there is something to be told, once for each drift. */
  async function lookUp(): Promise<void> {
    const drift = drifts.of(instanceId);
    if (!drift || drift.foundAt === asked) return;
    asked = drift.foundAt;
    reading = true;
    problem = '';
    writers = drifts.writersOf(drift) ?? null;
    changed();
    try {
      writers = await drifts.readWriters(drift, ending.signal);
    } catch (error) {
      if (!isCancelled(error)) problem = failureText(error);
    } finally {
      reading = false;
      if (!ending.signal.aborted) changed();
    }
  }

  const listening = drifts.onDidChange((ids) => {
    if (!ids.some((id) => idKey(id) === idKey(instanceId))) return;
    changed();
    void lookUp();
  });
  void lookUp();
  return {
    view: () => {
      const drift = drifts.of(instanceId);
      if (!drift) return null;
      const { since, foundAt, grade } = drift;
      const { at, source, map } = since;
      return { at, source, before: map, foundAt, grade, reading, problem, writers };
    },
    accept: () => drifts.accept([instanceId]),
    goBack: async () => {
      const drift = drifts.of(instanceId);
      if (!drift) return false;
      const { goBackTo } = await import('../changes.ts');
      return goBackTo(services, { id: drift.instanceId, name: drift.name }, drift.since.map);
    },
    cancel: () => {
      ending.abort();
      listening.dispose();
    },
  };
}
