// Sentences about instances, presets, results, counts and lists. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import type { InstanceFinding, PlanFinding, Worst } from './finding.ts';
import type { OperationResult } from './history.ts';
import type { Instance } from './instance.ts';
import { sideLabel } from './settingText.ts';
import { shortKey } from './tls/customProperties.ts';
import type { PresetId } from './tls/presets.ts';
import { protocolLabel, protocolVersions } from './tls/protocols.ts';
import type { ProtocolVersion } from './tls/protocols.ts';
import { readSettings, stateOf, versionsOf } from './tls/settings.ts';
import type { SettingValue } from './tls/settings.ts';
import { tierRules } from './tls/tiers.ts';

/** "TLS 1.2+", "TLS 1.0, TLS 1.2+", "none", "not stated". */
export function versionRange(values: Readonly<Record<ProtocolVersion, SettingValue>>): string {
  const known = protocolVersions.filter((version) => values[version] !== 'unknown' || version === 'tls13');
  if (known.length < protocolVersions.length) return l10n.t('not stated');
  const on = protocolVersions.filter(
    (version) => values[version] === 'on' || (version === 'tls13' && values[version] === 'unknown'),
  );
  const last = on.at(-1);
  if (!last) return l10n.t('nothing');
  let start = on.length - 1;
  while (
    start > 0 &&
    protocolVersions.indexOf(on[start - 1] ?? last) === protocolVersions.indexOf(on[start] ?? last) - 1
  )
    start -= 1;
  const lowest = on[start] ?? last;
  const upper =
    protocolVersions.indexOf(last) >= 3 && lowest !== last
      ? `${protocolLabel[lowest]}+`
      : on
          .slice(start)
          .map((v) => protocolLabel[v])
          .join(', ');
  return [...on.slice(0, start).map((version) => protocolLabel[version]), upper].join(', ');
}

/** One line on an instance, such as "TLS 1.2+ in, TLS 1.0+ out, 3DES on". */
export function summaryText(instance: Instance): string {
  if (instance.customProperties === null) return l10n.t('settings not stated');
  const states = readSettings(instance);
  const parts = [
    l10n.t('{0} in', versionRange(versionsOf(states, 'client'))),
    l10n.t('{0} out', versionRange(versionsOf(states, 'backend'))),
  ];
  const tripleDes = stateOf(states, 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  if (tripleDes.value === 'on') parts.push(l10n.t('3DES on'));
  return parts.join(', ');
}

/** What a save costs in this tier. */
export function timeCostText(tier: string): string {
  const time = l10n.t('A save takes 15 to 45 minutes, sometimes longer.');
  switch (tierRules(tier).downtime) {
    case 'yes':
      return l10n.t('{0} The {1} tier is down during that time.', time, tier);
    case 'no':
      return l10n.t('{0} No downtime is documented for the {1} tier.', time, tier);
    case 'not stated':
      return l10n.t('{0} Whether the {1} tier has downtime is not documented.', time, tier);
  }
}

export function severityText(severity: PlanFinding['severity']): string {
  return severity === 'blocker' ? l10n.t('Blocker') : severity === 'warning' ? l10n.t('Warning') : l10n.t('Note');
}

export function instanceFindingText(finding: InstanceFinding): string {
  switch (finding.code) {
    case 'oldProtocol':
      return l10n.t('{0} is on, {1}', protocolLabel[finding.version], sideLabel(finding.side).toLowerCase());
    case 'tripleDes':
      return l10n.t('3DES is on');
    case 'lastOperationFailed':
      return l10n.t('The last operation on this instance failed');
    case 'notStated':
      return l10n.t('Azure does not state the settings now');
    case 'unknownTier':
      return l10n.t('The tier {0} is not known to this version', finding.tier);
    case 'clientTls13Off':
      return l10n.t('TLS 1.3 is off, client side');
    case 'weakSuites':
      return finding.count === 1
        ? l10n.t('1 weak cipher suite is on')
        : l10n.t('{0} weak cipher suites are on', finding.count);
    case 'changing':
      return l10n.t('A change is being made');
  }
}

export function worstText(worst: Worst): string {
  const texts: Record<Worst, string> = {
    problem: l10n.t('Problems'),
    warning: l10n.t('Warnings'),
    note: l10n.t('Notes'),
    none: l10n.t('No findings'),
  };
  return texts[worst];
}

export function presetLabel(preset: PresetId): string {
  const texts: Record<PresetId, string> = {
    modern: l10n.t('Modern'),
    microsoft: l10n.t('Microsoft’s recommendation'),
    compatible: l10n.t('Compatible'),
    defaults: l10n.t('Reset to defaults'),
  };
  return texts[preset];
}

export function presetDescription(preset: PresetId): string {
  const texts: Record<PresetId, string> = {
    modern: l10n.t(
      'TLS 1.2 and later on both sides; only suites with forward secrecy and authenticated encryption, where the tier lets you choose.',
    ),
    microsoft: l10n.t(
      'TLS 1.2 and later on both sides; the suites that Microsoft’s rule Azure.APIM.Ciphers names are off.',
    ),
    compatible: l10n.t('TLS 1.2 and later on both sides; every suite on but 3DES.'),
    defaults: l10n.t('Leaves every setting out, so that Azure sets it to its default.'),
  };
  return texts[preset];
}

export function resultText(result: OperationResult): string {
  const texts: Record<OperationResult, string> = {
    running: l10n.t('Running'),
    done: l10n.t('Done'),
    different: l10n.t('Ended differently'),
    failed: l10n.t('Failed'),
    refused: l10n.t('Not written'),
    unknown: l10n.t('Outcome unknown'),
  };
  return texts[result];
}

/** "8 s", "12 min", "1 h 5 min". */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return l10n.t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return minutes < 5 && seconds % 60 > 0
      ? l10n.t('{0} min {1} s', minutes, seconds % 60)
      : l10n.t('{0} min', minutes);
  return minutes % 60 === 0
    ? l10n.t('{0} h', minutes / 60)
    : l10n.t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

/** "3 changes", for buttons and announcements. */
export function changeCountText(count: number): string {
  return count === 0 ? l10n.t('No changes') : count === 1 ? l10n.t('1 change') : l10n.t('{0} changes', count);
}

/** Keys by their last part, for a sentence: "Protocols.Tls10, Ciphers.TripleDes168 and 3 more". */
export function keysText(keys: readonly string[], most = 4): string {
  return namesText(keys.map(shortKey), most);
}

/** Names for a sentence: the first few, and how many more. */
export function namesText(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? l10n.t('{0} and {1} more', shown, names.length - most) : shown;
}
