// A scene for the flows: the sample estate on a clock of its own, with faults, and the records of one or more windows.

import { connectAzure } from '../../src/azure/connect.ts';
import type { Azure } from '../../src/azure/access.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { callerOf, sampleAccount, sampleToken } from '../../src/emulator/account.ts';
import type { Gate } from '../../src/emulator/account.ts';
import { unauthorizedError } from '../../src/emulator/answer.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { createFaults } from '../../src/emulator/faults.ts';
import type { Faults } from '../../src/emulator/faults.ts';
import { createAzure } from '../../src/emulator/handler.ts';
import { emulatorHttpClient } from '../../src/emulator/httpClient.ts';
import { serviceId } from '../../src/emulator/model.ts';
import type { SampleService } from '../../src/emulator/model.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import type { HistoryEntry, Operation } from '../../src/core/history.ts';
import type { CustomProperties } from '../../src/core/instance.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';

/** Ids of instances of the sample estate by name, on the first day. */
export function idOf(name: string): string {
  return serviceId(serviceOf(sampleEstate.services, name));
}

function serviceOf(services: readonly SampleService[], name: string): SampleService {
  const service = services.find((candidate) => candidate.name === name);
  if (!service) throw new Error(`There is no ${name} in the sample estate.`);
  return service;
}

/** What a window keeps: operations, and lines of the history. */
export interface Notes {
  readonly kept: Map<string, Operation>;
  readonly history: HistoryEntry[];
  /** Every step in its order: "keep", "record <result>", "forget". */
  readonly steps: string[];
  readonly keep: (operation: Operation) => Promise<void>;
  readonly record: (entry: HistoryEntry) => Promise<void>;
  readonly forget: (id: string) => Promise<void>;
}

export function takeNotes(onStep: (step: string) => void = () => undefined): Notes {
  const kept = new Map<string, Operation>();
  const history: HistoryEntry[] = [];
  const steps: string[] = [];
  const step = (text: string) => {
    steps.push(text);
    onStep(text);
  };
  return {
    kept,
    history,
    steps,
    keep: (operation) => {
      kept.set(operation.id, operation);
      step(operation.resume === null ? 'keep' : 'keep with resume');
      return Promise.resolve();
    },
    record: (entry) => {
      history.push(entry);
      step(`record ${entry.result}`);
      return Promise.resolve();
    },
    forget: (id) => {
      kept.delete(id);
      step('forget');
      return Promise.resolve();
    },
  };
}

export interface Scene {
  readonly azure: Azure;
  readonly faults: Faults;
  readonly requests: { readonly method: string; readonly path: string }[];
  readonly now: () => Date;
  /** Turns the clock; rejects where the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The map of an instance as the service holds it now, wherever it is; null where it is gone. */
  readonly mapOf: (name: string) => CustomProperties | null;
  readonly patches: () => number;
  /** Ends the instance and begins it at another address, as it is now. Gives its new id. */
  readonly move: (
    name: string,
    to: Partial<Pick<SampleService, 'name' | 'resourceGroup' | 'subscriptionId'>>,
  ) => string;
  readonly remove: (name: string) => void;
  /** A further window on the same Azure and clock. */
  readonly connect: (options?: WindowOptions) => Azure;
}

export interface WindowOptions {
  readonly timeoutMs?: number;
  /** Awaited before the request is sent. */
  readonly onRequest?: (method: string, path: string) => unknown;
  /** Changes what Azure answers with, where it is JSON. */
  readonly rewrite?: (body: unknown, path: string) => unknown;
  /** Gives a token; default: one that never ends. `endingToken` makes one that does. */
  readonly token?: (tenantId: string) => Promise<string>;
}

export const changeMs = 20_000;

export interface SceneOptions {
  readonly timeoutMs?: number;
  readonly changeMs?: number;
  readonly retryAfterSeconds?: number;
  /** Changes instances of the sample estate before anybody looks at it. */
  readonly having?: (service: SampleService) => SampleService;
}

/** A token that is refused from a moment on. `endsAt`: milliseconds since 1970. */
export function endingToken(tenantId: string, endsAt: number): string {
  return `${sampleToken(tenantId)}@${endsAt}`;
}

/** Who asks; a token that has ended by the clock is refused. */
function gateBy(now: () => number): Gate {
  return (request) => {
    const [, token, endsAt] = /^(.*?)(?:@(\d+))?$/.exec(request.headers['authorization'] ?? '') ?? [];
    if (endsAt !== undefined && Number(endsAt) <= now())
      return unauthorizedError('The access token has expired.', 'Bearer error="invalid_token"');
    return callerOf({ ...request, headers: { ...request.headers, authorization: token ?? '' } });
  };
}

/** No real time passes: pauses turn the clock, and every request takes 10 ms of it. */
export function openScene(options: SceneOptions = {}): Scene {
  let clock = Date.UTC(2026, 10, 20, 12);
  const faults = createFaults();
  const services = sampleEstate.services.map(options.having ?? ((service) => service));
  const sample = createAzure({
    estate: { ...sampleEstate, services },
    store: memoryStore(),
    now: () => clock,
    changeMs: options.changeMs ?? changeMs,
    retryAfterSeconds: options.retryAfterSeconds ?? 2,
    faults,
    gate: gateBy(() => clock),
  });
  const client = emulatorHttpClient(sample.handle);
  const requests: { method: string; path: string }[] = [];
  const now = () => new Date(clock);
  const pause: Scene['pause'] = (milliseconds, signal) => {
    clock += milliseconds;
    return signal?.aborted ? Promise.reject(new DOMException('Aborted', 'AbortError')) : Promise.resolve();
  };
  const remove = (name: string) => void services.splice(services.indexOf(serviceOf(services, name)), 1);
  const move: Scene['move'] = (name, to) => {
    const service = serviceOf(services, name);
    const map = sample.mapOf(service) ?? {};
    const short = Object.entries(map).map(([key, text]) => [key.replace(keyPrefix, ''), text] as const);
    const moved = { ...service, ...to, map: Object.fromEntries(short) };
    remove(name);
    services.push(moved);
    return serviceId(moved);
  };
  const connect: Scene['connect'] = ({ timeoutMs = 60_000, onRequest, rewrite, token = tokenFor } = {}) =>
    connectAzure({
      cloud: clouds.public,
      accountLabel: sampleAccount,
      credentialFor: (tenantId) => ({
        // Asked before every request, as it ends at once.
        getToken: async () => ({
          token: await token(tenantId ?? sampleEstate.tenants[0]?.id ?? ''),
          expiresOnTimestamp: Date.now(),
        }),
      }),
      httpClient: {
        sendRequest: async (request) => {
          clock += 10;
          const { pathname: path } = new URL(request.url);
          requests.push({ method: request.method, path });
          await onRequest?.(request.method, path);
          const answer = await client.sendRequest(request);
          const body = rewrite && /json/.test(answer.headers.get('content-type') ?? '') ? answer.bodyAsText : null;
          return rewrite && body ? { ...answer, bodyAsText: JSON.stringify(rewrite(JSON.parse(body), path)) } : answer;
        },
      },
      now,
      pause,
      retry: { delayMs: 0 },
      timeoutMs,
    });
  return {
    azure: connect(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    faults,
    requests,
    now,
    pause,
    mapOf: (name) => {
      const service = services.find((candidate) => candidate.name === name);
      return service ? sample.mapOf(service) : null;
    },
    move,
    remove,
    patches: () => requests.filter(({ method }) => method === 'PATCH').length,
    connect,
  };
}

function tokenFor(tenantId: string): Promise<string> {
  return Promise.resolve(sampleToken(tenantId));
}
