// What a change comes to: refused before or by Azure, or ended in one way or another.

import type { FailureDetails } from './failure.ts';
import type { PlanFinding } from './finding.ts';
import type { HistoryEntry } from './history.ts';
import type { Instance } from './instance.ts';
import type { KeyDifference } from './tls/customProperties.ts';
import type { KeyOutcome } from './tls/readBack.ts';

export type ApplyRefusal =
  | { readonly kind: 'refused'; readonly reason: 'blocked'; readonly blockers: readonly PlanFinding[] }
  | { readonly kind: 'refused'; readonly reason: 'nothingToChange' }
  | { readonly kind: 'refused'; readonly reason: 'busy'; readonly state: string }
  /** The instance is no longer what the plan was made on. No differences: only its etag is another. */
  | {
      readonly kind: 'refused';
      readonly reason: 'changed';
      readonly differences: readonly KeyDifference[];
      readonly instance: Instance;
    }
  /** Azure said no. Nothing was written. */
  | { readonly kind: 'refused'; readonly reason: 'service'; readonly failure: FailureDetails }
  /** The request failed on its way, and the instance shows that nothing was written. */
  | { readonly kind: 'refused'; readonly reason: 'notWritten'; readonly failure: FailureDetails };

/** `instance` is where it was found in the end: at another id where it has been moved meanwhile. */
export type EndedOutcome =
  | { readonly kind: 'done'; readonly entry: HistoryEntry; readonly instance: Instance }
  | {
      readonly kind: 'different';
      readonly entry: HistoryEntry;
      readonly instance: Instance;
      readonly keys: readonly KeyOutcome[];
    }
  /** Nothing of it was written: the service never took it. */
  | { readonly kind: 'notWritten'; readonly entry: HistoryEntry; readonly instance: Instance }
  | { readonly kind: 'failed'; readonly entry: HistoryEntry; readonly failure: FailureDetails }
  /** Not followed any further. */
  | { readonly kind: 'unknown'; readonly entry: HistoryEntry; readonly failure: FailureDetails };
