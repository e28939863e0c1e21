// A window that may die at any step: what it has not written or sent by then is lost, what was sent is not.

import type { HttpClient } from '@azure/core-rest-pipeline';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import type { Azure } from '../../src/azure/access.ts';
import { connectAzure } from '../../src/azure/connect.ts';
import { customCloud, isCloud } from '../../src/azure/clouds.ts';
import type { Cloud } from '../../src/azure/clouds.ts';
import { identityCredential } from '../../src/azure/identity.ts';
import { historyLine, operationSchema, readHistory } from '../../src/core/history.ts';
import type { HistoryEntry, Operation } from '../../src/core/history.ts';
import type { HttpsEmulator } from '../../src/emulator/httpsServer.ts';

/** What outlives a window, as texts: files in the product. */
export interface Disk {
  readonly operations: Map<string, string>;
  history: string;
  /** Ids of all operations that were ever kept. */
  readonly everKept: Set<string>;
}

export function emptyDisk(): Disk {
  return { operations: new Map(), history: '', everKept: new Set() };
}

export function keptOn(disk: Disk): readonly Operation[] {
  return [...disk.operations.values()].map((text) => v.parse(operationSchema, JSON.parse(text)));
}

export function entriesOn(disk: Disk): readonly HistoryEntry[] {
  const { entries, unreadable } = readHistory(disk.history);
  if (unreadable > 0) throw new Error('The history cannot be read.');
  return entries;
}

/** The clock of a walk: nobody waits for it, pauses turn it. */
export interface VirtualClock {
  now: number;
}

export interface Window {
  readonly azure: Azure;
  readonly keep: (operation: Operation) => Promise<void>;
  readonly record: (entry: HistoryEntry) => Promise<void>;
  readonly forget: (id: string) => Promise<void>;
  readonly now: () => Date;
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Resolves when the window dies. */
  readonly died: Promise<'died'>;
}

export interface WindowWish {
  readonly emulator: HttpsEmulator;
  readonly disk: Disk;
  readonly clock: VirtualClock;
  /** At which of its steps the window dies; Infinity: never. A request is two steps: before it is sent, and with its answer. */
  readonly diesAt: number;
  readonly log: (line: string) => void;
  /** One attempt of a request ends after this time, in milliseconds. */
  readonly timeoutMs: number;
}

export function cloudOf(emulator: HttpsEmulator): Cloud {
  const cloud = customCloud({
    resourceManager: emulator.arm,
    authority: emulator.authority,
    logAnalytics: emulator.logs,
    audience: '',
    keyVaultSuffix: '',
    portal: '',
  });
  if (!isCloud(cloud)) throw new Error(`${cloud.setting}: ${cloud.why}`);
  return cloud;
}

export function openWindow({ emulator, disk, clock, diesAt, log, timeoutMs }: WindowWish): Window {
  let steps = 0;
  const { promise: died, resolve: die } = Promise.withResolvers<'died'>();
  /** Never resolves from the step on at which the window dies. */
  const alive = (): Promise<void> => {
    steps += 1;
    if (steps < diesAt) return Promise.resolve();
    die('died');
    return new Promise(() => undefined);
  };
  const pause: Window['pause'] = async (milliseconds, signal) => {
    await alive();
    clock.now += milliseconds;
    signal?.throwIfAborted();
  };
  const write = async (change: () => void) => {
    await alive();
    change();
  };
  return {
    azure: connect(emulator, clock, pause, mortal(alive), log, timeoutMs),
    keep: (operation) =>
      write(() => {
        disk.operations.set(operation.id, JSON.stringify(operation));
        disk.everKept.add(operation.id);
      }),
    record: (entry) => write(() => (disk.history += historyLine(entry))),
    forget: (id) => write(() => disk.operations.delete(id)),
    now: () => new Date(clock.now),
    pause,
    died,
  };
}

function mortal(alive: () => Promise<void>): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      await alive();
      const answer = await client.sendRequest(request);
      await alive();
      return answer;
    },
  };
}

function connect(
  emulator: HttpsEmulator,
  clock: VirtualClock,
  pause: Window['pause'],
  httpClient: HttpClient,
  log: (line: string) => void,
  timeoutMs: number,
): Azure {
  const cloud = cloudOf(emulator);
  const { tenantId, clientId, clientSecret: secret } = emulator;
  return connectAzure({
    cloud,
    accountLabel: clientId,
    credentialFor: (tenant) =>
      identityCredential('servicePrincipal', {
        cloud,
        tenantId: tenant,
        servicePrincipal: { tenantId, clientId, secret },
        httpClient,
      }),
    httpClient,
    clock: { now: () => clock.now, pause },
    now: () => new Date(clock.now),
    pause,
    retry: { delayMs: 10 },
    timeoutMs,
    log,
  });
}
