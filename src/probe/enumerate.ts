// Which of many values a server accepts, by its picks: offer some, drop the one it picks, ask again until it refuses.

/** The server picked `item` of what was offered, in this order. */
export interface Pick {
  readonly offered: readonly number[];
  readonly item: number;
}

/** What one question was answered: the value picked, none of them, or nothing that could be told. */
export type Picked =
  | { readonly kind: 'picked'; readonly item: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Inquiry {
  readonly ask: (offered: readonly number[]) => Promise<Picked>;
  /**
   * How many further questions may be on their way at once. Where it is 0, a chunk is peeled one value after the other:
   * the fewest questions, and its picks are the server's whole order. Else it is split: fewer waits, more questions.
   */
  readonly spare: () => number;
}

export interface Enumerated {
  /** In the order in which they were found. */
  readonly accepted: readonly number[];
  readonly picks: readonly Pick[];
  /** null where the server refused the rest of every chunk; else why the list may be incomplete. */
  readonly why: string | null;
}

/** A chunk as large as this may be what a server stumbles over: it is asked again in halves. */
const suspicious = 16;
/** A split into more parts wastes questions: most parts of a list hold nothing. */
const mostParts = 4;
/** So many questions without an answer end it. */
const mostFailures = 6;

/** Never rejects as long as `ask` does not. All chunks are asked at once; disjoint ones, each of them not empty. */
export async function enumerate(chunks: readonly (readonly number[])[], inquiry: Inquiry): Promise<Enumerated> {
  const picks: Pick[] = [];
  let why: string | null = null;
  let failures = 0;
  let working = 0;
  const partsOf = (rest: readonly number[]): readonly (readonly number[])[] =>
    split(rest, Math.min(mostParts, 1 + Math.floor(inquiry.spare() / Math.max(1, working))));
  const peel = async (chunk: readonly number[]): Promise<void> => {
    if (chunk.length === 0 || why !== null) return;
    working += 1;
    const answer = await inquiry.ask(chunk);
    working -= 1;
    if (answer.kind === 'none') return;
    if (answer.kind === 'unknown') {
      failures += 1;
      if (chunk.length <= suspicious || failures >= mostFailures) why ??= answer.why;
      else await Promise.all(split(chunk, 2).map(peel));
      return;
    }
    picks.push({ offered: chunk, item: answer.item });
    await Promise.all(partsOf(chunk.filter((item) => item !== answer.item)).map(peel));
  };
  await Promise.all(chunks.map(peel));
  return { accepted: picks.map(({ item }) => item), picks, why };
}

/** The same answer whatever was asked at once: what was found, in the order of the list. */
export async function enumerateInOrder(list: readonly number[], inquiry: Inquiry): Promise<Enumerated> {
  const found = await enumerate([list], inquiry);
  return { ...found, accepted: list.filter((item) => found.accepted.includes(item)) };
}

/** Cuts a list into at most so many parts of about the same length, in order; none of them is empty. */
export function split<T>(list: readonly T[], parts: number): readonly (readonly T[])[] {
  const size = Math.ceil(list.length / Math.max(1, parts));
  const found: T[][] = [];
  for (let at = 0; at < list.length; at += size) found.push(list.slice(at, at + size));
  return found;
}
