// The traffic of one editor panel: read when the user asks for it, over the window that the user chose last.

import type { Memento } from 'vscode';
import { trafficWindows } from '../../core/traffic.ts';
import type { Traffic, TrafficDays } from '../../core/traffic.ts';
import type { TrafficView } from '../../messages/editor.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';

export interface PanelTraffic {
  view(): TrafficView;
  /** A reading that is on its way gives way to the new one. Failures become part of the view. */
  read(wanted: { readonly days: TrafficDays; readonly fresh: boolean }): Promise<void>;
  /** The window of the next reading. Numbers of another one are not kept. */
  choose(days: TrafficDays): void;
  /** What somebody else has read: taken where it is of the window that was chosen last, and newer. */
  take(found: Traffic): void;
  /** At once: what still comes is not taken. */
  cancel(): void;
  /** Another account may not see what this one has read. */
  forget(): void;
}

const rememberedKey = 'traffic/days';

function rememberedDays(state: Memento): TrafficDays {
  const kept = state.get<unknown>(rememberedKey);
  return trafficWindows.find((days) => days === kept) ?? 30;
}

/** Read later, or of another window. */
export function isNewer(
  { days, readAt }: Pick<Traffic, 'days' | 'readAt'>,
  known: Pick<Traffic, 'days' | 'readAt'> | null,
): boolean {
  return known === null || known.days !== days || Date.parse(readAt) > Date.parse(known.readAt);
}

/** @param changed called whenever the view says something else */
export function openTraffic(services: Services, instanceId: string, changed: () => void): PanelTraffic {
  const { globalState } = services.context;
  let view: TrafficView = { days: rememberedDays(globalState), reading: false, problem: '', found: null };
  let work: AbortController | undefined;
  const show = (part: Partial<TrafficView>) => {
    view = { ...view, ...part };
    changed();
  };
  // Numbers of another window would be taken for those of this one.
  const foundOf = (days: TrafficDays) => (view.found?.days === days ? view.found : null);
  const stop = () => {
    work?.abort();
    work = undefined;
  };
  return {
    view: () => view,
    choose: (days) => {
      stop();
      show({ days, reading: false, problem: '', found: foundOf(days) });
      void globalState.update(rememberedKey, days);
    },
    read: async ({ days, fresh }) => {
      stop();
      const own = new AbortController();
      work = own;
      show({ days, reading: true, problem: '', found: foundOf(days) });
      void globalState.update(rememberedKey, days);
      try {
        const { azure } = await services.connection();
        const found = await azure.readTraffic(instanceId, days, { signal: own.signal, fresh });
        if (work === own) show({ found });
      } catch (error) {
        if (work !== own || isCancelled(error)) return;
        services.log.error(`Traffic of ${instanceId}: ${failureText(error)}`);
        show({ problem: failureText(error) });
      } finally {
        if (work === own) {
          work = undefined;
          show({ reading: false });
        }
      }
    },
    take: (found) => {
      if (found.days === view.days && isNewer(found, view.found)) show({ found, problem: '' });
    },
    cancel: () => {
      stop();
      show({ reading: false });
    },
    forget: () => {
      stop();
      show({ reading: false, problem: '', found: null });
    },
  };
}
