// A draft: what the user wants to be different, and the map and the states that follow from it.

import * as v from 'valibot';
import type { CustomProperties, Instance } from '../instance.ts';
import { overlay, textOf } from './customProperties.ts';
import type { MapEdit } from './customProperties.ts';
import { readSettings, settingById, settings, stateOf } from './settings.ts';
import type { SettingId, SettingState, SettingStates, Stated } from './settings.ts';

/** on and off are written; default leaves the key out, so that the service resets it. */
export type DraftValue = 'on' | 'off' | 'default';
export type DraftChanges = Readonly<Partial<Record<SettingId, DraftValue>>>;

/** The changes of a draft as they come from outside: unknown settings and values are refused. */
export const draftChangesSchema = v.record(
  v.pipe(
    v.string(),
    v.check((id) => settingById(id) !== undefined, 'not a setting'),
  ),
  v.picklist(['on', 'off', 'default']),
);

/** What the draft does to the map. Locked settings and settings that already are so are left alone. */
export function mapEdit(instance: Stated, changes: DraftChanges): MapEdit {
  const states = readSettings(instance);
  const edit: Record<string, string | null> = {};
  for (const setting of settings) {
    const wanted = changes[setting.id];
    const state = stateOf(states, setting.id);
    if (wanted === undefined || state.lock !== undefined) continue;
    if (wanted === 'default') {
      for (const key of setting.keys) edit[key] = null;
      continue;
    }
    if (state.value === wanted && state.origin === 'explicit') continue;
    const text = wanted === 'on' ? 'true' : 'false';
    // Off is written under every spelling: a service may obey either (terraform-provider-azurerm #17553).
    // On is written under the first, and under the others only where they are in use.
    const map = instance.customProperties ?? {};
    const written = setting.keys.filter((key, i) => wanted === 'off' || i === 0 || textOf(map, key) !== null);
    for (const key of written) edit[key] = text;
  }
  return edit;
}

/** The whole map that would be written for the draft. Null where the map of the instance is unknown. */
export function mapForDraft(instance: Stated, changes: DraftChanges): CustomProperties | null {
  if (instance.customProperties === null) return null;
  return overlay(instance.customProperties, mapEdit(instance, changes));
}

/** The states as they would be after the draft. */
export function statesForDraft(instance: Stated, changes: DraftChanges): SettingStates {
  const map = mapForDraft(instance, changes);
  return readSettings({ ...instance, customProperties: map });
}

export interface Change {
  readonly id: SettingId;
  readonly from: SettingState;
  readonly to: SettingState;
}

/** The settings whose value or origin differs, in reading order. */
export function changesBetween(before: SettingStates, after: SettingStates): Change[] {
  return settings
    .map(({ id }) => ({ id, from: stateOf(before, id), to: stateOf(after, id) }))
    .filter(({ from, to }) => from.value !== to.value || from.origin !== to.origin);
}

/** Whether a setting that was not on may be on afterwards: switched on, or left to Azure. */
export function settingComesOn(changes: readonly Change[], id: SettingId): boolean {
  return changes.some(
    ({ id: changed, from, to }) =>
      changed === id && to.value !== 'off' && from.value !== 'on' && from.value !== to.value,
  );
}

/** A draft with one value set or, where that is how the instance is already, taken out again. */
export function withValue(instance: Instance, changes: DraftChanges, id: SettingId, value: DraftValue): DraftChanges {
  const rest: Partial<Record<SettingId, DraftValue>> = { ...changes };
  delete rest[id];
  const map = instance.customProperties ?? {};
  const stated = settingById(id)?.keys.some((key) => textOf(map, key) !== null) ?? false;
  const already = value === 'default' ? !stated : stateOf(readSettings(instance), id).value === value;
  return already ? rest : { ...rest, [id]: value };
}
