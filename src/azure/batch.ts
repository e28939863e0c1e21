// Many reads in few requests: the batch endpoint of Azure Resource Manager, and single requests where it is not to be had.
//
// The endpoint is the portal's. It is in no REST description: what is known of it comes from public code that uses it
// (up to 500 requests without a body; more than 20 are answered by 202 with Location and Retry-After, and then in pages).
// Not confirmed, therefore: whatever it refuses or answers in another shape is asked one by one.

import { randomUUID } from 'node:crypto';
import { ArmError, failureCode, isArmError } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import { inParallel } from '../core/parallel.ts';
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

export interface Batch {
  /**
   * Answers in the order of the questions; `onAnswer` with each as it comes. A question that fails fails alone, and
   * what would fail all of them alike (no way to Azure, no sign-in, cancelled) rejects.
   */
  ask(questions: readonly BatchQuestion[], onAnswer?: () => void): Promise<readonly BatchAnswer[]>;
  /** Requests so far. */
  sent(): number;
}

const batchVersion = '2020-06-01';
const mostInOne = 500;
/** A batch needs its own request, some polls and maybe a repetition. */
const leastForBatch = 4;
const singlesAtOnce = 4;
const mostPages = 1000;
const [shortestPollMs, longestPollMs] = [1000, 15_000];

/** A refusal of the endpoint itself, after which single requests may still be answered. */
const endpointRefused: readonly FailureCode[] = [
  'forbidden',
  'notFound',
  'refused',
  'apiVersion',
  'malformed',
  'unknown',
];
/** Failures that every further request would meet. */
const endsAll: readonly FailureCode[] = [
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

const notAsked: BatchAnswer = { kind: 'notAsked' };

export function openBatch(options: BatchOptions): Batch {
  const { mostRequests, signal } = options;
  let sent = 0;
  let usable = true;
  const left = () => mostRequests - sent;
  const count = () => void (sent += 1);

  async function together(questions: readonly BatchQuestion[]): Promise<readonly BatchAnswer[]> {
    const answers = new Map<number, BatchAnswer>();
    let open = questions.map((_, index) => index);
    // What Azure puts off is asked once more, in a batch of its own.
    for (let round = 0; round < 2 && open.length > 0 && left() >= leastForBatch; round += 1) {
      const part = await sendBatch(
        options,
        open.map((index) => questions[index] as BatchQuestion),
        { left, count },
      );
      const again: number[] = [];
      let pauseMs = 0;
      open.forEach((index, place) => {
        const answer = part[place] ?? failed({ code: 'malformed' });
        answers.set(index, answer);
        if (answer.kind !== 'failed' || !isPutOff(answer.why)) return;
        again.push(index);
        pauseMs = Math.max(pauseMs, (answer.why.retryAfterSeconds ?? 1) * 1000);
      });
      open = again;
      if (open.length > 0 && round === 0) await options.pause(Math.min(pauseMs, longestPollMs), signal);
    }
    return questions.map((_, index) => answers.get(index) ?? notAsked);
  }

  async function oneByOne(questions: readonly BatchQuestion[], onAnswer: () => void): Promise<readonly BatchAnswer[]> {
    return inParallel(questions, singlesAtOnce, async (question) => {
      if (left() <= 0) return notAsked;
      count();
      const answer = await askOne(options, question);
      onAnswer();
      return answer;
    });
  }

  async function askPart(part: readonly BatchQuestion[], onAnswer: () => void): Promise<readonly BatchAnswer[]> {
    if (!usable || part.length === 1 || left() < leastForBatch) return oneByOne(part, onAnswer);
    try {
      const answers = await together(part);
      part.forEach(onAnswer);
      return answers;
    } catch (error) {
      if (!endpointRefused.includes(failureCode(error))) throw error;
      usable = false;
      return oneByOne(part, onAnswer);
    }
  }

  return {
    ask: async (questions, onAnswer = () => undefined) => {
      const answers: BatchAnswer[] = [];
      for (let from = 0; from < questions.length; from += mostInOne) {
        if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
        answers.push(...(await askPart(questions.slice(from, from + mostInOne), onAnswer)));
      }
      return answers;
    },
    sent: () => sent,
  };
}

function failed(why: FailureDetails): BatchAnswer {
  return { kind: 'failed', why };
}

function isPutOff({ code }: FailureDetails): boolean {
  return code === 'throttled' || code === 'unavailable';
}

/** One batch, to its last page. Rejects where the endpoint does not answer as is known of it. */
async function sendBatch(
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
  while (answer.status === 202) {
    const poll = answer.headers.get('location') ?? location;
    if (poll === undefined || left() <= 0) throw new ArmError({ code: 'malformed' });
    const wait = retryAfterMs(answer.headers, Date.now()) ?? shortestPollMs;
    await pause(Math.min(Math.max(wait, shortestPollMs), longestPollMs), signal);
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

async function askOne(
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
    if (!isArmError(failure) || endsAll.includes(failure.details.code)) throw failure;
    return failed(failure.details);
  }
}

function withVersion(path: string, apiVersion: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
}

/** Lists, each to its last page; null where one could not be read whole. */
export async function readLists(
  batch: Batch,
  paths: readonly string[],
): Promise<readonly (readonly unknown[] | null)[]> {
  const lists: (unknown[] | null)[] = paths.map(() => []);
  let open = paths.map((path, index) => ({ path, index }));
  for (let page = 0; open.length > 0; page += 1) {
    const answers = await batch.ask(open.map(({ path }) => ({ path, etag: null })));
    const further: typeof open = [];
    open.forEach(({ index }, place) => {
      const answer = answers[place];
      const body = answer?.kind === 'read' ? asRecord(answer.body) : {};
      const { value, nextLink } = body;
      if (!Array.isArray(value) || page >= mostPages) lists[index] = null;
      else lists[index]?.push(...(value as readonly unknown[]));
      const next = URL.parse(asText(nextLink) ?? '');
      if (next !== null && lists[index] !== null) further.push({ path: pathOf(next), index });
    });
    open = further;
  }
  return lists;
}

/** Without the API version, which is set anew. */
function pathOf(url: URL): string {
  url.searchParams.delete('api-version');
  return `${url.pathname}${url.search}`;
}
