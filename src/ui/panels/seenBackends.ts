// The backends that the logs of one editor panel have seen: read with the traffic of callers, over the same window.

import type { BackendTraffic } from '../../core/backendTraffic.ts';
import type { BackendHost } from '../../core/instance.ts';
import { hasRows } from '../../core/traffic.ts';
import type { TrafficDays } from '../../core/traffic.ts';
import { withSeenTraffic } from '../../flows/seenHosts.ts';
import type { SeenView } from '../../messages/editor.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';
import { isNewer } from './traffic.ts';

export interface SeenBackends {
  view(): SeenView;
  /** As it was read; null: not read. */
  found(): BackendTraffic | null;
  /** Configured hosts with what was seen of them, and those that only the logs know. */
  join(hosts: readonly BackendHost[]): readonly BackendHost[];
  /** A reading that is on its way gives way to the new one. Failures become part of the view. */
  read(wanted: { readonly days: TrafficDays; readonly fresh: boolean }): Promise<void>;
  /** What somebody else has read: taken where it is of another window, or newer. */
  take(found: BackendTraffic): void;
  /** At once: what still comes is not taken. */
  cancel(): void;
  /** Another account may not see what this one has read. */
  forget(): void;
}

/** @param changed called whenever the view says something else */
export function openSeenBackends(services: Services, instanceId: string, changed: () => void): SeenBackends {
  let found: BackendTraffic | null = null;
  let state: Pick<SeenView, 'reading' | 'problem'> = { reading: false, problem: '' };
  let work: AbortController | undefined;
  let joined: { readonly from: unknown; readonly by: unknown; readonly hosts: readonly BackendHost[] } | undefined;
  const show = (part: Partial<typeof state>) => {
    state = { ...state, ...part };
    changed();
  };
  const stop = () => {
    work?.abort();
    work = undefined;
  };
  return {
    view: () => ({
      ...state,
      found: found && {
        state: found.state,
        days: found.days,
        readAt: found.readAt,
        cut: hasRows(found) && found.cut,
      },
    }),
    found: () => found,
    join: (hosts) => {
      if (joined?.from !== hosts || joined.by !== found)
        joined = { from: hosts, by: found, hosts: withSeenTraffic(hosts, found) };
      return joined.hosts;
    },
    read: async ({ days, fresh }) => {
      stop();
      const own = new AbortController();
      work = own;
      // Numbers of another window would be taken for those of this one.
      if (found?.days !== days) found = null;
      show({ reading: true, problem: '' });
      try {
        const { azure } = await services.connection();
        const read = await azure.readBackendTraffic(instanceId, days, { signal: own.signal, fresh });
        if (work === own) found = read;
      } catch (error) {
        if (work !== own || isCancelled(error)) return;
        services.log.error(`Backends in the logs of ${instanceId}: ${failureText(error)}`);
        show({ problem: failureText(error) });
      } finally {
        if (work === own) {
          work = undefined;
          show({ reading: false });
        }
      }
    },
    take: (read) => {
      if (!isNewer(read, found)) return;
      found = read;
      show({ problem: '' });
    },
    cancel: () => {
      stop();
      show({ reading: false });
    },
    forget: () => {
      stop();
      found = null;
      show({ reading: false, problem: '' });
    },
  };
}
