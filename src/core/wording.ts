// Every sentence about settings, plans, probes and results, in one place. Localised by @vscode/l10n.

import { t } from '@vscode/l10n';
import type { InstanceFinding, PlanFinding, Worst } from './finding.ts';
import type { OperationResult } from './history.ts';
import type { Instance } from './instance.ts';
import type { Change, DraftChanges } from './tls/draft.ts';
import { mapForDraft } from './tls/draft.ts';
import type { Behaviour, CertificateFinding, Survey } from './tls/evidence.ts';
import { shortKey } from './tls/plan.ts';
import { gatewaySuiteByCode } from './tls/ciphers.ts';
import type { PresetId } from './tls/presets.ts';
import { protocolLabel, protocolVersions, retiredVersions } from './tls/protocols.ts';
import type { ProtocolVersion, Side } from './tls/protocols.ts';
import { readSettings, settingById, stateOf, versionsOf } from './tls/settings.ts';
import type { SettingId, SettingState, SettingStates, SettingValue } from './tls/settings.ts';
import { tierRules } from './tls/tiers.ts';
import type { BackendVerdict, Negotiated } from './tls/verdict.ts';

export function sideLabel(side: Side): string {
  return side === 'client' ? t('Client side') : t('Backend side');
}

/** "TLS 1.0, client side", "HTTP/2, client side", or the name of a cipher suite. */
export function settingLabel(id: SettingId): string {
  const setting = settingById(id);
  if (setting?.suite) return setting.suite.name;
  const side = setting?.side === 'backend' ? t('backend side') : t('client side');
  return `${setting?.version ? protocolLabel[setting.version] : 'HTTP/2'}, ${side}`;
}

export function valueText(state: SettingState): string {
  if (state.oddText !== undefined) return t('Unreadable: "{0}"', state.oddText);
  if (state.value === 'unknown') return state.origin === 'platform' ? t('Decided by Azure') : t('Not stated');
  return state.value === 'on' ? t('On') : t('Off');
}

export function originText(state: SettingState): string {
  switch (state.origin) {
    case 'explicit':
      return t('set');
    case 'default':
      return t('default');
    case 'platform':
      return t('decided by Azure');
    case 'fixed':
      return t('always on');
    case 'notStated':
      return t('not stated');
  }
}

/** Why a setting cannot be changed. Empty where it can. */
export function lockText(state: SettingState, tier: string): string {
  switch (state.lock) {
    case 'alwaysOn':
      return t('Always on: the platform requires it.');
    case 'notInTier':
      return state.id.startsWith('cipher.')
        ? t('The {0} tier does not let cipher suites be changed.', tier)
        : t('The {0} tier does not have this setting.', tier);
    case 'noKey':
      return t('There is no setting for this.');
    default:
      return '';
  }
}

export function unconfirmedText(id: SettingId): string {
  const setting = settingById(id);
  if (setting?.suite?.switching === 'conflict')
    return t(
      'Not confirmed: Microsoft’s API description says that this suite cannot be disabled, the portal disables it.',
    );
  if (setting?.suite)
    return t('Not confirmed: Microsoft’s API description does not list this suite, yet it was seen to be switched.');
  if (setting?.version === 'tls13')
    return t(
      'Not confirmed: Microsoft’s own Terraform module writes this setting, the API description does not list it.',
    );
  if (setting?.version === 'tls12')
    return t(
      'Not confirmed: documentation says that this can be changed by API only; the key is not in the API description.',
    );
  return t('Not confirmed: whether this tier takes the change is not documented.');
}

export function changeText(change: Change): string {
  const label = settingLabel(change.id);
  const text = (state: SettingState) =>
    state.origin === 'default' || state.origin === 'platform'
      ? t('{0} (default)', valueText(state).toLowerCase())
      : valueText(state).toLowerCase();
  return t('{0}: {1} → {2}', label, text(change.from), text(change.to));
}

/** "TLS 1.2+", "TLS 1.0, TLS 1.2+", "none", "not stated". */
export function versionRange(values: Readonly<Record<ProtocolVersion, SettingValue>>): string {
  const known = protocolVersions.filter((version) => values[version] !== 'unknown' || version === 'tls13');
  if (known.length < protocolVersions.length) return t('not stated');
  const on = protocolVersions.filter(
    (version) => values[version] === 'on' || (version === 'tls13' && values[version] === 'unknown'),
  );
  const last = on.at(-1);
  if (!last) return t('nothing');
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
  if (instance.customProperties === null) return t('settings not stated');
  const states = readSettings(instance);
  const parts = [
    t('{0} in', versionRange(versionsOf(states, 'client'))),
    t('{0} out', versionRange(versionsOf(states, 'backend'))),
  ];
  const tripleDes = stateOf(states, 'cipher.TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  if (tripleDes.value === 'on') parts.push(t('3DES on'));
  return parts.join(', ');
}

/** What a save costs in this tier. */
export function timeCostText(tier: string): string {
  const time = t('A save takes 15 to 45 minutes, sometimes longer.');
  switch (tierRules(tier).downtime) {
    case 'yes':
      return t('{0} The {1} tier is down during that time.', time, tier);
    case 'no':
      return t('{0} No downtime is documented for the {1} tier.', time, tier);
    case 'not stated':
      return t('{0} Whether the {1} tier has downtime is not documented.', time, tier);
  }
}

export function severityText(severity: PlanFinding['severity']): string {
  return severity === 'blocker' ? t('Blocker') : severity === 'warning' ? t('Warning') : t('Note');
}

export function negotiatedText(negotiated: Negotiated): string {
  if (negotiated.connects === 'no') return t('does not connect');
  if (negotiated.connects === 'unknown') return t('unknown');
  if (negotiated.version === null) return t('connects, version unknown');
  const suite = negotiated.suite === null ? t('suite unknown') : gatewaySuiteName(negotiated.suite);
  return `${protocolLabel[negotiated.version]}, ${suite}`;
}

/** The name of a suite of the gateway; the code point of any other. */
function gatewaySuiteName(code: number): string {
  return gatewaySuiteByCode(code)?.name ?? `0x${code.toString(16).padStart(4, '0')}`;
}

export function verdictText(verdict: BackendVerdict): string {
  switch (verdict.verdict) {
    case 'breaks':
      return t('Would stop connecting');
    case 'alreadyBroken':
      return t('Does not connect now either');
    case 'repaired':
      return t('Would connect again');
    case 'changes':
      return verdict.losesForwardSecrecy
        ? t('Connects differently, without forward secrecy')
        : t('Connects differently');
    case 'same':
      return t('Connects as before');
    case 'unknown':
      return t('Unknown');
    case 'noTls':
      return t('Plain HTTP, no TLS');
  }
}

export function behaviourText(behaviour: Behaviour): string {
  const texts: Record<Behaviour, string> = {
    tls: t('Speaks TLS'),
    'plain-http': t('Answers plain HTTP, not TLS'),
    'not-tls': t('Answers, but not with TLS'),
    timeout: t('Does not answer in time'),
    reset: t('Resets the connection'),
    close: t('Closes the connection'),
    alert: t('Refuses every TLS version that was offered'),
    misbehaving: t('Answers against the TLS standard'),
    unresolvable: t('Name cannot be resolved from here'),
    refused: t('Connection refused'),
    unreachable: t('Cannot be reached from here'),
    cancelled: t('Cancelled'),
  };
  return texts[behaviour];
}

/** One sentence that says the most important. */
export function surveyHeadline(survey: Survey): string {
  if (survey.behaviour !== 'tls') return `${behaviourText(survey.behaviour)}.`;
  const accepted = protocolVersions.filter((version) => survey.protocols[version] === 'yes');
  const old = accepted.filter((version) => retiredVersions.includes(version));
  const names = accepted.map((version) => protocolLabel[version]).join(', ');
  if (old.length > 0)
    return t('Accepts {0}. Retired: {1}.', names, old.map((version) => protocolLabel[version]).join(', '));
  return t('Accepts {0}.', names);
}

export function certificateFindingText(finding: CertificateFinding): string {
  const texts: Record<CertificateFinding, string> = {
    expired: t('expired'),
    'expires-soon': t('expires soon'),
    'not-yet-valid': t('not valid yet'),
    'self-signed': t('self-signed'),
    'name-mismatch': t('made out to another name'),
    'incomplete-chain': t('intermediate certificate missing'),
    'unknown-root': t('root not trusted by this machine'),
    'weak-key': t('weak key'),
    'weak-signature': t('weak signature'),
  };
  return texts[finding];
}

/** One sentence on a finding of a plan: what, to what, and what follows. */
export function findingText(finding: PlanFinding): string {
  switch (finding.code) {
    case 'backendBreaks':
      return t(
        '{0} would stop connecting. Now: {1}. Used by {2}.',
        finding.host,
        negotiatedText(finding.now),
        finding.usedBy.join(', '),
      );
    case 'noModernBackend':
      return t('Both TLS 1.2 and TLS 1.3 would be off on the backend side. Leave one of them on.');
    case 'mapMissing':
      return t(
        'Azure does not state the settings of this instance now, so nothing can be saved without losing some. Refresh when it has finished activating.',
      );
    case 'busy':
      return t('Azure is changing this instance ({0}). Wait until it has finished.', finding.state);
    case 'backendUnknown':
      return t('{0}: whether it would still connect is unknown ({1}).', finding.host, finding.why);
    case 'backendNotChecked':
      return t('{0} has not been probed. Choose Check.', finding.host);
    case 'backendsNotRead':
      return t('The backends of this instance have not been read. Choose Check.');
    case 'backendAlreadyBroken':
      return t(
        '{0} does not connect with the settings as they are, and would not with the planned ones.',
        finding.host,
      );
    case 'backendCertificate':
      return t(
        '{0}: the gateway refuses the certificate ({1}), now as well as afterwards.',
        finding.host,
        finding.findings.map(certificateFindingText).join(', '),
      );
    case 'renegotiationNotChecked':
      return finding.side === 'backend'
        ? t(
            'Backends that renegotiate for a client certificate fail with TLS 1.3. This version does not look for renegotiation.',
          )
        : t('Clients that rely on certificate renegotiation fail with TLS 1.3. Review the list of operations first.');
    case 'retiredProtocolOn':
      return t(
        '{0} is retired. It would be switched on for the {1}.',
        protocolLabel[finding.version],
        sideLabel(finding.side).toLowerCase(),
      );
    case 'versionWithoutSuite':
      return t(
        '{0} stays on for the {1}, but no cipher suite is left that it can use.',
        protocolLabel[finding.version],
        sideLabel(finding.side).toLowerCase(),
      );
    case 'clientsUnknown':
      return clientsUnknownText(finding.versions, finding.suites);
    case 'tierNotConfirmed':
      return t(
        'Whether the {0} tier takes this change is not confirmed. The result is read back and compared.',
        finding.tier,
      );
    case 'downtime':
      return t('The {0} tier is down while the change is made.', finding.tier);
    case 'settingNotConfirmed':
      return `${settingLabel(finding.id)}: ${unconfirmedText(finding.id)}`;
    case 'backendChanges':
      return finding.losesForwardSecrecy
        ? t(
            '{0} would connect with {1} instead of {2}, without forward secrecy.',
            finding.host,
            negotiatedText(finding.draft),
            negotiatedText(finding.now),
          )
        : t(
            '{0} would connect with {1} instead of {2}.',
            finding.host,
            negotiatedText(finding.draft),
            negotiatedText(finding.now),
          );
    case 'backendRepaired':
      return t('{0} would connect again, with {1}.', finding.host, negotiatedText(finding.draft));
    case 'unknownKeysKept':
      return finding.count === 1
        ? t('1 key that is not about TLS is sent back unchanged, so that Azure keeps it.')
        : t('{0} keys that are not about TLS are sent back unchanged, so that Azure keeps them.', finding.count);
  }
}

function clientsUnknownText(versions: readonly ProtocolVersion[], suites: number): string {
  const names = versions.map((version) => protocolLabel[version]).join(', ');
  if (suites === 0)
    return t(
      'Clients that use only {0} can no longer connect. Who they are is unknown: gateway logs are not read by this version.',
      names,
    );
  const count = suites === 1 ? t('1 cipher suite') : t('{0} cipher suites', suites);
  const what = versions.length === 0 ? count : t('{0} or {1}', names, count);
  return t(
    'Clients that rely on {0} can no longer connect. Who they are is unknown: logs do not tell cipher suites, and are not read by this version.',
    what,
  );
}

export function instanceFindingText(finding: InstanceFinding): string {
  switch (finding.code) {
    case 'oldProtocol':
      return t('{0} is on, {1}', protocolLabel[finding.version], sideLabel(finding.side).toLowerCase());
    case 'tripleDes':
      return t('3DES is on');
    case 'lastOperationFailed':
      return t('The last operation on this instance failed');
    case 'notStated':
      return t('Azure does not state the settings now');
    case 'unknownTier':
      return t('The tier {0} is not known to this version', finding.tier);
    case 'clientTls13Off':
      return t('TLS 1.3 is off, client side');
    case 'weakSuites':
      return finding.count === 1 ? t('1 weak cipher suite is on') : t('{0} weak cipher suites are on', finding.count);
    case 'changing':
      return t('A change is being made');
  }
}

export function worstText(worst: Worst): string {
  const texts: Record<Worst, string> = {
    problem: t('Problems'),
    warning: t('Warnings'),
    note: t('Notes'),
    none: t('No findings'),
  };
  return texts[worst];
}

export function presetLabel(preset: PresetId): string {
  const texts: Record<PresetId, string> = {
    modern: t('Modern'),
    microsoft: t('Microsoft’s recommendation'),
    compatible: t('Compatible'),
    defaults: t('Reset to defaults'),
  };
  return texts[preset];
}

export function presetDescription(preset: PresetId): string {
  const texts: Record<PresetId, string> = {
    modern: t(
      'TLS 1.2 and later on both sides; only suites with forward secrecy and authenticated encryption, where the tier lets you choose.',
    ),
    microsoft: t('TLS 1.2 and later on both sides; the suites that Microsoft’s rule Azure.APIM.Ciphers names are off.'),
    compatible: t('TLS 1.2 and later on both sides; every suite on but 3DES.'),
    defaults: t('Leaves every setting out, so that Azure sets it to its default.'),
  };
  return texts[preset];
}

export function resultText(result: OperationResult): string {
  const texts: Record<OperationResult, string> = {
    running: t('Running'),
    done: t('Done'),
    different: t('Ended differently'),
    failed: t('Failed'),
    refused: t('Not written'),
    unknown: t('Outcome unknown'),
  };
  return texts[result];
}

/** "8 s", "12 min", "1 h 5 min". */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return minutes < 5 && seconds % 60 > 0 ? t('{0} min {1} s', minutes, seconds % 60) : t('{0} min', minutes);
  return minutes % 60 === 0 ? t('{0} h', minutes / 60) : t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

/** "3 changes", for buttons and announcements. */
export function changeCountText(count: number): string {
  return count === 0 ? t('No changes') : count === 1 ? t('1 change') : t('{0} changes', count);
}

/** Keys by their last part, for a sentence: "Protocols.Tls10, Ciphers.TripleDes168 and 3 more". */
export function keysText(keys: readonly string[], most = 4): string {
  const shown = keys.slice(0, most).map(shortKey).join(', ');
  return keys.length > most ? t('{0} and {1} more', shown, keys.length - most) : shown;
}

/** How many keys of the map a preset or draft would change. */
export function draftKeyCount(instance: Instance, changes: DraftChanges): number {
  const map = mapForDraft(instance, changes);
  const base = instance.customProperties;
  if (map === null || base === null) return 0;
  return (
    Object.keys(map).filter((key) => map[key] !== base[key]).length +
    Object.keys(base).filter((key) => !(key in map)).length
  );
}

/** For screen readers and tooltips: the state of a setting with where it comes from. */
export function stateText(states: SettingStates, id: SettingId): string {
  const state = stateOf(states, id);
  return `${settingLabel(id)}: ${valueText(state)} (${originText(state)})`;
}
