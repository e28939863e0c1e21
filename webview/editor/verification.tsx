// After the last change: which hosts of the gateway were seen to follow it, and what the logs say since.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import { isAlarming } from '../../src/core/changeWatch.ts';
import type { ChangeWatch, LogSummary } from '../../src/core/changeWatch.ts';
import {
  contradictionText,
  failureRowText,
  gatewayNameText,
  hostStateText,
  inFrontText,
  vanishedText,
  visibleName,
} from '../../src/core/changeWatchText.ts';
import type { Behaviour } from '../../src/core/tls/evidence.ts';
import type { AddressSeen, HostSeen, HostState } from '../../src/core/tls/verification.ts';
import { behaviourText } from '../../src/core/surveyText.ts';
import { settingLabel } from '../../src/core/settingText.ts';
import { namesText } from '../../src/core/wording.ts';
import { Icon } from '../icons.tsx';
import type { IconName } from '../icons.tsx';
import { Button, Hidden, LinkButton, memo, Scroll, Section } from '../parts.tsx';
import { ago, dateTime } from '../time.ts';
import type { Act } from './app.tsx';

interface VerificationProps {
  readonly watch: ChangeWatch;
  /** Azure is changing the instance. */
  readonly busy: boolean;
  readonly act: Act;
  readonly now: number;
}

export const Verification = memo(function drawVerification({ watch, busy, act, now }: VerificationProps): JSX.Element {
  const { id, hosts, ended, hostsNextAt } = watch;
  const open = hosts.some(({ state }) => state !== 'confirmed');
  const aside = (
    <span class="actions">
      {open && (
        <Button disabled={busy} onClick={() => act('lookAgain', { id })}>
          {l10n.t('Probe again')}
        </Button>
      )}
      {ended === null && <Button onClick={() => act('stopWatching', { id })}>{l10n.t('Stop watching')}</Button>}
    </span>
  );
  return (
    <Section id="verification" title={l10n.t('After the last change')} aside={aside}>
      <p class="muted" role="status">
        {courseText(watch, now)}
      </p>
      {hosts.length > 0 && <Hosts watch={watch} now={now} />}
      {hostsNextAt === null && hosts.some(({ kind, state }) => kind === 'custom' && state === 'stillOld') && (
        <p>{inFrontText()}</p>
      )}
      {watch.unseen.length > 0 && (
        <p class="muted">
          {l10n.t(
            'Changed, and not to be seen at the hosts: {0}.',
            namesText(
              watch.unseen.map((setting) => settingLabel(setting)),
              6,
            ),
          )}
        </p>
      )}
      <Logs watch={watch} busy={busy} act={act} now={now} />
    </Section>
  );
});

/** What still goes on, in a sentence. */
function courseText(watch: ChangeWatch, now: number): string {
  const { ended, hosts, hostsNextAt, logsNextAt, logsUntil, endedAt } = watch;
  const when = l10n.t('The change ended {0}.', ago(endedAt, now));
  if (ended === 'stopped') return `${when} ${l10n.t('It is no longer watched.')}`;
  if (ended === 'superseded') return `${when} ${l10n.t('Another change of this instance has ended since.')}`;
  const shown = hosts.length > 0 && hosts.every(({ state }) => state === 'confirmed');
  return [
    when,
    ...(shown ? [l10n.t('Every host was seen to follow it.')] : []),
    ...(hostsNextAt === null ? [] : [l10n.t('Hosts that do not show it yet are probed again.')]),
    ...(logsNextAt === null ? [] : [l10n.t('The logs are watched until {0}.', dateTime(logsUntil))]),
    ...(ended === 'done' ? [l10n.t('It is no longer watched.')] : []),
  ].join(' ');
}

const looks: Readonly<Record<HostState, readonly [IconName, 'good' | 'error' | 'warning' | 'muted']>> = {
  confirmed: ['pass', 'good'],
  stillOld: ['error', 'error'],
  notReached: ['question', 'muted'],
  unknown: ['question', 'warning'],
};

function StateMark({ state }: { readonly state: HostState }): JSX.Element {
  const [name, tone] = looks[state];
  return (
    <span class="with-icon">
      <Icon name={name} tone={tone} />
      {hostStateText(state)}
    </span>
  );
}

function Hosts({ watch, now }: { readonly watch: ChangeWatch; readonly now: number }): JSX.Element {
  return (
    <Scroll label={l10n.t('Table of hosts after the change')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{l10n.t('Host')}</th>
            <th scope="col">{l10n.t('Region')}</th>
            <th scope="col">{l10n.t('State')}</th>
            <th scope="col">{l10n.t('What was seen')}</th>
            <th scope="col">{l10n.t('Last probe')}</th>
          </tr>
        </thead>
        <tbody>
          {watch.hosts.map((host) => (
            <HostRow key={host.host} host={host} expected={watch.expected} now={now} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function HostRow(props: {
  readonly host: HostSeen;
  readonly expected: ChangeWatch['expected'];
  readonly now: number;
}): JSX.Element {
  const { host, expected, now } = props;
  const last = host.addresses
    .map(({ at }) => at)
    .sort()
    .at(-1);
  return (
    <tr>
      <th scope="row">
        <span class="host">{host.host}</span>
      </th>
      <td>{host.region ?? <span class="muted">{l10n.t('whichever is near')}</span>}</td>
      <td>
        <StateMark state={host.state} />
      </td>
      <td>
        <ul>
          {host.addresses.map((seen, index) => (
            <li key={index}>
              {host.addresses.length > 1 && <code>{seen.address ?? l10n.t('no address')}: </code>}
              {seenText(seen, expected)}
            </li>
          ))}
        </ul>
      </td>
      <td>
        {last === undefined ? (
          <span class="muted">{l10n.t('not probed')}</span>
        ) : (
          <span title={dateTime(last)}>{ago(last, now)}</span>
        )}
        <Hidden>{gatewayNameText(host)}</Hidden>
      </td>
    </tr>
  );
}

/** What an address showed of the change, in a few words. */
function seenText({ state, still, open, behaviour }: AddressSeen, expected: ChangeWatch['expected']): string {
  if (state === 'notReached') return behaviourText(behaviour as Behaviour);
  const told = expected.filter(({ id }) => !still.includes(id) && !open.includes(id));
  const names = (accepted: boolean) => told.filter((one) => one.accepted === accepted).map(({ id }) => visibleName(id));
  return [
    ...(still.length > 0 ? [contradictionText(still, expected)] : []),
    ...(state !== 'unknown' && names(false).length > 0 ? [l10n.t('refuses {0}', namesText(names(false)))] : []),
    ...(state !== 'unknown' && names(true).length > 0 ? [l10n.t('accepts {0}', namesText(names(true)))] : []),
    ...(open.length > 0 ? [l10n.t('not told: {0}', namesText(open.map(visibleName)))] : []),
    ...(behaviour === 'tls' ? [] : [behaviourText(behaviour as Behaviour)]),
  ].join('; ');
}

const marks: Readonly<
  Record<LogSummary['findings'][number]['severity'], readonly [IconName, 'error' | 'warning' | 'info']>
> = { problem: ['error', 'error'], warning: ['warning', 'warning'], note: ['info', 'info'] };

function Logs({ watch, busy, act, now }: VerificationProps): JSX.Element {
  const { id, kind, logs, logsProblem, logsNextAt, ended } = watch;
  const running = ended === null && logsNextAt !== null;
  return (
    <>
      <h3>{l10n.t('Failed connections in the logs')}</h3>
      {logs === null && logsProblem === '' && (
        <p class="muted">
          {running ? l10n.t('The logs have not been asked yet.') : l10n.t('The logs were not asked.')}
        </p>
      )}
      {logsProblem !== '' && <p class="muted">{logsProblem}</p>}
      {logs !== null && <Findings logs={logs} now={now} />}
      {isAlarming(watch) && kind === 'change' && ended !== 'superseded' && (
        <div class="actions">
          <Button disabled={busy} onClick={() => act('undo', { id })}>
            {l10n.t('Undo…')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Rows that are drawn at first. */
const firstRows = 10;

function Findings({ logs, now }: { readonly logs: LogSummary; readonly now: number }): JSX.Element {
  const { findings, vanished, asOf, empty, cut, problem } = logs;
  return (
    <>
      <ul class="findings">
        {findings.slice(0, firstRows).map(({ severity, row }) => (
          <li key={`${row.api} ${row.reason} ${row.host}`} class="with-icon">
            <Icon name={marks[severity][0]} tone={marks[severity][1]} />
            <span>
              <Hidden>{severity === 'note' ? l10n.t('Note: ') : l10n.t('Finding: ')}</Hidden>
              {failureRowText(row)}
              {severity === 'note' && row.before > 0 && <span class="muted"> {l10n.t('It was so before.')}</span>}
            </span>
          </li>
        ))}
        {vanished.map((version) => (
          <li key={version.version} class="with-icon">
            <Icon name="info" tone="info" />
            <span>{vanishedText(version)}</span>
          </li>
        ))}
      </ul>
      {(findings.length > firstRows || cut) && <p class="muted">{l10n.t('There are more, with fewer requests.')}</p>}
      {findings.length === 0 && !empty && <p>{l10n.t('No failed connection since the change.')}</p>}
      {empty && <p class="muted">{l10n.t('No request since the change is in the logs yet.')}</p>}
      {problem !== '' && (
        <p class="muted">{l10n.t('Log Analytics read only a part of the logs, so there may be more: {0}', problem)}</p>
      )}
      <p class="muted">
        {l10n.t('As of {0}, {1}. Rows reach the logs some minutes late.', dateTime(asOf), ago(asOf, now))}
      </p>
    </>
  );
}

/** Whoever works by keyboard, or listens, goes there as well. */
function goToFindings(): void {
  document.getElementById('verification')?.scrollIntoView();
  const heading = document.getElementById('verification-title');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus({ preventScroll: true });
}

/** At the top of the page, as long as there is something to be told that was not so before. */
export function Alarm({ watch, busy, act }: Omit<VerificationProps, 'now'>): JSX.Element | null {
  const first = watch.logs?.findings.find(({ severity }) => severity !== 'note');
  if (!first || watch.ended === 'superseded' || watch.ended === 'stopped') return null;
  return (
    <div class="notices">
      <div class="notice warning" role="alert">
        <Icon name="warning" tone="warning" />
        <div>
          <p>{failureRowText(first.row)}</p>
          <div class="actions">
            {watch.kind === 'change' && (
              <LinkButton disabled={busy} onClick={() => act('undo', { id: watch.id })}>
                {l10n.t('Undo…')}
              </LinkButton>
            )}
            <LinkButton onClick={goToFindings}>{l10n.t('Show findings')}</LinkButton>
          </div>
        </div>
      </div>
    </div>
  );
}
