// Who wrote to an instance, by the Activity Log of Azure.

/** A write of the instance, put together from the events of one operation. */
export interface ActivityWrite {
  /** When it was begun: ISO 8601, UTC. */
  readonly at: string;
  /** User name, or the id of an application; empty where the log does not state it. */
  readonly caller: string;
  /** How it ended, as far as the log says: Succeeded, Failed, Accepted, Started. */
  readonly status: string;
}

/** The Activity Log keeps events for so long (Azure Monitor, activity log, retention). */
export const activityDays = 90;

/**
 * read: what was found of the window, newest first; no write at all is an empty list. cut: the window begins before
 * what the log keeps, or has more events than were read. noPermission: which action is missing, and on what.
 */
export type Activity =
  | {
      readonly state: 'read';
      readonly writes: readonly ActivityWrite[];
      /** Of the window that was asked for: ISO 8601, UTC. */
      readonly from: string;
      readonly to: string;
      readonly cut: boolean;
    }
  | { readonly state: 'noPermission'; readonly action: string; readonly scope: string };

/** Writes that may have changed something: those that failed have not. */
export function effectiveWrites(writes: readonly ActivityWrite[]): ActivityWrite[] {
  return writes.filter(({ status }) => !/^(failed|canceled|cancelled)$/i.test(status));
}

/** Distinct callers, whoever wrote last first. Texts that differ in case are one. */
export function callersOf(writes: readonly ActivityWrite[]): string[] {
  const found = new Map<string, string>();
  for (const { caller } of writes) if (!found.has(caller.toLowerCase())) found.set(caller.toLowerCase(), caller);
  return [...found.values()];
}
