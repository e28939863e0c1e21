// Whose order decides, and which order it is, from what a server picked of several offers.

import type { Preference } from '../core/tls/evidence.ts';
import type { Pick } from './enumerate.ts';

export interface Ranking {
  /** unknown: every pick was the first that the server accepts, and no two were offered in both orders. */
  readonly preference: Preference;
  /** The accepted values in the server's order, as far as the picks tell; where they do not, in the order given. */
  readonly order: readonly number[];
  /** Whether the picks tell which of two comes first, by themselves or by way of others. */
  readonly told: (a: number, b: number) => boolean;
}

/** @param accepted in the order to be told where the picks leave it open */
export function rank(accepted: readonly number[], picks: readonly Pick[]): Ranking {
  const wins = comparisons(accepted, picks);
  const preference = preferenceOf(accepted, picks, wins);
  close(accepted, wins);
  const beats = (a: number, b: number): boolean => wins.has(key(a, b)) && !wins.has(key(b, a));
  const told = (a: number, b: number): boolean => wins.has(key(a, b)) || wins.has(key(b, a));
  return { preference, order: sorted(accepted, beats), told };
}

/** Pairs so many places apart in the order of which nothing tells which comes first: all of them must be asked. */
export function openPairs(
  { order, told }: Ranking,
  distances: readonly number[],
): readonly (readonly [number, number])[] {
  return distances.flatMap((distance) =>
    order.flatMap((item, index): (readonly [number, number])[] => {
      const other = order[index + distance];
      return other === undefined || told(item, other) ? [] : [[item, other]];
    }),
  );
}

const key = (a: number, b: number): number => a * 0x10000 + b;

/** Every pair of which the first was picked where both were offered. */
function comparisons(accepted: readonly number[], picks: readonly Pick[]): Set<number> {
  const known = new Set(accepted);
  const wins = new Set<number>();
  for (const { offered, item } of picks) {
    for (const other of offered) if (other !== item && known.has(other)) wins.add(key(item, other));
  }
  return wins;
}

/** What comes before something comes before all that comes after it. */
function close(items: readonly number[], wins: Set<number>): void {
  for (const between of items) {
    const after = items.filter((item) => wins.has(key(between, item)));
    const before = items.filter((item) => wins.has(key(item, between)));
    for (const first of before) for (const last of after) if (first !== last) wins.add(key(first, last));
  }
}

function preferenceOf(
  accepted: readonly number[],
  picks: readonly Pick[],
  wins: ReadonlySet<number>,
): Ranking['preference'] {
  const known = new Set(accepted);
  const followed = picks.every(({ offered, item }) => offered.find((code) => known.has(code)) === item);
  if (!followed) return 'server';
  const bothWays = accepted.some((a) => accepted.some((b) => wins.has(key(a, b)) && wins.has(key(b, a))));
  return bothWays ? 'client' : 'unknown';
}

/** Topological order; among several that nothing left precedes, and in a circle, the one that comes first in the list. */
function sorted(list: readonly number[], beats: (a: number, b: number) => boolean): readonly number[] {
  const left = [...list];
  const order: number[] = [];
  while (left.length > 0) {
    const free = left.findIndex((item) => !left.some((other) => beats(other, item)));
    order.push(...left.splice(Math.max(0, free), 1));
  }
  return order;
}
