// The draft that lives in the page: the changes, and the map that they were made on.

import * as v from 'valibot';
import { sameId } from '../src/core/instance.ts';
import type { CustomProperties, Instance } from '../src/core/instance.ts';
import { differences } from '../src/core/tls/customProperties.ts';
import type { KeyDifference } from '../src/core/tls/customProperties.ts';
import { withValue } from '../src/core/tls/draft.ts';
import type { DraftChanges, DraftValue } from '../src/core/tls/draft.ts';
import { readSettings, stateOf } from '../src/core/tls/settings.ts';
import type { SettingId } from '../src/core/tls/settings.ts';
import { keptDraftSchema } from '../src/messages/editor.ts';
import type { KeptDraft } from '../src/messages/editor.ts';

export interface Draft {
  /** What the instance held when the changes were made. */
  readonly base: { readonly etag: string | null; readonly map: CustomProperties | null };
  readonly changes: DraftChanges;
}

export function emptyDraft(instance: Instance): Draft {
  return { base: { etag: instance.etag, map: instance.customProperties }, changes: {} };
}

export function isEmpty(draft: Draft): boolean {
  return Object.keys(draft.changes).length === 0;
}

export function sameChanges(a: DraftChanges, b: DraftChanges): boolean {
  const keys = Object.keys(a) as SettingId[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** What changed in the instance since the draft was begun; empty where the draft still fits. */
export function conflictOf(draft: Draft, instance: Instance): readonly KeyDifference[] {
  if (isEmpty(draft) || instance.customProperties === null) return [];
  return differences(draft.base.map ?? {}, instance.customProperties);
}

/** The same changes on top of the instance as it is now; what is already so is dropped. */
export function rebase(draft: Draft, instance: Instance): Draft {
  const states = readSettings(instance);
  const entries = Object.entries(draft.changes) as [SettingId, DraftValue][];
  const changes = entries
    .filter(([id]) => stateOf(states, id).lock === undefined)
    .reduce<DraftChanges>((kept, [id, value]) => withValue(instance, kept, id, value), {});
  return { ...emptyDraft(instance), changes };
}

/**
 * The draft after the instance was read again. It follows where nothing of its map changed, empties itself where
 * everything it wanted has come true, and stays on its old base, as a conflict, in every other case.
 */
export function settle(draft: Draft, instance: Instance): Draft {
  if (isEmpty(draft)) return emptyDraft(instance);
  if (instance.customProperties === null) return draft;
  if (conflictOf(draft, instance).length === 0) return { ...emptyDraft(instance), changes: draft.changes };
  const rebased = rebase(draft, instance);
  return isEmpty(rebased) ? rebased : draft;
}

/** What the page keeps for itself; the panel finds its instance by it after a reload of the window. */
export function saveDraft(instance: Instance, draft: Draft): KeptDraft {
  return { instanceId: instance.id, base: draft.base, changes: draft.changes as KeptDraft['changes'] };
}

/** Whether something was drafted when it was kept, whatever has come true since. */
export function wasDrafted(kept: unknown): boolean {
  const parsed = v.safeParse(keptDraftSchema, kept);
  return parsed.success && Object.keys(parsed.output.changes).length > 0;
}

/** The kept draft, where there is one and it belongs to this instance; else an empty one. */
export function restoreDraft(kept: unknown, instance: Instance): Draft {
  const parsed = v.safeParse(keptDraftSchema, kept);
  if (!parsed.success || !sameId(parsed.output.instanceId, instance.id)) return emptyDraft(instance);
  const { base, changes } = parsed.output;
  return settle({ base, changes: changes }, instance);
}
