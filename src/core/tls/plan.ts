// A plan: the changes of a draft, the exact map to be written, and everything that speaks for or against it.

import type { PlanFinding } from '../finding.ts';
import { hostAndPort, isBusy } from '../instance.ts';
import type { BackendHost, CustomProperties, Instance } from '../instance.ts';
import type { Traffic } from '../traffic.ts';
import { changesBetween, mapForDraft } from './draft.ts';
import type { Change, DraftChanges } from './draft.ts';
import { differences, keyPrefix } from './customProperties.ts';
import type { KeyDifference } from './customProperties.ts';
import type { Survey } from './evidence.ts';
import { lintDraft } from './draftLint.ts';
import { readSettings, settings } from './settings.ts';
import type { SettingStates } from './settings.ts';
import { judging } from './verdict.ts';
import type { BackendVerdict } from './verdict.ts';

export interface Plan {
  readonly instanceId: string;
  readonly instanceName: string;
  /** What the plan was made on; a save is refused where the service holds something else by then. */
  readonly base: { readonly etag: string | null; readonly map: CustomProperties };
  readonly changes: readonly Change[];
  /** The whole map to be written. */
  readonly map: CustomProperties;
  readonly keyChanges: readonly KeyDifference[];
  readonly findings: readonly PlanFinding[];
}

/**
 * A backend, pool or API whose address leads to no host that can be told, such as one with a named value in it; with an
 * empty address, a whole kind of them that Azure would not list.
 */
export interface UnreadableBackend {
  readonly title: string;
  readonly url: string;
}

export interface PlanInput {
  readonly instance: Instance;
  readonly changes: DraftChanges;
  /** Null: the backends could not be read. */
  readonly backends: readonly BackendHost[] | null;
  readonly unreadable?: readonly UnreadableBackend[];
  /** Surveys by `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** What the logs say of callers; null or absent: not read. */
  readonly traffic?: Traffic | null;
}

/** The plan for a draft. Pure: the editor's preview and the host's check are the same function. */
export function makePlan(input: PlanInput): Plan {
  const { instance, changes } = input;
  return planForMap(input, mapForDraft(instance, changes));
}

/** The plan that takes the instance to a given map, such as the one before a change (undo). */
export function planForMap(input: Omit<PlanInput, 'changes'>, target: CustomProperties | null): Plan {
  const { instance } = input;
  const base = instance.customProperties ?? {};
  const map = target ?? base;
  const before = readSettings(instance);
  const after = target === null ? before : readSettings({ ...instance, customProperties: map });
  const changes = changesBetween(before, after);
  const keyChanges = differences(base, map);
  return {
    instanceId: instance.id,
    instanceName: instance.name,
    base: { etag: instance.etag, map: base },
    changes,
    map,
    keyChanges,
    findings: [
      ...instanceProblems(instance),
      ...(keyChanges.length === 0
        ? []
        : [
            ...lintDraft({
              instance,
              before,
              after,
              changes,
              map,
              surveys: input.surveys,
              traffic: input.traffic ?? null,
            }),
            ...backendFindings(input, before, after, changes),
          ]),
      ...keptKeys(map, keyChanges),
    ].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)),
  };
}

const order: readonly PlanFinding['severity'][] = ['blocker', 'warning', 'note'];

export function blockersOf(plan: Plan): PlanFinding[] {
  return plan.findings.filter((finding) => finding.severity === 'blocker');
}

function instanceProblems(instance: Instance): PlanFinding[] {
  const found: PlanFinding[] = [];
  if (instance.customProperties === null) found.push({ severity: 'blocker', code: 'mapMissing' });
  if (isBusy(instance)) found.push({ severity: 'blocker', code: 'busy', state: instance.provisioningState });
  return found;
}

function backendFindings(
  input: Omit<PlanInput, 'changes'>,
  before: SettingStates,
  after: SettingStates,
  changes: readonly Change[],
): PlanFinding[] {
  const touchesBackends = changes.some(({ id }) => id.startsWith('backend.') || id.startsWith('cipher.'));
  if (!touchesBackends) return [];
  if (input.backends === null) return [{ severity: 'warning', code: 'backendsNotRead' }];
  const judge = judging(before, after);
  const found = input.backends.flatMap((backend) => {
    const survey = input.surveys[hostAndPort(backend)];
    return [
      ...backendFinding(backend, survey, judge),
      ...(survey ? ageFinding(backend, survey, input.instance.readAt) : []),
    ];
  });
  return [...found, ...unreadableFinding(input.unreadable ?? [])];
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
  if (!survey) return [{ severity: 'warning', code: 'backendNotChecked', host }];
  const { verdict, now, draft, losesForwardSecrecy, certificate, clientCertificate } = judge(backend, survey);
  const found: PlanFinding[] = [];
  if (verdict === 'breaks')
    found.push({
      severity: 'blocker',
      code: 'backendBreaks',
      host,
      usedBy: backend.usedBy.map((use) => use.title),
      now,
    });
  // Where TLS itself would work, the certificate is what it fails for, and is told as such.
  if (verdict === 'alreadyBroken' && draft.connects === 'no')
    found.push({ severity: 'warning', code: 'backendAlreadyBroken', host, behaviour: survey.behaviour });
  if (verdict === 'unknown') found.push({ severity: 'warning', code: 'backendUnknown', host, why: whyUnknown(survey) });
  if (verdict === 'changes')
    found.push({ severity: 'note', code: 'backendChanges', host, now, draft, losesForwardSecrecy });
  if (verdict === 'repaired') found.push({ severity: 'note', code: 'backendRepaired', host, draft });
  if (certificate.length > 0)
    found.push({ severity: 'warning', code: 'backendCertificate', host, findings: certificate });
  if (clientCertificate && clientCertificate.missingIn.length > 0) {
    const severity = clientCertificate.required ? 'warning' : 'note';
    found.push({ severity, code: 'backendClientCertificate', host, ...clientCertificate });
  }
  return found;
}

/** The reason of the planned hello where it was the one that got no answer, else of the first question that did not. */
function whyUnknown({ planned, unknowns, behaviour }: Survey): string {
  const ofVersions = unknowns.find(({ what }) => what !== 'renegotiation');
  const asked = planned?.connects === 'unknown' ? planned.why : null;
  return asked ?? ofVersions?.why ?? (behaviour === 'tls' ? 'the answers of the probe do not tell' : behaviour);
}

function keptKeys(map: CustomProperties, keyChanges: readonly KeyDifference[]): PlanFinding[] {
  const known = new Set(settings.flatMap(({ keys }) => keys.map((key) => key.toLowerCase())));
  const foreign = Object.keys(map).filter((key) => !known.has(key.toLowerCase()));
  if (foreign.length === 0 || keyChanges.length === 0) return [];
  return [{ severity: 'note', code: 'unknownKeysKept', count: foreign.length }];
}

/** The last part of a key, for people. */
export function shortKey(key: string): string {
  return key.toLowerCase().startsWith(keyPrefix.toLowerCase()) ? key.slice(keyPrefix.length) : key;
}
