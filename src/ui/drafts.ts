// The newest draft of each editor page, so that commands outside the page can use it. The page owns its draft.

import type { DraftChanges } from '../core/tls/draft.ts';
import { idKey } from './estate.ts';

export interface Drafts {
  get(instanceId: string): DraftChanges | undefined;
  put(instanceId: string, changes: DraftChanges): void;
}

export function keepDrafts(): Drafts {
  const drafts = new Map<string, DraftChanges>();
  return {
    get: (instanceId) => drafts.get(idKey(instanceId)),
    put: (instanceId, changes) => {
      if (Object.keys(changes).length === 0) drafts.delete(idKey(instanceId));
      else drafts.set(idKey(instanceId), changes);
    },
  };
}
