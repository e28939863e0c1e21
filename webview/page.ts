// The state of the page and how it changes: the newest snapshot, the draft, and the drafts before it.

import { withValue } from '../src/core/tls/draft.ts';
import type { DraftChanges, DraftValue } from '../src/core/tls/draft.ts';
import type { SettingId } from '../src/core/tls/settings.ts';
import type { EditorState, KeptDraft } from '../src/messages/editor.ts';
import { emptyDraft, rebase, restoreDraft, sameChanges, settle } from './draft.ts';
import type { Draft } from './draft.ts';
import { shared } from './share.ts';

export interface Page {
  /** Null until the first one has come. */
  readonly snapshot: EditorState | null;
  readonly draft: Draft;
  /** Earlier changes of the draft, newest last. */
  readonly past: readonly DraftChanges[];
  /** Why the last request failed, or empty. */
  readonly failure: string;
}

export type Action =
  | { readonly type: 'snapshot'; readonly state: EditorState; readonly kept: unknown }
  | { readonly type: 'set'; readonly id: SettingId; readonly value: DraftValue }
  | { readonly type: 'revert'; readonly id: SettingId }
  | { readonly type: 'replace'; readonly changes: DraftChanges }
  /** A draft from elsewhere, with the map that it was made on. */
  | { readonly type: 'take'; readonly draft: KeptDraft }
  | { readonly type: 'undo' | 'rebase' | 'discard' }
  | { readonly type: 'failed'; readonly message: string };

export const emptyPage: Page = {
  snapshot: null,
  draft: { base: { etag: null, map: null }, changes: {} },
  past: [],
  failure: '',
};

/** How many steps back *Undo* goes. */
const pastLength = 100;

export function reducePage(page: Page, action: Action): Page {
  if (action.type === 'failed') return { ...page, failure: action.message };
  if (action.type === 'snapshot') return withSnapshot(page, action.state, action.kept);
  const { snapshot, draft, past } = page;
  if (snapshot === null) return page;
  const { instance } = snapshot;
  switch (action.type) {
    case 'set':
      return edited(page, withValue(instance, draft.changes, action.id, action.value));
    case 'revert': {
      const rest: Partial<Record<SettingId, DraftValue>> = { ...draft.changes };
      delete rest[action.id];
      return edited(page, rest);
    }
    case 'replace':
      return edited(page, action.changes);
    case 'take':
      return { ...edited(page, action.draft.changes), draft: restoreDraft(action.draft, instance) };
    case 'discard':
      return { ...edited(page, {}), draft: emptyDraft(instance) };
    case 'rebase':
      return { ...page, draft: rebase(draft, instance), past: [] };
    case 'undo': {
      const changes = past.at(-1);
      return changes === undefined ? page : { ...page, draft: { ...draft, changes }, past: past.slice(0, -1) };
    }
  }
}

function edited(page: Page, changes: DraftChanges): Page {
  if (sameChanges(page.draft.changes, changes)) return page;
  const past = [...page.past, page.draft.changes].slice(-pastLength);
  return { ...page, draft: { ...page.draft, changes }, past };
}

function withSnapshot(page: Page, whole: EditorState, kept: unknown): Page {
  const before = page.draft;
  const state = page.snapshot === null ? whole : shared(page.snapshot, whole);
  const draft = page.snapshot === null ? restoreDraft(kept, state.instance) : settle(before, state.instance);
  const emptied = Object.keys(before.changes).length > 0 && Object.keys(draft.changes).length === 0;
  return { snapshot: state, draft, past: emptied ? [] : page.past, failure: '' };
}
