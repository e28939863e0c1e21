// The operator's word that Azure has relaxed a lock of a tier: the setting apimTls.tierOverrides.

import * as l10n from '@vscode/l10n';
import type { Instance } from '../instance.ts';
import { plain } from '../markdown.ts';
import { tierFacts } from './catalog.ts';
import { tierLocks } from './tiers.ts';
import type { TierLock } from './tiers.ts';

/** By tier, in lower case: the locks that do not hold. */
export type TierOverrides = ReadonlyMap<string, readonly TierLock[]>;

/** Tiers that lock something. */
const lockingTiers = tierFacts.filter((fact) => !fact.ciphersChangeable || !fact.clientSsl3).map(({ tier }) => tier);

const mostShown = 60;

function shown(value: unknown): string {
  const text = plain(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

/** What the setting says, and a sentence for each part of it that says nothing. Whatever the settings file holds. */
export function readTierOverrides(value: unknown): {
  readonly overrides: TierOverrides;
  readonly problems: readonly string[];
} {
  const overrides = new Map<string, readonly TierLock[]>();
  const problems: string[] = [];
  if (value === undefined || value === null) return { overrides, problems };
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.push(
      l10n.t('The setting apimTls.tierOverrides has to be an object such as { "Consumption": ["cipherSuites"] }.'),
    );
    return { overrides, problems };
  }
  for (const [tier, rules] of Object.entries(value).slice(0, 100)) {
    if (!lockingTiers.includes(tier.toLowerCase())) {
      problems.push(
        l10n.t(
          'apimTls.tierOverrides: “{0}” is not a tier that locks a setting. Those are {1}.',
          shown(tier),
          lockingTiers.join(', '),
        ),
      );
      continue;
    }
    const { locks, unknown } = locksOf(rules);
    if (locks.length > 0) overrides.set(tier.toLowerCase(), locks);
    if (unknown.length > 0)
      problems.push(
        l10n.t(
          'apimTls.tierOverrides, {0}: “{1}” is not a lock. Give a list of {2}.',
          shown(tier),
          unknown.map(shown).join(', '),
          tierLocks.join(', '),
        ),
      );
  }
  return { overrides, problems };
}

function locksOf(rules: unknown): { readonly locks: readonly TierLock[]; readonly unknown: readonly unknown[] } {
  const given: readonly unknown[] = Array.isArray(rules) ? rules : [rules];
  const locks = tierLocks.filter((lock) => Array.isArray(rules) && given.includes(lock));
  return { locks, unknown: given.filter((rule) => !locks.some((lock) => lock === rule)).slice(0, 5) };
}

/** The instance with the locks of its tier that the overrides open, and with no others. */
export function withOverrides(instance: Instance, overrides: TierOverrides): Instance {
  const { unlocked: before, ...rest } = instance;
  const unlocked = overrides.get(instance.tier.toLowerCase());
  if (unlocked === undefined) return before === undefined ? instance : rest;
  return { ...rest, unlocked };
}
