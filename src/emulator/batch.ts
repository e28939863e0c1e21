// The batch endpoint of Azure Resource Manager, as public code that uses it knows it: it is in no REST description.

import { randomUUID } from 'node:crypto';
import { armError, emptyAnswer, jsonAnswer } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';

const mostAtOnce = 500;
/** More are worked on in the background. */
const mostInOneAnswer = 20;
/** Answers on one page of the result. */
const answersPerPage = 100;

export interface BatchEndpoint {
  /** @param serve answers one request of the batch */
  answer(request: ArmRequest, url: URL, serve: (request: ArmRequest) => ArmAnswer): ArmAnswer;
}

export const batchPath = /^\/batch(?:\/([\w-]+))?$/i;

/** Results are kept as long as this lives, and are ready at the second time of asking. */
export function createBatch(retryAfterSeconds: number): BatchEndpoint {
  const results = new Map<string, { polls: number; readonly rows: readonly object[] }>();

  function begin(request: ArmRequest, url: URL, serve: (request: ArmRequest) => ArmAnswer): ArmAnswer {
    const asked = requestsIn(request.body);
    if (asked === undefined || asked.length === 0 || asked.length > mostAtOnce)
      return armError(400, 'InvalidRequestContent', `A batch has 1 to ${mostAtOnce} requests.`);
    const rows = asked.map((one) =>
      rowOf(one, serve({ ...request, body: undefined, ...toRequest(one, request, url) })),
    );
    if (rows.length <= mostInOneAnswer) return jsonAnswer(200, { responses: rows });
    const id = randomUUID();
    results.set(id, { polls: 0, rows });
    return emptyAnswer(202, placeOf(id, url));
  }

  function placeOf(id: string, url: URL): Record<string, string> {
    const location = `${url.origin}/batch/${id}?api-version=${url.searchParams.get('api-version') ?? ''}`;
    return { location, 'retry-after': String(retryAfterSeconds) };
  }

  return {
    answer: (request, url, serve) => {
      const [, id] = batchPath.exec(url.pathname) ?? [];
      if (id === undefined) return begin(request, url, serve);
      const result = results.get(id);
      if (result === undefined) return armError(404, 'NotFound', 'The result of the batch is not there any more.');
      result.polls += 1;
      if (result.polls < 2) return emptyAnswer(202, placeOf(id, url));
      const skip = Number(url.searchParams.get('$skip') ?? 0);
      const value = result.rows.slice(skip, skip + answersPerPage);
      const next = new URL(url);
      next.searchParams.set('$skip', String(skip + answersPerPage));
      const more = skip + answersPerPage < result.rows.length;
      return jsonAnswer(200, more ? { value, nextLink: next.href } : { value });
    },
  };
}

interface BatchedRequest {
  readonly httpMethod: string;
  readonly name: string;
  readonly url: string;
  readonly requestHeaderDetails: Readonly<Record<string, string>>;
}

function requestsIn(body: string | undefined): readonly BatchedRequest[] | undefined {
  const sent = JSON.parse(body ?? '') as { readonly requests?: unknown };
  return Array.isArray(sent.requests) ? (sent.requests as readonly BatchedRequest[]) : undefined;
}

function toRequest(one: BatchedRequest, outer: ArmRequest, url: URL): Pick<ArmRequest, 'method' | 'url' | 'headers'> {
  const own = Object.entries(one.requestHeaderDetails).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ]);
  const headers = { ...outer.headers, ...Object.fromEntries(own) };
  return { method: one.httpMethod, url: new URL(one.url, url.origin).href, headers };
}

function rowOf({ name }: BatchedRequest, { status, headers, body }: ArmAnswer): object {
  const content: unknown = body === '' ? null : JSON.parse(body);
  return { name, httpStatusCode: status, headers, content, contentLength: body.length };
}
