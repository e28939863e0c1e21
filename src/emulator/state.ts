// What changes in the sample estate: maps, etags and operations, kept as JSON text in a store that windows share.

import { randomUUID } from 'node:crypto';
import type { CustomProperties } from '../core/instance.ts';
import { firstMap, longMap, shownMap } from './maps.ts';
import { serviceId } from './model.ts';
import type { Estate, SampleService } from './model.ts';

/** Holds the state as one text. Both functions are synchronous, so that a change is read and written in one turn. */
export interface SampleStore {
  read(): string | undefined;
  write(text: string): void;
}

export function memoryStore(text?: string): SampleStore {
  let held = text;
  return {
    read: () => held,
    write: (next) => {
      held = next;
    },
  };
}

/** A change that was accepted. Settled by the clock alone: whoever reads after `endsAt` sees it ended. */
export interface Operation {
  readonly id: string;
  /** Resource id in lower case. */
  readonly service: string;
  /** Milliseconds since 1970; null: never. */
  readonly endsAt: number | null;
  readonly map: CustomProperties;
  /** failed…: how the poll reports it (`faults.ts`). */
  readonly outcome: 'succeeded' | 'failedError' | 'failedStatus' | 'failedResource';
  readonly etagAfter: string;
  /** Milliseconds since 1970; absent in states of older versions. */
  readonly beganAt?: number;
  /** Whose change it is; absent: that of the sample account. */
  readonly by?: string;
}

export interface ServiceState {
  readonly map: CustomProperties | null;
  /** As in the body: without quotation marks. */
  readonly etag: string;
  readonly provisioningState: string;
}

export interface State {
  /** Milliseconds since 1970: the moment at which the estate was opened for the first time. */
  readonly startedAt: number;
  readonly version: number;
  /** Services that differ from the first day, by resource id in lower case. */
  readonly services: Readonly<Record<string, ServiceState>>;
  /** At most one per service; one that has ended stays here until the next begins. */
  readonly operations: readonly Operation[];
  /** Operations whose outcome is part of `services`, oldest first: a late poll still finds them. */
  readonly past: readonly Operation[];
}

const keptPast = 40;
/** How many times longer than a change of our own the one of somebody else takes. */
const elsewhereFactor = 6;

export function etagOf(version: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(version, 4);
  return bytes.toString('base64');
}

export function freshState(estate: Estate, startedAt: number, changeMs: number): State {
  const changing = estate.services.filter((service) => service.changingTo !== undefined);
  return {
    startedAt,
    version: 1_500_000,
    services: {},
    operations: changing.map((service, index) => ({
      id: operationId(service),
      service: serviceId(service).toLowerCase(),
      endsAt: startedAt + elsewhereFactor * changeMs,
      map: shownMap(service, longMap(service.changingTo ?? {})),
      outcome: 'succeeded',
      etagAfter: etagOf(1_400_000 + index),
      beganAt: startedAt,
      by: 'alex@contoso.example',
    })),
    past: [],
  };
}

/** In the form of the REST description's example: base64 of region, service and a number. */
export function operationId(service: SampleService): string {
  return Buffer.from(`${service.location}:${service.name}_Update_${randomUUID().slice(0, 8)}`).toString('base64url');
}

export function writeState(state: State): string {
  return JSON.stringify({ format: 1, ...state });
}

/** The state in the text; undefined where the text is missing, cut or of another shape. */
export function readState(text: string | undefined): State | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return isState(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMap(value: unknown): value is CustomProperties {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

function isState(value: unknown): value is State {
  if (!isRecord(value) || value['format'] !== 1) return false;
  const { startedAt, version, services, operations, past } = value;
  if (typeof startedAt !== 'number' || typeof version !== 'number') return false;
  const lists = [operations, past].every((list) => Array.isArray(list) && list.every(isOperation));
  return lists && isRecord(services) && Object.values(services).every(isServiceState);
}

function isServiceState(value: unknown): value is ServiceState {
  if (!isRecord(value) || typeof value['etag'] !== 'string') return false;
  return typeof value['provisioningState'] === 'string' && (value['map'] === null || isMap(value['map']));
}

const outcomes: ReadonlySet<unknown> = new Set<Operation['outcome']>([
  'succeeded',
  'failedError',
  'failedStatus',
  'failedResource',
]);

function isOperation(value: unknown): value is Operation {
  if (!isRecord(value) || !isMap(value['map']) || !outcomes.has(value['outcome'])) return false;
  const texts = [value['id'], value['service'], value['etagAfter']].every((text) => typeof text === 'string');
  return texts && (value['endsAt'] === null || typeof value['endsAt'] === 'number');
}

export function isRunning(operation: Operation, now: number): boolean {
  return operation.endsAt === null || operation.endsAt > now;
}

/** The service as it is at `now`: an operation that has ended counts, one that runs only marks it. */
export function serviceState(state: State, service: SampleService, now: number): ServiceState {
  const id = serviceId(service).toLowerCase();
  const current = state.services[id] ?? firstDay(service);
  const operation = state.operations.find((candidate) => candidate.service === id);
  if (operation === undefined) return current;
  if (isRunning(operation, now)) return { ...current, provisioningState: 'Updating' };
  const succeeded = operation.outcome === 'succeeded';
  return {
    map: succeeded ? operation.map : current.map,
    etag: operation.etagAfter,
    provisioningState: succeeded ? 'Succeeded' : 'Failed',
  };
}

function firstDay(service: SampleService): ServiceState {
  const seed = [...service.name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000, 7);
  const provisioningState = service.map === null ? 'Activating' : service.failed ? 'Failed' : 'Succeeded';
  return { map: firstMap(service), etag: etagOf(seed), provisioningState };
}

/** The state with a new operation of an idle service. The etag changes at once and again when the operation ends. */
export function withOperation(
  state: State,
  service: SampleService,
  now: number,
  operation: Omit<Operation, 'service' | 'etagAfter'>,
): State {
  const id = serviceId(service).toLowerCase();
  const version = state.version + 2;
  const current = { ...serviceState(state, service, now), etag: etagOf(version - 1) };
  const ended = state.operations.filter((other) => other.service === id);
  return {
    ...state,
    version,
    services: { ...state.services, [id]: current },
    operations: [
      ...state.operations.filter((other) => other.service !== id),
      { ...operation, service: id, etagAfter: etagOf(version) },
    ],
    past: [...state.past, ...ended].slice(-keptPast),
  };
}

export function findOperation(state: State, id: string): Operation | undefined {
  return [...state.operations, ...state.past].find((operation) => operation.id === id);
}
