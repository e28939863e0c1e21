// Check: the instance as it is now, every backend host probed once with the planned offer, and the plan that follows.

import type { Azure } from '../azure/access.ts';
import { ArmError, isArmError } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, CustomProperties, Instance } from '../core/instance.ts';
import { mapForDraft } from '../core/tls/draft.ts';
import type { DraftChanges } from '../core/tls/draft.ts';
import type { Endpoint, Offer, Survey } from '../core/tls/evidence.ts';
import { planForMap } from '../core/tls/plan.ts';
import type { Plan } from '../core/tls/plan.ts';
import { backendOffer, readSettings } from '../core/tls/settings.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { askPaths } from './askPaths.ts';
import { backendPath } from './backendUrl.ts';
import { askLogs, noLogEvidence } from './checkLogs.ts';
import type { LogEvidence, WantedLogs } from './checkLogs.ts';
import type { BackendHosts, BackendReading } from './readBackendHosts.ts';
import { readBackends } from './readBackendHosts.ts';
import { withSeenTraffic } from './seenHosts.ts';

/** What is asked of src/probe/survey.ts. */
export interface Probe {
  surveyAll(
    endpoints: readonly Endpoint[],
    planned: Offer | null,
    onSurvey: (survey: Survey) => void,
    options?: ProbeOptions & { readonly atOnce?: number },
  ): Promise<readonly Survey[]>;
}

export interface CheckSnapshot extends LogEvidence {
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
   * Asks the logs too, while the backends are probed: for callers, where versions of the client side would go off, for
   * backends that were called, where what is offered to them changes, and with the policies for operations that ask for
   * client certificates, where TLS 1.3 would come on. What goes wrong stops nothing.
   */
  readonly traffic?: WantedLogs;
  /**
   * Where client certificates matter, GET requests for so many further paths of each backend, those of operations; 0 or
   * absent: none. A request may have effects on a backend, so that this is for the user to choose.
   */
  readonly pathsPerHost?: number;
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
    ...noLogEvidence,
  };
  const show = (next: Partial<CheckSnapshot>) => {
    snapshot = { ...snapshot, ...next };
    input.onProgress?.(snapshot);
  };
  show({});
  const logs = askLogs(input, instance, target);
  const { reading, ...read } = await backendsOf(input);
  show(read);
  stopIfAborted(signal);
  // Without a map nothing can be planned: the hosts are looked at all the same.
  const planned = target === null ? null : backendOffer(readSettings({ ...instance, customProperties: target }));
  // Where TLS 1.3 would come on, backends that renegotiate matter: only a request shows them.
  const asks = planned?.versions.includes('tls13') === true && readSettings(instance)['backend.tls13'].value !== 'on';
  const lookAt = async (hosts: readonly BackendHost[]) => {
    const endpoints = hosts.filter(({ scheme }) => scheme === 'https').map((backend) => endpointOf(backend, asks));
    show({ total: snapshot.total + endpoints.length });
    const onSurvey = (survey: Survey) => {
      if (survey.behaviour === 'cancelled' || signal?.aborted) return;
      show({ surveys: { ...snapshot.surveys, [hostAndPort(survey.endpoint)]: survey }, done: snapshot.done + 1 });
    };
    const options = { ...input.probeOptions, ...(signal ? { signal } : {}) };
    await input.probe.surveyAll(endpoints, planned, onSurvey, options);
    stopIfAborted(signal);
  };
  const configured = snapshot.backends ?? [];
  await lookAt(configured);
  show(await logs.backends);
  stopIfAborted(signal);
  if (snapshot.backends !== null && snapshot.seen !== null) {
    const known = new Set(configured.map(hostAndPort));
    show({ backends: withSeenTraffic(configured, snapshot.seen) });
    const further = snapshot.backends.filter((host) => !known.has(hostAndPort(host)));
    if (further.length > 0) await lookAt(further);
  }
  if (asks && (input.pathsPerHost ?? 0) > 0) {
    await askPaths(input, { ...snapshot, reading }, (survey) =>
      show({ surveys: { ...snapshot.surveys, [hostAndPort(survey.endpoint)]: survey } }),
    );
    stopIfAborted(signal);
  }
  show(await logs.callers);
  show(await logs.asking);
  stopIfAborted(signal);
  return { ...snapshot, plan: planForMap(snapshot, target) };
}

function endpointOf(backend: BackendHost, withPath: boolean): Endpoint {
  const { host, port } = backend;
  return withPath ? { host, port, path: backendPath(backend) } : { host, port };
}

async function backendsOf(
  input: CheckInput,
): Promise<Partial<CheckSnapshot> & { readonly reading: BackendReading | null }> {
  try {
    const { hosts, unreadable, reading } = await readBackends(
      input.azure,
      input.instanceId,
      input.signal ? { signal: input.signal } : {},
    );
    return { backends: hosts, unreadable, reading };
  } catch (error) {
    if (!isArmError(error) || error.details.code === 'cancelled') throw error;
    return { backendsFailure: error.details, reading: null };
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
}
