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
  /** What somebody else has read, over the window that was chosen last. */
  take(found: Traffic): void;
  cancel(): void;
}

const rememberedKey = 'traffic/days';

function rememberedDays(state: Memento): TrafficDays {
  const kept = state.get<unknown>(rememberedKey);
  return trafficWindows.find((days) => days === kept) ?? 30;
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
  return {
    view: () => view,
    read: async ({ days, fresh }) => {
      work?.abort();
      const own = new AbortController();
      work = own;
      // Numbers of another window would be taken for those of this one.
      show({ days, reading: true, problem: '', found: view.found?.days === days ? view.found : null });
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
      if (found !== view.found && found.days === view.days) show({ found, problem: '' });
    },
    cancel: () => work?.abort(),
  };
}
