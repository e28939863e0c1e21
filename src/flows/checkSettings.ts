// Check: the instance as it is now, every backend host probed once with the planned offer, and the plan that follows.

import type { Azure } from '../azure/access.ts';
import { ArmError, failureDetails, isArmError } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, CustomProperties, Instance } from '../core/instance.ts';
import { changesBetween, mapForDraft } from '../core/tls/draft.ts';
import type { Change, DraftChanges } from '../core/tls/draft.ts';
import type { Endpoint, Offer, Survey } from '../core/tls/evidence.ts';
import { planForMap } from '../core/tls/plan.ts';
import type { Plan } from '../core/tls/plan.ts';
import { backendOffer, readSettings } from '../core/tls/settings.ts';
import type { Traffic, TrafficDays } from '../core/traffic.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { backendPath } from './backendUrl.ts';
import type { BackendHosts } from './readBackendHosts.ts';
import { readBackendHosts } from './readBackendHosts.ts';

/** What is asked of src/probe/survey.ts. */
export interface Probe {
  surveyAll(
    endpoints: readonly Endpoint[],
    planned: Offer | null,
    onSurvey: (survey: Survey) => void,
    options?: ProbeOptions & { readonly atOnce?: number },
  ): Promise<readonly Survey[]>;
}

export interface CheckSnapshot {
  readonly instance: Instance;
  /** Null until they have been read, and where they could not be. */
  readonly backends: readonly BackendHost[] | null;
  readonly unreadable: BackendHosts['unreadable'];
  /** Why the backends could not be read, or null. */
  readonly backendsFailure: FailureDetails | null;
  /** By `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** Hosts that have been probed, of how many. */
  readonly done: number;
  readonly total: number;
  /** What the logs say of callers; null: not asked for, not needed, or not read. */
  readonly traffic: Traffic | null;
  /** Why the logs that were asked for could not be read, or null. */
  readonly trafficFailure: FailureDetails | null;
}

export interface CheckResult extends CheckSnapshot {
  readonly plan: Plan;
}

export interface CheckInput {
  readonly azure: Azure;
  readonly probe: Probe;
  readonly instanceId: string;
  readonly probeOptions?: Omit<ProbeOptions, 'signal'> & { readonly atOnce?: number };
  /**
   * Asks the logs for callers too, while the backends are probed, where versions of the client side would go off.
   * withinMs: longer than that nobody waits for them. What goes wrong is told in the result and stops nothing.
   */
  readonly traffic?: { readonly days: TrafficDays; readonly withinMs: number };
  readonly signal?: AbortSignal;
  /** Called after every step; what has been seen stays with the caller when the check is cancelled. */
  readonly onProgress?: (snapshot: CheckSnapshot) => void;
}

/** The plan for a draft. Rejects with "cancelled" as soon as the signal is aborted, whatever the step. */
export async function checkSettings(input: CheckInput & { readonly changes: DraftChanges }): Promise<CheckResult> {
  return checkTarget(input, (instance) => mapForDraft(instance, input.changes));
}

/** The plan that takes the instance, as it is read now, to the map that `targetOf` gives for it. */
export async function checkTarget(
  input: CheckInput,
  targetOf: (instance: Instance) => CustomProperties | null,
): Promise<CheckResult> {
  const { azure, instanceId, signal } = input;
  stopIfAborted(signal);
  const instance = await azure.readInstance(instanceId, signal ? { signal } : {});
  const target = targetOf(instance);
  let snapshot: CheckSnapshot = {
    instance,
    backends: null,
    unreadable: [],
    backendsFailure: null,
    surveys: {},
    done: 0,
    total: 0,
    traffic: null,
    trafficFailure: null,
  };
  const show = (next: Partial<CheckSnapshot>) => {
    snapshot = { ...snapshot, ...next };
    input.onProgress?.(snapshot);
  };
  show({});
  const callers = trafficOf(input, instance, target);
  show(await backendsOf(input));
  stopIfAborted(signal);
  const secure = (snapshot.backends ?? []).filter(({ scheme }) => scheme === 'https');
  show({ total: secure.length });
  // Without a map nothing can be planned: the hosts are looked at all the same.
  const planned = target === null ? null : backendOffer(readSettings({ ...instance, customProperties: target }));
  const onSurvey = (survey: Survey) => {
    if (survey.behaviour === 'cancelled' || signal?.aborted) return;
    show({ surveys: { ...snapshot.surveys, [hostAndPort(survey.endpoint)]: survey }, done: snapshot.done + 1 });
  };
  // Where TLS 1.3 would come on, backends that renegotiate matter: only a request shows them.
  const asks = planned?.versions.includes('tls13') && readSettings(instance)['backend.tls13'].value !== 'on';
  await input.probe.surveyAll(
    secure.map((backend) => endpointOf(backend, asks === true)),
    planned,
    onSurvey,
    {
      ...input.probeOptions,
      ...(signal ? { signal } : {}),
    },
  );
  stopIfAborted(signal);
  show(await callers);
  stopIfAborted(signal);
  const { backends, unreadable, surveys, traffic } = snapshot;
  return { ...snapshot, plan: planForMap({ instance, backends, unreadable, surveys, traffic }, target) };
}

/** Never rejects. */
async function trafficOf(
  { azure, traffic: wanted, signal }: CheckInput,
  instance: Instance,
  target: CustomProperties | null,
): Promise<Partial<CheckSnapshot>> {
  if (!wanted || target === null) return {};
  const changes = changesBetween(readSettings(instance), readSettings({ ...instance, customProperties: target }));
  const goesOff = ({ id, from, to }: Change) =>
    id.startsWith('client.') && id !== 'client.http2' && from.value !== 'off' && to.value === 'off';
  if (!changes.some(goesOff)) return {};
  const tooLate = AbortSignal.timeout(wanted.withinMs);
  // The reading may not heed the signal at once; nobody waits for it all the same.
  const late = new Promise<never>((_, reject) => {
    tooLate.addEventListener('abort', () => reject(new ArmError({ code: 'timeout' })), { once: true });
  });
  const reading = azure.readTraffic(instance.id, wanted.days, {
    signal: signal ? AbortSignal.any([signal, tooLate]) : tooLate,
  });
  try {
    return { traffic: await Promise.race([reading, late]) };
  } catch (error) {
    const details = failureDetails(error);
    return { trafficFailure: tooLate.aborted ? { ...details, code: 'timeout' } : details };
  }
}

function endpointOf(backend: BackendHost, withPath: boolean): Endpoint {
  const { host, port } = backend;
  return withPath ? { host, port, path: backendPath(backend) } : { host, port };
}

async function backendsOf(input: CheckInput): Promise<Partial<CheckSnapshot>> {
  try {
    const { hosts, unreadable } = await readBackendHosts(
      input.azure,
      input.instanceId,
      input.signal ? { signal: input.signal } : {},
    );
    return { backends: hosts, unreadable };
  } catch (error) {
    if (!isArmError(error) || error.details.code === 'cancelled') throw error;
    return { backendsFailure: error.details };
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
}
