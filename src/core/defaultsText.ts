// Sentences on what holds where the map of an instance says nothing.

import * as l10n from '@vscode/l10n';
import { oldDefaultsUntil } from './tls/catalog.ts';
import { readSettings, settings, stateOf } from './tls/settings.ts';
import type { Stated } from './tls/settings.ts';
import { tierRules } from './tls/tiers.ts';

/** Which defaults the instance has by its day of creation; empty where its map leaves open nothing that depends on it. */
export function defaultsText(instance: Stated): string {
  const states = readSettings(instance);
  const open = settings.some(({ id, absent }) => absent === 'byDate' && stateOf(states, id).origin === 'default');
  if (!open) return '';
  const rule = l10n.t(
    'By default, TLS 1.0, TLS 1.1 and 3DES are on in instances that were created on or before {0}, and off in later ones.',
    oldDefaultsUntil,
  );
  const { createdAt } = instance;
  return createdAt === null || Number.isNaN(Date.parse(createdAt))
    ? `${rule} ${l10n.t('Azure does not state when this one was created.')}`
    : `${rule} ${l10n.t('This one was created on {0}.', createdAt.slice(0, 10))}`;
}

/** Of a tier whose suites cannot be changed: what the states shown are taken from. Empty for other tiers. */
export function shownSuitesText(tier: string): string {
  if (tierRules(tier).ciphersChangeable) return '';
  return l10n.t(
    'Where nothing is set, the states shown are the defaults that Azure documents for gateways in general; that the {0} tier offers the same suites is not confirmed.',
    tier,
  );
}
