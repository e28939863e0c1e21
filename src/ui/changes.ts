// A change from draft to accepted operation: check, confirm once, save. Loaded at the first change; keeps no state.

import { randomUUID } from 'node:crypto';
import { ProgressLocation, l10n, window } from 'vscode';
import type { Azure } from '../azure/access.ts';
import { ArmError } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { HistoryEntry, Operation } from '../core/history.ts';
import type { BackendHost, CustomProperties, Instance } from '../core/instance.ts';
import type { DraftChanges } from '../core/tls/draft.ts';
import type { Survey } from '../core/tls/evidence.ts';
import type { Traffic } from '../core/traffic.ts';
import { blockersOf, makePlan } from '../core/tls/plan.ts';
import type { Plan, UnreadableBackend } from '../core/tls/plan.ts';
import { stateTarget } from '../core/tls/stateTarget.ts';
import type { ApplyRefusal, EndedOutcome } from '../core/outcome.ts';
import { refusalText } from '../core/outcomeText.ts';
import { findingText } from '../core/findingText.ts';
import { evidenceOf } from '../core/planEvidence.ts';
import { changeText } from '../core/settingText.ts';
import { keysText } from '../core/wording.ts';
import { usualLogs } from '../flows/checkLogs.ts';
import { applySettings } from '../flows/applySettings.ts';
import { checkSettings, checkTarget } from '../flows/checkSettings.ts';
import type { CheckInput, CheckResult, CheckSnapshot } from '../flows/checkSettings.ts';
import { planUndo } from '../flows/undoChange.ts';
import { abortOn } from './cancellation.ts';
import { hostsAtOnce, pathsPerHost } from './config.ts';
import { confirmed, overridden } from './confirmChange.ts';
import { failureText, told } from './errors.ts';
import { lookAtGateway } from './gatewayCheck.ts';
import { changeRecords } from './keeping.ts';
import type { Services } from './services.ts';
import { readText } from './text.ts';
import { momentHere } from './time.ts';

// This bundle has a copy of the core's sentences of its own.
readText();

/** Reads the instance again and probes every backend host once with the planned offer; surveys are kept as they come. */
export async function checkDraft(
  services: Services,
  instanceId: string,
  changes: DraftChanges,
  signal: AbortSignal,
  onProgress: (snapshot: CheckSnapshot) => void,
  more: Pick<CheckInput, 'traffic'> = {},
): Promise<Plan> {
  const connection = await services.connection();
  const probe = await import('../probe/survey.ts');
  const { plan, instance } = await checkSettings({
    azure: connection.azure,
    probe,
    probeOptions: { ...connection.probeOptions(), atOnce: hostsAtOnce() },
    instanceId,
    changes,
    signal,
    pathsPerHost: pathsPerHost(),
    ...more,
    onProgress: (snapshot) => {
      keepSurveys(services, snapshot);
      onProgress(snapshot);
    },
  });
  services.estate.put(instance);
  return plan;
}

function keepSurveys(services: Services, snapshot: CheckSnapshot): void {
  for (const [host, survey] of Object.entries(snapshot.surveys)) {
    if (services.surveys.get(host) !== survey) services.surveys.put(survey);
  }
}

/** True where a change was begun (or had nothing to wait for), false where the user said no. Rejects with a sentence. */
export async function applyDraft(
  services: Services,
  input: {
    readonly instance: Instance;
    readonly backends: readonly BackendHost[] | null;
    readonly unreadable?: readonly UnreadableBackend[];
    readonly surveys: Readonly<Record<string, Survey>>;
    readonly traffic?: Traffic | null;
    /** Why the logs of callers could not be read, or null; absent: nobody asked. */
    readonly trafficFailure?: FailureDetails | null;
  },
  changes: DraftChanges,
): Promise<boolean> {
  const plan = makePlan({ ...input, changes });
  return savePlan(services, plan, { trafficFailure: null, ...input }, 'change');
}

/** Takes a change back by the same plan, check and confirmation. */
export async function undoEntry(services: Services, entry: HistoryEntry, name: string): Promise<boolean> {
  if (entry.result === 'refused') throw told(l10n.t('This change was not written, so there is nothing to take back.'));
  const title = l10n.t('Checking what undoing means for {0}', name);
  const result = await withBar(services, title, (input) => planUndo({ ...input, entry }));
  if (result.contested.length > 0) {
    const keys = keysText(result.contested.map(({ key }) => key));
    if (result.plan.keyChanges.length === 0) {
      throw told(l10n.t('These settings were changed again since, so there is nothing left to take back: {0}.', keys));
    }
    void window.showWarningMessage(l10n.t('These settings were changed again since and stay as they are: {0}.', keys));
  }
  return savePlan(services, result.plan, result, 'undo', earlierInstance(result.instance, entry));
}

/** The history goes by names: what it holds may be of an instance that was there before. */
function earlierInstance({ createdAt }: Instance, { startedAt }: Pick<HistoryEntry, 'startedAt'>): string[] {
  if (createdAt === null || !(Date.parse(createdAt) > Date.parse(startedAt))) return [];
  return [
    l10n.t(
      'The change of {0} was of an earlier instance of this name: this one was created on {1}.',
      momentHere(startedAt),
      momentHere(createdAt),
    ),
  ];
}

/**
 * Takes an instance to an earlier state, by the same check and confirmation as any change.
 * @param entry of the history, where the state is of one
 */
export async function goBackTo(
  services: Services,
  { id, name }: Pick<Instance, 'id' | 'name'>,
  then: CustomProperties,
  entry?: HistoryEntry,
): Promise<boolean> {
  const title = l10n.t('Checking what the way back means for {0}', name);
  const result = await withBar(services, title, (input) =>
    checkTarget({ ...input, instanceId: id }, ({ customProperties: present, createdAt }) =>
      present === null ? null : stateTarget(then, present, createdAt),
    ),
  );
  return savePlan(services, result.plan, result, 'change', entry ? earlierInstance(result.instance, entry) : []);
}

/** Runs a check behind a bar that can be cancelled; what it saw is kept. */
async function withBar<Result extends CheckResult>(
  services: Services,
  title: string,
  check: (input: Omit<CheckInput, 'instanceId'>) => Promise<Result>,
): Promise<Result> {
  const connection = await services.connection();
  const probe = await import('../probe/survey.ts');
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const result = await window.withProgress(options, (progress, token) =>
    check({
      azure: connection.azure,
      probe,
      probeOptions: { ...connection.probeOptions(), atOnce: hostsAtOnce() },
      traffic: usualLogs,
      pathsPerHost: pathsPerHost(),
      signal: abortOn(token),
      onProgress: (snapshot) => {
        keepSurveys(services, snapshot);
        progress.report({ message: l10n.t('{0} of {1} hosts', snapshot.done, snapshot.total) });
      },
    }),
  );
  services.estate.put(result.instance);
  return result;
}

/** What a plan stands on. */
type Checked = Pick<CheckResult, 'instance' | 'backends' | 'surveys' | 'trafficFailure'>;

/** @param notes what the question says first */
async function savePlan(
  services: Services,
  plan: Plan,
  checked: Checked,
  kind: 'change' | 'undo',
  notes: readonly string[] = [],
): Promise<boolean> {
  const { instance } = checked;
  if (plan.keyChanges.length === 0)
    throw told(l10n.t('There is nothing to save: {0} already has these settings.', instance.name));
  const blockers = blockersOf(plan);
  const hard = blockers.find((finding) => finding.code === 'mapMissing' || finding.code === 'busy');
  if (hard) throw told(findingText(hard));
  if (blockers.length > 0 && !(await overridden(plan, instance))) return false;
  if (!(await confirmed(plan, checked, kind, notes))) return false;

  const { azure, accountOf } = await services.connection();
  const outcome = await applySettings({
    azure,
    plan,
    kind,
    overrideBlockers: blockers.length > 0,
    who: accountOf(instance.id),
    evidence: evidenceOf(plan, checked.backends, checked.surveys),
    now: () => new Date(),
    newId: () => randomUUID(),
    ...changeRecords(services.records(), services.unkept),
  });
  if (outcome.kind === 'refused') {
    if (outcome.reason === 'changed') services.estate.put(outcome.instance);
    else readAgain(services, azure, instance.id);
    throw refused(outcome);
  }
  services.log.info(`${instance.name}: ${plan.changes.map(changeText).join('; ')}`);
  if (outcome.kind === 'ended') {
    await tellEnd(services, outcome.operation, outcome.outcome);
    return true;
  }
  if (outcome.doubt) {
    void window.showWarningMessage(
      l10n.t(
        '{0}: it is not certain that Azure took the change. It is being followed to find out. {1}',
        instance.name,
        failureText(new ArmError(outcome.doubt)),
      ),
    );
  }
  void services.operations.follow(outcome.operation);
  readAgain(services, azure, instance.id);
  return true;
}

/** Azure took the change at once: there is nothing to follow, and the gateway is looked at all the same. */
async function tellEnd(services: Services, operation: Operation, outcome: EndedOutcome): Promise<void> {
  const written = outcome.kind === 'done' || outcome.kind === 'different';
  const gateway = written ? await lookAtGateway(services, outcome.instance).catch(() => []) : [];
  await services.operations.tell(operation, { ...outcome, gateway });
}

/** So that tree and editors show at once what Azure is doing with the instance. */
function readAgain(services: Services, azure: Azure, instanceId: string): void {
  void azure.readInstance(instanceId).then(
    (fresh) => services.estate.put(fresh),
    () => undefined,
  );
}

/** A refusal by Azure keeps its code, so that the buttons that help come with it. */
function refused(outcome: ApplyRefusal): Error {
  return told(refusalText(outcome), 'failure' in outcome ? outcome.failure.code : 'unknown');
}
