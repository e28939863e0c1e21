// How requests to Azure travel: what is repeated and what is not, how long one may take, what counts as an answer.

import type {
  Pipeline,
  PipelinePolicy,
  PipelineRequest,
  PipelineResponse,
  SendRequest,
} from '@azure/core-rest-pipeline';
import { ArmError, failureCode } from '../core/failure.ts';
import type { FailureCode, FailureDetails } from '../core/failure.ts';
import { budgetPolicy } from './budget.ts';
import type { Budget } from './budget.ts';
import type { Clock } from './clock.ts';
import { retryAfterMs, toArmError } from './errors.ts';
import { isPage, pageText } from './refusals.ts';

export interface Transport {
  /** Only this origin ever gets a token. */
  readonly origin: string;
  /** One attempt ends after this time, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** The first pause before a repetition where the service names none, in milliseconds; doubles each time. */
  readonly retryDelayMs: number;
  /** Of the principal in whose name the requests are sent. */
  readonly budget: Budget;
  readonly clock: Clock;
  /** The date and time of this machine. */
  readonly today: () => Date;
  readonly log: (line: string) => void;
}

/** Replaces the SDK's retry policy, which would send a PATCH twice after a dropped connection. */
export function applyTransport(pipeline: Pipeline, transport: Transport): void {
  pipeline.removePolicy({ phase: 'Retry' });
  pipeline.addPolicy(retryPolicy(transport), { phase: 'Retry' });
  pipeline.addPolicy(attemptPolicy(transport), { afterPhase: 'Retry' });
  pipeline.addPolicy(budgetPolicy(transport.budget), { afterPhase: 'Retry', beforePolicies: [attemptPolicyName] });
}

const attemptPolicyName = 'apimTlsAttemptPolicy';

/** Longer pauses are left to the caller: the failure carries the time that the service named. */
const longestPauseMs = 60_000;
/** A change was compared with the service just before: it is not held back for long and then sent unseen. */
const longestPauseBeforeWriteMs = 2000;
/** A read that Azure puts off is not the user's concern before it has been put off so often, or for so long. */
const mostPutOff = 10;
const longestPutOffMs = 120_000;

function retryPolicy(transport: Transport): PipelinePolicy {
  return {
    name: 'apimTlsRetryPolicy',
    async sendRequest(request, next) {
      const started = transport.clock.now();
      for (let attempt = 0; ; attempt += 1) {
        const { response, error } = await next(request).then(
          (value) => ({ response: value, error: undefined }),
          (reason: unknown) => ({ response: undefined, error: reason }),
        );
        const putOff = response?.status === 429 && isRead(request);
        const mayRepeat = putOff
          ? attempt < mostPutOff && transport.clock.now() - started < longestPutOffMs
          : attempt < transport.maxRetries;
        const pause = mayRepeat ? pauseBefore(transport, request, attempt, response, error) : undefined;
        if (pause !== undefined) await transport.clock.pause(pause, request.abortSignal as AbortSignal | undefined);
        else if (response) return response;
        else throw error;
      }
    },
  };
}

/**
 * Milliseconds to wait before the request is sent again, or undefined where it must not be. A PATCH is repeated only
 * after 429: every other failure leaves open whether it was carried out.
 */
function pauseBefore(
  transport: Transport,
  request: PipelineRequest,
  attempt: number,
  response: PipelineResponse | undefined,
  error: unknown,
): number | undefined {
  const reads = isRead(request);
  const again = response
    ? response.status === 429 || (reads && response.status >= 500)
    : reads && brokenWays.includes(failureCode(error));
  if (!again) return undefined;
  const pause = retryAfterMs(response?.headers, Date.now()) ?? transport.retryDelayMs * 2 ** attempt;
  return pause <= (reads ? longestPauseMs : longestPauseBeforeWriteMs) ? pause : undefined;
}

/** Failures of the way that may be over in a moment. */
const brokenWays: readonly FailureCode[] = ['network', 'dns', 'offline'];

/** Resource Graph is asked by POST, and only reads. */
function isRead({ method }: PipelineRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'POST';
}

/** One attempt: to the right host only, within its time, with an answer that is JSON; one line to the log. */
function attemptPolicy(transport: Transport): PipelinePolicy {
  return {
    name: attemptPolicyName,
    async sendRequest(request, next) {
      if (request.abortSignal?.aborted) throw new ArmError({ code: 'cancelled' });
      const url = new URL(request.url);
      if (url.origin !== transport.origin) {
        throw new ArmError({
          code: 'malformed',
          serviceMessage: `The service named an address at another host (${url.host}).`,
        });
      }
      const started = performance.now();
      const outcome = (text: string) =>
        transport.log(`${request.method} ${url.pathname} ${text} (${Math.round(performance.now() - started)} ms)`);
      try {
        const response = await withinTime(request, next, transport.timeoutMs);
        outcome(`-> ${response.status}${requestIdText(response)}`);
        const trouble = troubleIn(response, transport);
        if (trouble !== null) throw new ArmError({ ...trouble, status: response.status });
        return response;
      } catch (error) {
        const { details } = toArmError(error, request.abortSignal as AbortSignal | undefined);
        outcome(`failed: ${details.code}`);
        throw new ArmError(details.code === 'cancelled' ? details : { ...details, host: url.host });
      }
    },
  };
}

async function withinTime(request: PipelineRequest, next: SendRequest, timeoutMs: number): Promise<PipelineResponse> {
  const outer = request.abortSignal as AbortSignal | undefined;
  const inner = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (failure: ArmError) => {
    reject(failure);
    inner.abort();
  };
  const onAbort = () => end(new ArmError({ code: 'cancelled' }));
  const seconds = Math.ceil(timeoutMs / 1000);
  const timer = setTimeout(
    () => end(new ArmError({ code: 'timeout', serviceMessage: `No answer within ${seconds} s.` })),
    timeoutMs,
  );
  outer?.addEventListener('abort', onAbort, { once: true });
  request.abortSignal = inner.signal;
  try {
    return await Promise.race([next(request), ended]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
    if (outer) request.abortSignal = outer;
    else delete request.abortSignal;
  }
}

/** What makes of an answer none of Azure's, whatever its status: it must not pass for an empty list. */
function troubleIn(response: PipelineResponse, transport: Transport): FailureDetails | null {
  const { status, headers } = response;
  const body = response.bodyAsText ?? '';
  if (status === 401) return wrongClock(response, transport.today());
  if (status >= 300 && status < 400) return elsewhere(headers.get('location'), transport.origin);
  if (status < 200 || status >= 300) return null;
  if (isPage(body, headers)) return { code: 'portal', serviceMessage: pageText(body) };
  const text = body.trimStart();
  const empty = text === '' && (status === 202 || status === 204);
  if (empty || text.startsWith('{')) return null;
  return { code: 'malformed', serviceMessage: 'The answer is not the JSON that was expected.' };
}

/** Azure Resource Manager sends nobody to another host. The networks of hotels and trains do. */
function elsewhere(location: string | undefined, origin: string): FailureDetails | null {
  const target = URL.parse(location ?? '', origin);
  if (target === null || target.origin === origin) return null;
  return { code: 'portal', serviceMessage: `Redirected to ${target.host}` };
}

/** Tokens are taken for valid within five minutes of their time (Microsoft identity platform, claims nbf and exp). */
const mostClockSkewSeconds = 300;

/** A refused sign-in for which the clock of this machine is to blame. A challenge for claims is not one. */
function wrongClock({ headers }: PipelineResponse, today: Date): FailureDetails | null {
  if (/claims=/i.test(headers.get('www-authenticate') ?? '')) return null;
  const theirs = Date.parse(headers.get('date') ?? '');
  const aheadSeconds = Math.round((today.getTime() - theirs) / 1000);
  return Math.abs(aheadSeconds) > mostClockSkewSeconds ? { code: 'clock', clockAheadSeconds: aheadSeconds } : null;
}

function requestIdText(response: PipelineResponse): string {
  const id = response.headers.get('x-ms-request-id') ?? response.headers.get('x-ms-correlation-request-id');
  return id === undefined ? '' : `, request ${id}`;
}
