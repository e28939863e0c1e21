// Drift: what an instance holds now against what was last seen or applied here. Pure; who asks gives memory and history.

import * as v from 'valibot';
import type { HistoryEntry } from './history.ts';
import { isBusy } from './instance.ts';
import type { CustomProperties, Instance } from './instance.ts';
import { differences, readBoolean } from './tls/customProperties.ts';
import type { KeyDifference } from './tls/customProperties.ts';
import { changesBetween } from './tls/draft.ts';
import type { Change } from './tls/draft.ts';
import { retiredVersions } from './tls/protocols.ts';
import { readSettings, settingById, settings } from './tls/settings.ts';

/** An instance as it was known last. Holds no secret: names, times, texts of settings. */
export const rememberedSchema = v.object({
  /** Unique in all of Azure, as it is part of a host name: an instance that was moved keeps its memory. */
  name: v.string(),
  instanceId: v.string(),
  /** Another one under the same name is another instance. */
  createdAt: v.nullable(v.string()),
  map: v.record(v.string(), v.string()),
  /** Null where it was seen by Resource Graph, which may lag behind. */
  etag: v.nullable(v.string()),
  /** When it was last seen so: ISO 8601, UTC. */
  at: v.string(),
  /** applied: it is what a change from here came to. */
  source: v.picklist(['seen', 'applied']),
  /** The drift that the user has been told of, as `fingerprintOf` names it. */
  told: v.optional(v.string()),
});
export type Remembered = v.InferOutput<typeof rememberedSchema>;

/**
 * weaker: something that is retired or weak came on, or something modern went off. stronger: only the contrary. other:
 * it takes effect in another way, or the effect is not known. same: stated in another way, with the same effect.
 */
export type DriftGrade = 'weaker' | 'stronger' | 'other' | 'same';

export interface Drift {
  readonly instanceId: string;
  readonly name: string;
  readonly since: Remembered;
  /** The map as it is now. */
  readonly map: CustomProperties;
  /** When the map was read: ISO 8601, UTC. */
  readonly foundAt: string;
  readonly keys: readonly KeyDifference[];
  readonly grade: DriftGrade;
}

/** By which the memory of an instance is found. */
export function memoryKey({ name }: { readonly name: string }): string {
  return name.toLowerCase();
}

export function remember(instance: Instance, source: Remembered['source']): Remembered | null {
  if (instance.customProperties === null) return null;
  const { name, id, createdAt, customProperties, etag, readAt } = instance;
  return { name, instanceId: id, createdAt, map: { ...customProperties }, etag, at: readAt, source };
}

/** Azure writes the moment of creation with more or fewer digits of the second, by the way of asking. */
function sameCreation(a: string | null, b: string | null): boolean {
  const [one, other] = [a, b].map((text) => (text === null ? NaN : Math.floor(Date.parse(text) / 1000)));
  return Number.isNaN(one) || Number.isNaN(other) || one === other;
}

/** What a reading tells: nothing to be said, what is to be remembered from now on, or a drift. */
export type Judgement =
  /** Azure is changing the instance, or does not state its settings, or this is older than what is known. */
  | { readonly kind: 'open' }
  | { readonly kind: 'asRemembered'; readonly remembered: Remembered }
  /** By a row of Resource Graph, which may lag behind: Azure Resource Manager has to be asked. */
  | { readonly kind: 'uncertain' }
  | { readonly kind: 'drift'; readonly drift: Drift };

/** @param own the history of the instance, in any order: what was changed from here is no drift */
export function judge(instance: Instance, remembered: Remembered | undefined, own: readonly HistoryEntry[]): Judgement {
  const { customProperties: map } = instance;
  const fresh = remember(instance, 'seen');
  if (map === null || fresh === null || isBusy(instance)) return { kind: 'open' };
  if (!remembered || !sameCreation(remembered.createdAt, instance.createdAt))
    return { kind: 'asRemembered', remembered: fresh };
  const since = withOwn(remembered, map, own);
  const keys = differences(since.map, map);
  if (keys.length === 0) return { kind: 'asRemembered', remembered: seenAgain(since, fresh) };
  // Resource Graph proves nothing, and what was read before our own change had ended shows what was before it.
  if (instance.etag === null) return { kind: 'uncertain' };
  if (instance.readAt < since.at) return { kind: 'open' };
  const grade = gradeOf(changesOf(instance, since.map, map), keys);
  return {
    kind: 'drift',
    drift: { instanceId: instance.id, name: instance.name, since, map, foundAt: instance.readAt, keys, grade },
  };
}

/** The user need not be told again of what has gone by itself. */
function seenAgain({ source, at, etag }: Remembered, fresh: Remembered): Remembered {
  return { ...fresh, source, at: fresh.at > at ? fresh.at : at, etag: fresh.etag ?? etag };
}

/** A row of Resource Graph may be so much older than the time at which it was read, as a rule. */
const graphLagMs = 10 * 60_000;

/** The memory after the newest change from here that has come to something since; another window may have made it. */
function withOwn(remembered: Remembered, map: CustomProperties, own: readonly HistoryEntry[]): Remembered {
  const margin = remembered.etag === null && remembered.source === 'seen' ? graphLagMs : 0;
  const from = Date.parse(remembered.at) - margin;
  const [newest] = own
    .filter((entry) => cameToSomething(entry, map) && Date.parse(entry.endedAt ?? entry.startedAt) > from)
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  if (!newest) return remembered;
  const at = newest.endedAt ?? newest.startedAt;
  return { ...remembered, map: { ...(newest.found ?? newest.after) }, at, source: 'applied', etag: null };
}

/** One whose end was not seen counts where the instance holds what it sent. */
function cameToSomething({ result, after }: HistoryEntry, map: CustomProperties): boolean {
  if (result === 'done' || result === 'different') return true;
  return result !== 'refused' && differences(after, map).length === 0;
}

/** What differs between two maps of an instance in the user's terms: settings, in reading order. */
export function changesOf(
  instance: Pick<Instance, 'tier' | 'createdAt'>,
  before: CustomProperties,
  after: CustomProperties,
): Change[] {
  const { tier, createdAt } = instance;
  return changesBetween(
    readSettings({ tier, createdAt, customProperties: before }),
    readSettings({ tier, createdAt, customProperties: after }),
  );
}

/** Keys that differ and of which `changes` say nothing: they stand for no setting, or the setting is as it was. */
export function otherKeys(keys: readonly KeyDifference[], changes: readonly Change[]): KeyDifference[] {
  const told = new Set(changes.flatMap(({ id }) => settingById(id)?.keys ?? []).map((key) => key.toLowerCase()));
  return keys.filter(({ key }) => !told.has(key.toLowerCase()));
}

const settingKeys = new Set(settings.flatMap(({ keys }) => keys.map((key) => key.toLowerCase())));

/** One of two spellings of a setting has no effect of its own; what holds no truth value, and unknown keys, may have one. */
export function gradeOfKey({ key, before, after }: KeyDifference): DriftGrade {
  const plain = [before, after].every((text) => text === null || readBoolean(text) !== undefined);
  return plain && settingKeys.has(key.toLowerCase()) ? 'same' : 'other';
}

function gradeOf(changes: readonly Change[], keys: readonly KeyDifference[]): DriftGrade {
  const grades = [...changes.map(gradeOfChange), ...otherKeys(keys, changes).map(gradeOfKey)];
  return (['weaker', 'stronger', 'other'] as const).find((grade) => grades.includes(grade)) ?? 'same';
}

/** What a change of one setting does to the strength of the gateway. */
export function gradeOfChange({ id, from, to }: Change): DriftGrade {
  if (from.value === to.value) return 'same';
  if (from.value === 'unknown' || to.value === 'unknown') return 'other';
  const { version, suite } = settingById(id) ?? {};
  if (version === undefined && suite === undefined) return 'other';
  const weak = version === undefined ? suite?.strength !== 'recommended' : retiredVersions.includes(version);
  return weak === (to.value === 'on') ? 'weaker' : 'stronger';
}

/** A short text that is the same for the same drift of an instance, whoever finds it. */
export function fingerprintOf({ map }: Pick<Drift, 'map'>): string {
  const lower = Object.entries(map).map((entry) => entry.map((part) => part.toLowerCase()));
  const text = JSON.stringify(lower.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)));
  // FNV-1a, 32 bit: it tells drifts of one instance apart and guards nothing.
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return `${hash.toString(16)}-${text.length}`;
}

/** Whether a drift is worth a word by itself: one without any effect is not. */
export function isNotable({ grade }: Pick<Drift, 'grade'>): boolean {
  return grade !== 'same';
}

/** Clocks differ, and the log names the moment at which a write was begun. */
const windowMarginMs = 5 * 60_000;

/** In which window of time somebody must have written to the instance. ISO 8601, UTC. */
export function driftWindow({ since, foundAt }: Pick<Drift, 'since' | 'foundAt'>): {
  readonly from: string;
  readonly to: string;
} {
  const lag = since.etag === null && since.source === 'seen' ? graphLagMs : windowMarginMs;
  const moment = (iso: string, byMs: number) => new Date(Date.parse(iso) + byMs).toISOString();
  return { from: moment(since.at, -lag), to: moment(foundAt, windowMarginMs) };
}
