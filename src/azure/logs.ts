// Queries of Log Analytics over its SDK. Loaded at the first query only: a chunk of its own.

import { LogsQueryClient } from '@azure/monitor-query-logs';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';
import type { LogsWay } from './clients.ts';
import { toArmError } from './errors.ts';
import { asList, asRecord, asText, parseJson } from './json.ts';
import { applyTransport } from './transport.ts';

/** The service stops working on a query after this time, in seconds. */
const serverTimeoutSeconds = 120;
/** An answer of bounded rows is far smaller, in characters. */
const longestAnswer = 20_000_000;

export interface LogsQuestion {
  /** Of the workspace, as queries call it. */
  readonly customerId: string;
  readonly query: string;
  readonly days: number;
}

export type LogsAnswer =
  /** problem: why a part of the answer is missing, in the words of the service; empty where it is whole. */
  | { readonly kind: 'tables'; readonly body: unknown; readonly problem: string }
  /** None of the tables of the query is in the workspace. */
  | { readonly kind: 'tableMissing' }
  /** A table of the query is on a plan that this interface does not query. */
  | { readonly kind: 'basicPlan' };

/** Rejects with `ArmError`; "forbidden" where the account may not query the workspace. */
export async function queryLogs(way: LogsWay, question: LogsQuestion, signal?: AbortSignal): Promise<LogsAnswer> {
  let answer: LogsAnswer | undefined;
  // One for each query: the SDK passes no signal on, and looks at neither the shape of an answer nor that of an error.
  const client = new LogsQueryClient(way.credential, {
    endpoint: `${way.endpoint}/v1`,
    credentials: { scopes: [way.scope] },
    userAgentOptions: { userAgentPrefix: 'apim-tls' },
    httpClient: way.httpClient,
  });
  applyTransport(client.pipeline, way.transport);
  client.pipeline.addPolicy(
    answerPolicy(signal, (found) => (answer = found)),
    { beforePolicies: [] },
  );
  try {
    await client.queryWorkspace(
      question.customerId,
      question.query,
      { duration: `P${question.days}D` },
      {
        serverTimeoutInSeconds: serverTimeoutSeconds,
      },
    );
  } catch (error) {
    if (answer === undefined || answer.kind === 'tables') throw toArmError(error, signal);
  }
  if (answer === undefined) throw malformed();
  return answer;
}

/** Outermost: puts the signal in, and takes the answer out before the SDK's models drop what they do not know. */
function answerPolicy(signal: AbortSignal | undefined, found: (answer: LogsAnswer) => void): PipelinePolicy {
  return {
    name: 'apimTlsLogsAnswerPolicy',
    async sendRequest(request, next) {
      if (signal) request.abortSignal = signal;
      const response = await next(request);
      const text = response.bodyAsText ?? '';
      if (text.length > longestAnswer)
        throw new ArmError({ code: 'malformed', serviceMessage: 'The answer is longer than it can be.' });
      const body = parseJson(text);
      if (response.status !== 200) {
        if (response.status === 400 && isTableMissing(body)) found({ kind: 'tableMissing' });
        if (response.status === 400 && isBasicPlan(body)) found({ kind: 'basicPlan' });
        throw refusal(toArmError({ statusCode: response.status, request, response }));
      }
      const tables = asRecord(body)['tables'];
      if (!Array.isArray(tables) || !tables.every(isTable)) throw malformed();
      found({ kind: 'tables', body, problem: partialProblem(body) });
      return response;
    },
  };
}

function isTable(value: unknown): boolean {
  const { columns, rows } = asRecord(value);
  return Array.isArray(columns) && Array.isArray(rows) && rows.every(Array.isArray);
}

function malformed(): ArmError {
  return new ArmError({
    code: 'malformed',
    serviceMessage: 'The answer of Log Analytics is not the JSON that was expected.',
  });
}

/** Log Analytics says 403 of tokens that it does not accept as well (Azure Monitor Log Analytics API errors). */
function refusal(error: ArmError): ArmError {
  const { details } = error;
  if (details.code !== 'forbidden' || !/^InvalidAuthenticationToken/i.test(details.serviceCode ?? '')) return error;
  return new ArmError({ ...details, code: 'unauthorized' });
}

const deepest = 5;

/** The innermost message of an error, and those of its details. */
function messagesOf(error: unknown, depth = 0): string[] {
  const { message, details, innererror } = asRecord(error);
  if (depth > deepest) return [];
  return [
    ...(asText(message) === null ? [] : [asText(message) ?? '']),
    ...messagesOf(innererror, depth + 1),
    ...asList(details).flatMap((detail) => messagesOf(detail, depth + 1)),
  ];
}

/**
 * The texts of Kusto for a table that is not there, and for a fuzzy union with none that is ("must have at least one
 * operand that can be evaluated successfully").
 */
function isTableMissing(body: unknown): boolean {
  const said = messagesOf(asRecord(body)['error']).join('\n');
  return /failed to resolve table|must have at least one operand/i.test(said);
}

/**
 * Two texts of the service for a table of the Basic or the Auxiliary plan, the one of the interface (Azure/azure-sdk-for-go
 * issue 24606), the other of a union (Azure/Azure-Sentinel issue 12172).
 */
function isBasicPlan(body: unknown): boolean {
  const said = messagesOf(asRecord(body)['error']).join('\n');
  return /\b(Basic|Auxiliary) Logs tables?\b/i.test(said);
}

function partialProblem(body: unknown): string {
  const { error } = asRecord(body);
  if (error === undefined || error === null) return '';
  const said = new ArmError({ code: 'unknown', serviceMessage: messagesOf(error).at(-1) ?? '' }).details.serviceMessage;
  return said ?? 'PartialError';
}
