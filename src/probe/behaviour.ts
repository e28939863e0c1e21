// How a server behaves, in one word, from several answers.

import type { Behaviour } from '../core/tls/evidence.ts';

/** From the most telling to the least: one honest answer outweighs everything else that was seen. */
const telling: readonly Behaviour[] = [
  'tls',
  'plain-http',
  'not-tls',
  'misbehaving',
  'alert',
  'reset',
  'close',
  'timeout',
  'refused',
  'unreachable',
  'unresolvable',
  'cancelled',
];

export function overallBehaviour(seen: readonly Behaviour[]): Behaviour {
  return telling.find((behaviour) => seen.includes(behaviour)) ?? 'cancelled';
}
