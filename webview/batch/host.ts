// The page's side of the channel to the panel: its state, and requests with their answers.

import { useCallback, useMemo, useState } from 'preact/hooks';
import type { BatchState, BatchToHost, BatchToWebview } from '../../src/messages/batch.ts';
import { readBatchPart, readBatchState, withBatchPart } from '../../src/messages/batchParts.ts';
import { openChannel } from '../../src/messages/channel.ts';
import type { Argument, Channel, Result } from '../../src/messages/channel.ts';
import type { PageApi } from '../host.ts';

/** Sends a request and gives its answer. */
export type Ask = <K extends keyof BatchToHost>(
  name: K,
  argument: Argument<BatchToHost, K>,
) => Promise<Result<BatchToHost, K>>;
/** Sends a request; what goes wrong is shown on the page. */
export type Act = <K extends keyof BatchToHost>(name: K, argument: Argument<BatchToHost, K>) => void;

export interface BatchHost {
  /** Null until the first one has come. */
  readonly state: BatchState | null;
  /** Why the last request failed, or empty. */
  readonly failure: string;
  readonly ask: Ask;
  readonly act: Act;
  /** Asks for the state, the first time or again. */
  readonly begin: () => void;
}

const readers: Readonly<Record<keyof BatchToWebview, (argument: unknown) => unknown>> = {
  state: readBatchState,
  part: readBatchPart,
};

export function useBatchHost(api: PageApi): BatchHost {
  const [state, setState] = useState<BatchState | null>(null);
  const [failure, setFailure] = useState('');
  const channel: Channel<BatchToHost> = useMemo(() => {
    const opened = openChannel<BatchToWebview, BatchToHost>(
      (message) => api.postMessage(message),
      {
        state: (next) => setState((before) => (before === null ? null : next)),
        // Parts that come before the first state are in it.
        part: (part) => setState((before) => (before === null ? null : withBatchPart(before, part))),
      },
      (name, argument) => readers[name as keyof BatchToWebview](argument),
    );
    window.addEventListener('message', (event: MessageEvent<unknown>) => opened.receive(event.data));
    return opened;
  }, [api]);
  const ask = useCallback<Ask>((name, argument) => channel.request(name, argument), [channel]);
  const fail = useCallback((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)), []);
  const act = useCallback<Act>(
    (name, argument) => {
      setFailure('');
      void ask(name, argument).catch(fail);
    },
    [ask, fail],
  );
  const begin = useCallback(() => {
    setFailure('');
    ask('ready', undefined).then((first) => setState(readBatchState(first)), fail);
  }, [ask, fail]);
  return { state, failure, ask, act, begin };
}
