// What the page of several instances is sent: the state whole at first, then what is other than before.

import type { BatchState, BatchToWebview } from '../../messages/batch.ts';
import { batchPartBetween } from '../../messages/batchParts.ts';
import type { Channel } from '../../messages/channel.ts';

/** Several changes within this time (milliseconds) are one snapshot: all rows are worked out for each. */
const pushMs = 150;

export interface Snapshots {
  /** The state as it is now, for a page that has none. */
  first(): BatchState;
  /** Sends a snapshot soon, to a page that has had its first. */
  push(): void;
  stop(): void;
}

export function openSnapshots(channel: Channel<BatchToWebview>, state: () => BatchState): Snapshots {
  /** What the page has. */
  let sent: BatchState | undefined;
  let scheduled: NodeJS.Timeout | undefined;
  let stopped = false;

  async function send(before: BatchState): Promise<void> {
    const next = state();
    sent = next;
    try {
      await channel.request('part', batchPartBetween(before, next));
    } catch {
      // The page could not take it: it gets the whole.
      await channel.request('state', next).catch(() => undefined);
    }
  }

  return {
    first: () => (sent = state()),
    push: () => {
      if (stopped || scheduled) return;
      scheduled = setTimeout(() => {
        scheduled = undefined;
        if (!stopped && sent) void send(sent);
      }, pushMs);
    },
    stop: () => {
      stopped = true;
      clearTimeout(scheduled);
    },
  };
}
