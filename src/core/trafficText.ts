// Sentences about traffic: what was seen of a version, what stands in the way, and how to switch the logs on.

import * as l10n from '@vscode/l10n';
import type { PlanFinding } from './finding.ts';
import { utcText } from './tls/planText.ts';
import { protocolLabel } from './tls/protocols.ts';
import type { ProtocolVersion } from './tls/protocols.ts';
import { requestsWithoutVersion } from './traffic.ts';
import type { LogReading, MissingLogs, SeenVersion, Traffic, TrafficRead, TrafficTotal } from './traffic.ts';

/** "1,204", by the language of the system. */
export function countText(count: number): string {
  return new Intl.NumberFormat().format(count);
}

export function requestsText(count: number): string {
  return count === 1 ? l10n.t('1 request') : l10n.t('{0} requests', countText(count));
}

export function callersText(count: number): string {
  return count === 1 ? l10n.t('1 caller') : l10n.t('{0} callers', countText(count));
}

export function windowText(days: number): string {
  return l10n.t('{0} days', days);
}

export function seenVersionText(version: SeenVersion): string {
  return version === 'unknown' ? l10n.t('Version not known') : protocolLabel[version];
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "2 hours ago", as it stands after "last". @param now milliseconds since 1970 */
export function sinceText(iso: string, now: number): string {
  const ago = now - Date.parse(iso);
  const unit = units.find(([, length]) => ago >= length);
  if (!unit) return l10n.t('less than a minute ago');
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'always' }).format(-Math.floor(ago / unit[1]), unit[0]);
}

/** "1,204 requests from 3 callers, last 2 hours ago". */
export function totalText(
  { requests, callers, lastSeen }: Omit<TrafficTotal, 'version' | 'versionText'>,
  now: number,
): string {
  const who =
    callers === null ? requestsText(requests) : l10n.t('{0} from {1}', requestsText(requests), callersText(callers));
  return lastSeen === null ? who : l10n.t('{0}, last {1}', who, sinceText(lastSeen, now));
}

/** @param without requests that name no version, and may have been of this one */
export function notSeenText(days: number, without: number): string {
  return without === 0
    ? l10n.t('Not seen in the last {0} days', days)
    : l10n.t('Not seen in the last {0} days; {1} without a known version', days, requestsText(without));
}

export function cutText(): string {
  return l10n.t(
    'There are more combinations of API, operation and version than were read. The totals count all of them.',
  );
}

/** What is the matter, in one or two sentences; empty where everything was read. */
export function trafficStateText(traffic: LogReading<unknown>): string {
  switch (traffic.state) {
    case 'notConfigured':
      return missingText(traffic.why);
    case 'noPermission':
      return l10n.t(
        'You may not read the logs: your roles lack the action {0} on {1}. Ask an owner for Log Analytics Reader on the workspace and Monitoring Reader on the instance.',
        traffic.action,
        traffic.scope,
      );
    case 'tableMissing':
      return l10n.t(
        'The workspace {0} has no table of gateway logs: nothing was ever sent to it. After the diagnostic setting is made, the first rows take up to two hours.',
        nameOf(traffic.source.workspaceId),
      );
    case 'noData':
      return l10n.t(
        'The workspace {0} has no row of this instance from the last {1} days. Either nobody called, or the logs were switched on only now; the first rows take up to two hours.',
        nameOf(traffic.source.workspaceId),
        traffic.days,
      );
    case 'partial':
      return l10n.t('Log Analytics read only a part of the logs, so there may be more: {0}', traffic.problem);
    case 'read':
      return '';
  }
}

function missingText(why: MissingLogs): string {
  switch (why) {
    case 'noSetting':
      return l10n.t('The instance has no diagnostic setting, so its callers are not logged.');
    case 'noWorkspace':
      return l10n.t(
        'No diagnostic setting of the instance sends to a Log Analytics workspace, where logs can be asked.',
      );
    case 'noGatewayLogs':
      return l10n.t('The diagnostic settings of the instance leave out its gateway logs.');
    case 'workspaceGone':
      return l10n.t('The Log Analytics workspace that the diagnostic setting names is not there any more.');
    case 'basicPlan':
      return l10n.t(
        'The table of gateway logs is on the plan Basic or Auxiliary, which is not queried here, as each query of it is charged. With the plan Analytics the table ApiManagementGatewayLogs can be read.',
      );
    case 'noEndpoint':
      return l10n.t(
        'The custom cloud names no address for logs. Set apimTls.customCloud.logAnalytics to the one of its Log Analytics.',
      );
  }
}

/** How to switch the logs on; empty where that is not what is missing. */
export function trafficHelpText(traffic: Traffic): string {
  if (traffic.state !== 'notConfigured' || traffic.why === 'noEndpoint' || traffic.why === 'basicPlan') return '';
  return l10n.t(
    'To switch the logs on: in the portal, open Diagnostic settings of the instance and send “Logs related to ApiManagement Gateway” to a Log Analytics workspace, with the destination table “Resource specific”; or run the command below. Requests are counted from then on.',
  );
}

/** The command of Azure CLI that switches the logs on. The workspace is left for the user to fill in. */
export function enableLogsCommand(instanceId: string): string {
  return [
    'az monitor diagnostic-settings create --name gateway-logs',
    `--resource "${instanceId}"`,
    '--workspace "<resource id of the Log Analytics workspace>"',
    `--logs '[{"category":"GatewayLogs","enabled":true}]' --export-to-resource-specific true`,
  ].join(' ');
}

/** What to know of rows that were read; empty lines are left out by the caller. */
export function trafficNotes(traffic: TrafficRead): string[] {
  const without = requestsWithoutVersion(traffic);
  return [
    ...(without === 0
      ? []
      : [
          l10n.t(
            '{0} in the logs without a TLS version that is known here, such as those without TLS.',
            requestsText(without),
          ),
        ]),
    ...(traffic.cut ? [cutText()] : []),
  ];
}

/** The moment and not how long ago: documents with it are read later. */
export function clientsSeenText(finding: Extract<PlanFinding, { code: 'clientsSeen' }>): string {
  const { version, requests, callers, lastSeen, days } = finding;
  const seen = totalText({ requests, callers, lastSeen: null }, 0);
  const name = protocolLabel[version];
  return lastSeen === null
    ? l10n.t('{0}: {1} in the last {2} days. Callers that have nothing else can no longer connect.', name, seen, days)
    : l10n.t(
        '{0}: {1} in the last {2} days, last on {3}. Callers that have nothing else can no longer connect.',
        name,
        seen,
        days,
        utcText(lastSeen),
      );
}

export function clientsNotSeenText(versions: readonly ProtocolVersion[], days: number, withoutVersion: number): string {
  const names = versions.map((version) => protocolLabel[version]).join(', ');
  return withoutVersion === 0
    ? l10n.t(
        'No request with {0} is in the logs of the last {1} days. Someone who calls less often is not seen there.',
        names,
        days,
      )
    : l10n.t(
        'No request with {0} is in the logs of the last {1} days, beside {2} without a known version. Someone who calls less often is not seen there.',
        names,
        days,
        requestsText(withoutVersion),
      );
}

/** The last part of a resource id. */
function nameOf(id: string): string {
  return id.split('/').at(-1) ?? id;
}
