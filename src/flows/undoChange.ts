// Undo: the keys that a change touched, back to what they were, on top of the map as it is now.

import type { HistoryEntry } from '../core/history.ts';
import type { CustomProperties } from '../core/instance.ts';
import { differences, overlay, sameValue, textOf } from '../core/tls/customProperties.ts';
import type { KeyDifference, MapEdit } from '../core/tls/customProperties.ts';
import { isDefault } from '../core/tls/readBack.ts';
import { checkTarget } from './checkSettings.ts';
import type { CheckInput, CheckResult } from './checkSettings.ts';

export interface UndoTarget {
  readonly map: CustomProperties;
  /** Keys of the change that somebody has changed again since: they are left as they are. `before`: what the change left. */
  readonly contested: readonly KeyDifference[];
}

export type UndoResult = CheckResult & Pick<UndoTarget, 'contested'>;

/** The plan that undoes a change, checked like any other. Keys that the change did not touch stay as they are now. */
export async function planUndo(
  input: Omit<CheckInput, 'instanceId'> & { readonly entry: HistoryEntry },
): Promise<UndoResult> {
  const { entry } = input;
  let contested: readonly KeyDifference[] = [];
  const checked = await checkTarget({ ...input, instanceId: entry.instanceId }, (instance) => {
    if (instance.customProperties === null) return null;
    const target = undoTarget(entry, instance.customProperties, instance.createdAt);
    contested = target.contested;
    return target.map;
  });
  return { ...checked, contested };
}

/** The map that undoes the change on top of the present one. */
export function undoTarget(
  entry: Pick<HistoryEntry, 'before' | 'after'>,
  present: CustomProperties,
  createdAt: string | null,
): UndoTarget {
  const edit: Record<string, string | null> = {};
  const contested: KeyDifference[] = [];
  for (const { key, before, after } of differences(entry.before, entry.after)) {
    const now = textOf(present, key);
    if (isAsLeft(key, after, now, createdAt)) edit[key] = before;
    else if (!isSame(before, now)) contested.push({ key, before: after, after: now });
  }
  return { map: overlay(present, edit satisfies MapEdit), contested };
}

/** The key is as the change left it. One that was reset may be stated with its default. */
function isAsLeft(key: string, left: string | null, now: string | null, createdAt: string | null): boolean {
  return isSame(left, now) || (left === null && now !== null && isDefault(key, now, createdAt));
}

function isSame(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : sameValue(a, b);
}
