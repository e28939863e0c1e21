// Mutated answers by the thousand, from a seed, so that a failure can be made again.

import fc from 'fast-check';
import { steps } from './mutations.ts';
import { run, type Case } from './targets.ts';

export const cases: fc.Arbitrary<Case> = fc.record({
  base: fc.nat({ max: 0xff }),
  steps,
  sizes: fc.array(fc.nat({ max: 1500 }), { maxLength: 3 }),
  target: fc.nat({ max: 0xffff }),
});

/** No answer may take longer to read, in milliseconds, on a busy machine. */
const longest = 1000;

/** Throws with the smallest case that fails. */
export function fuzz(seed: number, runs: number): void {
  fc.assert(
    fc.property(cases, (input) => {
      const since = performance.now();
      run(input);
      const took = performance.now() - since;
      if (took > longest) throw new Error(`took ${Math.round(took)} ms`);
    }),
    { seed, numRuns: runs },
  );
}
