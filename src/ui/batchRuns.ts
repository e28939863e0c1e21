// A change of several instances set going by this window: with its records, its files and its clock.

import { randomUUID } from 'node:crypto';
import { pauseOnClock } from '../azure/clock.ts';
import type { Batch } from '../core/batchProgress.ts';
import type { Operation } from '../core/history.ts';
import type { FollowOutcome } from '../flows/followOperation.ts';
import { runBatch } from '../flows/runBatch.ts';
import type { BatchRun } from '../flows/runBatch.ts';
import type { BatchFiles, Lease } from './batchFiles.ts';
import type { Connection } from './connection.ts';
import type { Services } from './services.ts';

export interface RunWith {
  readonly services: Services;
  readonly connection: Connection;
  readonly files: BatchFiles;
  /** While it is this window's, new items may begin. */
  readonly lease: Lease;
  /** To the end of an operation; null: this window has given it up. */
  readonly follow: (operation: Operation) => Promise<FollowOutcome | null>;
  readonly onChange: (batch: Batch) => void;
}

export function startRun(batch: Batch, { services, connection, files, lease, follow, onChange }: RunWith): BatchRun {
  const records = services.records();
  return runBatch(batch, {
    azure: connection.azure,
    keep: (operation) => records.keep(operation),
    kept: () => records.running(),
    record: (entry) => records.record(entry),
    forget: (operationId) => records.forget(operationId),
    history: async (instanceId) => (await records.history(instanceId)).entries,
    write: (event) => files.append(batch.plan.id, event),
    follow,
    mayBegin: () => lease.renew(),
    who: connection.accountOf,
    now: () => new Date(),
    newId: () => randomUUID(),
    pause: pauseOnClock,
    onChange,
    onInstance: (instance) => services.estate.put(instance),
  });
}
