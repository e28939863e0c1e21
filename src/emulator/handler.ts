// Azure Resource Manager over a sample estate: one function from request to answer. It opens no socket; time, state and
// faults are given to it.

import { clouds } from '../azure/clouds.ts';
import { callerOf, isAnswer, subscriptionFor, visibleSubscriptions } from './account.ts';
import type { Caller, Gate } from './account.ts';
import { activityAnswer, activityPath } from './activityLog.ts';
import { armError, forbiddenError, jsonAnswer, withCommonHeaders } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { adviceAnswer, advisorPath } from './advisor.ts';
import { batchPath, createBatch } from './batch.ts';
import { childAnswer } from './children.ts';
import { connectivityAnswer } from './connectivity.ts';
import { ConnectionDropped, createFaults, faultAnswer } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import type { CustomProperties } from '../core/instance.ts';
import type { MapAt } from './failureLogs.ts';
import { connectionBodies, gatewayBody } from './gatewayBodies.ts';
import { logsAnswer, settingsAnswer, workspaceAnswer } from './logs.ts';
import { gatewayId, serviceId } from './model.ts';
import type { Estate, SampleService } from './model.ts';
import {
  connectionsPath,
  gatewaysPath,
  listPath,
  refusal,
  servicePath,
  settingsPath,
  workspacePath,
} from './places.ts';
import { answerQuery } from './resourceGraph.ts';
import { freshState, readState, serviceState, writeState } from './state.ts';
import type { SampleStore, State } from './state.ts';
import { patchService, pollOperation, serviceAnswer } from './update.ts';
import type { Outcome, Scene } from './update.ts';
import { serviceBody, subscriptionBody, tenantBody } from './wire.ts';

export interface AzureOptions {
  readonly estate: Estate;
  readonly store: SampleStore;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long a change takes, in milliseconds. */
  readonly changeMs?: number;
  readonly retryAfterSeconds?: number;
  readonly faults?: Faults;
  /** Most instances or child resources in one page. */
  readonly pageSize?: number;
  /** Ends requests that hang. */
  readonly signal?: AbortSignal;
  /** Says who asks; where not stated, any bearer token is taken. */
  readonly gate?: Gate;
  /** Where queries of logs are sent, and who may; default: the public cloud, and any bearer token. */
  readonly logs?: { readonly origin: string; readonly gate: Gate };
}

export interface SampleAzure {
  /** Rejects with `ConnectionDropped` where a fault says so, and with the signal's reason where a hanging request is given up. */
  readonly handle: (request: ArmRequest) => Promise<ArmAnswer>;
  /**
   * The map that is in force at the moment: a running change counts when it has ended.
   * @param behindMs of a part of the gateway that follows so much later
   */
  readonly mapOf: (service: SampleService, behindMs?: number) => CustomProperties | null;
  /** Milliseconds since 1970: when the estate was opened for the first time. */
  readonly startedAt: () => number;
  /** Back to the first day. */
  readonly reset: () => void;
}

export function createAzure(options: AzureOptions): SampleAzure {
  const {
    estate,
    store,
    now = Date.now,
    changeMs = 20_000,
    retryAfterSeconds = 2,
    pageSize = 100,
    gate = callerOf,
    logs = { origin: clouds.public.logs ?? '', gate: callerOf },
  } = options;
  const faults = options.faults ?? createFaults();
  const batch = createBatch(retryAfterSeconds);

  const begin = (): State => {
    const fresh = freshState(estate, now(), changeMs);
    store.write(writeState(fresh));
    return fresh;
  };
  const load = (): State => readState(store.read()) ?? begin();
  const mapAt = (): MapAt => {
    const state = load();
    return (service, at) => serviceState(state, service, at).map;
  };

  const serve = (request: ArmRequest, url: URL, fault: Fault | undefined): ArmAnswer => {
    if (url.origin === logs.origin) {
      const caller = logs.gate(request);
      return isAnswer(caller) ? caller : logsAnswer(estate, request, now(), mapAt());
    }
    if (batchPath.test(url.pathname)) {
      const caller = gate(request);
      if (isAnswer(caller)) return caller;
      const refused = refusal(request, url.pathname, url.searchParams.get('api-version') ?? '');
      return refused ?? batch.answer(request, url, serveOne);
    }
    const scene: Scene = {
      state: load(),
      now: now(),
      changeMs,
      retryAfterSeconds,
      origin: url.origin,
      apiVersion: url.searchParams.get('api-version') ?? '',
    };
    const outcome = route({ estate, request, url, scene, pageSize, fault, gate });
    if (outcome.state !== undefined) store.write(writeState(outcome.state));
    return outcome.answer;
  };

  /** One request of a batch; faults of the connection are those of the batch alone. */
  function serveOne(request: ArmRequest): ArmAnswer {
    const url = new URL(request.url);
    const fault = faults.take({ method: request.method, path: url.pathname + url.search });
    return (fault === undefined ? undefined : faultAnswer(fault)) ?? serve(request, url, fault);
  }

  return {
    handle: async (request) => {
      const url = new URL(request.url);
      const fault = faults.take({ method: request.method, path: url.pathname + url.search });
      if (fault?.kind === 'hang') await hang(request.signal, options.signal);
      if (fault?.kind === 'drop' && !fault.late) throw new ConnectionDropped('The connection was closed by the peer.');
      const instead = fault === undefined ? undefined : faultAnswer(fault);
      const answer = withCommonHeaders(instead ?? serve(request, url, fault), request.method, now());
      if (fault?.kind === 'drop') throw new ConnectionDropped('The connection was closed by the peer.');
      return answer;
    },
    mapOf: (service, behindMs = 0) => serviceState(load(), service, now() - behindMs).map,
    startedAt: () => load().startedAt,
    reset: () => void begin(),
  };
}

/** Never resolves; rejects as soon as one of the signals is aborted. */
function hang(...signals: readonly (AbortSignal | undefined)[]): Promise<never> {
  const given = signals.filter((signal) => signal !== undefined);
  const either = AbortSignal.any(given);
  return new Promise((_, reject) => {
    const giveUp = (): void =>
      reject(either.reason instanceof Error ? either.reason : new Error('The request was given up.'));
    if (either.aborted) giveUp();
    else either.addEventListener('abort', giveUp, { once: true });
  });
}

interface Call {
  readonly estate: Estate;
  readonly request: ArmRequest;
  readonly url: URL;
  readonly scene: Scene;
  readonly pageSize: number;
  readonly fault: Fault | undefined;
  readonly gate: Gate;
}

function route(call: Call): Outcome {
  const { estate, request, url, scene } = call;
  const caller = call.gate(request);
  if (isAnswer(caller)) return { answer: caller };
  const path = url.pathname.replace(/\/$/, '');
  const refused = refusal(request, path, scene.apiVersion);
  if (refused !== undefined) return { answer: refused };
  const asked = path.toLowerCase();
  if (asked === '/tenants') return list(estate.tenants.map(tenantBody));
  if (asked === '/subscriptions') return list(visibleSubscriptions(estate, caller).map(subscriptionBody));
  if (asked === '/providers/microsoft.resourcegraph/resources') {
    return { answer: answerQuery(estate, caller, request, (service) => serviceState(scene.state, service, scene.now)) };
  }
  const [, subscriptionId, group, name] = connectionsPath.exec(path) ?? gatewaysPath.exec(path) ?? [];
  if (subscriptionId !== undefined) return { answer: gatewaysAnswer(call, caller, subscriptionId, group, name) };
  const [, advised] = advisorPath.exec(path) ?? [];
  if (advised !== undefined) {
    const subscription = subscriptionFor(estate, caller, advised);
    return {
      answer: isAnswer(subscription) ? subscription : adviceAnswer(estate, subscription.id, url, scene.now),
    };
  }
  const [, resource] = settingsPath.exec(path) ?? [];
  if (resource !== undefined) return routeServices(call, caller, resource, settingsAnswer);
  const [, logOf] = activityPath.exec(path) ?? [];
  if (logOf !== undefined) {
    const subscription = subscriptionFor(estate, caller, logOf);
    return {
      answer: isAnswer(subscription)
        ? subscription
        : activityAnswer(estate, scene.state, subscription.id, url, scene.now),
    };
  }
  const [, workspaceIn] = workspacePath.exec(path) ?? [];
  if (workspaceIn !== undefined) {
    const subscription = subscriptionFor(estate, caller, workspaceIn);
    return { answer: isAnswer(subscription) ? subscription : workspaceAnswer(estate, path) };
  }
  return routeServices(call, caller, path);
}

/** The workspace gateways of a subscription; with a name, what that one serves. */
function gatewaysAnswer(
  { estate }: Call,
  caller: Caller,
  subscriptionId: string,
  group: string | undefined,
  name: string | undefined,
): ArmAnswer {
  const subscription = subscriptionFor(estate, caller, subscriptionId);
  if (isAnswer(subscription)) return subscription;
  if (subscription.forbidden)
    return forbiddenError('Microsoft.ApiManagement/gateways/read', `/subscriptions/${subscription.id}`);
  const all = (estate.gateways ?? []).filter((gateway) => gateway.subscriptionId === subscription.id);
  if (group === undefined || name === undefined) return jsonAnswer(200, { value: all.map(gatewayBody) });
  const wanted = gatewayId({ subscriptionId, resourceGroup: group, name }).toLowerCase();
  const found = all.find((gateway) => gatewayId(gateway).toLowerCase() === wanted);
  if (found !== undefined) return jsonAnswer(200, { value: connectionBodies(found) });
  const message = `The Resource 'Microsoft.ApiManagement/gateways/${name}' under resource group '${group}' was not found.`;
  return armError(404, 'ResourceNotFound', message);
}

function list(value: readonly object[]): Outcome {
  return { answer: jsonAnswer(200, { value, count: { type: 'Total', value: value.length } }) };
}

/** @param instead answers for the instance of the path in place of the instance itself */
function routeServices(
  call: Call,
  caller: Caller,
  path: string,
  instead?: (service: SampleService, estate: Estate) => ArmAnswer,
): Outcome {
  const { estate, request, scene } = call;
  const [, subscriptionId = '', group, name, rest = ''] = servicePath.exec(path) ?? listPath.exec(path) ?? [];
  const subscription = subscriptionFor(estate, caller, subscriptionId);
  if (isAnswer(subscription)) return { answer: subscription };
  if (subscription.forbidden) {
    const action = request.method === 'PATCH' ? 'write' : 'read';
    return { answer: forbiddenError(`Microsoft.ApiManagement/service/${action}`, `/subscriptions/${subscription.id}`) };
  }
  if (group === undefined || name === undefined) return { answer: listServices(call, subscription.id) };
  const id = serviceId({ subscriptionId, resourceGroup: group, name }).toLowerCase();
  const service = estate.services.find((candidate) => serviceId(candidate).toLowerCase() === id);
  if (service === undefined) {
    const message = `The Resource 'Microsoft.ApiManagement/service/${name}' under resource group '${group}' was not found.`;
    return { answer: armError(404, 'ResourceNotFound', message) };
  }
  if (instead !== undefined) return { answer: instead(service, estate) };
  if (rest === '' && request.method === 'PATCH') return patchService(scene, service, request.body, call.fault);
  if (rest === '') return { answer: serviceAnswer(scene, service) };
  const [, operation] = /^\/operationresults\/([^/]+)$/i.exec(rest) ?? [];
  if (operation !== undefined) return { answer: pollOperation(scene, service, operation) };
  const check = connectivityAnswer(scene, service, rest, request, call.fault);
  if (check !== undefined) return { answer: check };
  return { answer: childAnswer(service, rest, request, call.pageSize) };
}

function listServices({ estate, scene, url, pageSize }: Call, subscriptionId: string): ArmAnswer {
  const all = estate.services.filter((service) => service.subscriptionId === subscriptionId);
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const value = all
    .slice(from, from + pageSize)
    .map((service) => serviceBody(service, serviceState(scene.state, service, scene.now)));
  if (from + pageSize >= all.length) return jsonAnswer(200, { value });
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + pageSize));
  return jsonAnswer(200, { value, nextLink: next.href });
}
