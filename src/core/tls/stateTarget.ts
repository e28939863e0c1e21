// Back to an earlier state: the map to be written, and the draft that comes as near to it as a draft can.

import type { CustomProperties, Instance } from '../instance.ts';
import { differences, overlay, readBoolean } from './customProperties.ts';
import type { KeyDifference } from './customProperties.ts';
import { changesBetween } from './draft.ts';
import type { DraftChanges, DraftValue } from './draft.ts';
import { defaultValue, readSettings, settingById, settingOfKey } from './settings.ts';
import type { SettingId, SettingState } from './settings.ts';

/**
 * The map that takes the instance back to an earlier one. Keys of settings that were left out then are left out again,
 * unless they hold their default; keys that this version does not know and that were not there then stay: nobody here
 * can tell what leaving them out would do.
 */
export function stateTarget(
  then: CustomProperties,
  present: CustomProperties,
  createdAt: string | null,
): CustomProperties {
  const edit: Record<string, string | null> = {};
  for (const { key, before, after } of differences(present, then)) {
    if (after !== null) edit[key] = after;
    else if (isKnown(key) && !(before !== null && holdsDefault(key, before, createdAt))) edit[key] = null;
  }
  return overlay(present, edit);
}

function isKnown(key: string): boolean {
  return settingOfKey(key) !== undefined;
}

/** A default that nobody knows, such as one that Azure decides, is held by no text. */
function holdsDefault(key: string, text: string, createdAt: string | null): boolean {
  const setting = settingOfKey(key);
  const value = setting ? defaultValue(setting.id, createdAt) : 'unknown';
  return value !== 'unknown' && readBoolean(text) === (value === 'on');
}

export interface WayBack {
  readonly changes: DraftChanges;
  /** Keys that no draft reaches and `stateTarget` does: of no setting, without a truth value, or locked in this tier. */
  readonly left: readonly KeyDifference[];
  /** Keys that neither touches: they have come since, and stand for no setting. */
  readonly stay: readonly KeyDifference[];
}

/** The draft that leads back to an earlier map. Null maps lead nowhere. */
export function draftBackTo(
  then: CustomProperties,
  instance: Pick<Instance, 'customProperties' | 'tier' | 'createdAt'>,
): WayBack {
  const present = instance.customProperties;
  if (present === null) return { changes: {}, left: [], stay: [] };
  const now = readSettings(instance);
  const wanted = changesBetween(now, readSettings({ ...instance, customProperties: then }));
  const values = wanted.flatMap(({ id, to }) => {
    const value = to.lock === undefined ? valueOf(to) : null;
    return value === null ? [] : [[id, value] as const];
  });
  const changes = Object.fromEntries(values) as Partial<Record<SettingId, DraftValue>>;
  const reached = new Set(
    Object.keys(changes).flatMap((id) => (settingById(id)?.keys ?? []).map((key) => key.toLowerCase())),
  );
  const others = differences(present, then).filter(({ key }) => !reached.has(key.toLowerCase()));
  const stays = ({ key, after }: KeyDifference) => after === null && !isKnown(key);
  return { changes, left: others.filter((one) => !stays(one)), stay: others.filter(stays) };
}

function valueOf({ value, origin, oddText }: SettingState): DraftValue | null {
  if (oddText !== undefined) return null;
  if (origin === 'default' || origin === 'platform') return 'default';
  return value === 'unknown' ? null : value;
}
