// Many instances in memory, in a time that nobody waits for, and windows that may die at any step of a batch.

import type { HttpClient } from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import type { Azure } from '../../src/azure/access.ts';
import { clouds } from '../../src/azure/clouds.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import { batchPlanSchema, journalLine, readJournal } from '../../src/core/batch.ts';
import type { BatchPlan } from '../../src/core/batch.ts';
import { beginBatch, reduceBatch } from '../../src/core/batchProgress.ts';
import type { Batch } from '../../src/core/batchProgress.ts';
import { historyLine, operationSchema, readHistory } from '../../src/core/history.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import { idKey } from '../../src/core/instance.ts';
import type { CustomProperties } from '../../src/core/instance.ts';
import { sampleAccount, sampleToken } from '../../src/emulator/account.ts';
import type { Faults } from '../../src/emulator/faults.ts';
import { createAzure } from '../../src/emulator/handler.ts';
import type { SampleAzure } from '../../src/emulator/handler.ts';
import { emulatorHttpClient } from '../../src/emulator/httpClient.ts';
import { serviceId } from '../../src/emulator/model.ts';
import type { Estate, SampleService } from '../../src/emulator/model.ts';
import { memoryStore } from '../../src/emulator/state.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import { runBatch } from '../../src/flows/runBatch.ts';
import type { BatchRun, BatchWorld } from '../../src/flows/runBatch.ts';

export interface Field {
  readonly estate: Estate;
  readonly clock: { now: number };
  readonly mapOf: (service: SampleService) => CustomProperties | null;
  /** Most instances that were changing at the moment of a PATCH, by what the service itself says. */
  readonly mostChanging: () => number;
  readonly patches: () => number;
  readonly client: HttpClient;
}

/** One emulator for each subscription, so that none of them has much to keep. */
export function openField(estate: Estate, faults: () => Faults | undefined, changeMs = 60_000): Field {
  const clock = { now: Date.UTC(2026, 10, 20, 12) };
  const parts = new Map<string, { readonly azure: SampleAzure; readonly client: HttpClient }>();
  for (const { id } of estate.subscriptions) {
    const services = estate.services.filter(({ subscriptionId }) => subscriptionId === id);
    const azure = createAzure({
      estate: { ...estate, services },
      store: memoryStore(),
      now: () => clock.now,
      changeMs,
      retryAfterSeconds: 10,
      faults: { take: (request) => faults()?.take(request), add: () => undefined, clear: () => undefined },
    });
    parts.set(id, { azure, client: emulatorHttpClient(azure.handle) });
  }
  const endsAt = new Map<string, number>();
  let patches = 0;
  let most = 0;
  const client: HttpClient = {
    sendRequest: async (request) => {
      clock.now += 10;
      const { pathname } = new URL(request.url);
      // Each of them knows all tenants and subscriptions.
      const own = /^\/subscriptions\/([^/]+)\//i.exec(pathname)?.[1]?.toLowerCase();
      const part = own === undefined ? [...parts.values()][0] : parts.get(own);
      if (!part) throw new Error(`Nobody answers for ${pathname}.`);
      if (request.method !== 'PATCH') return part.client.sendRequest(request);
      patches += 1;
      const sentAt = clock.now;
      const answer = await part.client.sendRequest(request);
      if (answer.status === 202) endsAt.set(pathname.toLowerCase(), sentAt + changeMs);
      most = Math.max(most, [...endsAt.values()].filter((end) => end > clock.now).length);
      return answer;
    },
  };
  return {
    estate,
    clock,
    client,
    mapOf: (service) => parts.get(service.subscriptionId)?.azure.mapOf(service) ?? null,
    mostChanging: () => most,
    patches: () => patches,
  };
}

/** What outlives a window, as texts: files in the product. */
export interface Disk {
  plan: string;
  journal: string;
  readonly operations: Map<string, string>;
  readonly histories: Map<string, string>;
}

export function emptyDisk(): Disk {
  return { plan: '', journal: '', operations: new Map(), histories: new Map() };
}

export function batchOn(disk: Disk): Batch {
  const { events } = readJournal(disk.journal);
  return events.reduce(reduceBatch, beginBatch(v.parse(batchPlanSchema, JSON.parse(disk.plan))));
}

export function entriesOn(disk: Disk, instanceId: string): readonly HistoryEntry[] {
  return readHistory(disk.histories.get(idKey(instanceId)) ?? '').entries;
}

export function keepPlan(disk: Disk, plan: BatchPlan): void {
  disk.plan = JSON.stringify(plan);
}

export interface BatchWindow {
  readonly azure: Azure;
  /** Goes on with what is on the disk. */
  readonly run: (onChange?: (batch: Batch) => void) => BatchRun;
  readonly died: Promise<'died'>;
}

let ids = 0;

/** @param diesAt at which of its steps the window dies; a request is two: before it is sent, and with its answer */
export function openBatchWindow(
  field: Field,
  disk: Disk,
  diesAt = Infinity,
  more: Partial<Pick<BatchWorld, 'write' | 'mayBegin' | 'pause'>> = {},
): BatchWindow {
  const { clock, client } = field;
  let steps = 0;
  const { promise: died, resolve: die } = Promise.withResolvers<'died'>();
  const alive = (): Promise<void> => {
    steps += 1;
    if (steps < diesAt) return Promise.resolve();
    die('died');
    return new Promise(() => undefined);
  };
  const pause = async (milliseconds: number, signal?: AbortSignal) => {
    await alive();
    signal?.throwIfAborted();
    clock.now += milliseconds;
  };
  const write = async (change: () => void) => {
    await alive();
    change();
  };
  const now = () => new Date(clock.now);
  const azure = connectAzure({
    cloud: clouds.public,
    accountLabel: sampleAccount,
    credentialFor: (tenantId) => ({
      getToken: () =>
        Promise.resolve({
          token: sampleToken(tenantId ?? field.estate.tenants[0]?.id ?? ''),
          expiresOnTimestamp: Date.now() + 3_600_000,
        }),
    }),
    httpClient: {
      sendRequest: async (request) => {
        await alive();
        const answer = await client.sendRequest(request);
        await alive();
        return answer;
      },
    },
    clock: { now: () => clock.now, pause },
    now,
    pause,
    retry: { delayMs: 0 },
    // Requests of a window that has died never end; their timers do.
    timeoutMs: 2000,
  });
  const records = {
    keep: (operation: { readonly id: string }) =>
      write(() => disk.operations.set(operation.id, JSON.stringify(operation))),
    forget: (id: string) => write(() => disk.operations.delete(id)),
    record: (entry: HistoryEntry) =>
      write(() => {
        const key = idKey(entry.instanceId);
        disk.histories.set(key, (disk.histories.get(key) ?? '') + historyLine(entry));
      }),
  };
  return {
    azure,
    died,
    run: (onChange = () => undefined) =>
      runBatch(batchOn(disk), {
        ...records,
        azure,
        now,
        pause,
        onChange,
        kept: () =>
          Promise.resolve([...disk.operations.values()].map((text) => v.parse(operationSchema, JSON.parse(text)))),
        history: (instanceId) => Promise.resolve(entriesOn(disk, instanceId)),
        write: (event) => write(() => (disk.journal += journalLine(event))),
        follow: (operation) => followOperation({ ...records, azure, operation, now, pause }),
        mayBegin: () => Promise.resolve(true),
        who: () => 'somebody',
        newId: () => `op-${(ids += 1)}`,
        ...more,
      }),
  };
}

export function idOfService(service: SampleService): string {
  return serviceId(service);
}
