// A stand-in for ARM that answers from a function, for tests of what single answers are turned into.

import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { clouds } from '../../../src/azure/clouds.ts';
import { connectAzure } from '../../../src/azure/connect.ts';
import type { ConnectOptions, ConnectedAzure } from '../../../src/azure/connect.ts';

export const home = '11111111-1111-4111-8111-111111111111';
export const subscription = '22222222-2222-4222-8222-222222222222';
export const serviceId = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso`;
export const operationUrl = `${clouds.public.arm}${serviceId}/operationresults/b3A?api-version=2024-05-01`;

export interface Reply {
  readonly status?: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection drops instead. */
  readonly drops?: boolean;
  /** No answer ever comes. */
  readonly hangs?: boolean;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly token: string;
}

export interface Scripted {
  readonly azure: ConnectedAzure;
  readonly asked: Asked[];
  readonly tokens: {
    readonly tenantId: string | null;
    readonly scopes: string | string[];
    readonly claims: string | undefined;
  }[];
  readonly log: string[];
}

/** The directory of one tenant with one subscription is answered (unless `ownDirectory`); everything else by `reply`. */
export function scripted(
  reply: (asked: Asked, index: number) => Reply,
  options: Partial<ConnectOptions> & { readonly ownDirectory?: true } = {},
): Scripted {
  const asked: Asked[] = [];
  const tokens: Scripted['tokens'] = [];
  const log: string[] = [];
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const url = new URL(request.url);
      const one = {
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        body: typeof request.body === 'string' ? (JSON.parse(request.body) as unknown) : undefined,
        token: request.headers.get('authorization') ?? '',
      };
      const directory = options.ownDirectory ? null : directoryReply(one);
      if (directory) return answer(request, directory);
      asked.push(one);
      return answer(request, reply(one, asked.length - 1));
    },
  };
  const azure = connectAzure({
    cloud: clouds.public,
    accountLabel: 'somebody@contoso.example',
    credentialFor: (tenantId) => ({
      getToken: (scopes, tokenOptions) => {
        tokens.push({ tenantId, scopes, claims: tokenOptions?.claims });
        return Promise.resolve({ token: `secret-token-${tokens.length}`, expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    }),
    httpClient,
    pollIntervalMs: 0,
    retry: { delayMs: 0 },
    log: (line) => log.push(line),
    ...options,
  });
  return { azure, asked, tokens, log };
}

function directoryReply({ path }: Asked): Reply | null {
  if (path === '/tenants') return { body: { value: [{ tenantId: home, displayName: 'Home' }] } };
  if (path === '/subscriptions')
    return { body: { value: [{ subscriptionId: subscription, displayName: 'Sub', tenantId: home }] } };
  return null;
}

async function answer(request: PipelineRequest, reply: Reply): Promise<PipelineResponse> {
  if (reply.hangs) await new Promise<never>(() => undefined);
  if (reply.drops) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

  const { body } = reply;
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8';
  return {
    request,
    status: reply.status ?? 200,
    headers: createHttpHeaders({ 'content-type': type, ...reply.headers }),
    bodyAsText: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** The service as ARM gives it, with the map and state that are wanted. */
export function service(
  customProperties: unknown,
  provisioningState = 'Succeeded',
  more: object = {},
): Record<string, unknown> {
  return {
    id: serviceId,
    name: 'contoso',
    type: 'Microsoft.ApiManagement/service',
    location: 'West Europe',
    etag: 'AAAAAA==',
    sku: { name: 'Premium', capacity: 2 },
    properties: {
      provisioningState,
      createdAtUtc: '2016-03-01T10:00:00.0000000Z',
      platformVersion: 'stv2.1',
      gatewayUrl: 'https://contoso.azure-api.net',
      customProperties,
      ...more,
    },
  };
}
