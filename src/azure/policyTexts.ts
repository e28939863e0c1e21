// Texts of policies and fragments as facts, by their addresses, and what is remembered of them.

import type { FailureDetails } from '../core/failure.ts';
import type { PolicyFacts } from '../core/policyFacts.ts';
import type { Batch } from './batch.ts';
import type { BatchAnswer } from './batchWire.ts';
import { breathe } from './clock.ts';
import { asRecord } from './json.ts';
import { parsePolicy } from './policies.ts';

/** What is known of one text. */
interface Known {
  readonly etag: string | null;
  /** Undefined: there is none; null: it is nothing that can be taken apart. */
  readonly facts: PolicyFacts | null | undefined;
  /** Milliseconds since 1970: when Azure said so. */
  readonly at: number;
}

/** By address, in lower case. */
export type Texts = Map<string, Known>;

/** why: null where it was left for another reading. */
export type TextOutcome = Pick<Known, 'facts'> | { readonly why: FailureDetails | null };

export interface TextReading {
  readonly batch: Batch;
  readonly texts: Texts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Asks also for what was read lately. */
  readonly fresh: boolean;
}

/** What was read is taken as it is for so long, in milliseconds; later Azure is asked whether it changed (ETag). */
export const keptMs = 5 * 60_000;
/** So many texts are taken apart at a stretch: about 5 ms. */
const atAStretch = 50;

/**
 * Outcomes in the order of the addresses. Where not everything can be asked for, what is not known at all comes first,
 * and what was read before stays as it was.
 */
export async function readTexts(
  { batch, texts, now, fresh }: TextReading,
  paths: readonly string[],
  onAnswer: () => void,
): Promise<readonly TextOutcome[]> {
  const keyOf = (path: string) => path.toLowerCase();
  const isKept = (path: string) => {
    const known = texts.get(keyOf(path));
    return known !== undefined && !fresh && now() - known.at < keptMs;
  };
  const open = paths.filter((path) => !isKept(path));
  const isNew = (path: string) => !texts.has(keyOf(path));
  const asked = [...open.filter(isNew), ...open.filter((path) => !isNew(path))];
  paths.filter(isKept).forEach(onAnswer);
  const questions = asked.map((path) => ({ path, etag: texts.get(keyOf(path))?.etag ?? null }));
  const answers = await batch.ask(questions, onAnswer);
  const failures = new Map<string, FailureDetails>();
  for (const [index, path] of asked.entries()) {
    const outcome = remembered(texts.get(keyOf(path)), answers[index], now());
    if (outcome === undefined) continue;
    if ('why' in outcome) failures.set(path, outcome.why);
    else texts.set(keyOf(path), outcome);
    if (index % atAStretch === atAStretch - 1) await breathe();
  }
  return paths.map((path) => {
    const why = failures.get(path);
    return why === undefined ? (texts.get(keyOf(path)) ?? { why: null }) : { why };
  });
}

/** What is known after an answer; undefined: no more than before. */
function remembered(
  known: Known | undefined,
  answer: BatchAnswer | undefined,
  at: number,
): Known | { readonly why: FailureDetails } | undefined {
  switch (answer?.kind) {
    case 'read': {
      const xml = asRecord(asRecord(answer.body)['properties'])['value'];
      return { etag: answer.etag, facts: typeof xml === 'string' ? parsePolicy(xml) : null, at };
    }
    case 'unchanged':
      return known === undefined ? { why: { code: 'malformed' } } : { ...known, at };
    case 'failed':
      return answer.why.code === 'notFound' ? { etag: null, facts: undefined, at } : { why: answer.why };
    default:
      return undefined;
  }
}
