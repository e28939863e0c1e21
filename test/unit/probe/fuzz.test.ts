// The short form of the fuzzing; `npm run fuzz` does a million.

import assert from 'node:assert/strict';
import { fuzz } from '../../fuzz/cases.ts';

describe('mutated answers of real servers', function () {
  this.timeout(120_000);

  it('never make the prober throw, hang, swell or claim what was not said', () => {
    const before = process.memoryUsage();
    fuzz(1, 20_000);
    const { rss } = process.memoryUsage();
    assert.ok(rss - before.rss < 300 * 1024 * 1024, `${Math.round((rss - before.rss) / 1024 / 1024)} MiB`);
  });
});
