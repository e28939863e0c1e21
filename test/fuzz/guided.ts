// Coverage-guided fuzzing: keeps each case that reaches code that none before has reached, and changes those further.

import { Session } from 'node:inspector/promises';
import fc from 'fast-check';
import { cases } from './cases.ts';
import { run, type Case } from './targets.ts';

export interface Progress {
  readonly runs: number;
  /** Places in the prober's code (branches and functions) that some case has reached. */
  readonly places: number;
  /** Cases that are kept. */
  readonly kept: number;
}

interface Range {
  readonly startOffset: number;
  readonly count: number;
}

/** What V8 has counted since the last look, in the prober's files: place and order of magnitude. */
async function reached(session: Session): Promise<readonly string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/src/probe/'))
    .flatMap(({ scriptId, functions }) =>
      functions.flatMap(({ ranges }: { ranges: readonly Range[] }) =>
        ranges.flatMap(({ startOffset, count }) =>
          count === 0 ? [] : [`${scriptId}:${startOffset}:${Math.min(4, Math.floor(Math.log2(count)))}`],
        ),
      ),
    );
}

/** Runs until the time is over. Throws with the case, as JSON, where one fails. */
export async function guided(
  seed: number,
  minutes: number,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();
  const kept: Case[] = [];
  const fresh = fc.sample(cases, { seed, numRuns: 5000 }).values();
  const random = randomNumbers(seed);
  let runs = 0;
  const until = performance.now() + minutes * 60_000;
  for (let told = 0; performance.now() < until; runs += 1) {
    const input =
      runs % 8 === 0 || kept.length === 0 ? (fresh.next().value ?? changed(kept, random)) : changed(kept, random);
    try {
      run(input);
    } catch (error) {
      throw new Error(`${String(error)}\n${JSON.stringify(input)}`, { cause: error });
    }
    const places = (await reached(session)).filter((place) => !seen.has(place));
    if (places.length > 0) kept.push(input);
    for (const place of places) seen.add(place);
    if (performance.now() - told > 10_000) {
      told = performance.now();
      onProgress({ runs, places: seen.size, kept: kept.length });
    }
  }
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  return { runs, places: seen.size, kept: kept.length };
}

/** A kept case with a step more, less or from another one, or with another number. */
function changed(kept: readonly Case[], random: (below: number) => number): Case {
  const one = kept[random(kept.length)] as Case;
  const other = kept[random(kept.length)] as Case;
  const { steps } = one;
  switch (random(6)) {
    case 0:
      return { ...one, base: random(256) };
    case 1:
      return { ...one, sizes: [random(40), random(1500)] };
    case 2:
      return { ...one, steps: [...steps, ...other.steps].slice(0, 6) };
    case 3:
      return { ...one, target: random(0x10000) };
    case 4:
      return { ...one, steps: steps.length > 1 ? steps.toSpliced(random(steps.length), 1) : other.steps };
    default: {
      const index = random(steps.length);
      const step = steps[index];
      if (!step) return one;
      const field =
        random(2) === 0 ? { at: random(0x10000) } : { value: random(3) === 0 ? random(0x1000000) : random(256) };
      return { ...one, steps: steps.with(index, { ...step, ...field }) };
    }
  }
}

/** Mulberry32. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
