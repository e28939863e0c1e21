// Operations that ask callers for a certificate after the handshake, as documents and verdicts need to know of them.

export interface AskingOperations {
  /** How many are known; an estimate. */
  readonly count: number;
  /** Everything that tells of them was read. */
  readonly complete: boolean;
  /** Sentences on what was read and what was not. */
  readonly sources: readonly string[];
}
