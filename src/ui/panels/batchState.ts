// The state of the page of several instances, before the change begins and after.

import { phaseOf } from '../../core/batchProgress.ts';
import { pauseText } from '../../core/batchText.ts';
import type { BatchRow, BatchState } from '../../messages/batch.ts';
import type { BatchView } from '../batches.ts';

/** What a plan does not have yet. */
export const notBegun = {
  phase: 'planning',
  startedAt: null,
  pause: '',
  stopped: false,
  foreign: false,
  asked: false,
} as const;

export function begunState(
  view: BatchView,
  rows: BatchRow[],
  common: Pick<BatchState, 'sample' | 'notice' | 'problem'>,
): BatchState {
  const { batch, foreign, asked } = view;
  const { id, aim, startedAt, limit, stopOnFailure, downtimeAt } = batch.plan;
  return {
    ...common,
    phase: phaseOf(batch),
    batchId: id,
    aim,
    startedAt,
    limit,
    stopOnFailure,
    downtimeAt,
    rows,
    checking: null,
    pause: batch.paused ? pauseText(batch.paused) : '',
    stopped: batch.stopped,
    foreign,
    asked,
    problem: common.problem || view.problem,
  };
}
