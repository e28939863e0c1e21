// The official SDKs over the sample Azure, with a clock that the test turns.

import { ApiManagementClient } from '@azure/arm-apimanagement';
import type { ApiManagementServiceResource } from '@azure/arm-apimanagement';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { keyPrefix } from '../../../src/core/tls/customProperties.ts';
import type { ArmAnswer } from '../../../src/emulator/answer.ts';
import { sampleEstate } from '../../../src/emulator/estate.ts';
import { createAzure } from '../../../src/emulator/handler.ts';
import type { AzureOptions, SampleAzure } from '../../../src/emulator/handler.ts';
import { emulatorHttpClient } from '../../../src/emulator/httpClient.ts';
import { serviceId } from '../../../src/emulator/model.ts';
import type { SampleService } from '../../../src/emulator/model.ts';
import { memoryStore } from '../../../src/emulator/state.ts';
import type { SampleStore } from '../../../src/emulator/state.ts';

export interface Bench {
  readonly azure: SampleAzure;
  readonly store: SampleStore;
  readonly http: HttpClient;
  readonly clock: { now: number };
  readonly apim: (subscriptionId?: string) => ApiManagementClient;
  readonly graph: () => ResourceGraphClient;
  readonly subscriptions: () => SubscriptionClient;
  /** A request without SDK. `path` begins with a slash and has no api-version. */
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<ArmAnswer>;
}

export const changeMs = 20_000;
export const contoso = sampleEstate.tenants[0]!;
export const fabrikam = sampleEstate.tenants[1]!;
export const [production, development, partner] = sampleEstate.subscriptions.map(({ id }) => id) as [
  string,
  string,
  string,
];

export function openBench(options: Partial<AzureOptions> = {}, token = ''): Bench {
  const clock = { now: Date.UTC(2026, 10, 20, 9) };
  const store = options.store ?? memoryStore();
  const azure = createAzure({
    estate: sampleEstate,
    now: () => clock.now,
    changeMs,
    retryAfterSeconds: 0,
    ...options,
    store,
  });
  const http = emulatorHttpClient(azure.handle);
  const credential = {
    getToken: () => Promise.resolve({ token: token || 'any', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const common = { httpClient: http, retryOptions: { maxRetries: 0 } };
  return {
    azure,
    store,
    http,
    clock,
    apim: (subscriptionId = production) => new ApiManagementClient(credential, subscriptionId, common),
    graph: () => new ResourceGraphClient(credential, common),
    subscriptions: () => new SubscriptionClient(credential, common),
    call: (method, path, body, headers = {}) =>
      azure.handle({
        method,
        url: `https://management.azure.com${path}${path.includes('?') ? '&' : '?'}api-version=2024-05-01`,
        headers: { authorization: 'Bearer any', ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
  };
}

export function service(name: string): SampleService {
  const found = sampleEstate.services.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} is not in the sample estate`);
  return found;
}

export function path(name: string): string {
  return serviceId(service(name));
}

/** Keys with their common prefix. */
export function keys(short: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(short).map(([key, text]) => [`${keyPrefix}${key}`, text]));
}

export interface Body {
  readonly etag: string;
  readonly properties: { readonly provisioningState: string; readonly customProperties: Record<string, string> | null };
}

export function bodyOf(answer: ArmAnswer): Body {
  return JSON.parse(answer.body) as Body;
}

export function errorOf(answer: ArmAnswer): { readonly code: string; readonly message: string } {
  return (JSON.parse(answer.body) as { error: { code: string; message: string } }).error;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export function mapOf(resource: ApiManagementServiceResource): Record<string, string> {
  return resource.customProperties ?? {};
}
