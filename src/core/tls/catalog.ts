// What Azure's documentation and the field say of keys, defaults, suites and tiers, with sources. The one place to
// change when Azure changes: everything else is derived from it.

/** The day on which every fact below was last read in its source. */
export const catalogDate = '2026-11-20';

export const sources = {
  rest: {
    title: 'Azure REST API description, Microsoft.ApiManagement 2024-05-01, customProperties',
    url: 'https://learn.microsoft.com/rest/api/apimanagement/api-management-service/update?view=rest-apimanagement-2024-05-01',
  },
  howTo: {
    title: 'Manage protocols and ciphers in Azure API Management',
    url: 'https://learn.microsoft.com/azure/api-management/api-management-howto-manage-protocols-ciphers',
  },
  selfHosted: {
    title: 'Self-hosted gateway configuration settings',
    url: 'https://learn.microsoft.com/azure/api-management/self-hosted-gateway-settings-reference',
  },
  verifiedModule: {
    title: 'Azure Verified Module for API Management',
    url: 'https://github.com/Azure/terraform-azurerm-avm-res-apimanagement-service',
  },
  consumptionRefusal: {
    title: 'terraform-provider-azurerm #8405: Consumption refuses the keys of SSL 3.0 and 3DES',
    url: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/8405',
  },
  hiddenSuites: {
    title: 'terraform-provider-azurerm #28810: suites that the portal switches and Terraform does not',
    url: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/28810',
  },
  rsaGcm: {
    title: 'terraform-provider-azurerm #19472: TLS_RSA_WITH_AES_256_GCM_SHA384 is accepted',
    url: 'https://github.com/hashicorp/terraform-provider-azurerm/pull/19472',
  },
  tripleDesName: {
    title: 'azure-rest-api-specs #19711: the portal writes 3DES under another name',
    url: 'https://github.com/Azure/azure-rest-api-specs/issues/19711',
  },
  v2Overview: {
    title: 'Azure API Management v2 tiers',
    url: 'https://learn.microsoft.com/azure/api-management/v2-service-tiers-overview',
  },
  retirement: {
    title: 'TLS 1.0 and 1.1 retirement in Azure API Management',
    url: 'https://learn.microsoft.com/azure/api-management/breaking-changes/tls-versions-retirement-oct-2025',
  },
  terraform: {
    title: 'terraform-provider-azurerm, api_management_resource.go',
    url: 'https://github.com/hashicorp/terraform-provider-azurerm/blob/main/internal/services/apimanagement/api_management_resource.go',
  },
} as const;
export type SourceId = keyof typeof sources;

/** Services created on or before this day have the old defaults (rest). */
export const oldDefaultsUntil = '2018-04-01';

/**
 * Operators were told to have moved by this day, which is that of Azure as a whole. That these versions cannot be
 * switched on since was not confirmed.
 */
export const retirement = { versions: ['tls10', 'tls11'], since: '2025-08-31', source: 'retirement' } as const;

/**
 * What holds where the map is silent. byDate: on under the old defaults, else off. platform: Azure decides per
 * instance. fixed: always on.
 */
export type Absent = 'on' | 'off' | 'byDate' | 'platform' | 'fixed';

export interface ProtocolFact {
  readonly id: `${'client' | 'backend'}.${'ssl3' | 'tls10' | 'tls11' | 'tls12' | 'tls13'}` | 'client.http2';
  /** Without the prefix that all keys share; null: there is no key. */
  readonly key: string | null;
  readonly absent: Absent;
  /** The REST description does not list the key. */
  readonly unconfirmed: boolean;
  /** When Terraform's azurerm provider writes the key (`sources.terraform`); protocols: only with a block of that name. */
  readonly terraform: 'always' | 'protocols' | 'never';
  readonly source: SourceId;
}

function fact(
  id: ProtocolFact['id'],
  key: string | null,
  absent: Absent,
  source: SourceId,
  unconfirmed = false,
): ProtocolFact {
  return { id, key, absent, source, unconfirmed, terraform: key === null || unconfirmed ? 'never' : 'always' };
}

/** In reading order. The examples of services created in 2016 show SSL 3.0 off, against the text of the description. */
export const protocolFacts: readonly ProtocolFact[] = [
  fact('client.ssl3', 'Security.Protocols.Ssl30', 'off', 'rest'),
  fact('client.tls10', 'Security.Protocols.Tls10', 'byDate', 'rest'),
  fact('client.tls11', 'Security.Protocols.Tls11', 'byDate', 'rest'),
  fact('client.tls12', null, 'fixed', 'howTo'),
  fact('client.tls13', 'Security.Protocols.Tls13', 'platform', 'verifiedModule', true),
  { ...fact('client.http2', 'Protocols.Server.Http2', 'off', 'rest'), terraform: 'protocols' },
  fact('backend.ssl3', 'Security.Backend.Protocols.Ssl30', 'off', 'rest'),
  fact('backend.tls10', 'Security.Backend.Protocols.Tls10', 'byDate', 'rest'),
  fact('backend.tls11', 'Security.Backend.Protocols.Tls11', 'byDate', 'rest'),
  fact('backend.tls12', 'Security.Backend.Protocols.Tls12', 'on', 'selfHosted', true),
  fact('backend.tls13', 'Security.Backend.Protocols.Tls13', 'off', 'verifiedModule', true),
];

/**
 * documented: the REST description says that it can be disabled. field: not listed there, yet seen to be switched.
 * conflict: the description says that it cannot be disabled, the portal can. required: always on, never written.
 */
export type Switching = 'documented' | 'field' | 'conflict' | 'required';

export interface SuiteFact {
  /** IANA code point and name. */
  readonly code: number;
  readonly name: string;
  readonly switching: Switching;
  /** Names in keys; more than one where two spellings are in use, the one to be written first. Empty: there is no key. */
  readonly keyNames: readonly string[];
  readonly absent: Absent;
  /** The name under which Terraform's azurerm provider writes the suite, or null where it does not know it. */
  readonly terraform: string | null;
  readonly source: SourceId;
}

function suite(code: number, name: string, switching: Switching): SuiteFact {
  const required = switching === 'required';
  const sourceOf = { documented: 'rest', required: 'rest', conflict: 'hiddenSuites', field: 'rsaGcm' } as const;
  return {
    code,
    name,
    switching,
    keyNames: required ? [] : [name],
    absent: required ? 'fixed' : 'on',
    terraform: switching === 'documented' || switching === 'field' ? name : null,
    source: sourceOf[switching],
  };
}

/** Best first: the order in which a gateway is taken to prefer and to offer them (inferred, Azure states no order). */
export const suiteFacts: readonly SuiteFact[] = [
  suite(0x1302, 'TLS_AES_256_GCM_SHA384', 'required'),
  suite(0x1301, 'TLS_AES_128_GCM_SHA256', 'required'),
  suite(0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'required'),
  suite(0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'required'),
  suite(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'required'),
  suite(0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'required'),
  suite(0xc024, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'conflict'),
  suite(0xc023, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'conflict'),
  suite(0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'conflict'),
  suite(0xc027, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'conflict'),
  suite(0xc00a, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0xc009, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'documented'),
  suite(0xc014, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0xc013, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'documented'),
  suite(0x009d, 'TLS_RSA_WITH_AES_256_GCM_SHA384', 'field'),
  suite(0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'documented'),
  suite(0x003d, 'TLS_RSA_WITH_AES_256_CBC_SHA256', 'documented'),
  suite(0x003c, 'TLS_RSA_WITH_AES_128_CBC_SHA256', 'documented'),
  suite(0x0035, 'TLS_RSA_WITH_AES_256_CBC_SHA', 'documented'),
  suite(0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'documented'),
  {
    // TripleDes168 is the name of the REST description; the portal wrote the other one in 2022.
    ...suite(0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'documented'),
    keyNames: ['TripleDes168', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
    absent: 'byDate',
    terraform: 'TripleDes168',
    source: 'tripleDesName',
  },
];

export interface TierFact {
  /** As ARM spells it, lower-case. */
  readonly tier: string;
  /** classic: dedicated; consumption; v2; unknown: a tier that this table does not hold. */
  readonly family: 'classic' | 'consumption' | 'v2' | 'unknown';
  readonly ciphersChangeable: boolean;
  /** Client SSL 3.0: Consumption answers NotSupported; v2 does not return the key. */
  readonly clientSsl3: boolean;
  /**
   * That the tier takes changes of what it does not lock is documented. Of v2, documentation restricts ciphers only;
   * whether protocol keys can be changed there was not confirmed on a live instance.
   */
  readonly confirmed: boolean;
  readonly downtime: 'yes' | 'no' | 'not stated';
  /** Client-certificate renegotiation exists. */
  readonly renegotiation: boolean;
  readonly sources: readonly SourceId[];
}

const classic = {
  family: 'classic',
  ciphersChangeable: true,
  clientSsl3: true,
  confirmed: true,
  downtime: 'no',
  renegotiation: true,
  sources: ['howTo'],
} as const;

const v2 = {
  family: 'v2',
  ciphersChangeable: false,
  clientSsl3: false,
  confirmed: false,
  downtime: 'not stated',
  renegotiation: false,
  sources: ['howTo', 'v2Overview', 'rest'],
} as const;

export const tierFacts: readonly TierFact[] = [
  { ...classic, tier: 'developer', downtime: 'yes' },
  { ...classic, tier: 'basic' },
  { ...classic, tier: 'standard' },
  { ...classic, tier: 'premium' },
  // Inferred: a value of the REST description that public documentation does not describe.
  { ...classic, tier: 'isolated', confirmed: false, downtime: 'not stated', sources: ['rest'] },
  {
    ...classic,
    tier: 'consumption',
    family: 'consumption',
    ciphersChangeable: false,
    clientSsl3: false,
    downtime: 'not stated',
    sources: ['howTo', 'consumptionRefusal'],
  },
  { ...v2, tier: 'basicv2' },
  { ...v2, tier: 'standardv2' },
  { ...v2, tier: 'premiumv2' },
];

/** A tier that the table does not hold: nothing is forbidden, nothing is confirmed. */
export const unknownTierFact: TierFact = {
  ...classic,
  tier: '',
  family: 'unknown',
  confirmed: false,
  downtime: 'not stated',
};
