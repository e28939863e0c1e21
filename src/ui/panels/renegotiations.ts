// The estimate of renegotiations of one editor panel: read when the user asks for it, given to the page in parts, saved as CSV.

import { Uri, env, l10n, window, workspace } from 'vscode';
import type { Memento } from 'vscode';
import type { Instance } from '../../core/instance.ts';
import { summaryOf } from '../../core/renegotiation.ts';
import type { RenegotiationList, RenegotiationRow } from '../../core/renegotiation.ts';
import { renegotiationCsv, renegotiationTable } from '../../core/renegotiationText.ts';
import { trafficWindows } from '../../core/traffic.ts';
import type { TrafficDays } from '../../core/traffic.ts';
import { readRenegotiations } from '../../flows/readRenegotiations.ts';
import { renegotiationsAtOnce } from '../../messages/editor.ts';
import type { RenegotiationView } from '../../messages/editor.ts';
import { failureText, isCancelled, told } from '../errors.ts';
import type { Services } from '../services.ts';

export interface PanelRenegotiations {
  view(): RenegotiationView;
  /** The whole list; null until it was read. */
  list(): RenegotiationList | null;
  /** A reading that is on its way gives way to the new one. Failures become part of the view. */
  read(instance: Instance, wanted: { readonly days: TrafficDays; readonly fresh: boolean }): Promise<void>;
  /** At once: what still comes is not taken. */
  cancel(): void;
  /** Another account may not see what this one has read. */
  forget(): void;
  rows(wanted: { readonly list: number; readonly from: number }): readonly RenegotiationRow[];
  /** False where the user chose no file. Rejects with a sentence. */
  save(wanted: {
    readonly list: number;
    readonly rows: readonly number[];
    readonly to: 'file' | 'clipboard';
  }): Promise<boolean>;
}

const rememberedKey = 'renegotiations/days';

function rememberedDays(state: Memento): TrafficDays {
  const kept = state.get<unknown>(rememberedKey);
  return trafficWindows.find((days) => days === kept) ?? 30;
}

/** @param changed called whenever the view says something else */
export function openRenegotiations(services: Services, name: string, changed: () => void): PanelRenegotiations {
  const { globalState } = services.context;
  let view: RenegotiationView = { days: rememberedDays(globalState), progress: null, problem: '', found: null };
  let list: RenegotiationList | null = null;
  let number = 0;
  let work: AbortController | undefined;
  const show = (part: Partial<RenegotiationView>) => {
    view = { ...view, ...part };
    changed();
  };

  const stop = () => {
    work?.abort();
    work = undefined;
  };

  async function read(instance: Instance, days: TrafficDays, fresh: boolean): Promise<void> {
    stop();
    const own = new AbortController();
    work = own;
    const progress = { step: 'logs', done: 0, total: 0 } as const;
    show({ days, progress, problem: '', found: view.found?.days === days ? view.found : null });
    void globalState.update(rememberedKey, days);
    try {
      const { azure } = await services.connection();
      const found = await readRenegotiations(azure, instance, {
        days,
        fresh,
        signal: own.signal,
        onProgress: (step) => work === own && show({ progress: step }),
      });
      if (work !== own) return;
      list = found;
      number += 1;
      show({ found: { ...summaryOf(found), list: number } });
    } catch (error) {
      if (work !== own || isCancelled(error)) return;
      services.log.error(`Renegotiations of ${instance.name}: ${failureText(error)}`);
      show({ problem: failureText(error) });
    } finally {
      if (work === own) {
        work = undefined;
        show({ progress: null });
      }
    }
  }

  return {
    view: () => view,
    list: () => list,
    read: (instance, { days, fresh }) => read(instance, days, fresh),
    cancel: () => {
      stop();
      show({ progress: null });
    },
    forget: () => {
      stop();
      list = null;
      number += 1;
      show({ progress: null, problem: '', found: null });
    },
    rows: ({ list: wanted, from }) =>
      list !== null && wanted === number ? list.rows.slice(from, from + renegotiationsAtOnce) : [],
    save: async ({ list: wanted, rows, to }) => {
      if (list === null || wanted !== number)
        throw told(l10n.t('The list was read again in the meantime. Look at it, and choose once more.'));
      const known = list.rows;
      const chosen = rows.flatMap((place) => known[place] ?? []);
      if (to === 'file') return saveFile(name, renegotiationCsv(chosen));
      await env.clipboard.writeText(renegotiationTable(chosen));
      return true;
    },
  };
}

async function saveFile(name: string, text: string): Promise<boolean> {
  const file = `${name}-renegotiations.csv`;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    title: l10n.t('Save the renegotiations as CSV'),
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, file) }),
    filters: { CSV: ['csv'] },
  });
  if (uri === undefined) return false;
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return true;
}
