// The settings of a gateway: which there are, what the map says of each, and what holds where the map is silent.

import type { Instance } from '../instance.ts';
import { oldDefaultsUntil, protocolFacts, suiteFacts } from './catalog.ts';
import type { Absent, ProtocolFact, SuiteFact } from './catalog.ts';
import { gatewaySuiteByCode, gatewaySuites } from './ciphers.ts';
import type { GatewaySuite } from './ciphers.ts';
import { keyPrefix, readBoolean, spellingsOf } from './customProperties.ts';
import type { Offer } from './evidence.ts';
import { protocolVersions } from './protocols.ts';
import type { ProtocolVersion, Side } from './protocols.ts';
import { tierLock, tierRules } from './tiers.ts';

export type SettingId = `${Side}.${ProtocolVersion}` | 'client.http2' | `cipher.${string}`;

export interface Setting {
  readonly id: SettingId;
  /** The keys of the map; more than one where two spellings are in use. Empty: there is no key. The first is written. */
  readonly keys: readonly string[];
  readonly absent: Absent;
  readonly version?: ProtocolVersion;
  readonly side?: Side;
  readonly suite?: GatewaySuite;
  /** The REST description does not list the key, or contradicts what the portal does. */
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
    unconfirmed: fact.switching === 'conflict' || fact.switching === 'field',
  };
}

/** In reading order: client side, backend side, cipher suites. */
export const settings: readonly Setting[] = [...protocolFacts.map(ofProtocol), ...suiteFacts.map(ofSuite)];

const byId = new Map<string, Setting>(settings.map((setting) => [setting.id, setting]));

export function settingById(id: string): Setting | undefined {
  return byId.get(id);
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

function absentValue(setting: Setting, createdAt: string | null): SettingValue {
  switch (setting.absent) {
    case 'on':
    case 'fixed':
      return 'on';
    case 'off':
      return 'off';
    case 'platform':
      return 'unknown';
    case 'byDate': {
      const created = createdAt === null ? NaN : Date.parse(createdAt);
      return Number.isNaN(created) ? 'unknown' : created < newDefaultsFrom ? 'on' : 'off';
    }
  }
}

/** What `readSettings` goes by. */
export type Stated = Pick<Instance, 'customProperties' | 'tier' | 'createdAt' | 'unlocked'>;

function lockOf(setting: Setting, { tier, unlocked = [] }: Stated): Pick<SettingState, 'lock' | 'unlocked'> {
  if (setting.absent === 'fixed') return { lock: 'alwaysOn' };
  if (setting.keys.length === 0) return { lock: 'noKey' };
  const rule = tierLock(tier, setting.id);
  if (rule === undefined) return {};
  return unlocked.includes(rule) ? { unlocked: true } : { lock: 'notInTier' };
}

function readSetting(setting: Setting, stated: Stated): SettingState {
  const { customProperties: map, createdAt } = stated;
  const common = { id: setting.id, ...lockOf(setting, stated) };
  if (setting.absent === 'fixed') return { ...common, value: 'on', origin: 'fixed' };
  if (map === null) return { ...common, value: 'unknown', origin: 'notStated' };
  const texts = setting.keys.flatMap((key) => spellingsOf(map, key).map((spelling) => map[spelling] ?? ''));
  const values = texts.map(readBoolean);
  // Two spellings may disagree: the setting counts as on where either says so.
  if (values.includes(true)) return { ...common, value: 'on', origin: 'explicit' };
  const odd = texts.find((text) => readBoolean(text) === undefined);
  if (odd !== undefined) return { ...common, value: 'unknown', origin: 'notStated', oddText: odd };
  if (values.length > 0) return { ...common, value: 'off', origin: 'explicit' };
  return {
    ...common,
    value: absentValue(setting, createdAt),
    origin: setting.absent === 'platform' ? 'platform' : 'default',
  };
}

/** The state of every setting, from the map, the tier and the day of creation. */
export function readSettings(instance: Stated): SettingStates {
  return Object.fromEntries(settings.map((setting) => [setting.id, readSetting(setting, instance)])) as SettingStates;
}

/** The value that a setting takes where the map leaves it out. */
export function defaultValue(id: SettingId, createdAt: string | null): SettingValue {
  const setting = settingById(id);
  return setting ? absentValue(setting, createdAt) : 'unknown';
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
  return !setting.unconfirmed && (setting.suite !== undefined || tierRules(tier).protocolsConfirmed);
}
