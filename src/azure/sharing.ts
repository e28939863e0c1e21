// The same question, asked by several at a time, is sent once.

import { ArmError } from '../core/failure.ts';

/**
 * Who asks while the same is being read gets the answer to that; nothing is kept of it afterwards. One who gives up rejects
 * with "cancelled" at once, and the reading ends where nobody is left.
 */
export type Sharing = <Value>(
  key: string,
  signal: AbortSignal | undefined,
  read: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

interface Running {
  readonly answer: Promise<unknown>;
  readonly end: AbortController;
  waiting: number;
}

export function openSharing(): Sharing {
  const running = new Map<string, Running>();
  return async <Value>(
    key: string,
    signal: AbortSignal | undefined,
    read: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
    const own = running.get(key) ?? begin(running, key, read);
    own.waiting += 1;
    const { promise: gaveUp, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(new ArmError({ code: 'cancelled' }));
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return (await Promise.race([own.answer, gaveUp])) as Value;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      own.waiting -= 1;
      if (own.waiting === 0) {
        if (running.get(key) === own) running.delete(key);
        own.end.abort();
      }
    }
  };
}

function begin(running: Map<string, Running>, key: string, read: (signal: AbortSignal) => Promise<unknown>): Running {
  const end = new AbortController();
  const answer = read(end.signal);
  const own: Running = { answer, end, waiting: 0 };
  running.set(key, own);
  const forget = () => {
    if (running.get(key) === own) running.delete(key);
  };
  answer.then(forget, forget);
  return own;
}
