// Sentences about what was seen after a change. Localised by @vscode/l10n.

import * as l10n from '@vscode/l10n';
import { isLeftBehind } from './changeWatch.ts';
import type { ChangeWatch, LogSummary } from './changeWatch.ts';
import type { GatewayName } from './gatewayNames.ts';
import type { FailureRow } from './loggedFailures.ts';
import type { Survey } from './tls/evidence.ts';
import { protocolLabel } from './tls/protocols.ts';
import type { ProtocolVersion } from './tls/protocols.ts';
import { settingById } from './tls/settings.ts';
import type { SettingId } from './tls/settings.ts';
import { worstState } from './tls/verification.ts';
import type { Expectation, HostSeen, HostState } from './tls/verification.ts';
import { requestsText } from './trafficText.ts';
import { namesText } from './wording.ts';

type Seen = Pick<ChangeWatch, 'expected' | 'hosts' | 'hostsNextAt'>;

/** "TLS 1.0" or the name of a cipher suite. */
export function visibleName(id: SettingId): string {
  const setting = settingById(id);
  return setting?.suite?.name ?? (setting?.version ? protocolLabel[setting.version] : id);
}

/** "api.contoso.example (westeurope)". */
export function gatewayNameText({ host, region }: Pick<GatewayName, 'host' | 'region'>): string {
  return region === null ? host : l10n.t('{0} ({1})', host, region);
}

export function hostStateText(state: HostState): string {
  const texts: Record<HostState, string> = {
    confirmed: l10n.t('Seen to follow the change'),
    stillOld: l10n.t('Still as before'),
    notReached: l10n.t('Not reached from here'),
    unknown: l10n.t('Not known'),
  };
  return texts[state];
}

/** "still accepts TLS 1.0; does not accept TLS 1.3 yet", for settings that a host contradicts. */
export function contradictionText(ids: readonly SettingId[], expected: readonly Expectation[]): string {
  const wanted = new Map(expected.map(({ id, accepted }) => [id, accepted]));
  const names = (accepted: boolean) => ids.filter((id) => wanted.get(id) === accepted).map(visibleName);
  const [missing, left] = [names(true), names(false)];
  return [
    ...(left.length > 0 ? [l10n.t('still accepts {0}', namesText(left))] : []),
    ...(missing.length > 0 ? [l10n.t('does not accept {0} yet', namesText(missing))] : []),
  ].join('; ');
}

function stillOf(host: HostSeen): SettingId[] {
  return [...new Set(host.addresses.flatMap(({ still }) => still))];
}

/** "api.contoso.example (westeurope) still accepts TLS 1.0", for the first hosts that do. */
function leftBehindText({ hosts, expected }: Seen): string {
  const old = hosts.filter(({ state }) => state === 'stillOld');
  const parts = old.slice(0, 2).map((host) => `${gatewayNameText(host)} ${contradictionText(stillOf(host), expected)}`);
  const more = old.length - parts.length;
  return more > 0 ? `${parts.join(', ')} ${l10n.t('and {0} more', more)}` : parts.join(', ');
}

/**
 * What the first look at the gateway showed, in one or two sentences; empty where nothing was looked at.
 * @param refused versions that are off and were seen to be refused everywhere, whether or not the change is why
 */
export function firstLookText(seen: Seen, surveys: readonly Survey[], refused: readonly ProtocolVersion[]): string {
  if (surveys.length === 0) return '';
  if (surveys.every(({ behaviour }) => behaviour !== 'tls'))
    return l10n.t('The gateway cannot be reached from here, so its behaviour was not seen.');
  const { hosts, expected } = seen;
  if (worstState(hosts) === 'stillOld') {
    const again = isLeftBehind(seen)
      ? ''
      : l10n.t('It can take some minutes until all regions have changed: the hosts are probed again.');
    return `${leftBehindText(seen)}. ${again}`.trim();
  }
  const shown = hosts.filter(({ state }) => state === 'confirmed');
  const names = (accepted: boolean) =>
    expected.filter((one) => one.accepted === accepted).map(({ id }) => visibleName(id));
  const off = [
    ...new Set([...refused.map((version) => protocolLabel[version]), ...(shown.length > 0 ? names(false) : [])]),
  ];
  const on = shown.length > 0 ? names(true) : [];
  const open = hosts.filter(({ state }) => state !== 'confirmed');
  return [
    ...(off.length > 0 ? [l10n.t('The gateway was seen to refuse {0}.', namesText(off))] : []),
    ...(on.length > 0 ? [l10n.t('The gateway was seen to accept {0}.', namesText(on))] : []),
    ...(open.length > 0 && shown.length > 0
      ? [l10n.t('Not seen to follow yet: {0}.', namesText(open.map(gatewayNameText)))]
      : []),
  ].join(' ');
}

/** Hosts that have not followed in time, as a message of its own. */
export function leftBehindSentence(watch: ChangeWatch): string {
  const sentence = l10n.t('{0}: saved, but {1}.', watch.instanceName, leftBehindText(watch));
  const custom = watch.hosts.some(({ kind, state }) => kind === 'custom' && state === 'stillOld');
  return custom ? `${sentence} ${inFrontText()}` : sentence;
}

/** Why a name of the owner's may go on as before. */
export function inFrontText(): string {
  return l10n.t(
    'Where a name leads to something in front of the gateway, such as Azure Front Door or Application Gateway, that has TLS settings of its own.',
  );
}

/** "37 requests to orders-api failed with BackendConnectionFailure since the change, 0 in the same time before." */
export function failureRowText({ api, reason, host, since, before, tls }: FailureRow): string {
  const what = reason === '' ? l10n.t('an error of the connection') : reason;
  const counted =
    api === ''
      ? l10n.t('{0} failed with {1} since the change, {2} in the same time before.', requestsText(since), what, before)
      : l10n.t(
          '{0} to {1} failed with {2} since the change, {3} in the same time before.',
          requestsText(since),
          api,
          what,
          before,
        );
  return [
    counted,
    ...(host === '' ? [] : [l10n.t('Backend: {0}.', host)]),
    ...(tls === 0
      ? []
      : tls >= since
        ? [l10n.t('All of them name TLS or a certificate as the reason.')]
        : [l10n.t('{0} of them name TLS or a certificate as the reason.', tls)]),
  ].join(' ');
}

/** The worst finding as a message of its own. @param time how the moment of the reading is shown */
export function alarmSentence({ instanceName, logs }: ChangeWatch, time: (iso: string) => string): string {
  const alarming = (logs?.findings ?? []).filter(({ severity }) => severity !== 'note');
  const [first] = alarming;
  if (!first || !logs) return '';
  return [
    `${instanceName}: ${failureRowText(first.row)}`,
    ...(alarming.length > 1 ? [l10n.t('{0} more findings are in the editor.', alarming.length - 1)] : []),
    l10n.t('As of {0}.', time(logs.asOf)),
  ].join(' ');
}

export function vanishedText({ version, before }: LogSummary['vanished'][number]): string {
  return l10n.t(
    '{0} came with {1} in the same time before the change, none since. Handshakes that fail are not in the logs.',
    requestsText(before),
    version === 'unknown' ? l10n.t('no known version') : protocolLabel[version],
  );
}
