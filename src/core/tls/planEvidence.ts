// Who is affected by a plan, and what is known of them: callers, backends, when each was looked at, what was not.

import * as l10n from '@vscode/l10n';
import { hostAndPort } from '../instance.ts';
import type { BackendHost } from '../instance.ts';
import { code, heading, list, table } from '../markdown.ts';
import { hasRows } from '../traffic.ts';
import type { LogReading } from '../traffic.ts';
import { countText, seenVersionText, trafficNotes, trafficStateText } from '../trafficText.ts';
import { certificateFindingText, negotiatedText, surveyHeadline, verdictText } from '../surveyText.ts';
import { namesText } from '../wording.ts';
import { settingComesOn } from './draft.ts';
import type { Survey } from './evidence.ts';
import type { Plan } from './plan.ts';
import type { PlanDocumentInput } from './planDocument.ts';
import type { SavedPlan } from './planFile.ts';
import { foreign, utcText } from './planText.ts';
import { readSettings } from './settings.ts';
import { judging } from './verdict.ts';
import type { BackendVerdict } from './verdict.ts';

interface Judged {
  readonly backend: BackendHost;
  readonly survey: Survey | undefined;
  readonly verdict: BackendVerdict;
}

function judged({ instance, backends, surveys }: PlanDocumentInput, plan: Plan): readonly Judged[] {
  const judge = judging(readSettings(instance), readSettings({ ...instance, customProperties: plan.map }));
  return (backends ?? []).map((backend) => {
    const survey = surveys[hostAndPort(backend)];
    return { backend, survey, verdict: judge(backend, survey) };
  });
}

/** A line of data for each host that was probed. */
export function hostLines(input: PlanDocumentInput, plan: Plan): SavedPlan['evidence']['hosts'] {
  return judged(input, plan).flatMap(({ backend, survey, verdict }) =>
    survey === undefined
      ? []
      : [
          {
            host: hostAndPort(backend),
            at: survey.at,
            verdict: verdict.verdict,
            answer: foreign(surveyHeadline(survey)),
          },
        ],
  );
}

export function affectedSection(input: PlanDocumentInput, plan: Plan): readonly string[] {
  const touches = (...prefixes: readonly string[]) =>
    plan.changes.some(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)));
  return [
    ...heading(2, l10n.t('Who is affected')),
    ...heading(3, l10n.t('Callers of the gateway')),
    ...(touches('client.', 'cipher.') ? callers(input) : [l10n.t('None: no setting of the client side changes.')]),
    '',
    ...heading(3, l10n.t('Backends')),
    ...(touches('backend.', 'cipher.')
      ? backendsPart(input, plan)
      : [l10n.t('None: no setting of the backend side changes.')]),
    '',
  ];
}

function callers({ traffic = null, notRead }: PlanDocumentInput): readonly string[] {
  if (traffic === null)
    return [
      l10n.t('The logs of the gateway were not read, so it is not known who calls, and how.'),
      ...because(notRead?.traffic),
    ];
  const problem = trafficStateText(traffic);
  if (!hasRows(traffic)) return [foreign(problem)];
  const rows = traffic.totals.map(({ version, versionText, requests, callers: count, lastSeen }) => [
    version === 'unknown' && versionText !== ''
      ? `${seenVersionText(version)} (${code(versionText)})`
      : seenVersionText(version),
    countText(requests),
    count === null ? l10n.t('not known') : countText(count),
    lastSeen === null ? l10n.t('not known') : utcText(lastSeen),
  ]);
  const columns = [l10n.t('Version'), l10n.t('Requests'), l10n.t('Callers'), l10n.t('Last seen')];
  const notes = [...(problem === '' ? [] : [problem]), ...trafficNotes(traffic)].map(foreign);
  return [
    l10n.t('In the logs of the last {0} days, read on {1}:', traffic.days, utcText(traffic.readAt)),
    '',
    ...table(columns, rows),
    ...(notes.length === 0 ? [] : ['', ...list(notes)]),
    '',
    l10n.t('The logs do not tell cipher suites.'),
  ];
}

function because(why: string | undefined): readonly string[] {
  return why === undefined ? [] : ['', foreign(why)];
}

function backendsPart(input: PlanDocumentInput, plan: Plan): readonly string[] {
  if (input.backends === null)
    return [
      l10n.t('The backends were not read, so it is not known which there are.'),
      ...because(input.notRead?.backends),
    ];
  const rows = judged(input, plan).map(({ backend, survey, verdict }) => [
    code(hostAndPort(backend)),
    foreign(namesText([...new Set(backend.usedBy.map(({ title }) => title))])),
    backend.scheme === 'http' ? l10n.t('plain HTTP') : foreign(negotiatedText(verdict.now)),
    backend.scheme === 'http' ? l10n.t('plain HTTP') : foreign(negotiatedText(verdict.draft)),
    foreign(verdictText(verdict)),
    survey ? utcText(survey.at) : l10n.t('not probed'),
  ]);
  const columns = [
    l10n.t('Backend'),
    l10n.t('Used by'),
    l10n.t('Now'),
    l10n.t('Under the plan'),
    l10n.t('What follows'),
    l10n.t('Probed'),
  ];
  const unreadable = [...new Set((input.unreadable ?? []).map(({ title }) => title))];
  return [
    ...(rows.length === 0 ? [l10n.t('The instance has no backend that can be told.')] : table(columns, rows)),
    ...(unreadable.length === 0
      ? []
      : ['', l10n.t('Their addresses cannot be read: {0}.', unreadable.map(foreign).join(', '))]),
  ];
}

export function evidenceSection(input: PlanDocumentInput, plan: Plan): readonly string[] {
  const { instance, surveys } = input;
  const probed = Object.entries(surveys).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = probed.map(([host, survey]) => [
    code(host),
    utcText(survey.at),
    survey.endpoint.address === null ? l10n.t('not reached') : code(survey.endpoint.address),
    foreign(surveyHeadline(survey)),
    (survey.certificate?.findings ?? []).map((finding) => foreign(certificateFindingText(finding))).join(', '),
  ]);
  const columns = [
    l10n.t('Host'),
    l10n.t('Probed'),
    l10n.t('Address'),
    l10n.t('What it answered'),
    l10n.t('Certificate'),
  ];
  return [
    ...heading(2, l10n.t('Evidence')),
    ...list([
      l10n.t('Settings of the instance: read from Azure on {0}', utcText(instance.readAt)),
      backendsLine(input),
      logLine(l10n.t('Backends in the logs'), input.seen, input.notRead?.seen),
      ...trafficLines(input),
      ...askingLines(input, plan),
      l10n.t('Hosts that were probed from this machine: {0}', probed.length),
      ...notProbed(input, plan),
    ]),
    '',
    ...table(columns, rows),
    '',
  ];
}

/** "Traffic: not read", and why where that is known. */
function notReadLine(what: string, why: string | undefined): string {
  return why === undefined ? l10n.t('{0}: not read', what) : l10n.t('{0}: not read: {1}', what, foreign(why));
}

function backendsLine({ backends, backendsReadAt, notRead }: PlanDocumentInput): string {
  const what = l10n.t('Backends of the configuration');
  if (backends === null) return notReadLine(what, notRead?.backends);
  return backendsReadAt
    ? l10n.t('{0}: {1}, read on {2}', what, backends.length, utcText(backendsReadAt))
    : l10n.t('{0}: {1}', what, backends.length);
}

function trafficLines({ traffic, notRead }: PlanDocumentInput): readonly string[] {
  const line = logLine(l10n.t('Traffic'), traffic, notRead?.traffic);
  return traffic && 'source' in traffic ? [line, l10n.t('Logs: {0}', code(traffic.source.workspaceId))] : [line];
}

/** Logs that hold nothing, or only a part, are told with the reason; those that may not be read were not read. */
function logLine(what: string, reading: LogReading<unknown> | null | undefined, why: string | undefined): string {
  if (!reading) return notReadLine(what, why);
  const problem = trafficStateText(reading);
  if (!('source' in reading)) return notReadLine(what, problem);
  const line = l10n.t('{0}: the last {1} days, read on {2}', what, reading.days, utcText(reading.readAt));
  return problem === '' ? line : `${line}. ${foreign(problem)}`;
}

function askingLines({ asking, notRead }: PlanDocumentInput, plan: Plan): readonly string[] {
  const what = l10n.t('Operations that ask for client certificates');
  if (asking !== null)
    return [
      l10n.t('{0}, by estimate: {1}, read on {2}', what, asking.count, utcText(asking.readAt)),
      ...asking.sources.map(foreign),
    ];
  if (notRead?.asking === undefined && !settingComesOn(plan.changes, 'client.tls13'))
    return [l10n.t('{0}: not read, as they matter only where TLS 1.3 comes on for clients', what)];
  return [notReadLine(what, notRead?.asking)];
}

function notProbed(input: PlanDocumentInput, plan: Plan): readonly string[] {
  const hosts = judged(input, plan)
    .filter(({ backend, survey }) => backend.scheme === 'https' && survey === undefined)
    .map(({ backend }) => hostAndPort(backend));
  return hosts.length === 0 ? [] : [l10n.t('Backends that were not probed: {0}', hosts.map(code).join(', '))];
}
