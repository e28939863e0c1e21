// Requests that the SDKs in use have no call for, over the pipeline of one of them: token, budget and retries alike.

import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { Connection } from './connection.ts';
import { toArmError } from './errors.ts';
import { parseJson } from './json.ts';

export interface ResourceRequest {
  /** By whose credential. */
  readonly subscriptionId: string;
  /** From the root on, encoded, maybe with `?` and a query; or a whole address that Azure named. */
  readonly path: string;
  readonly apiVersion?: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are answers, and no failures. */
  readonly accepts?: readonly number[];
}

export interface ResourceAnswer {
  readonly status: number;
  readonly headers: PipelineResponse['headers'];
  /** Undefined where there is none, or it is no JSON. */
  readonly body: unknown;
}

/** Rejects with `ArmError` where the status is none that was asked for (default: 200). */
export async function askResource(connection: Connection, asked: ResourceRequest): Promise<ResourceAnswer> {
  const { path, method = 'GET', accepts = [200] } = asked;
  const { client } = await connection.management(asked.subscriptionId, asked.signal);
  const request = createPipelineRequest({
    url: /^https:/i.test(path) ? path : addressOf(client.$host, path, asked.apiVersion),
    method,
    headers: createHttpHeaders({
      accept: 'application/json',
      ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...asked.headers,
    }),
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    ...(asked.signal ? { abortSignal: asked.signal } : {}),
  });
  const response = await client.sendRequest(request);
  if (!accepts.includes(response.status)) throw toArmError({ statusCode: response.status, request, response });
  return { status: response.status, headers: response.headers, body: parseJson(response.bodyAsText) };
}

function addressOf(host: string, path: string, apiVersion: string | undefined): string {
  const address = `${host}${path}`;
  return apiVersion === undefined ? address : `${address}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
}
