// Faults at random, the same ones in the same order for the same seed.

import { createHash } from 'node:crypto';
import { createFaults } from './faults.ts';
import type { Fault, Faults } from './faults.ts';

/** Numbers from 0 up to, but not including, 1. Mulberry32: 32 bits of state are enough for choices in tests. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What may meet any request. */
const anywhere: readonly Fault[] = [
  { kind: 'drop' },
  { kind: 'drop', late: true },
  { kind: 'throttled', retryAfterSeconds: 0 },
  { kind: 'serverError' },
  { kind: 'unavailable', retryAfterSeconds: 0 },
  { kind: 'malformed' },
  { kind: 'html' },
  { kind: 'redirect' },
  { kind: 'networkLogin' },
  { kind: 'badGateway' },
  { kind: 'tokenRefused' },
  { kind: 'forbidden' },
];

/** What may meet the change itself, besides. */
const ofChanges: readonly Fault[] = [
  { kind: 'serviceLocked' },
  { kind: 'preconditionFailed' },
  { kind: 'scopeLocked' },
  { kind: 'policyDenied' },
  { kind: 'operationWithoutEffect' },
  { kind: 'operationFails', as: 'error' },
  { kind: 'operationFails', as: 'status' },
  { kind: 'operationFails', as: 'resource' },
  { kind: 'readBackLosesKey' },
];

/**
 * `share`: how many requests of all meet a fault, from 0 to 1. `more`: further faults that any request may meet.
 * What the nth request of one kind meets depends on nothing else, so that requests may come in any order. Rules that
 * are added come first.
 */
export function randomFaults(seed: number, share: number, more: readonly Fault[] = []): Faults {
  const rules = createFaults();
  const streams = new Map<string, () => number>();
  const streamOf = (kind: string): (() => number) => {
    const stream = streams.get(kind) ?? seededRandom(seed ^ digest(kind));
    streams.set(kind, stream);
    return stream;
  };
  return {
    take: (request) => {
      const ruled = rules.take(request);
      const random = streamOf(`${request.method} ${kindOfPath(request.path)}`);
      if (ruled !== undefined || random() >= share) return ruled;
      const choice = [...anywhere, ...more, ...(request.method === 'PATCH' ? ofChanges : [])];
      return choice[Math.floor(random() * choice.length)];
    },
    add: (rule) => rules.add(rule),
    clear: () => rules.clear(),
  };
}

/** Without query, and without the ids of operations, which are new each time. */
function kindOfPath(path: string): string {
  return path.replace(/\?.*$/, '').replace(/(\/operationresults\/).*$/i, '$1');
}

function digest(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
