// The settings of a gateway: which there are, what the map says of each, and what holds where the map is silent.

import type { CustomProperties, Instance } from '../instance.ts';
import { gatewaySuites } from './ciphers.ts';
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
  /**
   * What holds where the map is silent. byDate: on for services created on or before 2018-04-01, else off.
   * platform: Azure decides per instance. fixed: always on.
   */
  readonly absent: 'on' | 'off' | 'byDate' | 'platform' | 'fixed';
  readonly version?: ProtocolVersion;
  readonly side?: Side;
  readonly suite?: GatewaySuite;
  /** The REST description does not list the key, or contradicts what the portal does. */
  readonly unconfirmed: boolean;
}

function protocol(
  side: Side,
  version: ProtocolVersion,
  key: string | null,
  absent: Setting['absent'],
  unconfirmed = false,
): Setting {
  return {
    id: `${side}.${version}`,
    side,
    version,
    keys: key === null ? [] : [`${keyPrefix}${key}`],
    absent,
    unconfirmed,
  };
}

const http2Setting: Setting = {
  id: 'client.http2',
  side: 'client',
  keys: [`${keyPrefix}Protocols.Server.Http2`],
  absent: 'off',
  unconfirmed: false,
};

function cipher(suite: GatewaySuite): Setting {
  const name = `${keyPrefix}Security.Ciphers.${suite.name}`;
  const tripleDes = suite.code === 0x000a;
  return {
    id: `cipher.${suite.name}`,
    suite,
    // TripleDes168 is the name of the REST description; the portal wrote the other one in 2022 (azure-rest-api-specs#19711).
    keys:
      suite.switching === 'required' ? [] : tripleDes ? [`${keyPrefix}Security.Ciphers.TripleDes168`, name] : [name],
    absent: suite.switching === 'required' ? 'fixed' : tripleDes ? 'byDate' : 'on',
    unconfirmed: suite.switching === 'conflict' || suite.switching === 'field',
  };
}

/** In reading order: client side, backend side, cipher suites. Sources of keys and defaults: `customProperties` in 2024-05-01. */
export const settings: readonly Setting[] = [
  // The examples of services created in 2016 show SSL 3.0 off, against the text of the description.
  protocol('client', 'ssl3', 'Security.Protocols.Ssl30', 'off'),
  protocol('client', 'tls10', 'Security.Protocols.Tls10', 'byDate'),
  protocol('client', 'tls11', 'Security.Protocols.Tls11', 'byDate'),
  protocol('client', 'tls12', null, 'fixed'),
  protocol('client', 'tls13', 'Security.Protocols.Tls13', 'platform', true),
  http2Setting,
  protocol('backend', 'ssl3', 'Security.Backend.Protocols.Ssl30', 'off'),
  protocol('backend', 'tls10', 'Security.Backend.Protocols.Tls10', 'byDate'),
  protocol('backend', 'tls11', 'Security.Backend.Protocols.Tls11', 'byDate'),
  protocol('backend', 'tls12', 'Security.Backend.Protocols.Tls12', 'on', true),
  protocol('backend', 'tls13', 'Security.Backend.Protocols.Tls13', 'off', true),
  ...gatewaySuites.map(cipher),
];

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
  /** Text of the map, where it is neither true nor false. */
  readonly oddText?: string;
}

export type SettingStates = Readonly<Record<SettingId, SettingState>>;

/** The state of a setting; one that this version does not know counts as not stated. */
export function stateOf(states: SettingStates, id: SettingId): SettingState {
  return states[id] ?? { id, value: 'unknown', origin: 'notStated', lock: 'noKey' };
}

/** The last day of the old defaults, from the REST description of `customProperties`. */
const oldDefaultsUntil = Date.UTC(2018, 3, 2);

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
      return Number.isNaN(created) ? 'unknown' : created < oldDefaultsUntil ? 'on' : 'off';
    }
  }
}

function lockOf(setting: Setting, tier: string): LockReason | undefined {
  if (setting.absent === 'fixed') return 'alwaysOn';
  if (setting.keys.length === 0) return 'noKey';
  return tierLock(tier, setting.id);
}

function readSetting(
  setting: Setting,
  map: CustomProperties | null,
  tier: string,
  createdAt: string | null,
): SettingState {
  const lock = lockOf(setting, tier);
  const common = { id: setting.id, ...(lock === undefined ? {} : { lock }) };
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
export function readSettings(instance: Pick<Instance, 'customProperties' | 'tier' | 'createdAt'>): SettingStates {
  return Object.fromEntries(
    settings.map((setting) => [
      setting.id,
      readSetting(setting, instance.customProperties, instance.tier, instance.createdAt),
    ]),
  ) as SettingStates;
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
