// The clients of the official SDKs, one per tenant and subscription, all over the same transport.

import { ApiManagementClient } from '@azure/arm-apimanagement';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';
import { createBudget } from './budget.ts';
import { machineClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { logsScope } from './clouds.ts';
import type { Cloud } from './clouds.ts';
import { secureClient } from './secureClient.ts';
import { applyTransport } from './transport.ts';
import type { Transport } from './transport.ts';

export interface ClientOptions {
  readonly cloud: Cloud;
  /** A credential by account and tenant (`viaText`). Asked once for each. */
  readonly credentialFor: (via: string | null) => TokenCredential;
  readonly httpClient?: HttpClient;
  /** One attempt of a request ends after this time, in milliseconds; default 60,000. */
  readonly timeoutMs?: number;
  /** Repetitions of requests that only read; defaults: 3, the first after 800 ms. */
  readonly retry?: { readonly maxRetries?: number; readonly delayMs?: number };
  /** By which requests are held back and repeated; default: the clock of the machine. */
  readonly clock?: Clock;
  /** The date and time of this machine; default: its clock. */
  readonly now?: () => Date;
  readonly log?: (line: string) => void;
}

/** By account and tenant (`viaText`); null: the home of the first account. */
export interface Clients {
  management(via: string | null, subscriptionId: string): ApiManagementClient;
  graph(via: string | null): ResourceGraphClient;
  directory(via: string | null): SubscriptionClient;
  /** Null where the cloud names no address for queries of logs. */
  logs(via: string | null): LogsWay | null;
}

/** What a client for queries of logs is made of; the client itself is in a chunk of its own (logs.ts). */
export interface LogsWay {
  readonly endpoint: string;
  readonly scope: string;
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
  readonly transport: Transport;
}

export function openClients(options: ClientOptions): Clients {
  const { cloud } = options;
  const transport: Omit<Transport, 'budget'> = {
    origin: new URL(cloud.arm).origin,
    timeoutMs: options.timeoutMs ?? 60_000,
    maxRetries: options.retry?.maxRetries ?? 3,
    retryDelayMs: options.retry?.delayMs ?? 800,
    clock: options.clock ?? machineClock,
    today: options.now ?? (() => new Date()),
    log: options.log ?? (() => undefined),
  };
  // An account is another principal in each of its tenants.
  const budget = once(() =>
    createBudget({ clock: transport.clock, backOffMs: transport.retryDelayMs, log: transport.log }),
  );
  // Log Analytics counts apart from Azure Resource Manager.
  const logsBudget = once(() =>
    createBudget({ clock: transport.clock, backOffMs: transport.retryDelayMs, log: transport.log }),
  );
  const common = {
    endpoint: cloud.arm,
    userAgentOptions: { userAgentPrefix: 'apim-tls' },
    httpClient: secureClient([cloud.arm], options.httpClient),
  };
  const scoped = { ...common, credentials: { scopes: [cloud.armScope] } };
  const credential = once((via: string) => options.credentialFor(via === '' ? null : via));
  const over = <C extends { readonly pipeline: Parameters<typeof applyTransport>[0] }>(via: string, client: C): C => {
    applyTransport(client.pipeline, { ...transport, budget: budget(via) });
    return client;
  };
  const management = once((key: string) => {
    const [via = '', subscriptionId = ''] = key.split('|');
    return over(
      via,
      new ApiManagementClient(credential(via), subscriptionId, {
        ...common,
        $host: cloud.arm,
        credentialScopes: cloud.armScope,
      }),
    );
  });
  const logs = once((via: string): LogsWay | null => {
    if (cloud.logs === null) return null;
    return {
      endpoint: cloud.logs,
      scope: logsScope(cloud.logs),
      credential: credential(via),
      httpClient: secureClient([cloud.logs], options.httpClient),
      transport: {
        ...transport,
        origin: new URL(cloud.logs).origin,
        timeoutMs: options.timeoutMs ?? logsTimeoutMs,
        // A query that took too long once takes too long again.
        maxRetries: Math.min(transport.maxRetries, 1),
        budget: logsBudget(via),
      },
    };
  });
  const graph = once((via: string) => over(via, new ResourceGraphClient(credential(via), scoped)));
  const directory = once((via: string) => over(via, new SubscriptionClient(credential(via), scoped)));
  return {
    management: (via, subscriptionId) => management(`${via ?? ''}|${subscriptionId}`),
    graph: (via) => graph(via ?? ''),
    directory: (via) => directory(via ?? ''),
    logs: (via) => logs(via ?? ''),
  };
}

/** Longer than the service itself works on a query (logs.ts), so that its own answer is heard. */
const logsTimeoutMs = 150_000;

function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/**
 * Options of one call by which the SDK hands over the JSON as it came: its models would drop what they do not know,
 * and turn texts into dates. Errors are still read by the SDK.
 */
export function rawCall(
  signal: AbortSignal | undefined,
  onResponse?: (response: PipelineResponse & { parsedBody?: unknown }) => void,
) {
  return {
    ...(signal ? { abortSignal: signal } : {}),
    ...(onResponse ? { onResponse } : {}),
    requestOptions: { shouldDeserialize: (response: PipelineResponse) => response.status >= 400 },
  };
}

/** No list of Azure has more pages than this; a link that leads in a circle ends here. */
const mostPages = 1000;

/** All rows of a paged list of the API Management SDK, as they came. Rejects with "malformed" where a page is no list. */
export async function allRows(
  signal: AbortSignal | undefined,
  list: (options: ReturnType<typeof rawCall>) => { byPage(): AsyncIterable<readonly unknown[]> },
): Promise<unknown[]> {
  const rows: unknown[] = [];
  const checked = rawCall(signal, (response) => {
    // A failure is told by the SDK, right after this.
    if (response.status < 300 && !Array.isArray((response.parsedBody as { value?: unknown } | undefined)?.value)) {
      throw new ArmError({
        code: 'malformed',
        status: response.status,
        serviceMessage: 'The answer is not the list that was expected.',
      });
    }
  });
  let pages = 0;
  for await (const page of list(checked).byPage()) {
    rows.push(...page);
    if ((pages += 1) >= mostPages) break;
  }
  return rows;
}
