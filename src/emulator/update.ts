// PATCH of a service and the polls of the operation that follows.
// Source of order and headers: recorded answers in azure-sdk-for-js and Microsoft.ApiManagement 2024-05-01.

import type { CustomProperties } from '../core/instance.ts';
import { emptyAnswer, jsonAnswer, lockedError, serviceError } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import type { Fault } from './faults.ts';
import { hasEffect, refusedKeys, shownMap, withoutKey } from './maps.ts';
import { serviceId } from './model.ts';
import type { SampleService } from './model.ts';
import { findOperation, isRunning, operationId, serviceState, withOperation } from './state.ts';
import type { Operation, State } from './state.ts';
import { serviceBody } from './wire.ts';

/** Where and when a request is served. */
export interface Scene {
  readonly state: State;
  readonly now: number;
  readonly changeMs: number;
  readonly retryAfterSeconds: number;
  /** Scheme and host of the request, without trailing slash. */
  readonly origin: string;
  readonly apiVersion: string;
}

export interface Outcome {
  readonly answer: ArmAnswer;
  /** Present where the request changed something. */
  readonly state?: State;
}

export function serviceAnswer(scene: Scene, service: SampleService): ArmAnswer {
  const state = serviceState(scene.state, service, scene.now);
  return jsonAnswer(200, serviceBody(service, state), { etag: `"${state.etag}"` });
}

export function patchService(
  scene: Scene,
  service: SampleService,
  body: string | undefined,
  fault: Fault | undefined,
): Outcome {
  const sent = readPatch(body);
  if ('answer' in sent) return sent;
  const current = serviceState(scene.state, service, scene.now);
  if (current.provisioningState === 'Updating' || current.map === null) return { answer: lockedError(service.name) };
  if (sent.map === undefined) return { answer: serviceAnswer(scene, service) };
  const refused = refusedKeys(service.tier, sent.map);
  if (refused.length > 0) {
    const message = `'${refused.join(',')}' customProperties are not supported in SkuType ${service.tier}.`;
    return { answer: serviceError(400, 'NotSupported', message) };
  }
  if (!hasEffect(service, current.map, sent.map)) return { answer: serviceAnswer(scene, service) };
  return accept(scene, service, fault?.kind === 'operationWithoutEffect' ? current.map : sent.map, fault);
}

function accept(scene: Scene, service: SampleService, written: CustomProperties, fault: Fault | undefined): Outcome {
  const id = operationId(service);
  const kept = fault?.kind === 'readBackLosesKey' ? withoutKey(written, fault.key) : written;
  const state = withOperation(scene.state, service, scene.now, {
    id,
    endsAt: fault?.kind === 'operationNeverEnds' ? null : scene.now + scene.changeMs,
    map: shownMap(service, kept),
    outcome: outcomeOf(fault),
    beganAt: scene.now,
  });
  return { answer: emptyAnswer(202, pollHeaders(scene, service, id)), state };
}

function outcomeOf(fault: Fault | undefined): Operation['outcome'] {
  if (fault?.kind !== 'operationFails') return 'succeeded';
  return fault.as === 'error' ? 'failedError' : fault.as === 'status' ? 'failedStatus' : 'failedResource';
}

function pollHeaders(scene: Scene, service: SampleService, id: string): Readonly<Record<string, string>> {
  return {
    location: `${scene.origin}${serviceId(service)}/operationresults/${id}?api-version=${scene.apiVersion}`,
    'retry-after': String(scene.retryAfterSeconds),
  };
}

export function pollOperation(scene: Scene, service: SampleService, id: string): ArmAnswer {
  const operation = findOperation(scene.state, id);
  if (operation === undefined || operation.service !== serviceId(service).toLowerCase()) {
    return serviceError(404, 'ResourceNotFound', 'The operation was not found.');
  }
  if (isRunning(operation, scene.now)) return emptyAnswer(202, pollHeaders(scene, service, id));
  const message = `The update of API Service ${service.name} failed: the gateway could not be deployed.`;
  switch (operation.outcome) {
    case 'succeeded':
    case 'failedResource':
      return serviceAnswer(scene, service);
    case 'failedError':
      return serviceError(400, 'ActivationFailed', message);
    case 'failedStatus':
      return jsonAnswer(200, {
        id,
        name: id,
        status: 'Failed',
        error: { code: 'ActivationFailed', message, details: null },
      });
  }
}

/** The map of the body, which is JSON; undefined where the body does not mention it. */
function readPatch(body: string | undefined): { readonly map: CustomProperties | undefined } | Outcome {
  const sent: unknown = JSON.parse(body ?? '');
  if (!isRecord(sent)) return invalid('body', 'The body must be an object.');
  const properties = sent['properties'] ?? {};
  const others = [...Object.keys(sent), ...Object.keys(properties)].filter(
    (key) => !['properties', 'customProperties'].includes(key),
  );
  if (others.length > 0) return invalid(others[0] ?? '', 'The sample estate changes customProperties only.');
  if (!isRecord(properties) || !('customProperties' in properties)) return { map: undefined };
  const map = properties['customProperties'];
  if (!isRecord(map)) return invalid('customProperties', 'The value must be a map of texts.');
  const wrong = Object.keys(map).find((key) => typeof map[key] !== 'string');
  if (wrong !== undefined) return invalid(`customProperties.${wrong}`, 'The value must be a text.');
  return { map: map as CustomProperties };
}

function invalid(target: string, message: string): Outcome {
  return {
    answer: serviceError(400, 'ValidationError', 'One or more fields contain incorrect values:', [
      { code: 'ValidationError', target, message },
    ]),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
