// Many reads in few requests: in batches, and one by one where Azure has none, up to a limit.

import { ArmError, failureDetails } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import { inParallel } from '../core/parallel.ts';
import { askOne, endsAll, failed, mostInOne, mostPages, sendBatch } from './batchWire.ts';
import type { BatchAnswer, BatchOptions, BatchQuestion } from './batchWire.ts';
import { asRecord, asText } from './json.ts';

export interface Batch {
  /**
   * Answers in the order of the questions; `onAnswer` with each as it comes. A question that fails fails alone, and
   * what would fail all of them alike (no way to Azure, no sign-in, cancelled) rejects.
   */
  ask(questions: readonly BatchQuestion[], onAnswer?: () => void): Promise<readonly BatchAnswer[]>;
  /** Requests so far. */
  sent(): number;
}

/** A batch needs its own request, some polls and maybe a repetition. */
const leastForBatch = 4;
const singlesAtOnce = 4;
const longestPutOffMs = 15_000;

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
      if (open.length > 0 && round === 0) await options.pause(Math.min(pauseMs, longestPutOffMs), signal);
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
      const why = failureDetails(error);
      if (endsAll.includes(why.code)) throw error;
      // One by one would only make it worse.
      if (why.code === 'throttled') return part.map(() => failed(why));
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

function isPutOff({ code }: FailureDetails): boolean {
  return code === 'throttled' || code === 'unavailable';
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
