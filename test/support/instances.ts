// Instances and maps for tests, as literals and as fast-check arbitraries.

import fc from 'fast-check';
import type { BackendHost, CustomProperties, Instance } from '../../src/core/instance.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import type { DraftChanges, DraftValue } from '../../src/core/tls/draft.ts';
import type { Answer, Survey } from '../../src/core/tls/evidence.ts';
import { protocolVersions } from '../../src/core/tls/protocols.ts';
import type { ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { settings } from '../../src/core/tls/settings.ts';
import type { SettingId } from '../../src/core/tls/settings.ts';

export const key = (last: string) => `${keyPrefix}${last}`;

export function instance(change: Partial<Instance> = {}): Instance {
  return {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/one',
    name: 'one',
    resourceGroup: 'rg',
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    tenantId: '00000000-0000-0000-0000-00000000000a',
    location: 'West Europe',
    otherRegions: [],
    tier: 'Standard',
    units: 1,
    provisioningState: 'Succeeded',
    createdAt: '2021-05-04T08:00:00Z',
    platformVersion: 'stv2.1',
    etag: 'AAAA',
    customProperties: {},
    gatewayUrl: 'https://one.azure-api.example',
    hosts: [],
    readAt: '2026-11-20T12:00:00Z',
    ...change,
  };
}

/** A backend that one entity leads to, with everything validated and no client certificate. */
export const backendHost: BackendHost = {
  host: 'backend.example',
  port: 443,
  scheme: 'https',
  usedBy: [
    {
      kind: 'backend',
      id: '/b',
      title: 'orders',
      url: 'https://backend.example',
      validateChain: true,
      validateName: true,
      clientCertificate: false,
    },
  ],
};

/** A server that accepts the given versions with the given gateway suites, everything else refused. */
export function survey(
  accepts: Partial<Record<ProtocolVersion, readonly number[]>>,
  change: Partial<Survey> = {},
): Survey {
  const protocols = Object.fromEntries(
    protocolVersions.map((version) => [version, accepts[version] ? 'yes' : 'no'] as [ProtocolVersion, Answer]),
  ) as Record<ProtocolVersion, Answer>;
  return {
    endpoint: { host: 'backend.example', port: 443, serverName: 'backend.example', address: '127.0.0.1:443' },
    at: '2026-11-20T12:00:00Z',
    behaviour: 'tls',
    protocols,
    preferred: {},
    suites: accepts,
    certificate: null,
    clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [] },
    planned: null,
    unknowns: [],
    connections: 5,
    elapsedMs: 12,
    ...change,
  };
}

export const tiers = [
  'Consumption',
  'Developer',
  'Basic',
  'Standard',
  'Premium',
  'BasicV2',
  'StandardV2',
  'PremiumV2',
  'UltraV3',
] as const;

const settingKeys = settings.flatMap(({ keys }) => keys);

/** Some other case of the same key: Azure's case rules are not documented. */
const anyCase = (text: string) =>
  fc.constantFrom(text, text.toLowerCase(), text.toUpperCase(), text.replace('Security', 'security'));

export const anyMap: fc.Arbitrary<CustomProperties> = fc
  .tuple(
    fc
      .uniqueArray(fc.constantFrom(...settingKeys), { maxLength: settingKeys.length })
      .chain((keys) =>
        fc.tuple(
          ...keys.map((name) =>
            fc.tuple(anyCase(name), fc.constantFrom('True', 'False', 'true', 'false', ' TRUE ', 'perhaps', '')),
          ),
        ),
      ),
    fc.dictionary(
      fc
        .string({ minLength: 1 })
        .filter(
          (name) => name !== '__proto__' && !settingKeys.some((known) => known.toLowerCase() === name.toLowerCase()),
        ),
      fc.string(),
      { maxKeys: 5 },
    ),
  )
  .map(([known, foreign]) => ({ ...foreign, ...Object.fromEntries(known) }));

export const anyDraft: fc.Arbitrary<DraftChanges> = fc
  .uniqueArray(fc.constantFrom(...settings.map(({ id }) => id)), { maxLength: 12 })
  .chain((ids) =>
    fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.constantFrom<DraftValue[]>('on', 'off', 'default')))),
  )
  .map((pairs) => Object.fromEntries(pairs) as Record<SettingId, DraftValue>);

export const anyInstance: fc.Arbitrary<Instance> = fc
  .record({
    customProperties: anyMap,
    tier: fc.constantFrom(...tiers),
    createdAt: fc.constantFrom(
      '2016-02-03T00:00:00Z',
      '2018-04-01T23:59:59Z',
      '2018-04-02T00:00:00Z',
      '2024-01-01T00:00:00Z',
      null,
    ),
  })
  .map((change) => instance(change));
