// What is noteworthy of an instance as it stands.

import type { InstanceFinding } from '../finding.ts';
import { isBusy } from '../instance.ts';
import type { Instance } from '../instance.ts';
import { gatewaySuites } from './ciphers.ts';
import { retiredVersions, sides } from './protocols.ts';
import { readSettings } from './settings.ts';
import { tierRules } from './tiers.ts';

export function instanceFindings(instance: Instance): InstanceFinding[] {
  const states = readSettings(instance);
  const found: InstanceFinding[] = [];
  for (const side of sides) {
    for (const version of retiredVersions) {
      if (states[`${side}.${version}`].value === 'on')
        found.push({ severity: 'problem', code: 'oldProtocol', side, version });
    }
  }
  const weak = gatewaySuites.filter(
    (suite) => states[`cipher.${suite.name}`]?.value === 'on' && suite.strength !== 'recommended',
  );
  if (weak.some((suite) => suite.strength === 'insecure')) found.push({ severity: 'problem', code: 'tripleDes' });
  if (instance.provisioningState.toLowerCase() === 'failed')
    found.push({ severity: 'problem', code: 'lastOperationFailed' });
  if (instance.customProperties === null) found.push({ severity: 'warning', code: 'notStated' });
  if (tierRules(instance.tier).family === 'unknown')
    found.push({ severity: 'warning', code: 'unknownTier', tier: instance.tier });
  if (states['client.tls13'].value === 'off') found.push({ severity: 'note', code: 'clientTls13Off' });
  if (weak.length > 0) found.push({ severity: 'note', code: 'weakSuites', count: weak.length });
  if (isBusy(instance)) found.push({ severity: 'note', code: 'changing' });
  return found;
}

/**
 * Weak: a retired protocol or 3DES is on. What the badge counts and "Only weak" keeps.
 * @param findings of the instance, where they are known already
 */
export function isWeak(instance: Instance, findings = instanceFindings(instance)): boolean {
  return findings.some((finding) => finding.code === 'oldProtocol' || finding.code === 'tripleDes');
}
