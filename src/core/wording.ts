// Sentences about settings, instances, probes and results. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import type { InstanceFinding, PlanFinding, Worst } from './finding.ts';
import type { OperationResult } from './history.ts';
import type { Instance } from './instance.ts';
import type { Change } from './tls/draft.ts';
import { catalogDate } from './tls/catalog.ts';
import { shortKey } from './tls/customProperties.ts';
import type { PresetId } from './tls/presets.ts';
import { protocolLabel, protocolVersions } from './tls/protocols.ts';
import type { ProtocolVersion, Side } from './tls/protocols.ts';
import { readSettings, settingById, stateOf, versionsOf } from './tls/settings.ts';
import type { SettingId, SettingState, SettingValue } from './tls/settings.ts';
import { tierRules } from './tls/tiers.ts';

export function sideLabel(side: Side): string {
  return side === 'client' ? l10n.t('Client side') : l10n.t('Backend side');
}

/** "TLS 1.0, client side", "HTTP/2, client side", or the name of a cipher suite. */
export function settingLabel(id: SettingId): string {
  const setting = settingById(id);
  if (setting?.suite) return setting.suite.name;
  const side = setting?.side === 'backend' ? l10n.t('backend side') : l10n.t('client side');
  return `${setting?.version ? protocolLabel[setting.version] : 'HTTP/2'}, ${side}`;
}

export function valueText(state: SettingState): string {
  if (state.oddText !== undefined) return l10n.t('Unreadable: "{0}"', state.oddText);
  if (state.value === 'unknown') return state.origin === 'platform' ? l10n.t('Decided by Azure') : l10n.t('Not stated');
  return state.value === 'on' ? l10n.t('On') : l10n.t('Off');
}

export function originText(state: SettingState): string {
  switch (state.origin) {
    case 'explicit':
      return l10n.t('set');
    case 'default':
      return l10n.t('default');
    case 'platform':
      return l10n.t('decided by Azure');
    case 'fixed':
      return l10n.t('always on');
    case 'notStated':
      return l10n.t('not stated');
  }
}

/** Why a setting cannot be changed. Empty where it can. */
export function lockText(state: SettingState, tier: string): string {
  switch (state.lock) {
    case 'alwaysOn':
      return l10n.t('Always on: the platform requires it.');
    case 'notInTier':
      return state.id.startsWith('cipher.')
        ? l10n.t('The {0} tier does not let cipher suites be changed.', tier)
        : l10n.t('The {0} tier does not have this setting.', tier);
    case 'noKey':
      return l10n.t('There is no setting for this.');
    default:
      return '';
  }
}

/** Says of a setting that only the operator's word lets it be changed; empty where that is not so. */
export function unlockedText(state: SettingState, tier: string): string {
  if (!state.unlocked) return '';
  return l10n.t(
    'Unlocked for the {0} tier by your setting apimTls.tierOverrides. By what Azure documented until {1}, it cannot be changed.',
    tier,
    catalogDate,
  );
}

export function unconfirmedText(id: SettingId): string {
  const setting = settingById(id);
  if (setting?.suite?.switching === 'conflict')
    return l10n.t(
      'Not confirmed: Microsoft’s API description says that this suite cannot be disabled, the portal disables it.',
    );
  if (setting?.suite && setting.keys.length > 1)
    return l10n.t(
      'Not confirmed: {0} has two keys in use ({1}), and which one Azure obeys is not known. Off is written to both.',
      setting.suite.name,
      setting.keys.map((key) => key.slice(key.lastIndexOf('.') + 1)).join(', '),
    );
  if (setting?.suite?.switching === 'field')
    return l10n.t(
      'Not confirmed: Microsoft’s API description does not list this suite, yet it was seen to be switched.',
    );
  if (id === 'client.tls13')
    return l10n.t(
      'Not confirmed: Microsoft’s own Terraform module writes this setting, the API description does not list it. Whether the client side obeys it where the portal says that TLS 1.3 is permanently enabled is not known.',
    );
  if (setting?.version === 'tls13')
    return l10n.t(
      'Not confirmed: Microsoft’s own Terraform module writes this setting, the API description does not list it.',
    );
  if (setting?.version === 'tls12')
    return l10n.t(
      'Not confirmed: documentation says that this can be changed by API only; the key is not in the API description.',
    );
  return l10n.t('Not confirmed: whether this tier takes the change is not documented.');
}

export function changeText(change: Change): string {
  const label = settingLabel(change.id);
  const text = (state: SettingState) =>
    state.origin === 'default' || state.origin === 'platform'
      ? l10n.t('{0} (default)', valueText(state).toLowerCase())
      : valueText(state).toLowerCase();
  return l10n.t('{0}: {1} → {2}', label, text(change.from), text(change.to));
}

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
