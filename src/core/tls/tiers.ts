// What each service tier allows.

import { tierFacts, unknownTierFact } from './catalog.ts';
import type { TierFact } from './catalog.ts';
import type { SettingId } from './settings.ts';

/** The rules of a tier, however it is spelled; those of an unknown tier where the catalogue does not hold it. */
export function tierRules(tier: string): TierFact {
  return tierFacts.find((fact) => fact.tier === tier.toLowerCase()) ?? unknownTierFact;
}

/** Why a setting cannot be changed in a tier, or undefined where it can (or where nobody knows). */
export function tierLock(tier: string, id: SettingId): 'notInTier' | undefined {
  const rules = tierRules(tier);
  if (id === 'client.ssl3' && !rules.clientSsl3) return 'notInTier';
  if (id.startsWith('cipher.') && !rules.ciphersChangeable) return 'notInTier';
  return undefined;
}
