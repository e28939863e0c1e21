// Operations that ask callers for a certificate after the handshake, as documents and verdicts need to know of them.

import type { RenegotiationSummary } from './renegotiation.ts';
import { sourceLine } from './renegotiationText.ts';

export interface AskingOperations {
  /** How many are known; an estimate. */
  readonly count: number;
  /** Of those, how many of medium or high confidence. */
  readonly sure: number;
  /** The window of the logs behind it. */
  readonly days: number;
  /** Everything that tells of them was read. */
  readonly complete: boolean;
  /** Sentences on what was read and what was not; where something is missing, on that. */
  readonly sources: readonly string[];
}

/** Null where the estimate was not made. */
export function askingOperations(
  found: Pick<RenegotiationSummary, 'total' | 'counts' | 'sources' | 'more' | 'days'> | null,
): AskingOperations | null {
  if (found === null) return null;
  const lines = found.sources.flatMap(sourceLine);
  const missing = lines.filter(({ tone }) => tone === 'missing');
  return {
    count: found.total,
    sure: found.counts.high + found.counts.medium,
    days: found.days,
    complete: missing.length === 0 && !found.more,
    sources: (missing.length > 0 ? missing : lines).map(({ text }) => text),
  };
}
