// What is said beside the table of backends: which are out of reach from here, and what of the list may be missing.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { unreadableText } from '../../src/core/failureText.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { BackendHost } from '../../src/core/instance.ts';
import { windowText } from '../../src/core/trafficText.ts';
import { mostConnectivityChecks } from '../../src/messages/editor.ts';
import { Icon } from '../icons.tsx';
import { LinkButton, ProgressRing } from '../parts.tsx';
import { dateTime } from '../time.ts';
import type { SectionProps } from './app.tsx';
import { isOutOfReach } from './backendRow.ts';

/** Hosts that this machine does not reach, asked about together. */
export function OutOfReach({
  state,
  backends,
  act,
}: SectionProps & { readonly backends: readonly BackendHost[] }): JSX.Element | null {
  const hosts = backends
    .map(hostAndPort)
    .filter((host) => isOutOfReach(state.surveys[host]) && !state.connectivity[host]?.found);
  const asking = Object.values(state.connectivity).filter(({ running }) => running).length;
  if (asking > 0)
    return (
      <p class="with-icon" role="status">
        <ProgressRing label={l10n.t('Asking the gateway')} />
        {asking === 1
          ? l10n.t('The service is asked whether the gateway reaches 1 host. That takes a while.')
          : l10n.t('The service is asked whether the gateway reaches {0} hosts. That takes a while.', asking)}
        <LinkButton onClick={() => act('cancelConnectivity', undefined)}>{l10n.t('Cancel asking')}</LinkButton>
      </p>
    );
  if (hosts.length < 2) return null;
  const asked = hosts.slice(0, mostConnectivityChecks);
  return (
    <p>
      {l10n.t('{0} hosts are not reachable from here.', hosts.length)}{' '}
      <LinkButton onClick={() => act('checkConnectivity', { hosts: asked })}>
        {l10n.t('Ask whether the gateway reaches {0} of them', asked.length)}
      </LinkButton>
    </p>
  );
}

/** What of the list may be missing: hosts that only the logs know, and addresses that lead to none. */
export function Completeness({ state, act }: SectionProps): JSX.Element {
  const { seen, unreadable, traffic } = state;
  return (
    <>
      <p class="muted">
        {seen.reading
          ? l10n.t('Reading which backends the logs have seen…')
          : seen.found === null
            ? l10n.t('Which backends were really called, and how often, is in the gateway’s logs.')
            : seenStateText(seen.found)}{' '}
        {seen.found === null && !seen.reading && (
          <LinkButton onClick={() => act('readTraffic', { days: traffic.days, fresh: false })}>
            {l10n.t('Read them')}
          </LinkButton>
        )}
      </p>
      {seen.problem !== '' && (
        <div class="notice error">
          <Icon name="error" tone="error" />
          <p>{l10n.t('The backends in the logs could not be read. {0}', seen.problem)}</p>
        </div>
      )}
      {unreadable.length > 0 && (
        <details>
          <summary>
            {unreadable.length === 1
              ? l10n.t('1 address leads to no host that can be told')
              : l10n.t('{0} addresses lead to no host that can be told', unreadable.length)}
          </summary>
          <ul class="plain-list">
            {unreadable.slice(0, mostUnreadable).map((one, index) => (
              <li key={index}>{unreadableText(one)}</li>
            ))}
            {unreadable.length > mostUnreadable && <li>{l10n.t('{0} more', unreadable.length - mostUnreadable)}</li>}
          </ul>
        </details>
      )}
    </>
  );
}

const mostUnreadable = 100;

function seenStateText({ state, days, readAt, cut }: NonNullable<SectionProps['state']['seen']['found']>): string {
  const window = windowText(days);
  switch (state) {
    case 'read':
      return cut
        ? l10n.t(
            'With the busiest hosts that the logs of {0} have seen, read {1}; there are more.',
            window,
            dateTime(readAt),
          )
        : l10n.t('With the hosts that the logs of {0} have seen, read {1}.', window, dateTime(readAt));
    case 'partial':
      return l10n.t('The logs of {0} were read in part only: more hosts may have been called.', window);
    case 'noData':
      return l10n.t('The logs of {0} have no call to a backend.', window);
    default:
      return l10n.t('There are no logs to tell which backends were called. How to switch them on is said above.');
  }
}
