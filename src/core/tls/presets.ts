// Ready-made drafts. Each is a list of wanted values; what is locked or already so is left out.

import type { Instance } from '../instance.ts';
import { gatewaySuites } from './ciphers.ts';
import { withValue } from './draft.ts';
import type { DraftChanges, DraftValue } from './draft.ts';
import { sides } from './protocols.ts';
import { readSettings, settings, stateOf } from './settings.ts';
import type { SettingId } from './settings.ts';

export const presetIds = ['modern', 'microsoft', 'compatible', 'defaults'] as const;
export type PresetId = (typeof presetIds)[number];

const oldProtocolsOff: readonly (readonly [SettingId, DraftValue])[] = sides.flatMap((side) =>
  (['ssl3', 'tls10', 'tls11'] as const).map((version) => [`${side}.${version}`, 'off'] as const),
);

/**
 * The suites that PSRule for Azure wants off (rule Azure.APIM.Ciphers, AZR-000055), with 3DES.
 * The two ECDSA CBC suites and TLS_RSA_WITH_AES_256_GCM_SHA384 are not in that rule.
 */
const microsoftOff = new Set([
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_RSA_WITH_AES_256_CBC_SHA256',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
]);

function wanted(preset: PresetId): readonly (readonly [SettingId, DraftValue])[] {
  switch (preset) {
    case 'modern':
      return [
        ...oldProtocolsOff,
        ...gatewaySuites
          .filter((suite) => suite.strength !== 'recommended')
          .map((suite) => [`cipher.${suite.name}`, 'off'] as const),
      ];
    case 'microsoft':
      return [...oldProtocolsOff, ...[...microsoftOff].map((name) => [`cipher.${name}`, 'off'] as const)];
    case 'compatible':
      return [
        ...oldProtocolsOff,
        ...gatewaySuites.map(
          (suite) => [`cipher.${suite.name}`, suite.strength === 'insecure' ? 'off' : 'on'] as const,
        ),
      ];
    case 'defaults':
      return settings.map(({ id }) => [id, 'default'] as const);
  }
}

/** The changes that the preset makes on top of the instance as it is; an earlier draft is replaced. */
export function presetChanges(instance: Instance, preset: PresetId): DraftChanges {
  const states = readSettings(instance);
  return wanted(preset).reduce<DraftChanges>(
    (changes, [id, value]) =>
      stateOf(states, id).lock === undefined ? withValue(instance, changes, id, value) : changes,
    {},
  );
}
