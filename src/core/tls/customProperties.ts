// The map `properties.customProperties` of an instance: reading it leniently, writing it whole.
// PATCH resets the keys that the map leaves out (Microsoft.ApiManagement 2024-05-01, `customProperties`), so a
// written map always starts from everything that was read, unknown keys included.

import type { CustomProperties } from '../instance.ts';

export const keyPrefix = 'Microsoft.WindowsAzure.ApiManagement.Gateway.';

/** The last part of a key, for people. */
export function shortKey(key: string): string {
  return key.toLowerCase().startsWith(keyPrefix.toLowerCase()) ? key.slice(keyPrefix.length) : key;
}

/** The map as text values. Booleans and numbers, which some tools have written, become text; null stays null. */
export function normaliseMap(raw: unknown): CustomProperties | null {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return null;
  const map: [string, string][] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value === 'string') map.push([key, value]);
    else if (typeof value === 'boolean') map.push([key, value ? 'True' : 'False']);
    else if (value !== null && value !== undefined) map.push([key, JSON.stringify(value)]);
  }
  return Object.fromEntries(map);
}

/** All spellings of a key that the map holds; keys are compared without regard to case. */
export function spellingsOf(map: CustomProperties, key: string): string[] {
  const wanted = key.toLowerCase();
  return Object.keys(map).filter((candidate) => candidate.toLowerCase() === wanted);
}

/** The texts of a map by key in lower case; several where it holds a key in several cases. */
export function textsByKey(map: CustomProperties): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  for (const [key, text] of Object.entries(map)) {
    const lower = key.toLowerCase();
    texts.set(lower, [...(texts.get(lower) ?? []), text]);
  }
  return texts;
}

/**
 * The text that the map holds for a key: under the very spelling, or else under the first one in another case; null
 * where it holds none.
 */
export function textOf(map: CustomProperties, key: string): string | null {
  const spelling = Object.hasOwn(map, key) ? key : spellingsOf(map, key)[0];
  return spelling === undefined ? null : (map[spelling] ?? null);
}

/** True, false, or undefined where the text is neither ("True", "false", " TRUE "). */
export function readBoolean(text: string): boolean | undefined {
  const value = text.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** Key -> new text, or null to leave the key out. */
export type MapEdit = Readonly<Record<string, string | null>>;

/** The whole map with the edit applied: every other key stays byte for byte, in its order. */
export function overlay(map: CustomProperties, edit: MapEdit): CustomProperties {
  const entries = new Map(Object.entries(map));
  for (const [key, text] of Object.entries(edit)) {
    const spellings = spellingsOf(map, key);
    if (text === null) spellings.forEach((spelling) => entries.delete(spelling));
    else (spellings.length > 0 ? spellings : [key]).forEach((spelling) => entries.set(spelling, text));
  }
  return Object.fromEntries(entries);
}

export interface KeyDifference {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Same text, or the same truth value in another case ("False" and "false": the service sees no change). */
export function sameValue(a: string, b: string): boolean {
  const left = readBoolean(a);
  return a === b || (left !== undefined && left === readBoolean(b));
}

/** What differs between two maps, by key, in the order of the first; keys without regard to case. */
export function differences(before: CustomProperties, after: CustomProperties): KeyDifference[] {
  const result: KeyDifference[] = [];
  for (const [key, text] of Object.entries(before)) {
    const other = textOf(after, key);
    if (other === null) result.push({ key, before: text, after: null });
    else if (!sameValue(text, other)) result.push({ key, before: text, after: other });
  }
  for (const [key, text] of Object.entries(after)) {
    if (spellingsOf(before, key).length === 0) result.push({ key, before: null, after: text });
  }
  return result;
}

/** The map as JSON with sorted keys, for people and for the diff editor. */
export function mapAsText(map: CustomProperties | null): string {
  if (map === null) return 'null\n';
  const sorted = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}
