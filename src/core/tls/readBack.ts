// What a change came to: the map that was sent against the one that the service holds afterwards.

import type { CustomProperties } from '../instance.ts';
import { differences, readBoolean, sameValue, textOf } from './customProperties.ts';
import { defaultValue, settingOfKey } from './settings.ts';

export interface KeyOutcome {
  readonly key: string;
  /** Null: it was to be reset to its default. */
  readonly sent: string | null;
  /** Null: the service does not hold it. */
  readonly found: string | null;
}

/**
 * asSent: every key that was sent is held, and what was left out is no longer what it was; keys that the service adds
 * are fine. unchanged: nothing of what was to change has changed. different: anything else.
 */
export interface ReadBack {
  readonly kind: 'asSent' | 'unchanged' | 'different';
  /** The keys that are not as sent; empty for asSent. */
  readonly keys: readonly KeyOutcome[];
}

/** @param found null where the service states no map */
export function compareReadBack(
  before: CustomProperties,
  sent: CustomProperties,
  found: CustomProperties | null,
  createdAt: string | null,
): ReadBack {
  const held = found ?? {};
  const keys = [...unlike(sent, held), ...notReset(before, sent, held, createdAt)];
  if (keys.length === 0) return { kind: 'asSent', keys };
  const touched = differences(before, sent);
  const untouched = touched.every(({ key }) => sameOrAbsent(textOf(before, key), textOf(held, key)));
  return { kind: untouched && found !== null && touched.length > 0 ? 'unchanged' : 'different', keys };
}

function unlike(sent: CustomProperties, held: CustomProperties): KeyOutcome[] {
  return Object.entries(sent).flatMap(([key, text]) => {
    const found = textOf(held, key);
    return found !== null && sameValue(text, found) ? [] : [{ key, sent: text, found }];
  });
}

/** Keys that were left out so that the service resets them, and that still hold what they held, against their default. */
function notReset(
  before: CustomProperties,
  sent: CustomProperties,
  held: CustomProperties,
  createdAt: string | null,
): KeyOutcome[] {
  return Object.entries(before).flatMap(([key, text]) => {
    const found = textOf(held, key);
    const leftOut = textOf(sent, key) === null;
    if (!leftOut || found === null || !sameValue(text, found) || isDefault(key, found, createdAt)) return [];
    return [{ key, sent: null, found }];
  });
}

/** Whether the text is what holds for the key where the map is silent. A default that nobody knows counts as met. */
export function isDefault(key: string, text: string, createdAt: string | null): boolean {
  const setting = settingOfKey(key);
  const value = setting ? defaultValue(setting.id, createdAt) : 'unknown';
  return value === 'unknown' || readBoolean(text) === (value === 'on');
}

function sameOrAbsent(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : sameValue(a, b);
}
