// The settings of a gateway: which there are, what the map says of each, and what holds where the map is silent.

import type { Instance } from '../instance.ts';
import { oldDefaultsUntil, protocolFacts, suiteFacts } from './catalog.ts';
import type { Absent, ProtocolFact, SuiteFact, TierFact } from './catalog.ts';
import { gatewaySuiteByCode, gatewaySuites } from './ciphers.ts';
import type { GatewaySuite } from './ciphers.ts';
import { keyPrefix, readBoolean, textsByKey } from './customProperties.ts';
import type { Offer } from './evidence.ts';
import { protocolVersions } from './protocols.ts';
import type { ProtocolVersion, Side } from './protocols.ts';
import { tierLock, tierRules } from './tiers.ts';
import type { TierLock } from './tiers.ts';

export type SettingId = `${Side}.${ProtocolVersion}` | 'client.http2' | `cipher.${string}`;

export interface Setting {
  readonly id: SettingId;
  /** The keys of the map; more than one where two spellings are in use. Empty: there is no key. The first is written. */
  readonly keys: readonly string[];
  readonly absent: Absent;
  readonly version?: ProtocolVersion;
  readonly side?: Side;
  readonly suite?: GatewaySuite;
  /** The REST description does not list the key, contradicts what the portal does, or lists one name of two. */
  readonly unconfirmed: boolean;
}

function ofProtocol({ id, key, absent, unconfirmed }: ProtocolFact): Setting {
  const [side, version] = id.split('.') as [Side, string];
  const known = protocolVersions.find((candidate) => candidate === version);
  return {
    id,
    side,
    ...(known ? { version: known } : {}),
    keys: key === null ? [] : [`${keyPrefix}${key}`],
    absent,
    unconfirmed,
  };
}

function ofSuite(fact: SuiteFact): Setting {
  const suite = gatewaySuiteByCode(fact.code);
  return {
    id: `cipher.${fact.name}`,
    ...(suite ? { suite } : {}),
    keys: fact.keyNames.map((name) => `${keyPrefix}Security.Ciphers.${name}`),
    absent: fact.absent,
    unconfirmed: fact.switching === 'conflict' || fact.switching === 'field' || fact.keyNames.length > 1,
  };
}

/** In reading order: client side, backend side, cipher suites. */
export const settings: readonly Setting[] = [...protocolFacts.map(ofProtocol), ...suiteFacts.map(ofSuite)];

const byId = new Map<string, Setting>(settings.map((setting) => [setting.id, setting]));

export function settingById(id: string): Setting | undefined {
  return byId.get(id);
}

/** Each setting with its keys in lower case, as they are looked up. */
const lookups = settings.map((setting) => ({ setting, keys: setting.keys.map((key) => key.toLowerCase()) }));

const byKey = new Map(lookups.flatMap(({ setting, keys }) => keys.map((key) => [key, setting] as const)));

/** The setting that a key of the map stands for, in whatever case it is written. */
export function settingOfKey(key: string): Setting | undefined {
  return byKey.get(key.toLowerCase());
}

export type SettingValue = 'on' | 'off' | 'unknown';
export type LockReason = 'alwaysOn' | 'notInTier' | 'noKey';

export interface SettingState {
  readonly id: SettingId;
  readonly value: SettingValue;
  /** explicit: the map says so. default: the map is silent. platform: Azure decides. fixed: always on. notStated: the map is missing or its text unreadable. */
  readonly origin: 'explicit' | 'default' | 'platform' | 'fixed' | 'notStated';
  readonly lock?: LockReason;
  /** The tier would lock it; the operator's setting apimTls.tierOverrides does not let it. */
  readonly unlocked?: true;
  /** Text of the map, where it is neither true nor false. */
  readonly oddText?: string;
}

export type SettingStates = Readonly<Record<SettingId, SettingState>>;

/** The state of a setting; one that this version does not know counts as not stated. */
export function stateOf(states: SettingStates, id: SettingId): SettingState {
  return states[id] ?? { id, value: 'unknown', origin: 'notStated', lock: 'noKey' };
}

/** The first moment of the new defaults. */
const newDefaultsFrom = Date.parse(`${oldDefaultsUntil}T00:00:00Z`) + 24 * 60 * 60 * 1000;

/** Which defaults an instance has; unknown where the day of its creation is. */
function defaultsOf(createdAt: string | null): 'old' | 'new' | 'unknown' {
  const created = createdAt === null ? NaN : Date.parse(createdAt);
  return Number.isNaN(created) ? 'unknown' : created < newDefaultsFrom ? 'old' : 'new';
}

function absentValue(absent: Absent, defaults: ReturnType<typeof defaultsOf>): SettingValue {
  switch (absent) {
    case 'on':
    case 'fixed':
      return 'on';
    case 'off':
      return 'off';
    case 'platform':
      return 'unknown';
    case 'byDate':
      return defaults === 'unknown' ? 'unknown' : defaults === 'old' ? 'on' : 'off';
  }
}

/** What `readSettings` goes by. */
export type Stated = Pick<Instance, 'customProperties' | 'tier' | 'createdAt' | 'unlocked'>;

/** What holds for every setting of one instance. */
interface Reading {
  readonly rules: TierFact;
  readonly unlocked: readonly TierLock[];
  readonly defaults: ReturnType<typeof defaultsOf>;
  /** Texts of the map by key in lower case; null: there is no map. */
  readonly texts: ReadonlyMap<string, readonly string[]> | null;
}

function lockOf(setting: Setting, { rules, unlocked }: Reading): Pick<SettingState, 'lock' | 'unlocked'> {
  if (setting.absent === 'fixed') return { lock: 'alwaysOn' };
  if (setting.keys.length === 0) return { lock: 'noKey' };
  const rule = tierLock(rules, setting.id);
  if (rule === undefined) return {};
  return unlocked.includes(rule) ? { unlocked: true } : { lock: 'notInTier' };
}

function readSetting(setting: Setting, keys: readonly string[], reading: Reading): SettingState {
  const { texts, defaults } = reading;
  const common = { id: setting.id, ...lockOf(setting, reading) };
  if (setting.absent === 'fixed') return { ...common, value: 'on', origin: 'fixed' };
  if (texts === null) return { ...common, value: 'unknown', origin: 'notStated' };
  const said = keys.flatMap((key) => texts.get(key) ?? []);
  // Two spellings may disagree: the setting counts as on where either says so.
  if (said.some((text) => readBoolean(text) === true)) return { ...common, value: 'on', origin: 'explicit' };
  const odd = said.find((text) => readBoolean(text) === undefined);
  if (odd !== undefined) return { ...common, value: 'unknown', origin: 'notStated', oddText: odd };
  // Off under another name says nothing of the first one, which then stands at its default.
  const value = absentValue(setting.absent, defaults);
  const firstSaid = keys[0] !== undefined && texts.has(keys[0]);
  if (firstSaid || (said.length > 0 && value === 'off')) return { ...common, value: 'off', origin: 'explicit' };
  return { ...common, value, origin: setting.absent === 'platform' ? 'platform' : 'default' };
}

/** The state of every setting, from the map, the tier and the day of creation. */
export function readSettings({ customProperties, tier, createdAt, unlocked = [] }: Stated): SettingStates {
  const texts = customProperties === null ? null : textsByKey(customProperties);
  const reading = { rules: tierRules(tier), unlocked, defaults: defaultsOf(createdAt), texts };
  return Object.fromEntries(
    lookups.map(({ setting, keys }) => [setting.id, readSetting(setting, keys, reading)]),
  ) as SettingStates;
}

/** The value that a setting takes where the map leaves it out. */
export function defaultValue(id: SettingId, createdAt: string | null): SettingValue {
  const setting = settingById(id);
  return setting ? absentValue(setting.absent, defaultsOf(createdAt)) : 'unknown';
}

/** The versions of a side with their values; SSL 3.0 first. */
export function versionsOf(states: SettingStates, side: Side): Readonly<Record<ProtocolVersion, SettingValue>> {
  return Object.fromEntries(protocolVersions.map((version) => [version, states[`${side}.${version}`].value])) as Record<
    ProtocolVersion,
    SettingValue
  >;
}

/** Code points of the suites that are on (or possibly on, with `orUnknown`), best first. */
export function suitesOn(states: SettingStates, orUnknown = false): number[] {
  return gatewaySuites
    .filter(({ name }) => {
      const value = states[`cipher.${name}`]?.value;
      return value === 'on' || (orUnknown && value === 'unknown');
    })
    .map(({ code }) => code);
}

/**
 * What the gateway puts into a hello to a backend: versions and suites that are on (or possibly on, with `orUnknown`),
 * each suite only where a version can use it.
 */
export function backendOffer(states: SettingStates, orUnknown = false): Offer {
  const counts = (value: SettingValue) => value === 'on' || (orUnknown && value === 'unknown');
  const versions = protocolVersions.filter((version) => counts(states[`backend.${version}`].value)).reverse();
  const usable = new Set(
    gatewaySuites.filter((suite) => suite.versions.some((v) => versions.includes(v))).map((s) => s.code),
  );
  return { versions, suites: suitesOn(states, orUnknown).filter((code) => usable.has(code)) };
}

/** Whether changing the setting in this tier is confirmed by documentation. */
export function isConfirmed(setting: Setting, tier: string): boolean {
  return !setting.unconfirmed && tierRules(tier).confirmed;
}
