// One batch, or one request in its place, as it travels.
//
// The batch endpoint is the portal's. It is in no REST description: what is known of it comes from public code that uses
// it (up to 500 requests without a body; more than 20 are answered by 202 with Location and Retry-After, and then in
// pages). Not confirmed, therefore: an answer of any other shape is told as malformed.

import { randomUUID } from 'node:crypto';
import { ArmError } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import type { Connection } from './connection.ts';
import { retryAfterMs, toArmError } from './errors.ts';
import { asList, asRecord, asText } from './json.ts';
import { askResource } from './resources.ts';

export interface BatchQuestion {
  /** From the root on, encoded, with its query but for the API version. */
  readonly path: string;
  /** Of what is known already, as it was given; null: nothing is. */
  readonly etag: string | null;
}

/** notAsked: the limit of requests was reached before. */
export type BatchAnswer =
  | { readonly kind: 'read'; readonly body: unknown; readonly etag: string | null }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly why: FailureDetails }
  | { readonly kind: 'notAsked' };

export interface BatchOptions {
  readonly connection: Connection;
  readonly subscriptionId: string;
  readonly apiVersion: string;
  /** Most requests, of every kind but pages of lists. */
  readonly mostRequests: number;
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

const batchVersion = '2020-06-01';
export const mostInOne = 500;
export const mostPages = 1000;
const [shortestPollMs, longestPollMs] = [1000, 15_000];

/** Failures that every further request would meet. */
export const endsAll: readonly FailureCode[] = [
  'cancelled',
  'signedOut',
  'interactionNeeded',
  'unauthorized',
  'toolMissing',
  'clock',
  'offline',
  'dns',
  'network',
  'portal',
  'proxy',
  'certificateRefused',
  'oldTls',
];

export function failed(why: FailureDetails): BatchAnswer {
  return { kind: 'failed', why };
}

/** One batch, to its last page. Rejects where the endpoint does not answer as is known of it. */
export async function sendBatch(
  { connection, subscriptionId, apiVersion, pause, signal }: BatchOptions,
  questions: readonly BatchQuestion[],
  { left, count }: { readonly left: () => number; readonly count: () => void },
): Promise<readonly BatchAnswer[]> {
  const names = questions.map(() => randomUUID());
  const requests = questions.map(({ path, etag }, index) => ({
    httpMethod: 'GET',
    name: names[index],
    url: withVersion(path, apiVersion),
    requestHeaderDetails: etag === null ? {} : { 'If-None-Match': etag },
  }));
  const common = { subscriptionId, signal, accepts: [200, 202] };
  count();
  let answer = await askResource(connection, {
    ...common,
    path: '/batch',
    apiVersion: batchVersion,
    method: 'POST',
    body: { requests },
  });
  const location = answer.headers.get('location');
  for (let polls = 0; answer.status === 202; polls += 1) {
    const poll = answer.headers.get('location') ?? location;
    if (poll === undefined || left() <= 0) throw new ArmError({ code: 'malformed' });
    // Each poll counts, so they come ever more slowly.
    const least = shortestPollMs * 2 ** Math.min(polls, 3);
    const wait = Math.max(retryAfterMs(answer.headers, Date.now()) ?? 0, least);
    await pause(Math.min(wait, longestPollMs), signal);
    count();
    answer = await askResource(connection, { ...common, path: poll });
  }
  const rows = [...rowsIn(answer.body)];
  for (let page = 1; page < mostPages; page += 1) {
    const next = asText(asRecord(answer.body)['nextLink']);
    if (next === null) break;
    answer = await askResource(connection, { ...common, path: next, accepts: [200] });
    rows.push(...rowsIn(answer.body));
  }
  const byName = new Map(rows.map((row) => [asText(asRecord(row)['name']) ?? '', row]));
  return names.map((name) => {
    const row = byName.get(name);
    return row === undefined ? failed({ code: 'malformed' }) : answerIn(row);
  });
}

function rowsIn(body: unknown): readonly unknown[] {
  const { responses, value } = asRecord(body);
  if (!Array.isArray(responses) && !Array.isArray(value)) throw new ArmError({ code: 'malformed' });
  return asList(responses ?? value);
}

function answerIn(raw: unknown): BatchAnswer {
  const { httpStatusCode, headers, content } = asRecord(raw);
  const status = typeof httpStatusCode === 'number' ? httpStatusCode : 0;
  const header = (name: string) =>
    asText(Object.entries(asRecord(headers)).find(([key]) => key.toLowerCase() === name)?.[1]) ?? undefined;
  if (status === 304) return { kind: 'unchanged' };
  if (status === 200) return { kind: 'read', body: content, etag: header('etag') ?? null };
  if (status < 400) return failed({ code: 'malformed' });
  const response = { status, headers: { get: header }, bodyAsText: JSON.stringify(content ?? {}) };
  return failed(toArmError({ statusCode: status, response }).details);
}

/** The same question by itself. Rejects only where every further one would fail alike. */
export async function askOne(
  { connection, subscriptionId, apiVersion, signal }: BatchOptions,
  { path, etag }: BatchQuestion,
): Promise<BatchAnswer> {
  try {
    const headers = etag === null ? {} : { 'if-none-match': etag };
    const asked = { subscriptionId, path, apiVersion, headers, signal, accepts: [200, 304] };
    const answer = await askResource(connection, asked);
    if (answer.status === 304) return { kind: 'unchanged' };
    return { kind: 'read', body: answer.body, etag: answer.headers.get('etag') ?? null };
  } catch (error) {
    const failure = toArmError(error, signal);
    if (endsAll.includes(failure.details.code)) throw failure;
    return failed(failure.details);
  }
}

function withVersion(path: string, apiVersion: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
}
