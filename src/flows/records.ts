// Where a change is written down while it runs, and what is written down when it has ended.

import type { FailureDetails } from '../core/failure.ts';
import type { HistoryEntry, Operation, OperationResult } from '../core/history.ts';
import { sameId } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import type { EndedOutcome } from '../core/outcome.ts';
import { differences, shortKey } from '../core/tls/customProperties.ts';
import { compareReadBack } from '../core/tls/readBack.ts';

/** Kept across reloads and windows. `record` is awaited before `forget`, so that nothing falls between the two. */
export interface Records {
  readonly record: (entry: HistoryEntry) => Promise<void>;
  readonly forget: (operationId: string) => Promise<void>;
}

export function entryFor(
  operation: Operation,
  result: OperationResult,
  endedAt: string | null,
  detail: string,
): HistoryEntry {
  const { id, instanceId, kind, startedAt, before, sent, who, batchId, evidence } = operation;
  return {
    ...{ id, instanceId, kind, startedAt, endedAt, who: who ?? '', before, after: sent, result, detail },
    ...(batchId === undefined ? {} : { batchId }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}

/** Writes the entry, then forgets the operation. */
export async function close(records: Records, entry: HistoryEntry): Promise<void> {
  await records.record(entry);
  await records.forget(entry.id);
}

/** The outcome of an operation after which the instance was read: is what was sent what is there? */
export async function settle(
  records: Records,
  operation: Operation,
  instance: Instance,
  endedAt: string,
): Promise<EndedOutcome> {
  const { before, sent } = operation;
  const { kind, keys } = compareReadBack(before, sent, instance.customProperties, instance.createdAt);
  const named = keys.map(({ key }) => shortKey(key)).join(', ');
  // Where Azure accepted the change, an unchanged map is a difference, not a change that was never made.
  const result =
    kind === 'asSent' ? 'done' : kind === 'unchanged' && operation.resume === null ? 'refused' : 'different';
  const found = instance.customProperties;
  const asSent = found === null || differences(sent, found).length === 0;
  const entry = { ...entryFor(operation, result, endedAt, named), ...(asSent ? {} : { found: { ...found } }) };
  // Where the instance has been moved, whoever looks there finds the entry too.
  if (!sameId(instance.id, operation.instanceId)) await records.record({ ...entry, instanceId: instance.id });
  await close(records, entry);
  if (result === 'done') return { kind: 'done', entry, instance };
  return result === 'refused' ? { kind: 'notWritten', entry, instance } : { kind: 'different', entry, instance, keys };
}

/** The reason in Azure's words, or its code. */
export function reasonText(failure: FailureDetails): string {
  return (
    [failure.serviceCode, failure.serviceMessage].filter((text) => text !== undefined && text !== '').join(': ') ||
    failure.code
  );
}
