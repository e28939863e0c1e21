// What the service makes of `customProperties`: the keys it shows, the ones it refuses, what counts as a change.
// Sources: Microsoft.ApiManagement 2024-05-01 with its examples; recorded answers in azure-sdk-for-js;
// terraform-provider-azurerm #8405 (Consumption). That v2 ignores cipher keys is inferred from Terraform's tests.

import type { CustomProperties } from '../core/instance.ts';
import { differences, keyPrefix, overlay, spellingsOf } from '../core/tls/customProperties.ts';
import { defaultValue } from '../core/tls/settings.ts';
import type { SettingId } from '../core/tls/settings.ts';
import { tierRules } from '../core/tls/tiers.ts';
import type { SampleService, ShortMap } from './model.ts';

const clientSsl3 = `${keyPrefix}Security.Protocols.Ssl30`;
const cipherPrefix = `${keyPrefix}Security.Ciphers.`.toLowerCase();

/** The keys that a fresh service shows, in the order of a recorded answer; the last column: dedicated tiers only. */
const baseKeys: readonly (readonly [string, SettingId, boolean])[] = [
  ['Security.Protocols.Tls10', 'client.tls10', false],
  ['Security.Protocols.Tls11', 'client.tls11', false],
  ['Security.Protocols.Ssl30', 'client.ssl3', true],
  ['Security.Ciphers.TripleDes168', 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA', true],
  ['Security.Backend.Protocols.Tls10', 'backend.tls10', false],
  ['Security.Backend.Protocols.Tls11', 'backend.tls11', false],
  ['Security.Backend.Protocols.Ssl30', 'backend.ssl3', false],
  ['Protocols.Server.Http2', 'client.http2', false],
];

export type Written = Pick<SampleService, 'tier' | 'createdAt'>;

export function longMap(short: ShortMap): CustomProperties {
  return Object.fromEntries(Object.entries(short).map(([key, text]) => [`${keyPrefix}${key}`, text]));
}

function isDedicated(tier: string): boolean {
  const { family } = tierRules(tier);
  return family === 'classic' || family === 'unknown';
}

function baseMap({ tier, createdAt }: Written): CustomProperties {
  const keys = baseKeys.filter(([, , dedicated]) => !dedicated || isDedicated(tier));
  return Object.fromEntries(
    keys.map(([key, id]) => [`${keyPrefix}${key}`, defaultValue(id, createdAt) === 'on' ? 'True' : 'False']),
  );
}

/** The map that GET shows once `written` is in force: base keys at their defaults, then everything written. */
export function shownMap(service: Written, written: CustomProperties): CustomProperties {
  const kept = Object.entries(written).filter(([key]) => !isIgnored(service.tier, key));
  return overlay(baseMap(service), Object.fromEntries(kept));
}

/** The map of the first day. */
export function firstMap(service: SampleService): CustomProperties | null {
  if (service.map === null) return null;
  return service.sparse ? longMap(service.map) : shownMap(service, longMap(service.map));
}

function isIgnored(tier: string, key: string): boolean {
  return tierRules(tier).family === 'v2' && (isCipher(key) || isClientSsl3(key));
}

function isCipher(key: string): boolean {
  return key.toLowerCase().startsWith(cipherPrefix);
}

function isClientSsl3(key: string): boolean {
  return key.toLowerCase() === clientSsl3.toLowerCase();
}

/** The keys that the tier refuses with NotSupported. */
export function refusedKeys(tier: string, written: CustomProperties): readonly string[] {
  if (tierRules(tier).family !== 'consumption') return [];
  return Object.keys(written).filter((key) => isCipher(key) || isClientSsl3(key));
}

/** Whether writing changes anything; truth values are compared without regard to case, as the service was recorded to do. */
export function hasEffect(service: Written, shown: CustomProperties, written: CustomProperties): boolean {
  return differences(shownMap(service, shown), shownMap(service, written)).length > 0;
}

/** The map without one key: `key`, or else the last one that was written. */
export function withoutKey(map: CustomProperties, key: string | undefined): CustomProperties {
  const lost = new Set(key === undefined ? Object.keys(map).slice(-1) : spellingsOf(map, key));
  return Object.fromEntries(Object.entries(map).filter(([name]) => !lost.has(name)));
}
