// Operations that ask callers for a certificate after the handshake, as documents and verdicts need to know of them.

import type { RenegotiationSummary } from './renegotiation.ts';
import { sourceLine } from './renegotiationText.ts';

export interface AskingOperations {
  /** How many are known; an estimate. */
  readonly count: number;
  /** Of those, how many of medium or high confidence. */
  readonly sure: number;
  /** There are more. */
  readonly atLeast: boolean;
  /** The window of the logs behind it. */
  readonly days: number;
  /** When it was made: ISO 8601, UTC. */
  readonly readAt: string;
  /** Everything that tells of them was read. */
  readonly complete: boolean;
  /** Sentences on what was read and what was not; where something is missing, on that. */
  readonly sources: readonly string[];
}

/** Null where the estimate was not made. */
export function askingOperations(
  found: Pick<RenegotiationSummary, 'operations' | 'sure' | 'atLeast' | 'sources' | 'more' | 'days' | 'readAt'> | null,
): AskingOperations | null {
  if (found === null) return null;
  const lines = found.sources.flatMap(sourceLine);
  const missing = lines.filter(({ tone }) => tone === 'missing');
  return {
    count: found.operations,
    sure: found.sure,
    atLeast: found.atLeast,
    days: found.days,
    readAt: found.readAt,
    complete: missing.length === 0 && !found.more,
    sources: (missing.length > 0 ? missing : lines).map(({ text }) => text),
  };
}
