// The draft of one editor panel, and what other windows have drafted of the same instance.

import { window } from 'vscode';
import type { WebviewPanel } from 'vscode';
import type { DraftsView, KeptDraft } from '../../messages/editor.ts';
import type { BegunDraft, Settled } from '../drafts.ts';
import type { Services } from '../services.ts';

export interface PanelDrafts {
  view(): DraftsView;
  /** What the page begins with. */
  begin(): Promise<BegunDraft>;
  /** What cannot be kept is said once in the window; never rejects. */
  keep(draft: KeptDraft): Promise<void>;
  settle(other: Settled): Promise<void>;
  /** The user has read where the draft comes from. */
  dismiss(): void;
  dispose(): void;
}

/**
 * @param writer what the state of the page says
 * @param changed called whenever the view says something else
 */
export function openPanelDrafts(
  { drafts, unkept }: Pick<Services, 'drafts' | 'unkept'>,
  panel: WebviewPanel,
  { instanceId, writer }: { readonly instanceId: string; readonly writer: string | undefined },
  changed: () => void,
): PanelDrafts {
  let view: DraftsView = { from: null, others: [] };
  let turn: Promise<void> = Promise.resolve();

  /** One after the other, so that the newest draft is the one that stays. */
  const inTurn = (work: () => Promise<void>) => (turn = turn.then(work).catch(unkept));
  const look = () =>
    inTurn(async () => {
      const others = await drafts.others(instanceId);
      if (JSON.stringify(others) === JSON.stringify(view.others)) return;
      view = { ...view, others };
      changed();
    });
  const subscriptions = [
    drafts.watch(instanceId, () => void look()),
    window.onDidChangeWindowState(({ focused }) => void (focused && look())),
    panel.onDidChangeViewState(() => void (panel.visible && look())),
  ];
  return {
    view: () => view,
    begin: async () => {
      await turn;
      const begun = await drafts.begin(instanceId, writer);
      view = { from: begun.from ?? view.from, others: await drafts.others(instanceId) };
      return begun;
    },
    keep: async (draft) => {
      await inTurn(() => drafts.keep({ ...draft, instanceId }));
      await look();
    },
    settle: async (other) => {
      await inTurn(() => drafts.settle(instanceId, other));
      await look();
    },
    dismiss: () => {
      view = { ...view, from: null };
    },
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
