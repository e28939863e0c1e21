// The self-hosted gateways of one editor panel's instance: only their names matter, as their TLS is set elsewhere.

import type { SelfHostedView } from '../../messages/editor.ts';
import { failureText, isCancelled } from '../errors.ts';
import type { Services } from '../services.ts';

export interface PanelSelfHosted {
  view(): SelfHostedView;
  /** Failures become part of the view. */
  read(): Promise<void>;
  cancel(): void;
  /** Another account may not see what this one has read. */
  forget(): void;
}

/** @param changed called whenever the view says something else */
export function openSelfHosted(services: Services, instanceId: string, changed: () => void): PanelSelfHosted {
  let view: SelfHostedView = { names: null, problem: '' };
  let work: AbortController | undefined;
  return {
    view: () => view,
    read: async () => {
      work?.abort();
      const own = new AbortController();
      work = own;
      try {
        const { azure } = await services.connection();
        const found = await azure.readSelfHosted(instanceId, { signal: own.signal });
        if (work !== own) return;
        view = { names: found.map(({ name }) => name), problem: '' };
      } catch (error) {
        if (work !== own || isCancelled(error)) return;
        view = { names: null, problem: failureText(error) };
      }
      changed();
    },
    cancel: () => work?.abort(),
    forget: () => {
      work?.abort();
      work = undefined;
      view = { names: null, problem: '' };
      changed();
    },
  };
}
