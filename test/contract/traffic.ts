// Everything that the product ever asks of Azure, asked of the emulator once, with every kind of answer.

import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Azure } from '../../src/azure/access.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { Instance } from '../../src/core/instance.ts';
import { sampleAccount, sampleToken } from '../../src/emulator/account.ts';
import { sampleEstate } from '../../src/emulator/estate.ts';
import { createFaults } from '../../src/emulator/faults.ts';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { createAzure } from '../../src/emulator/handler.ts';
import { emulatorHttpClient } from '../../src/emulator/httpClient.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { unpacker } from './batches.ts';
import type { Exchange } from './exchange.ts';

export interface Traffic {
  readonly exchanges: readonly Exchange[];
  /** Why it ended early, or null. */
  readonly failure: string | null;
  /** Functions of `Azure` that nothing here has called. */
  readonly unused: readonly string[];
}

/** Answers that any operation may give instead of its own; those of a proxy or a broken line are no part of a contract. */
const refusals: readonly FaultRule['fault'][] = [
  { kind: 'claimsChallenge' },
  { kind: 'forbidden' },
  { kind: 'notFound' },
  { kind: 'serviceLocked' },
  { kind: 'preconditionFailed' },
  { kind: 'throttled', retryAfterSeconds: 0 },
  { kind: 'serverError' },
  { kind: 'unavailable', retryAfterSeconds: 0 },
];

export async function recordTraffic(): Promise<Traffic> {
  const exchanges: Exchange[] = [];
  const used = new Set<string>();
  const window = openWindow(exchanges, used);
  // What was exchanged until then tells what is wrong.
  const failure = await askEverything(window).then(
    () => null,
    (error: unknown) => String(error),
  );
  const all = Object.entries(window.azure).filter(([, value]) => typeof value === 'function');
  return { exchanges, failure, unused: all.map(([name]) => name).filter((name) => !used.has(name)) };
}

async function askEverything(window: Window): Promise<void> {
  const { instances, gateways } = await window.azure.readEstate();
  for (const instance of instances) await readAll(window.azure, instance.id);
  for (const instance of instances) await checkConnections(window.azure, instance);
  for (const { id } of gateways) await window.azure.readGatewayConnections(id);
  await readByLists(window);
  for (const instance of instances) await changeIt(window, instance);
  await failedChanges(window, instances);
  for (const fault of refusals) await refuse(window, instances, fault);
}

interface Window {
  readonly azure: ReturnType<typeof connectAzure>;
  /** From now on requests meet these, and none before. */
  readonly meet: (rules: readonly FaultRule[]) => void;
}

function openWindow(exchanges: Exchange[], used: Set<string>): Window {
  let clock = Date.UTC(2026, 10, 20, 12);
  const faults = createFaults();
  const options = { store: memoryStore(), now: () => clock, changeMs: 4000, retryAfterSeconds: 1, pageSize: 2, faults };
  const sample = createAzure({ estate: sampleEstate, ...options });
  const connected = connectAzure({
    cloud: clouds.public,
    accountLabel: sampleAccount,
    credentialFor: (tenantId) => ({
      getToken: () => {
        const token = sampleToken(tenantId ?? sampleEstate.tenants[0]?.id ?? '');
        return Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    }),
    httpClient: recording(emulatorHttpClient(sample.handle), exchanges),
    now: () => new Date(clock),
    pause: (milliseconds) => {
      clock += milliseconds;
      return Promise.resolve();
    },
    retry: { delayMs: 0 },
  });
  const azure = new Proxy(connected, {
    get: (target, name, receiver) => {
      used.add(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  const meet = (rules: readonly FaultRule[]) => {
    faults.clear();
    rules.forEach((rule) => faults.add(rule));
  };
  return { azure, meet };
}

function recording(client: HttpClient, exchanges: Exchange[]): HttpClient {
  const unpack = unpacker();
  return {
    sendRequest: async (request) => {
      const answer = await client.sendRequest(request);
      const found = unpack({
        method: request.method,
        url: request.url,
        requestHeaders: request.headers.toJSON(),
        requestBody: typeof request.body === 'string' ? request.body : undefined,
        status: answer.status,
        headers: answer.headers.toJSON(),
        body: answer.bodyAsText ?? '',
      });
      exchanges.push(...found);
      return answer;
    },
  };
}

async function readAll(azure: Azure, id: string): Promise<void> {
  await azure.readInstance(id);
  await azure.readSelfHosted(id);
  await azure.readBackends(id);
  await azure.readTraffic(id, 30);
  await azure.readHostTraffic(id, 30);
  await azure.readBackendTraffic(id, 30);
  await azure.readAdvice(id, []);
  await azure.readPolicies(id);
  const apis = await azure.readApis(id);
  for (const api of apis) await azure.readOperations(api.id);
  await azure.readOperationsOf(
    id,
    apis.map(({ name }) => name),
  );
}

/** What a tier does not have is refused. */
async function checkConnections(azure: Azure, { id, location }: Instance): Promise<void> {
  for (const host of ['192.0.2.14', 'gone.contoso.invalid'])
    await quietly(azure.checkConnectivity(id, { region: location, host, port: 443 }));
}

/** Where Resource Graph is not to be had. */
async function readByLists({ azure, meet }: Window): Promise<void> {
  meet([{ match: { path: /Microsoft\.ResourceGraph/ }, times: Infinity, fault: { kind: 'forbidden' } }]);
  const { subscriptions } = await azure.readEstate();
  for (const one of subscriptions) await quietly(azure.readSubscription(one));
  meet([]);
  await azure.readDirectory();
}

const changes: readonly DraftChanges[] = [
  // None at all: the service answers at once.
  {},
  { 'client.tls11': 'on', 'client.tls10': 'on', 'client.ssl3': 'on', 'backend.ssl3': 'on', 'client.http2': 'on' },
  { 'client.tls11': 'off', 'client.tls10': 'off', 'backend.tls11': 'off', 'backend.tls10': 'off' },
  { 'client.tls13': 'off', 'backend.tls13': 'on' },
];

async function changeIt({ azure }: Window, instance: Instance): Promise<void> {
  for (const change of changes) {
    const now = await azure.readInstance(instance.id);
    const map = mapForDraft(now, change);
    if (map === null) continue;
    try {
      const start = await azure.beginUpdate(instance.id, map);
      if (start.kind === 'running') await azure.followUpdate(instance.id, start.resume);
    } catch (error) {
      // Locked, because somebody else changes it, and keys that the tier refuses.
      if (!['locked', 'refused'].includes(failureCode(error))) throw error;
    }
  }
}

async function failedChanges({ azure, meet }: Window, instances: readonly Instance[]): Promise<void> {
  const [instance] = instances;
  if (instance === undefined) return;
  for (const as of ['error', 'status', 'resource'] as const) {
    meet([{ match: { method: 'PATCH' }, times: 1, fault: { kind: 'operationFails', as } }]);
    const now = await azure.readInstance(instance.id);
    const http2 = as === 'status' ? 'on' : 'off';
    const start = await azure.beginUpdate(
      instance.id,
      mapForDraft(now, { 'client.http2': http2, 'client.tls11': http2 }) ?? {},
    );
    if (start.kind === 'running') await quietly(azure.followUpdate(instance.id, start.resume));
  }
  meet([]);
}

async function refuse(
  { azure, meet }: Window,
  instances: readonly Instance[],
  fault: FaultRule['fault'],
): Promise<void> {
  const [instance] = instances;
  if (instance === undefined) return;
  meet([{ match: {}, times: Infinity, fault }]);
  await quietly(azure.readEstate());
  await quietly(azure.readInstance(instance.id));
  await quietly(azure.readBackends(instance.id));
  await quietly(azure.readPolicies(instance.id, { fresh: true }));
  await quietly(azure.beginUpdate(instance.id, { ...instance.customProperties }));
  meet([]);
}

/** What comes of it is not the question here. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
