// The settings of one instance as changes of another, as far as the tier of the other allows.

import type { Instance } from '../instance.ts';
import { withValue } from './draft.ts';
import type { DraftChanges } from './draft.ts';
import { readSettings, settings, stateOf } from './settings.ts';
import type { SettingId } from './settings.ts';

export interface Copy {
  readonly changes: DraftChanges;
  /** Settings that stay as they are: locked at the target and different there, or not known of the source. */
  readonly skipped: readonly SettingId[];
}

/**
 * What is in force at the source, stated or by default, is stated at the target where that behaves otherwise. Keys that
 * this version does not know are not copied.
 */
export function copySettings(source: Instance, target: Instance): Copy {
  const from = readSettings(source);
  const to = readSettings(target);
  let changes: DraftChanges = {};
  const skipped: SettingId[] = [];
  for (const { id, absent } of settings) {
    const wanted = stateOf(from, id);
    const held = stateOf(to, id);
    if (absent === 'fixed' || wanted.value === held.value) continue;
    if (wanted.value === 'unknown' || held.lock !== undefined) skipped.push(id);
    else changes = withValue(target, changes, id, wanted.value);
  }
  return { changes, skipped };
}
