// What the logs say of calls to a backend, in words.

import * as l10n from '@vscode/l10n';
import type { SeenTraffic } from './backendTraffic.ts';
import type { BackendUse } from './instance.ts';
import { countText, requestsText, sinceText, windowText } from './trafficText.ts';

/** "1,204 requests in 7 days, last 2 hours ago". @param now milliseconds since 1970 */
export function seenText({ requests, days, lastSeen }: SeenTraffic, now: number): string {
  const many = l10n.t('{0} in {1}', requestsText(requests), windowText(days));
  return lastSeen === null ? many : l10n.t('{0}, last {1}', many, sinceText(lastSeen, now));
}

/** What went wrong among them; empty where nothing did. */
export function seenFailureText({ failures, failureText, serverErrors }: SeenTraffic): string {
  const lost =
    failures === 0
      ? ''
      : failureText === ''
        ? l10n.t('{0} without a connection', countText(failures))
        : l10n.t('{0} without a connection: {1}', countText(failures), failureText);
  const errors = serverErrors === 0 ? '' : l10n.t('{0} answered with a server error', countText(serverErrors));
  return [lost, errors].filter((text) => text !== '').join('; ');
}

/** "Policy of Orders › place-order". */
export function useText({ kind, title }: Pick<BackendUse, 'kind' | 'title'>): string {
  switch (kind) {
    case 'backend':
      return l10n.t('Backend {0}', title);
    case 'pool':
      return l10n.t('Pool {0}', title);
    case 'api':
      return l10n.t('API {0}', title);
    case 'policy':
      return l10n.t('Policy of {0}', title);
    case 'log':
      return l10n.t('Seen in logs: {0}', title);
  }
}
