// One budget of requests per principal: every caller waits in the same lines, and what Azure says of its limits slows all of them.

import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { ArmError } from '../core/failure.ts';
import type { Clock } from './clock.ts';
import { retryAfterMs } from './errors.ts';

/** Azure counts these apart: queries of Resource Graph, reads and writes of Azure Resource Manager. */
export type RequestKind = 'graph' | 'read' | 'write';

/** Gives the place back. To be called once, with the answer or with undefined where there was none. */
export type Leave = (answer: Answer | undefined) => void;
type Answer = Pick<PipelineResponse, 'status' | 'headers'>;

export interface Budget {
  /** Resolves when the request may be sent. Rejects with "throttled" where that would take too long, or with "cancelled". */
  enter(kind: RequestKind, signal?: AbortSignal): Promise<Leave>;
}

export interface BudgetOptions {
  readonly clock: Clock;
  /** The first pause after 429 where the service names none, in milliseconds; doubles each time. */
  readonly backOffMs: number;
  readonly log?: (line: string) => void;
}

interface Rule {
  /** Requests on their way at the same time. */
  readonly atOnce: number;
  /** What would have to wait longer is refused, in milliseconds. A write was compared with the service just before. */
  readonly longestWaitMs: number;
}

const rules: Readonly<Record<RequestKind, Rule>> = {
  graph: { atOnce: 4, longestWaitMs: 60_000 },
  read: { atOnce: 8, longestWaitMs: 60_000 },
  write: { atOnce: 4, longestWaitMs: 2000 },
};

/** With so few requests left Azure Resource Manager is asked no faster than it refills: 12,000 reads an hour. */
const fewLeft = 50;
const spacingMs = 300;
const longestBackOffMs = 60_000;

interface Waiting {
  readonly go: () => void;
  readonly refuse: (reason: ArmError) => void;
}

interface Line {
  readonly rule: Rule;
  readonly queue: Waiting[];
  onTheWay: number;
  /** Halved by each 429, and one more again after each other answer. */
  atOnce: number;
  opensAt: number;
  /** Least time between two requests. */
  spacing: number;
  /** Of the present window of Resource Graph. */
  left: number;
  windowEnds: number;
  /** 429 in a row. */
  refusals: number;
  sleep: AbortController | undefined;
}

export function createBudget(options: BudgetOptions): Budget {
  const { clock } = options;
  const lines = { graph: newLine('graph'), read: newLine('read'), write: newLine('write') };

  function serve(line: Line): void {
    while (line.queue.length > 0 && line.onTheWay < line.atOnce) {
      const now = clock.now();
      if (now >= line.windowEnds) line.left = Infinity;
      if (now < line.opensAt) return sleep(line, line.opensAt - now);
      line.onTheWay += 1;
      line.left -= 1;
      if (line.left <= 0) line.opensAt = Math.max(line.opensAt, line.windowEnds);
      if (line.spacing > 0) line.opensAt = Math.max(line.opensAt, now + line.spacing);
      line.queue.shift()?.go();
    }
    if (line.queue.length === 0) wake(line);
  }

  function sleep(line: Line, milliseconds: number): void {
    wake(line);
    const alarm = new AbortController();
    line.sleep = alarm;
    clock.pause(milliseconds, alarm.signal).then(
      () => {
        if (line.sleep === alarm) line.sleep = undefined;
        serve(line);
      },
      () => undefined,
    );
  }

  function refuseLate(line: Line): void {
    const wait = line.opensAt - clock.now();
    if (wait <= line.rule.longestWaitMs) return;
    for (const waiting of line.queue.splice(0)) waiting.refuse(tooLong(wait));
  }

  function leave(line: Line, answer: Answer | undefined): void {
    line.onTheWay -= 1;
    if (answer) learn(line, answer, options);
    refuseLate(line);
    serve(line);
  }

  return {
    enter: async (kind, signal) => {
      const line = lines[kind];
      if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiting: Waiting = { go: resolve, refuse: reject };
      const giveUp = () => {
        const place = line.queue.indexOf(waiting);
        if (place < 0) return;
        line.queue.splice(place, 1);
        reject(new ArmError({ code: 'cancelled' }));
        serve(line);
      };
      line.queue.push(waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
      refuseLate(line);
      serve(line);
      await promise.finally(() => signal?.removeEventListener('abort', giveUp));
      return (answer) => leave(line, answer);
    },
  };
}

function newLine(kind: RequestKind): Line {
  const rule = rules[kind];
  return {
    rule,
    queue: [],
    onTheWay: 0,
    atOnce: rule.atOnce,
    opensAt: -Infinity,
    spacing: 0,
    left: Infinity,
    windowEnds: -Infinity,
    refusals: 0,
    sleep: undefined,
  };
}

function wake(line: Line): void {
  line.sleep?.abort();
  line.sleep = undefined;
}

function tooLong(milliseconds: number): ArmError {
  return new ArmError({ code: 'throttled', retryAfterSeconds: Math.ceil(milliseconds / 1000) });
}

function learn(line: Line, { status, headers }: Answer, { clock, backOffMs, log }: BudgetOptions): void {
  const now = clock.now();
  if (status === 429) {
    const backOff = Math.min(longestBackOffMs, backOffMs * 2 ** line.refusals);
    const pause = retryAfterMs(headers, Date.now()) ?? windowMs(headers.get('x-ms-user-quota-resets-after')) ?? backOff;
    line.refusals += 1;
    line.atOnce = Math.max(1, Math.floor(line.atOnce / 2));
    line.opensAt = Math.max(line.opensAt, now + pause);
    log?.(`Azure asks for fewer requests: none for ${Math.ceil(pause / 1000)} s`);
    return;
  }
  line.refusals = 0;
  line.atOnce = Math.min(line.rule.atOnce, line.atOnce + 1);
  const left = leastOf(headers, ['x-ms-user-quota-remaining']);
  const window = windowMs(headers.get('x-ms-user-quota-resets-after'));
  if (left !== undefined && window !== undefined) {
    // Those on the way may not be counted yet.
    line.left = left - line.onTheWay;
    line.windowEnds = now + window;
    if (line.left <= 0) line.opensAt = Math.max(line.opensAt, line.windowEnds);
  }
  const rate = leastOf(headers, rateHeaders);
  if (rate !== undefined) line.spacing = rate < fewLeft ? spacingMs : 0;
}

const rateHeaders = ['subscription', 'tenant', 'subscription-global'].flatMap((scope) =>
  ['reads', 'writes'].map((kind) => `x-ms-ratelimit-remaining-${scope}-${kind}`),
);

function leastOf(headers: Answer['headers'], names: readonly string[]): number | undefined {
  const stated = names.flatMap((name) => {
    const text = headers.get(name)?.trim() ?? '';
    return /^\d+$/.test(text) ? [Number(text)] : [];
  });
  return stated.length === 0 ? undefined : Math.min(...stated);
}

/** `hh:mm:ss` in milliseconds; undefined where it is something else. */
function windowMs(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d)(?:\.\d+)?$/.exec(text?.trim() ?? '') ?? [];
  if (seconds === undefined) return undefined;
  // A part of a second more: the service gives whole ones.
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

function kindOf({ method, url }: PipelineRequest): RequestKind {
  if (method === 'POST' && /\/providers\/Microsoft\.ResourceGraph\/resources(\?|$)/i.test(url)) return 'graph';
  return method === 'GET' || method === 'HEAD' || method === 'POST' ? 'read' : 'write';
}

export const budgetPolicyName = 'apimTlsBudgetPolicy';

/** Each attempt of a request waits for its turn. Belongs behind what repeats requests and before what bounds their time. */
export function budgetPolicy(budget: Budget): PipelinePolicy {
  return {
    name: budgetPolicyName,
    async sendRequest(request, next) {
      const leave = await budget.enter(kindOf(request), request.abortSignal as AbortSignal | undefined);
      let answer: PipelineResponse | undefined;
      try {
        answer = await next(request);
        return answer;
      } finally {
        leave(answer);
      }
    },
  };
}
