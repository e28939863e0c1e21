// What a plan says of the backends: which would stop connecting, which change, and of which nothing is known.

import type { BackendWeight } from '../backendTraffic.ts';
import type { PlanFinding } from '../finding.ts';
import { hostAndPort } from '../instance.ts';
import type { BackendHost } from '../instance.ts';
import { settingComesOn } from './draft.ts';
import type { Change } from './draft.ts';
import type { Survey } from './evidence.ts';
import { asksAfterRequest } from './paths.ts';
import type { AskedLater } from './paths.ts';
import type { PlanInput, UnreadableBackend } from './plan.ts';
import type { SettingStates } from './settings.ts';
import { judging } from './verdict.ts';
import type { BackendVerdict, CertificateWanted } from './verdict.ts';

/** Nothing where the change is of no concern to backends. */
export function backendFindings(
  input: Omit<PlanInput, 'changes'>,
  before: SettingStates,
  after: SettingStates,
  changes: readonly Change[],
): PlanFinding[] {
  const touchesBackends = changes.some(({ id }) => id.startsWith('backend.') || id.startsWith('cipher.'));
  if (!touchesBackends) return [];
  if (input.backends === null) return [{ severity: 'warning', code: 'backendsNotRead' }];
  const judge = input.judge ?? judging(before, after);
  // What most requests depend on comes first.
  const backends = input.backends.toSorted((a, b) => (b.seen?.requests ?? 0) - (a.seen?.requests ?? 0));
  const found = backends.flatMap((backend) => {
    const survey = input.surveys[hostAndPort(backend)];
    return [
      ...backendFinding(backend, survey, judge),
      ...(survey ? ageFinding(backend, survey, input.instance.readAt) : []),
    ];
  });
  return [
    ...found,
    ...(settingComesOn(changes, 'backend.tls13') ? renegotiationFindings(backends, input.surveys) : []),
    ...unreadableFinding(input.unreadable ?? []),
  ];
}

/** What calls the host, each title once. */
function usersOf({ usedBy }: BackendHost): string[] {
  return [...new Set(usedBy.map(({ title }) => title))];
}

function pathsOf({ paths, cut }: AskedLater): Partial<Pick<AskedLater, 'paths' | 'cut'>> {
  return paths.length === 0 ? {} : { paths, ...(cut ? { cut } : {}) };
}

function weightOf({ seen }: BackendHost): { readonly seen?: BackendWeight } {
  return seen ? { seen: { requests: seen.requests, days: seen.days } } : {};
}

/**
 * TLS 1.3 has no renegotiation, and that a gateway answers its successor (RFC 8446, section 4.6.2) is not known: backends
 * which ask for a client certificate after the handshake would not get one.
 */
function renegotiationFindings(
  backends: readonly BackendHost[],
  surveys: Readonly<Record<string, Survey>>,
): PlanFinding[] {
  const mayMeet13 = backends.filter((backend) => {
    const survey = surveys[hostAndPort(backend)];
    // One that does not answer is told as such.
    const speaksTls = survey === undefined || survey.behaviour === 'tls';
    return backend.scheme === 'https' && speaksTls && survey?.protocols.tls13 !== 'no';
  });
  const asks = (backend: BackendHost): AskedLater => {
    const survey = surveys[hostAndPort(backend)];
    // Asked for before there is a request, it is so with TLS 1.3 as well.
    if (survey?.clientCertificate.inHandshake === 'required') return { asks: 'not-seen', paths: [] };
    return asksAfterRequest(survey);
  };
  const unknown = mayMeet13.filter((backend) => asks(backend).asks === 'unknown').map(hostAndPort);
  return [
    ...mayMeet13
      .filter((backend) => asks(backend).asks === 'seen')
      .map((backend): PlanFinding => ({
        severity: 'blocker',
        code: 'backendRenegotiates',
        host: hostAndPort(backend),
        usedBy: usersOf(backend),
        ...pathsOf(asks(backend)),
        ...weightOf(backend),
      })),
    ...(unknown.length === 0 ? [] : [{ severity: 'warning', code: 'backendsMayRenegotiate', hosts: unknown } as const]),
  ];
}

function unreadableFinding(unreadable: readonly UnreadableBackend[]): PlanFinding[] {
  const titles = [...new Set(unreadable.map(({ title }) => title))];
  return titles.length === 0 ? [] : [{ severity: 'warning', code: 'backendsUnreadable', titles }];
}

/** Older than the settings that it is held against by so much, a survey may be of a server that has changed since. */
const mostSurveyAgeMs = 60 * 60 * 1000;

function ageFinding(backend: BackendHost, { at }: Survey, readAt: string): PlanFinding[] {
  const old = backend.scheme === 'https' && Date.parse(readAt) - Date.parse(at) > mostSurveyAgeMs;
  return old ? [{ severity: 'warning', code: 'backendProbedEarlier', host: hostAndPort(backend), at }] : [];
}

function backendFinding(
  backend: BackendHost,
  survey: Survey | undefined,
  judge: (host: BackendHost, survey: Survey) => BackendVerdict,
): PlanFinding[] {
  const host = hostAndPort(backend);
  if (backend.scheme === 'http') return [];
  if (!survey) return [{ severity: 'warning', code: 'backendNotChecked', host, ...weightOf(backend) }];
  const { verdict, now, draft, losesForwardSecrecy, certificate, clientCertificate } = judge(backend, survey);
  const found: PlanFinding[] = [];
  if (verdict === 'breaks')
    found.push({
      severity: 'blocker',
      code: 'backendBreaks',
      host,
      usedBy: usersOf(backend),
      now,
      ...weightOf(backend),
    });
  // Where TLS itself would work, the certificate is what it fails for, and is told as such.
  if (verdict === 'alreadyBroken' && draft.connects === 'no')
    found.push({ severity: 'warning', code: 'backendAlreadyBroken', host, behaviour: survey.behaviour });
  if (verdict === 'unknown')
    found.push({ severity: 'warning', code: 'backendUnknown', host, why: whyUnknown(survey), ...weightOf(backend) });
  if (verdict === 'changes')
    found.push({ severity: 'note', code: 'backendChanges', host, now, draft, losesForwardSecrecy });
  if (verdict === 'repaired') found.push({ severity: 'note', code: 'backendRepaired', host, draft });
  if (certificate.length > 0)
    found.push({ severity: 'warning', code: 'backendCertificate', host, findings: certificate });
  if (clientCertificate) found.push(...certificateFindings(host, clientCertificate));
  return found;
}

function certificateFindings(host: string, { required, missingIn, byPolicy }: CertificateWanted): PlanFinding[] {
  const found: PlanFinding[] = [];
  if (missingIn.length > 0)
    found.push({
      severity: required ? 'warning' : 'note',
      code: 'backendClientCertificate',
      host,
      required,
      missingIn,
    });
  if (byPolicy) {
    const [all, some] = [[...new Set(byPolicy.all)], [...new Set(byPolicy.some)]];
    const severity = required && some.length > 0 ? 'warning' : 'note';
    found.push({ severity, code: 'backendPolicyCertificate', host, required, presentedFor: all, maybeFor: some });
  }
  return found;
}

/** The reason of the planned hello where it was the one that got no answer, else of the first question that did not. */
function whyUnknown({ planned, unknowns, behaviour }: Survey): string {
  const ofVersions = unknowns.find(({ what }) => what !== 'renegotiation');
  const asked = planned?.connects === 'unknown' ? planned.why : null;
  return asked ?? ofVersions?.why ?? (behaviour === 'tls' ? 'the answers of the probe do not tell' : behaviour);
}
