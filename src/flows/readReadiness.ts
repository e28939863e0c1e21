// Everything that readiness for TLS 1.3 goes by, of one instance: what can be read is read, the rest is told.

import type { Azure } from '../azure/access.ts';
import { askingOperations } from '../core/askingOperations.ts';
import type { BackendTraffic } from '../core/backendTraffic.ts';
import { ArmError, failureCode, failureDetails } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, Instance } from '../core/instance.ts';
import { summaryOf } from '../core/renegotiation.ts';
import { statesForDraft } from '../core/tls/draft.ts';
import type { Survey } from '../core/tls/evidence.ts';
import type { ReadinessInput } from '../core/tls/readiness.ts';
import { backendOffer } from '../core/tls/settings.ts';
import type { TrafficDays } from '../core/traffic.ts';
import type { ProbeOptions } from '../probe/survey.ts';
import { backendPath } from './backendUrl.ts';
import type { Probe } from './checkSettings.ts';
import { readBackendHosts } from './readBackendHosts.ts';
import { readRenegotiations } from './readRenegotiations.ts';
import { withSeenTraffic } from './seenHosts.ts';

export interface ReadinessOptions {
  readonly azure: Azure;
  readonly probe: Probe;
  readonly instanceId: string;
  readonly days: TrafficDays;
  readonly probeOptions?: Omit<ProbeOptions, 'signal'> & { readonly atOnce?: number };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export type ReadinessPart = 'backends' | 'seen' | 'renegotiations' | 'traffic' | 'selfHosted';

export interface ReadinessReading {
  readonly input: ReadinessInput;
  readonly failures: readonly { readonly part: ReadinessPart; readonly why: FailureDetails }[];
}

/** Rejects where the instance cannot be read, and with "cancelled" once aborted. */
export async function readReadiness(options: ReadinessOptions): Promise<ReadinessReading> {
  const { azure, instanceId, days, signal } = options;
  const call = signal ? { signal } : {};
  const instance = await azure.readInstance(instanceId, call);
  const failures: { part: ReadinessPart; why: FailureDetails }[] = [];
  const orNull = async <T>(part: ReadinessPart, work: Promise<T>): Promise<T | null> => {
    try {
      return await work;
    } catch (error) {
      if (failureCode(error) === 'cancelled') throw error;
      failures.push({ part, why: failureDetails(error) });
      return null;
    }
  };
  const surveys: Record<string, Survey> = {};
  let [asked, done] = [0, 0];
  const probe = (hosts: readonly BackendHost[]) => {
    const before = { asked, done };
    const onProgress = (part: { readonly done: number; readonly total: number }) => {
      [asked, done] = [before.asked + part.total, before.done + part.done];
      options.onProgress?.({ done, total: asked });
    };
    return probeFor13({ ...options, instance, backends: hosts, onProgress }, (survey) => {
      surveys[hostAndPort(survey.endpoint)] = survey;
    });
  };
  // Those that only the logs know come after those that are configured.
  const probed = async (logged: Promise<BackendTraffic | null>) => {
    const { hosts: configured, unreadable } = await readBackendHosts(azure, instanceId, call);
    await probe(configured);
    const hosts = withSeenTraffic(configured, await logged);
    const known = new Set(configured.map(hostAndPort));
    const further = hosts.filter((host) => !known.has(hostAndPort(host)));
    if (further.length > 0) await probe(further);
    return { hosts, unreadable };
  };
  const logged = orNull('seen', azure.readBackendTraffic(instanceId, days, call));
  const [, backends, renegotiations, traffic, selfHosted] = await Promise.all([
    logged,
    orNull('backends', probed(logged)),
    orNull('renegotiations', readRenegotiations(azure, instance, { days, ...call })),
    orNull('traffic', azure.readTraffic(instanceId, days, call)),
    orNull('selfHosted', azure.readSelfHosted(instanceId, call)),
  ]);
  if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
  return {
    input: {
      instance,
      asking: askingOperations(renegotiations && summaryOf(renegotiations)),
      backends: backends?.hosts ?? null,
      unreadable: backends?.unreadable ?? [],
      surveys,
      traffic,
      selfHosted: selfHosted?.map(({ name }) => name) ?? null,
    },
    failures,
  };
}

/** Asks each backend with what the gateway would offer with TLS 1.3, and for the path by which renegotiation shows. */
export async function probeFor13(
  {
    probe,
    probeOptions,
    signal,
    instance,
    backends,
    onProgress,
  }: Omit<ReadinessOptions, 'azure' | 'instanceId' | 'days'> & {
    readonly instance: Instance;
    readonly backends: readonly BackendHost[];
  },
  onSurvey: (survey: Survey) => void,
): Promise<void> {
  const secure = backends.filter(({ scheme }) => scheme === 'https');
  const planned =
    instance.customProperties === null ? null : backendOffer(statesForDraft(instance, { 'backend.tls13': 'on' }));
  let done = 0;
  onProgress?.({ done, total: secure.length });
  await probe.surveyAll(
    secure.map((backend) => ({ host: backend.host, port: backend.port, path: backendPath(backend) })),
    planned,
    (survey) => {
      if (survey.behaviour === 'cancelled' || signal?.aborted) return;
      done += 1;
      onSurvey(survey);
      onProgress?.({ done, total: secure.length });
    },
    { ...probeOptions, ...(signal ? { signal } : {}) },
  );
}
