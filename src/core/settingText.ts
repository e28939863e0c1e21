// Settings in words: names, values, where they come from, locks and changes. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import type { Change } from './tls/draft.ts';
import { catalogDate } from './tls/catalog.ts';
import { protocolLabel } from './tls/protocols.ts';
import type { Side } from './tls/protocols.ts';
import { settingById } from './tls/settings.ts';
import type { SettingId, SettingState } from './tls/settings.ts';

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
