// Whether a gateway reaches a host, as the service's own connectivity check says. It says nothing of TLS.

import * as l10n from '@vscode/l10n';
import type { FailureDetails } from './failure.ts';
import { failureSentence } from './failureText.ts';

/** An obstacle on the way, in the words of the service. */
export interface ConnectivityIssue {
  /** Such as DnsResolution, NetworkSecurityRule, UserDefinedRoute; empty where it is not stated. */
  readonly type: string;
  readonly severity: string;
  readonly origin: string;
  /** Further words, one text; may be empty. */
  readonly context: string;
}

export interface Connectivity {
  readonly state: 'reached' | 'degraded' | 'notReached' | 'unknown';
  /** `connectionStatus` as it is stated; may be empty. */
  readonly statusText: string;
  /** Time to connect on average, in milliseconds; null where it is not stated. */
  readonly latencyMs: number | null;
  readonly sent: number | null;
  readonly failed: number | null;
  /** Address that the last hop has; empty where it is not stated. */
  readonly address: string;
  readonly issues: readonly ConnectivityIssue[];
}

/** What came of it in one region of the gateway. */
export type RegionConnectivity = { readonly region: string } & (
  | { readonly connectivity: Connectivity; readonly failure: null }
  | { readonly connectivity: null; readonly failure: FailureDetails }
);

/** One host asked for in every region. */
export interface HostConnectivity {
  /** `hostAndPort`. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly regions: readonly RegionConnectivity[];
}

/** The worst of all regions; what was not told is unknown. */
export function connectivityState({ regions }: HostConnectivity): Connectivity['state'] {
  const states = regions.map(({ connectivity }) => connectivity?.state ?? 'unknown');
  return (['notReached', 'degraded', 'unknown'] as const).find((state) => states.includes(state)) ?? 'reached';
}

function milliseconds(latencyMs: number | null): string {
  return latencyMs === null ? '' : l10n.t(', {0} ms', latencyMs);
}

function issueText({ type, context }: ConnectivityIssue): string {
  const words: Readonly<Record<string, string>> = {
    dnsresolution: l10n.t('its name is not resolved there'),
    networksecurityrule: l10n.t('a network security rule stands in the way'),
    userdefinedroute: l10n.t('a user-defined route leads elsewhere'),
    guestfirewall: l10n.t('a firewall of the guest system stands in the way'),
    socketbind: l10n.t('no socket could be bound'),
    portthrottled: l10n.t('the port is throttled'),
    platform: l10n.t('a fault of the platform'),
    agentstopped: l10n.t('the agent that checks does not run'),
  };
  const said = words[type.toLowerCase()] ?? (type === '' ? l10n.t('an issue without a name') : type);
  return context === '' ? said : l10n.t('{0} ({1})', said, context);
}

/** What the check says of one region, in one sentence, and no more than that. */
export function regionConnectivityText({ region, connectivity, failure }: RegionConnectivity): string {
  if (connectivity === null) return l10n.t('{0}: not checked. {1}', region, failureSentence(failure));
  const { state, latencyMs, failed, sent, statusText } = connectivity;
  const issues = connectivity.issues.map(issueText).join('; ');
  const why = issues === '' ? '' : l10n.t(': {0}', issues);
  switch (state) {
    case 'reached':
      return l10n.t('{0}: the gateway reaches it (TCP{1}){2}.', region, milliseconds(latencyMs), why);
    case 'degraded':
      return failed !== null && sent !== null
        ? l10n.t('{0}: the gateway reaches it at times only, {1} of {2} attempts failed{3}.', region, failed, sent, why)
        : l10n.t('{0}: the gateway reaches it at times only{1}.', region, why);
    case 'notReached':
      return l10n.t('{0}: the gateway does not reach it{1}.', region, why);
    case 'unknown':
      return statusText === ''
        ? l10n.t('{0}: the service does not say whether the gateway reaches it{1}.', region, why)
        : l10n.t('{0}: the service says "{1}"{2}.', region, statusText, why);
  }
}

/** What the check cannot tell. */
export function connectivityLimitText(): string {
  return l10n.t('The check opens a TCP connection. It says nothing of TLS versions, cipher suites or certificates.');
}
