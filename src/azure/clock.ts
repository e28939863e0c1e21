// The clock by which requests are held back and repeated. Tests give another.

import { setImmediate as immediate, setTimeout as wait } from 'node:timers/promises';
import { ArmError } from '../core/failure.ts';

export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Rejects with "cancelled" where the signal is aborted. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const machineClock: Clock = {
  now: () => performance.now(),
  pause: pauseOnClock,
};

/** Lets whatever else waits in this process have its turn. */
export async function breathe(): Promise<void> {
  await immediate();
}

/** Pauses on the clock of the machine. */
export async function pauseOnClock(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new ArmError({ code: 'cancelled' });
  }
}
