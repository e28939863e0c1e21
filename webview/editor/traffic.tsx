// Who calls with which TLS version, by the gateway's logs: the choice of a window, a line beside each toggle, the reason
// where there are no numbers, and a dialog with APIs, operations and callers.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { hasRows, requestsWithoutVersion, totalOf, trafficWindows } from '../../src/core/traffic.ts';
import type { SeenVersion, TrafficDays, TrafficRead, TrafficRow } from '../../src/core/traffic.ts';
import {
  callersText,
  countText,
  cutText,
  enableLogsCommand,
  notSeenText,
  seenVersionText,
  sinceText,
  totalText,
  trafficHelpText,
  trafficNotes,
  trafficStateText,
  windowText,
} from '../../src/core/trafficText.ts';
import type { TrafficView } from '../../src/messages/editor.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, LinkButton, ProgressRing, Scroll, ShowAll } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { Act } from './app.tsx';

/** What the dialog shows: one version, or everything. */
export type Shown = SeenVersion | 'all';

interface ControlsProps {
  readonly traffic: TrafficView;
  readonly act: Act;
  readonly show: (shown: Shown) => void;
}

/** Reads only when it is told to: a query costs its time, and maybe a question to sign in. */
export function TrafficControls({ traffic, act, show }: ControlsProps): JSX.Element {
  const { days, reading, found } = traffic;
  // Until the panel has heard of a choice, what was chosen stands.
  const [wanted, setWanted] = useState<TrafficDays>(days);
  useEffect(() => setWanted(days), [days]);
  // The window can be chosen before anything was read; from then on a choice reads at once.
  const choose = (event: Event) => {
    const chosen =
      trafficWindows.find((one) => String(one) === (event.currentTarget as HTMLSelectElement).value) ?? days;
    setWanted(chosen);
    if (found !== null || reading) act('readTraffic', { days: chosen, fresh: false });
    else act('chooseTraffic', { days: chosen });
  };
  return (
    <div class="traffic-controls">
      {reading && <ProgressRing label={l10n.t('Reading the gateway’s logs')} />}
      {hasRows(found) && (
        <LinkButton popup onClick={() => show('all')}>
          {l10n.t('All callers')}
        </LinkButton>
      )}
      <label>
        <span>{l10n.t('Traffic of the last')}</span>{' '}
        <select class="select" value={String(wanted)} onChange={choose}>
          {trafficWindows.map((one) => (
            <option key={one} value={String(one)} selected={one === wanted}>
              {windowText(one)}
            </option>
          ))}
        </select>
      </label>
      {reading ? (
        <Button onClick={() => act('cancelTraffic', undefined)}>{l10n.t('Cancel reading')}</Button>
      ) : (
        <Button onClick={() => act('readTraffic', { days: wanted, fresh: found !== null })}>
          {found === null ? l10n.t('Read traffic') : l10n.t('Read traffic again')}
        </Button>
      )}
    </div>
  );
}

/** "1,204 requests from 3 callers, last 2 hours ago"; nothing where no logs were read. */
export function TrafficLine(props: {
  readonly version: ProtocolVersion;
  readonly traffic: TrafficView;
  readonly now: number;
  readonly show: (shown: Shown) => void;
}): JSX.Element | null {
  const { version, now } = props;
  const { found } = props.traffic;
  if (!hasRows(found)) return null;
  const total = totalOf(found, version);
  if (total === null)
    return (
      <p class="traffic-line">
        {found.state === 'read'
          ? notSeenText(found.days, requestsWithoutVersion(found))
          : l10n.t('Not seen in the part of the logs that was read')}
      </p>
    );
  const text = totalText(total, now);
  return (
    <p class="traffic-line">
      <LinkButton
        popup
        label={l10n.t('{0}: {1}. Show APIs and callers', seenVersionText(version), text)}
        onClick={() => props.show(version)}
      >
        {text}
      </LinkButton>
    </p>
  );
}

/** Why there are no numbers, or what to know of them. */
export function TrafficNotice(props: {
  readonly traffic: TrafficView;
  readonly instanceId: string;
  readonly act: Act;
}): JSX.Element {
  const { found, problem, reading } = props.traffic;
  return (
    <div class="traffic-notice" aria-live="polite">
      {problem !== '' && <TrafficSentence tone="error">{problem}</TrafficSentence>}
      {found !== null && !reading && (
        <>
          {trafficStateText(found) !== '' && (
            <TrafficSentence tone={found.state === 'noData' ? 'info' : 'warning'}>
              {trafficStateText(found)}
            </TrafficSentence>
          )}
          {trafficHelpText(found) !== '' && <Help text={trafficHelpText(found)} {...props} />}
          {hasRows(found) && trafficNotes(found).map((text) => <p key={text}>{text}</p>)}
        </>
      )}
    </div>
  );
}

function TrafficSentence(props: {
  readonly tone: 'error' | 'warning' | 'info';
  readonly children: string;
}): JSX.Element {
  return (
    <p class={`notice ${props.tone}`}>
      <Icon name={props.tone} tone={props.tone} />
      <span>{props.children}</span>
    </p>
  );
}

function Help({
  text,
  instanceId,
  act,
}: {
  readonly text: string;
  readonly instanceId: string;
  readonly act: Act;
}): JSX.Element {
  const command = enableLogsCommand(instanceId);
  return (
    <>
      <p>{text}</p>
      <p>
        <code class="command">{command}</code>{' '}
        <LinkButton onClick={() => act('copy', { text: command })}>{l10n.t('Copy command')}</LinkButton>
      </p>
    </>
  );
}

export function TrafficDialog(props: {
  readonly traffic: TrafficRead;
  readonly shown: Shown;
  readonly now: number;
  readonly close: () => void;
}): JSX.Element {
  const { traffic, shown, now } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const rows = traffic.rows
    .filter(({ version }) => shown === 'all' || version === shown)
    .toSorted((a, b) => b.requests - a.requests);
  const { workspaceId, table } = traffic.source;
  return (
    <dialog ref={dialog} class="dialog traffic" aria-labelledby="traffic-title" onClose={props.close}>
      <h2 id="traffic-title">
        {shown === 'all' ? l10n.t('Callers with any TLS version') : l10n.t('Callers with {0}', seenVersionText(shown))}
      </h2>
      <p class="muted">
        {l10n.t(
          'Logs of the last {0} days in {1} ({2}), read {3}. An address may stand for many callers, such as those behind a proxy.',
          traffic.days,
          workspaceId.split('/').at(-1) ?? '',
          table === 'dedicated' ? 'ApiManagementGatewayLogs' : 'AzureDiagnostics',
          ago(traffic.readAt, now),
        )}
      </p>
      {[trafficStateText(traffic), traffic.cut ? cutText() : '']
        .filter((text) => text !== '')
        .map((text) => (
          <TrafficSentence key={text} tone="warning">
            {text}
          </TrafficSentence>
        ))}
      {rows.length === 0 ? <Empty>{l10n.t('No row was read.')}</Empty> : <Rows rows={rows} now={now} />}
      <div class="actions">
        <Button onClick={() => dialog.current?.close()}>{l10n.t('Close')}</Button>
      </div>
    </dialog>
  );
}

const firstRows = 100;

function Rows({ rows, now }: { readonly rows: readonly TrafficRow[]; readonly now: number }): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, firstRows);
  return (
    <>
      <Scroll label={l10n.t('Table of APIs, operations and callers')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{l10n.t('API')}</th>
              <th scope="col">{l10n.t('Operation')}</th>
              <th scope="col">{l10n.t('TLS version')}</th>
              <th scope="col">{l10n.t('Requests')}</th>
              <th scope="col">{l10n.t('Callers')}</th>
              <th scope="col">{l10n.t('Last seen')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <Row key={index} row={row} now={now} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {rows.length > shown.length && <ShowAll count={rows.length} onClick={() => setAll(true)} />}
    </>
  );
}

function Row({ row, now }: { readonly row: TrafficRow; readonly now: number }): JSX.Element {
  return (
    <tr>
      <td>{row.api === '' ? <span class="muted">{l10n.t('no API matched')}</span> : row.api}</td>
      <td>{row.operation === '' ? <span class="muted">{l10n.t('no operation matched')}</span> : row.operation}</td>
      <td>
        {seenVersionText(row.version)}
        {row.version === 'unknown' && row.versionText !== '' && <span class="reason">{row.versionText}</span>}
      </td>
      <td class="number">{countText(row.requests)}</td>
      <td>
        <Callers {...row} />
      </td>
      <td title={row.lastSeen === null ? undefined : dateTime(row.lastSeen)}>
        {row.lastSeen === null ? l10n.t('not known') : sinceText(row.lastSeen, now)}
      </td>
    </tr>
  );
}

/** Addresses are shown on request only. */
function Callers({ callers, addresses }: TrafficRow): JSX.Element {
  const count = callers ?? addresses.length;
  if (addresses.length === 0) return <>{callers === null ? l10n.t('not known') : callersText(count)}</>;
  return (
    <details>
      <summary>{callers === null ? l10n.t('at least {0}', callersText(count)) : callersText(count)}</summary>
      <ul class="addresses">
        {addresses.map((address) => (
          <li key={address}>
            <code>{address}</code>
          </li>
        ))}
        {count > addresses.length && <li>{l10n.t('and {0} more', countText(count - addresses.length))}</li>}
      </ul>
    </details>
  );
}
