// What changed elsewhere: each reading against what is remembered; where a row may lag behind, Azure itself is asked.

import type { Azure } from '../azure/access.ts';
import { judge, memoryKey } from '../core/drift.ts';
import type { Drift, Judgement, Remembered } from '../core/drift.ts';
import { ArmError, failureCode } from '../core/failure.ts';
import type { HistoryEntry } from '../core/history.ts';
import type { Instance } from '../core/instance.ts';
import { differences } from '../core/tls/customProperties.ts';
import { inParallel } from '../core/parallel.ts';

export interface DriftInput {
  readonly azure: Pick<Azure, 'readInstance'>;
  /** As they were read just now, by whatever way. */
  readonly instances: readonly Instance[];
  /** By `memoryKey`. */
  readonly memory: ReadonlyMap<string, Remembered>;
  /** The changes that were made from here. */
  readonly own: (instance: Instance) => readonly HistoryEntry[];
  /** A change from here has not ended. */
  readonly isChanging: (instanceId: string) => boolean;
  /** What was found before, by `memoryKey`: Azure is not asked about the same again. */
  readonly known: ReadonlyMap<string, Drift>;
  readonly signal?: AbortSignal;
}

export interface DriftResult {
  /** Of the instances that were given. */
  readonly drifts: readonly Drift[];
  /** What is to be kept from now on. */
  readonly remembered: readonly Remembered[];
  /** What was read from Azure Resource Manager on the way. */
  readonly read: readonly Instance[];
  /** Ids of instances that differ by a row that may lag behind, and that could not be asked about this time. */
  readonly unsettled: readonly string[];
}

const askedAtOnce = 4;
/** Of one reading. The rest is asked about after the next. */
const mostAsked = 200;

/** So many instances are compared before others have their turn: a few milliseconds of work. */
export const atAStretch = 100;

/** Rejects where the signal is aborted; an instance that cannot be read is unsettled. */
export async function findDrifts(input: DriftInput): Promise<DriftResult> {
  const drifts: Drift[] = [];
  const remembered: Remembered[] = [];
  const uncertain: Instance[] = [];
  const take = (instance: Instance, judgement: Judgement) => {
    if (judgement.kind === 'asRemembered') remembered.push(judgement.remembered);
    if (judgement.kind === 'drift') drifts.push(judgement.drift);
    if (judgement.kind === 'uncertain') {
      const known = input.known.get(memoryKey(instance));
      if (known && differences(known.map, instance.customProperties ?? {}).length === 0) drifts.push(known);
      else uncertain.push(instance);
    }
  };
  const judged = (instance: Instance) => judge(instance, input.memory.get(memoryKey(instance)), input.own(instance));
  for (const [index, instance] of input.instances.entries()) {
    if (index > 0 && index % atAStretch === 0) await othersFirst(input.signal);
    if (!input.isChanging(instance.id)) take(instance, judged(instance));
  }

  const read: Instance[] = [];
  const unsettled = uncertain.slice(mostAsked).map(({ id }) => id);
  await inParallel(uncertain.slice(0, mostAsked), askedAtOnce, async ({ id }) => {
    try {
      const fresh = await input.azure.readInstance(id, input.signal ? { signal: input.signal } : {});
      read.push(fresh);
      take(fresh, judged(fresh));
    } catch (error) {
      if (failureCode(error) === 'cancelled') throw error;
      unsettled.push(id);
    }
  });
  return { drifts, remembered, read, unsettled };
}

/** The extension host serves every extension of the window. */
async function othersFirst(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
  if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
}
