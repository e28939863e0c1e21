// What each service tier allows.

import { tierFacts, unknownTierFact } from './catalog.ts';
import type { TierFact } from './catalog.ts';
import type { SettingId } from './settings.ts';

/** The rules by which a tier locks settings; an operator may override each (tierOverrides.ts). */
export const tierLocks = ['cipherSuites', 'clientSsl3'] as const;
export type TierLock = (typeof tierLocks)[number];

const byTier = new Map(tierFacts.map((fact) => [fact.tier, fact]));

/** The rules of a tier, however it is spelled; those of an unknown tier where the catalogue does not hold it. */
export function tierRules(tier: string): TierFact {
  return byTier.get(tier.toLowerCase()) ?? unknownTierFact;
}

/** The rule by which a tier does not let a setting be changed, or undefined where it does (or where nobody knows). */
export function tierLock(rules: TierFact, id: SettingId): TierLock | undefined {
  if (id === 'client.ssl3' && !rules.clientSsl3) return 'clientSsl3';
  if (id.startsWith('cipher.') && !rules.ciphersChangeable) return 'cipherSuites';
  return undefined;
}
