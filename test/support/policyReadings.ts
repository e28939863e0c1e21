// Readings of policies for tests: nothing, but for what a test is about.

import type { PolicyReading } from '../../src/core/policyFacts.ts';

export function readingOf(part: Partial<PolicyReading>): PolicyReading {
  return {
    policies: [],
    fragments: [],
    namedValues: [],
    products: [],
    unread: [],
    missing: [],
    leftOut: { workspaces: 0, revisions: 0 },
    requests: 0,
    readAt: '2026-11-20T12:00:00.000Z',
    ...part,
  };
}
