// When the quiet check is made: at the interval of the setting, by one window for all, and for nobody who is signed out.

import type { Instance } from '../core/instance.ts';

interface Ending {
  dispose(): void;
}

export interface CheckWorld {
  /** What the setting says; 0: never. */
  readonly minutes: () => number;
  readonly onDidChangeMinutes: (listener: () => void) => Ending;
  /** Calls once after so many milliseconds, unless it is disposed of before. */
  readonly after: (ms: number, call: () => void) => Ending;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether the estate was read in this window: before that, nothing is done, so that nobody is asked to sign in. */
  readonly isReady: () => boolean;
  /** Whether this window is the one to check in the present interval. */
  readonly claim: (minutes: number, now: number) => Promise<boolean>;
  /** Null where another estate or account was opened meanwhile. */
  readonly read: (signal: AbortSignal) => Promise<readonly Instance[] | null>;
  /** Compares, and tells of what is new. */
  readonly look: (instances: readonly Instance[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Follows the setting until it is disposed of. The next interval begins when a check has ended. */
export function checkAtIntervals(world: CheckWorld): Ending {
  let timer: Ending | undefined;
  let ending = new AbortController();

  function stop(): void {
    timer?.dispose();
    ending.abort();
  }

  function begin(): void {
    stop();
    ending = new AbortController();
    const { signal } = ending;
    const minutes = world.minutes();
    if (minutes === 0) return;
    timer = world.after(minutes * 60_000, () => {
      void check(world, minutes, signal).finally(() => {
        if (!signal.aborted) begin();
      });
    });
  }

  begin();
  const setting = world.onDidChangeMinutes(begin);
  return {
    dispose: () => {
      setting.dispose();
      stop();
    },
  };
}

async function check(world: CheckWorld, minutes: number, signal: AbortSignal): Promise<void> {
  try {
    if (!world.isReady() || !(await world.claim(minutes, world.now())) || signal.aborted) return;
    const instances = await world.read(signal);
    if (instances && !signal.aborted) await world.look(instances);
  } catch (error) {
    if (!signal.aborted) world.failed(error);
  }
}
