// The page's side of the channel to the panel: posting requests, receiving snapshots, keeping the page's own state.

import * as v from 'valibot';
import { openChannel } from '../src/messages/channel.ts';
import type { Argument, Channel, Result } from '../src/messages/channel.ts';
import { keptDraftSchema } from '../src/messages/editor.ts';
import type { EditorState, KeptDraft, ToHost, ToWebview } from '../src/messages/editor.ts';
import { withPart } from '../src/messages/stateParts.ts';
import type { StatePart } from '../src/messages/stateParts.ts';
import { readPart, readSnapshot } from './snapshot.ts';

/** What VS Code gives a webview (`acquireVsCodeApi`); the stand-alone page brings its own. */
export interface PageApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): unknown;
}

export type Ask = <K extends keyof ToHost>(name: K, argument: Argument<ToHost, K>) => Promise<Result<ToHost, K>>;

export interface Host {
  readonly ask: Ask;
  /**
   * The first snapshot, the draft that was kept, and the name under which the page's draft is kept. Rejects with a
   * sentence where the panel cannot give one.
   */
  readonly start: () => Promise<{ readonly state: EditorState; readonly kept: unknown; readonly writer: string }>;
}

/** Snapshots go to `onState`; a message of the wrong shape is refused, and the panel is told so. */
export function connectHost(
  api: PageApi,
  onState: (state: EditorState) => void,
  onDraft: (draft: KeptDraft) => void,
): Host {
  /** The newest state; null before the first. Parts that come before it are in it. */
  let known: EditorState | null = null;
  const state = (next: EditorState) => {
    if (known === null) return;
    known = next;
    onState(next);
  };
  const part = (next: StatePart) => (known === null ? undefined : state(withPart(known, next)));
  const readers: Readonly<Record<keyof ToWebview, (argument: unknown) => unknown>> = {
    state: readSnapshot,
    part: readPart,
    draft: (argument) => v.parse(keptDraftSchema, argument),
  };
  const channel: Channel<ToHost> = openChannel<ToWebview, ToHost>(
    (message) => api.postMessage(message),
    { state, part, draft: onDraft },
    (name, argument) => readers[name as keyof ToWebview](argument),
  );
  window.addEventListener('message', (event: MessageEvent<unknown>) => channel.receive(event.data));
  return {
    ask: (name, argument) => channel.request(name, argument),
    start: async () => {
      const { state: first, draft, writer } = await channel.request('ready', undefined);
      known = readSnapshot(first);
      return { state: known, kept: draft ?? api.getState(), writer: v.parse(v.string(), writer) };
    },
  };
}
