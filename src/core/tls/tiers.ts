// What each service tier allows. One dated table; a change of Azure's documentation is a change here.
// Source unless noted: Microsoft Learn, "Manage protocols and ciphers in Azure API Management", read 2026-11.

import type { SettingId } from './settings.ts';

export const tierRulesDate = '2026-11-20';

export interface TierRules {
  /** classic: dedicated; consumption; v2; unknown: a tier that this table does not hold. */
  readonly family: 'classic' | 'consumption' | 'v2' | 'unknown';
  readonly ciphersChangeable: boolean;
  /** Client SSL 3.0: Consumption answers NotSupported (terraform-provider-azurerm #8405); v2 does not return the key. */
  readonly clientSsl3: boolean;
  /** Documentation restricts ciphers only; that v2 takes changes of protocol keys was not confirmed on a live instance. */
  readonly protocolsConfirmed: boolean;
  readonly downtime: 'yes' | 'no' | 'not stated';
  /** Client-certificate renegotiation exists (not in v2, by the overview of 2023-10). */
  readonly renegotiation: boolean;
}

const classic: TierRules = {
  family: 'classic',
  ciphersChangeable: true,
  clientSsl3: true,
  protocolsConfirmed: true,
  downtime: 'no',
  renegotiation: true,
};

const v2: TierRules = {
  family: 'v2',
  ciphersChangeable: false,
  clientSsl3: false,
  protocolsConfirmed: false,
  downtime: 'not stated',
  renegotiation: false,
};

const byTier: Readonly<Record<string, TierRules>> = {
  developer: { ...classic, downtime: 'yes' },
  basic: classic,
  standard: classic,
  premium: classic,
  // Inferred: an enum value of the REST description that public documentation does not describe.
  isolated: { ...classic, protocolsConfirmed: false, downtime: 'not stated' },
  consumption: {
    family: 'consumption',
    ciphersChangeable: false,
    clientSsl3: false,
    protocolsConfirmed: true,
    downtime: 'not stated',
    renegotiation: true,
  },
  basicv2: v2,
  standardv2: v2,
  premiumv2: v2,
};

const unknownTier: TierRules = {
  family: 'unknown',
  ciphersChangeable: true,
  clientSsl3: true,
  protocolsConfirmed: false,
  downtime: 'not stated',
  renegotiation: true,
};

export function tierRules(tier: string): TierRules {
  return byTier[tier.toLowerCase()] ?? unknownTier;
}

/** Why a setting cannot be changed in a tier, or undefined where it can (or where nobody knows). */
export function tierLock(tier: string, id: SettingId): 'notInTier' | undefined {
  const rules = tierRules(tier);
  if (id === 'client.ssl3' && !rules.clientSsl3) return 'notInTier';
  if (id.startsWith('cipher.') && !rules.ciphersChangeable) return 'notInTier';
  return undefined;
}
