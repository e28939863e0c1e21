// The whole page: state, draft, and the sections that are functions of both.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import type { EditorState } from '../../src/messages/editor.ts';
import { saveDraft, wasDrafted } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { connectHost } from '../host.ts';
import type { Ask, Host, PageApi } from '../host.ts';
import { makeModel, settingsOf } from '../model.ts';
import { emptyPage, reducePage } from '../page.ts';
import type { Action } from '../page.ts';
import { Button, ProgressRing } from '../parts.tsx';
import { useNow } from '../time.ts';
import { Backends } from './backends.tsx';
import { Drift } from './drift.tsx';
import { Gateway } from './gateway.tsx';
import { Header } from './header.tsx';
import { History } from './history.tsx';
import { Notices } from './notices.tsx';
import { PlanPanel } from './plan.tsx';
import { Presets } from './presets.tsx';
import { Protocols } from './protocols.tsx';
import { Suites } from './suites.tsx';
import { Toolbar } from './toolbar.tsx';
import { Alarm, Verification } from './verification.tsx';

/** Sends a request; what goes wrong is shown on the page. */
export type Act = (...request: Parameters<Ask>) => void;

export interface SectionProps {
  readonly state: EditorState;
  /** For what has an answer; everything else is an `act`. */
  readonly ask: Ask;
  readonly model: ReturnType<typeof makeModel>;
  readonly act: Act;
  readonly dispatch: (action: Action) => void;
  /** Milliseconds since 1970, renewed every half minute. */
  readonly now: number;
}

export function App({ api }: { readonly api: PageApi }): JSX.Element {
  const [page, reduce] = useReducer(reducePage, emptyPage);
  const dispatch = useMeasured(reduce);
  const begun = useRef<Begun>({ writer: '', isEmpty: true });
  const { host, act, begin } = useHost(api, reduce, begun);
  useUndoKey(dispatch);
  useEffect(begin, [host]);
  const { snapshot, draft } = page;
  useKeptDraft(api, host, begun, snapshot, draft);
  return snapshot === null ? (
    <Waiting failure={page.failure} retry={begin} />
  ) : (
    <Editor
      state={snapshot}
      draft={draft}
      canUndo={page.past.length > 0}
      failure={page.failure}
      ask={host.ask}
      act={act}
      dispatch={dispatch}
    />
  );
}

function Waiting({ failure, retry }: { readonly failure: string; readonly retry: () => void }): JSX.Element {
  return (
    <main class="waiting">
      <h1 class="hidden">{l10n.t('TLS settings')}</h1>
      {failure === '' ? (
        <>
          <ProgressRing label={l10n.t('Reading the instance')} />
          <p>{l10n.t('Reading the instance…')}</p>
        </>
      ) : (
        <>
          <p role="alert">{failure}</p>
          <Button onClick={retry}>{l10n.t('Retry')}</Button>
        </>
      )}
    </main>
  );
}

/** What the panel has kept for the page. */
interface Begun {
  /** The name under which it is kept. */
  readonly writer: string;
  readonly isEmpty: boolean;
}

interface EditorProps {
  readonly state: EditorState;
  readonly draft: Draft;
  readonly canUndo: boolean;
  readonly failure: string;
  readonly ask: Ask;
  readonly act: Act;
  readonly dispatch: (action: Action) => void;
}

function Editor({ state, draft, canUndo, failure, ask, act, dispatch }: EditorProps): JSX.Element {
  const { instance } = state;
  const settings = useMemo(() => settingsOf(instance, draft.changes), [instance, draft.changes]);
  const model = useMemo(
    () => makeModel(state, draft, settings),
    [
      settings,
      state.backends,
      state.unreadable,
      state.surveys,
      state.gatewaySurveys,
      state.operation,
      state.traffic.found,
      state.renegotiations.found,
      draft,
    ],
  );
  const now = useNow(30_000);
  const section: SectionProps = { state, model, ask, act, dispatch, now };
  const changes: DraftChanges = draft.changes;
  return (
    <main>
      <Header state={state} act={act} />
      <Toolbar {...section} changes={changes} canUndo={canUndo} />
      <Notices {...section} changes={changes} failure={failure} />
      {state.watch && <Alarm watch={state.watch} busy={model.busy} act={act} />}
      <Drift {...section} />
      <div class="columns">
        <div class="settings">
          <Presets instance={instance} changes={changes} dispatch={dispatch} />
          <Protocols {...section} />
        </div>
        <PlanPanel {...section} changes={changes} />
        <Suites {...section} />
      </div>
      <Backends {...section} />
      {state.watch && <Verification watch={state.watch} busy={model.busy} act={act} now={now} />}
      <Gateway
        instance={instance}
        surveys={state.gatewaySurveys}
        probing={state.probing !== null}
        act={act}
        now={now}
      />
      <History
        reading={instance}
        entries={state.history}
        unreadable={state.historyUnreadable}
        busy={model.busy}
        act={act}
        now={now}
      />
    </main>
  );
}

function useHost(
  api: PageApi,
  reduce: (action: Action) => void,
  begun: { current: Begun },
): { host: Host; act: Act; begin: () => void } {
  const host = useMemo(() => {
    // Snapshots that come before the answer to the first request are left out: the kept draft comes with that answer.
    let started = false;
    const connected = connectHost(
      api,
      (state) => {
        if (started) reduce({ type: 'snapshot', state, kept: null });
      },
      (draft) => {
        if (started) reduce({ type: 'take', draft });
      },
    );
    const begin = async () => {
      const { state, kept, writer } = await connected.start();
      begun.current = { writer, isEmpty: !wasDrafted(kept) };
      started = true;
      reduce({ type: 'snapshot', state, kept });
    };
    return { ...connected, begin };
  }, [api]);
  const fail = useCallback(
    (error: unknown) => reduce({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
    [reduce],
  );
  const act = useCallback<Act>((...request) => void host.ask(...request).catch(fail), [host, fail]);
  const begin = useCallback(() => {
    reduce({ type: 'failed', message: '' });
    host.begin().catch(fail);
  }, [host, fail]);
  return { host, act, begin };
}

/** The draft goes to VS Code's state of the page and to the panel whenever it changes. */
function useKeptDraft(
  api: PageApi,
  host: Host,
  begun: { readonly current: Begun },
  snapshot: EditorState | null,
  draft: Draft,
): void {
  const sent = useRef<string | null>(null);
  useEffect(() => {
    if (!snapshot) return;
    const kept = saveDraft(snapshot.instance, draft);
    // By that name the panel finds what this page has kept, after a reload of the window.
    api.setState({ ...kept, writer: begun.current.writer });
    const text = JSON.stringify(kept.changes);
    const isFirst = sent.current === null;
    // One that has come true since it was kept is empty now, and that is kept.
    if (sent.current !== text && (!isFirst || text !== '{}' || !begun.current.isEmpty))
      void host.ask('keepDraft', kept).catch(() => undefined);
    sent.current = text;
  }, [snapshot, draft]);
}

/** Ctrl+Z (Cmd+Z) takes back the last step of the draft, outside of text fields. */
function useUndoKey(dispatch: (action: Action) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey))
        return;
      const inText = event.composedPath().some((part) => part instanceof HTMLInputElement && part.type === 'text');
      if (inText) return;
      event.preventDefault();
      dispatch({ type: 'undo' });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [dispatch]);
}

/**
 * Measures each change of the draft as `apim-tls:toggle` (see performance.getEntriesByName): from the event until the
 * document is up to date and laid out, without painting.
 */
function useMeasured(reduce: (action: Action) => void): (action: Action) => void {
  const begun = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (begun.current === null) return;
    document.body.getBoundingClientRect();
    performance.measure('apim-tls:toggle', { start: begun.current, end: performance.now() });
    begun.current = null;
  });
  return useCallback(
    (action: Action) => {
      begun.current = performance.now();
      reduce(action);
    },
    [reduce],
  );
}
