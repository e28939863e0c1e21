// What is sent of a snapshot of several instances takes the one before to it.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchPartBetween, readBatchPart, withBatchPart } from '../../../src/messages/batchParts.ts';
import type { BatchRow, BatchState } from '../../../src/messages/batch.ts';

const row: BatchRow = {
  id: 'a',
  name: 'a',
  subscriptionName: '',
  tier: 'Premium',
  wave: 1,
  state: 'planned',
  leftOut: null,
  check: 'no',
  changes: 0,
  blockers: 0,
  warnings: 0,
  absolute: false,
  overridden: false,
  startedAt: null,
  endedAt: null,
  detail: '',
};
const state: BatchState = {
  phase: 'planning',
  batchId: 'b',
  aim: null,
  startedAt: null,
  limit: 5,
  stopOnFailure: true,
  downtimeAt: null,
  rows: [],
  checking: null,
  pause: '',
  stopped: false,
  foreign: false,
  asked: false,
  sample: false,
  problem: '',
  notice: '',
};

const rows = fc.uniqueArray(
  fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
      check: fc.constantFrom('no', 'running', 'done'),
      changes: fc.nat(2),
    })
    .map((part): BatchRow => ({ ...row, ...part })),
  { selector: ({ id }) => id },
);
const states = fc
  .record({ rows, problem: fc.constantFrom('', 'x'), startedAt: fc.constantFrom(null, '2026-01-02T03:04:05Z') })
  .map((part): BatchState => ({ ...state, ...part }));

describe('parts of a snapshot of several instances', () => {
  it('take the one before to the one after, by way of their text and the check of their shape', () => {
    fc.assert(
      fc.property(states, states, (before, after) => {
        const part = readBatchPart(JSON.parse(JSON.stringify(batchPartBetween(before, after))));
        assert.deepEqual(withBatchPart(before, part), after);
      }),
    );
  });

  it('hold the rows that say something else, and leave the rest the same objects', () => {
    const before = { ...state, rows: ['a', 'b', 'c'].map((id) => ({ ...row, id })) };
    // As from the panel: every row is an object of its own.
    const after = { ...state, rows: before.rows.map((one) => ({ ...one, changes: one.id === 'b' ? 3 : 0 })) };
    const part = batchPartBetween(before, after);
    assert.deepEqual(part, { fields: {}, rows: [{ ...row, id: 'b', changes: 3 }], order: null });
    const next = withBatchPart(before, part);
    assert.equal(next.rows[0], before.rows[0]);
    assert.equal(next.rows[2], before.rows[2]);
    assert.equal(withBatchPart(before, batchPartBetween(before, { ...before, problem: 'x' })).rows, before.rows);
  });

  it('are refused where their shape is wrong', () => {
    for (const part of [
      null,
      {},
      { fields: {}, rows: [{ id: 'a' }], order: null },
      { fields: { limit: 'x' }, rows: [], order: null },
    ])
      assert.throws(() => readBatchPart(part), /wrong shape/);
  });
});
