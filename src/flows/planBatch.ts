// What a change of several instances means for each of them: the map to be written, the plan, the evidence.

import type { Azure } from '../azure/access.ts';
import { waveOf } from '../core/batch.ts';
import type { BatchItem } from '../core/batch.ts';
import type { Batch } from '../core/batchProgress.ts';
import { failureCode } from '../core/failure.ts';
import { idKey } from '../core/instance.ts';
import type { CustomProperties, Instance } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import { copySettings } from '../core/tls/copySettings.ts';
import type { KeyDifference } from '../core/tls/customProperties.ts';
import { mapForDraft } from '../core/tls/draft.ts';
import { blockersOf, planForMap } from '../core/tls/plan.ts';
import type { Plan, PlanInput } from '../core/tls/plan.ts';
import { presetChanges } from '../core/tls/presets.ts';
import type { PresetId } from '../core/tls/presets.ts';
import type { SettingId } from '../core/tls/settings.ts';
import { checkTarget } from './checkSettings.ts';
import type { CheckInput, CheckResult, CheckSnapshot } from './checkSettings.ts';
import { sharedProbe } from './sharedProbe.ts';
import { undoTarget } from './undoChange.ts';

/** An aim with what it needs to be worked out for an instance. */
export type Target =
  | { readonly kind: 'preset'; readonly preset: PresetId }
  | { readonly kind: 'copy'; readonly source: Instance }
  | { readonly kind: 'undo'; readonly batch: Batch };

export interface Aimed {
  /** Null where the map of the instance is not known. */
  readonly map: CustomProperties | null;
  /** Settings that are not taken over. */
  readonly skipped: readonly SettingId[];
  /** Keys that somebody has changed again since, and that an undo leaves alone. */
  readonly contested: readonly KeyDifference[];
}

export function aimFor(instance: Instance, target: Target): Aimed {
  const nothing = { map: instance.customProperties, skipped: [], contested: [] };
  if (instance.customProperties === null) return nothing;
  switch (target.kind) {
    case 'preset':
      return { ...nothing, map: mapForDraft(instance, presetChanges(instance, target.preset)) };
    case 'copy': {
      const { changes, skipped } = copySettings(target.source, instance);
      return { ...nothing, map: mapForDraft(instance, changes), skipped };
    }
    case 'undo': {
      const item = undoable(target.batch).find(({ instanceId }) => idKey(instanceId) === idKey(instance.id));
      if (!item) return nothing;
      const entry = { before: item.base.map, after: item.map };
      return { ...nothing, ...undoTarget(entry, instance.customProperties, instance.createdAt) };
    }
  }
}

/** The items that have changed, or may have. */
export function undoable({ plan, items }: Batch): readonly BatchItem[] {
  return plan.items.filter((_, index) => ['done', 'different', 'unknown'].includes(items[index]?.state ?? ''));
}

export interface Planned extends Aimed {
  readonly plan: Plan;
}

/** The plan of one instance, by what is known of it now. */
export function planInstance(input: Omit<PlanInput, 'changes'>, target: Target): Planned {
  const aimed = aimFor(input.instance, target);
  return { ...aimed, plan: planForMap(input, aimed.map) };
}

/** What is written down of the instance. @param overridden its name was typed in spite of the blockers */
export function itemOf(instance: Instance, { plan }: Pick<Planned, 'plan'>, overridden: boolean): BatchItem {
  const { id, name, tier, createdAt } = instance;
  const blockers = blockersOf(plan);
  const hard = blockers.some(({ code }) => code === 'busy');
  const leftOut =
    instance.customProperties === null
      ? 'notRead'
      : plan.keyChanges.length === 0
        ? 'unneeded'
        : hard || (blockers.length > 0 && !overridden)
          ? 'blocked'
          : null;
  return {
    instanceId: id,
    name,
    tier,
    createdAt,
    wave: waveOf(tier),
    base: { etag: plan.base.etag, map: { ...plan.base.map } },
    map: { ...plan.map },
    overridden: overridden && blockers.length > 0,
    leftOut,
  };
}

export interface CheckManyInput extends Omit<CheckInput, 'instanceId' | 'onProgress' | 'signal'> {
  readonly azure: Azure;
  readonly instanceIds: readonly string[];
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly onBegin: (instanceId: string) => void;
  readonly onSnapshot: (instanceId: string, snapshot: CheckSnapshot) => void;
  /** The one that was checked, or why it could not be. */
  readonly onEnd: (instanceId: string, end: CheckResult | { readonly failure: unknown }) => void;
}

/** Instances that are read and probed at one time: each has hosts of its own to be asked in parallel. */
const checksAtOnce = 4;

/**
 * Checks one after the other, a few at once. A backend that several of them call is asked once for each offer that is
 * planned. One that fails stands beside the others. Rejects only when cancelled.
 */
export async function checkMany(input: CheckManyInput): Promise<void> {
  const { instanceIds, target, signal, onBegin, onSnapshot, onEnd, ...rest } = input;
  const common = { ...rest, probe: sharedProbe(input.probe) };
  await inParallel(instanceIds, checksAtOnce, async (instanceId) => {
    signal.throwIfAborted();
    onBegin(instanceId);
    try {
      const checked = await checkTarget(
        { ...common, instanceId, signal, onProgress: (snapshot) => onSnapshot(instanceId, snapshot) },
        (instance) => aimFor(instance, target).map,
      );
      onEnd(instanceId, checked);
    } catch (failure) {
      if (signal.aborted || failureCode(failure) === 'cancelled') throw failure;
      onEnd(instanceId, { failure });
    }
  });
}
