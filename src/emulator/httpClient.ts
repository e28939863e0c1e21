// The sample Azure as the HTTP client of the official SDKs, so that every line of code above it is the real one.

import { createHttpHeaders, RestError } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse, RequestBodyType } from '@azure/core-rest-pipeline';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { ConnectionDropped } from './faults.ts';

export interface ClientOptions {
  /** Waits before every request, such as for a network; rejects when the signal is aborted. */
  readonly delay?: (signal: AbortSignal) => Promise<void>;
}

export function emulatorHttpClient(
  handle: (request: ArmRequest) => Promise<ArmAnswer>,
  options: ClientOptions = {},
): HttpClient {
  return {
    async sendRequest(request) {
      const { signal, release } = signalOf(request);
      try {
        signal.throwIfAborted();
        await options.delay?.(signal);
        const answer = await handle({
          method: request.method,
          url: request.url,
          headers: request.headers.toJSON(),
          body: bodyText(request.body),
          signal,
        });
        signal.throwIfAborted();
        return responseOf(request, answer);
      } catch (error) {
        throw asClientError(error, request, signal);
      } finally {
        release();
      }
    },
  };
}

/** The caller's signal and the request's own time-out as one. The SDKs take any object of the shape of an AbortSignal. */
function signalOf(request: PipelineRequest): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const given = request.abortSignal;
  if (given?.aborted) abort();
  given?.addEventListener('abort', abort);
  const timer = request.timeout > 0 ? setTimeout(abort, request.timeout) : undefined;
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      given?.removeEventListener('abort', abort);
    },
  };
}

function bodyText(body: RequestBodyType | undefined): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  throw new TypeError('The sample estate takes text bodies only.');
}

function responseOf(request: PipelineRequest, answer: ArmAnswer): PipelineResponse {
  return { request, status: answer.status, headers: createHttpHeaders(answer.headers), bodyAsText: answer.body };
}

function asClientError(error: unknown, request: PipelineRequest, signal: AbortSignal): unknown {
  if (signal.aborted) {
    const aborted = new Error('The operation was aborted.');
    aborted.name = 'AbortError';
    return aborted;
  }
  if (error instanceof ConnectionDropped) return new RestError(error.message, { code: error.code, request });
  return error;
}
