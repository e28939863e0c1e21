// Writing the map, and following the operation that Azure makes of it.

import { setTimeout as wait } from 'node:timers/promises';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import { isBusy } from '../core/instance.ts';
import type { CustomProperties, Instance } from '../core/instance.ts';
import type { UpdateStart } from './access.ts';
import { rawCall } from './clients.ts';
import type { Connection } from './connection.ts';
import { retryAfterMs, toArmError } from './errors.ts';
import { instanceFrom, readInstance } from './instances.ts';
import { asRecord, asText, parseJson } from './json.ts';
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
  readonly onPoll?: (instance: { readonly elapsedMs: number }) => void;
  /** Pause between two polls where the service names none, in milliseconds. */
  readonly pollIntervalMs: number;
  /** Waits; rejects where the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

type Step =
  | { readonly kind: 'running'; readonly resume: string; readonly waitMs: number | undefined }
  /** The operation has ended, or its address says nothing more: the service itself is asked. */
  | { readonly kind: 'askService'; readonly failure: ArmError | null };

/** Failures that pass: the operation goes on without us, and is asked for again. */
const passing: readonly FailureCode[] = ['network', 'timeout', 'throttled', 'unavailable', 'malformed'];
/** Failures for which only the user can do something. The operation stays to be resumed. */
const userNeeded: readonly FailureCode[] = [
  'cancelled',
  'signedOut',
  'interactionNeeded',
  'unauthorized',
  'forbidden',
  'toolMissing',
];
const longestBackOffMs = 60_000;
const longestPauseMs = 300_000;
/** After so many faults of the operation's address in a row, the service itself is asked how it stands. */
const faultsBeforeAsking = 3;

export async function followUpdate(
  connection: Connection,
  id: string,
  resume: string,
  options: FollowOptions,
): Promise<Instance> {
  const started = performance.now();
  let state: string | null = pollable(resume);
  let failure: ArmError | null = null;
  let faults = 0;
  for (;;) {
    let pause: number | undefined;
    try {
      if (state === null) {
        const instance = await readInstance(connection, id, options.signal);
        faults = 0;
        if (!isBusy(instance)) return atRest(instance, failure);
      } else {
        const step: Step = await poll(connection, id, state, options.signal);
        faults = 0;
        if (step.kind === 'askService') {
          failure = step.failure;
          state = null;
          continue;
        }
        state = step.resume;
        pause = step.waitMs;
      }
    } catch (error) {
      const fault = toArmError(error, options.signal);
      if (!passing.includes(fault.details.code)) throw fault;
      faults += 1;
      const stated = fault.details.retryAfterSeconds;
      pause =
        stated === undefined
          ? Math.min(longestBackOffMs, options.pollIntervalMs * 2 ** Math.min(faults, 6))
          : stated * 1000;
      if (fault.details.code === 'unavailable' && faults >= faultsBeforeAsking && state !== null) {
        failure = fault;
        state = null;
      }
    }
    options.onPoll?.({ elapsedMs: performance.now() - started });
    await options.pause(Math.min(longestPauseMs, pause ?? options.pollIntervalMs), options.signal);
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

/** Pauses on the clock of the machine. */
export async function pauseOnClock(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new ArmError({ code: 'cancelled' });
  }
}

/** One poll, by the SDK's poller on a client that need not be the one that sent the change. */
async function poll(connection: Connection, id: string, state: string, signal: AbortSignal | undefined): Promise<Step> {
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
    if (poller.isDone() || stated) return { kind: 'askService', failure: stated };
    return { kind: 'running', resume: poller.toString(), waitMs: retryAfterMs(answer?.headers, Date.now()) };
  } catch (error) {
    const stated = failureIn(answers[0]?.bodyAsText);
    if (stated) return { kind: 'askService', failure: stated };
    const fault = toArmError(error, signal);
    const { code } = fault.details;
    if (passing.includes(code) || userNeeded.includes(code)) throw fault;
    // The address of the operation is gone, or Azure ended it with a refusal.
    return { kind: 'askService', failure: code === 'notFound' ? null : fault };
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
  const failed = instance.provisioningState.toLowerCase() === 'failed';
  // A fault of the operation's address says nothing where the service itself says that it succeeded.
  const refused = failure !== null && !passing.includes(failure.details.code);
  if (!failed && !refused) return instance;
  throw operationFailed(failure?.details.serviceCode, failure?.details.serviceMessage);
}
