// Writing the map, and following the operation that Azure makes of it.

import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import { isBusy } from '../core/instance.ts';
import type { CustomProperties, Instance } from '../core/instance.ts';
import type { PollListener, UpdateStart } from './access.ts';
import { rawCall } from './clients.ts';
import type { Connection } from './connection.ts';
import { retryAfterMs, toArmError } from './errors.ts';
import { instanceFrom } from './instances.ts';
import { asRecord, asText, parseJson } from './json.ts';
import { readInstanceOrPlace } from './moved.ts';
import { parseServiceId } from './resourceIds.ts';

/** Sends the map. The answer is told as soon as the service has given it: no poll comes before `resume` can be kept. */
export async function beginUpdate(connection: Connection, id: string, map: CustomProperties): Promise<UpdateStart> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client, tenantId } = await connection.management(subscriptionId);
  const answered: PipelineResponse[] = [];
  // Ends the SDK's own first poll before it is sent, never the PATCH.
  const afterAnswer = new AbortController();
  const call = rawCall(afterAnswer.signal, (response) => {
    if (response.request.method !== 'PATCH' || response.status >= 300) return;
    answered.push(response);
    afterAnswer.abort();
  });
  try {
    await client.apiManagementService.beginUpdate(resourceGroup, service, { customProperties: { ...map } }, call);
  } catch (error) {
    if (answered.length === 0) throw error;
  }
  const [answer] = answered;
  if (!answer) throw new ArmError({ code: 'malformed', serviceMessage: 'The service gave no answer to the change.' });
  if (answer.status === 202) return { kind: 'running', resume: resumeText(answer) };
  const instance = instanceFrom(parseJson(answer.bodyAsText), tenantId, connection.moment());
  return isBusy(instance) ? { kind: 'running', resume: resumeText(answer) } : { kind: 'done', instance };
}

/** What the SDK's poller serialises, made of the answer itself: the address to ask, and nothing of the request. */
function resumeText(answer: PipelineResponse): string {
  const status = answer.headers.get('azure-asyncoperation');
  const location = answer.headers.get('location');
  const config =
    status !== undefined
      ? { metadata: { mode: 'OperationLocation' }, operationLocation: status }
      : location !== undefined
        ? { metadata: { mode: 'ResourceLocation' }, operationLocation: location }
        : {};
  return JSON.stringify({ state: { status: 'running', config } });
}

export interface FollowOptions {
  readonly signal?: AbortSignal;
  readonly onPoll?: PollListener;
  /** Pause between two polls where the service names none, in milliseconds. */
  readonly pollIntervalMs: number;
  /** Waits; rejects where the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Failures that pass: the operation goes on without us, and is asked for again. */
const passing: readonly FailureCode[] = [
  'network',
  'offline',
  'dns',
  'timeout',
  'portal',
  'throttled',
  'unavailable',
  'malformed',
];
/** Answers to a poll by which Azure ends the operation with a refusal. */
const ending: readonly FailureCode[] = ['refused', 'conflict', 'policyDenied', 'managementLock'];
/** Answers to a poll by which its address is gone or of no use: the service itself is to be asked. */
const addressGone: readonly FailureCode[] = ['notFound', 'apiVersion', 'locked', 'changed', 'unknown'];
const longestBackOffMs = 60_000;
/** The longest pause that a timer can be set to. */
const longestPauseMs = 2 ** 31 - 1;
/** Each time so many faults have come in a row, the service itself is asked how it stands. */
const faultsBeforeAsking = 3;

/** How far the following has come. */
interface Course {
  /** The state to poll with; null: only the service itself can be asked. */
  address: string | null;
  /** What Azure said of an operation that has failed. */
  failure: ArmError | null;
  /** Faults in a row. */
  faults: number;
}

export async function followUpdate(
  connection: Connection,
  id: string,
  resume: string,
  options: FollowOptions,
): Promise<Instance> {
  const started = performance.now();
  const course: Course = { address: pollable(resume), failure: null, faults: 0 };
  for (;;) {
    const step = await oneStep(connection, id, course, options);
    if ('instance' in step) return step.instance;
    options.onPoll?.({ elapsedMs: performance.now() - started, answered: course.faults === 0 });
    await options.pause(Math.min(longestPauseMs, step.pauseMs), options.signal);
  }
}

type Step = { readonly instance: Instance } | { readonly pauseMs: number };

async function oneStep(connection: Connection, id: string, course: Course, options: FollowOptions): Promise<Step> {
  try {
    const asksService = course.faults > 0 && course.faults % faultsBeforeAsking === 0;
    if (course.address !== null && !asksService) {
      const answer = await poll(connection, id, course.address, options.signal);
      course.faults = 0;
      if (answer.kind === 'running') {
        course.address = answer.resume;
        return { pauseMs: answer.waitMs ?? options.pollIntervalMs };
      }
      course.address = null;
      course.failure = answer.failure;
    }
    const instance = await readInstanceOrPlace(connection, id, options.signal);
    course.faults = 0;
    return isBusy(instance) ? { pauseMs: options.pollIntervalMs } : { instance: atRest(instance, course.failure) };
  } catch (error) {
    const fault = toArmError(error, options.signal);
    if (!passing.includes(fault.details.code)) throw fault;
    course.faults += 1;
    const stated = fault.details.retryAfterSeconds;
    const backOff = Math.min(longestBackOffMs, options.pollIntervalMs * 2 ** Math.min(course.faults, 6));
    return { pauseMs: stated === undefined ? backOff : stated * 1000 };
  }
}

/** The state to poll with; null where there is no address in it, so that the service itself must be asked. */
function pollable(resume: string): string | null {
  const state = asRecord(asRecord(parseJson(resume))['state']);
  const config = asRecord(state['config']);
  const location = asText(config['operationLocation']);
  const mode = asText(asRecord(config['metadata'])['mode']);
  if (location === null || mode === null) return null;
  return JSON.stringify({ state: { status: 'running', config } });
}

type PollAnswer =
  | { readonly kind: 'running'; readonly resume: string; readonly waitMs: number | undefined }
  /** The operation has ended, or its address says nothing more: the service itself is to be asked. */
  | { readonly kind: 'over'; readonly failure: ArmError | null };

/** One poll, by the SDK's poller on a client that need not be the one that sent the change. */
async function poll(
  connection: Connection,
  id: string,
  state: string,
  signal: AbortSignal | undefined,
): Promise<PollAnswer> {
  const { resourceGroup, service, subscriptionId } = parseServiceId(id);
  const { client } = await connection.management(subscriptionId, signal);
  const answers: PipelineResponse[] = [];
  const call = rawCall(signal, (response) => void answers.push(response));
  try {
    const poller = await client.apiManagementService.beginUpdate(
      resourceGroup,
      service,
      {},
      { ...call, resumeFrom: state },
    );
    const answer = answers[0];
    const stated = failureIn(answer?.bodyAsText);
    if (poller.isDone() || stated) return { kind: 'over', failure: stated };
    return { kind: 'running', resume: poller.toString(), waitMs: retryAfterMs(answer?.headers, Date.now()) };
  } catch (error) {
    const stated = failureIn(answers[0]?.bodyAsText);
    if (stated) return { kind: 'over', failure: stated };
    const fault = toArmError(error, signal);
    const { code } = fault.details;
    if (ending.includes(code)) return { kind: 'over', failure: fault };
    if (addressGone.includes(code)) return { kind: 'over', failure: null };
    throw fault;
  }
}

/** The failure that the answer to a poll states (OperationResultContract: `status`, `error`), or null. */
function failureIn(body: string | null | undefined): ArmError | null {
  const answer = asRecord(parseJson(body));
  const status = asText(answer['status'])?.toLowerCase();
  if (status !== 'failed' && status !== 'canceled' && status !== 'cancelled') return null;
  const error = asRecord(answer['error']);
  return operationFailed(asText(error['code']) ?? undefined, asText(error['message']) ?? undefined);
}

function operationFailed(serviceCode: string | undefined, serviceMessage: string | undefined): ArmError {
  return new ArmError({
    code: 'operationFailed',
    ...(serviceCode === undefined ? {} : { serviceCode }),
    ...(serviceMessage === undefined ? {} : { serviceMessage }),
  });
}

/** The service rests: the operation's outcome is what Azure said of it, or else the service's state. */
function atRest(instance: Instance, failure: ArmError | null): Instance {
  if (failure === null && instance.provisioningState.toLowerCase() !== 'failed') return instance;
  throw operationFailed(failure?.details.serviceCode, failure?.details.serviceMessage);
}
