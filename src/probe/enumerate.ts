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
   * How many questions may be on their way at once while about so many values are left to be found. With one, the list
   * is peeled one value after the other: the fewest questions, and its picks are the server's whole order. With more, it
   * is dealt out: fewer waits, more questions. Told 0 at the end.
   */
  readonly share: (left: number) => number;
  /** About how many values of the list are likely to be accepted. */
  readonly likely: number;
  /** How many values a question may name; by default any number. */
  readonly longest?: () => number;
  /** Values that other questions find meanwhile: they are not asked for again. */
  readonly known?: ReadonlySet<number>;
  /** Values that are more likely to be accepted than the others, as they come to be known: each gets its own question. */
  readonly hints?: ReadonlySet<number>;
}

export interface Enumerated {
  /** In the order in which they were found. */
  readonly accepted: readonly number[];
  readonly picks: readonly Pick[];
  /** null where the server refused what is left of the list; else why the list may be incomplete. */
  readonly why: string | null;
}

/** A list as long as this may be what a server stumbles over: it is asked again in halves. */
const suspicious = 16;
/** So many questions without an answer end it. */
const mostFailures = 6;

/**
 * Never rejects as long as `ask` does not. In rounds: what is open is dealt out among as many questions as there are
 * likely to be values left, and what their answers leave open is dealt out anew.
 */
export async function enumerate(list: readonly number[], inquiry: Inquiry): Promise<Enumerated> {
  const picks: Pick[] = [];
  const closed = new Set<number>();
  let density = inquiry.likely / list.length;
  let longest = Infinity;
  let failures = 0;
  let why: string | null = null;
  // Those that begin at the same time are to be counted before anything is shared out.
  await Promise.resolve();
  for (;;) {
    const [hinted, others] = stillOpen(list, closed, inquiry);
    const open = [...hinted, ...others];
    if (open.length === 0 || why !== null) break;
    const likely = hinted.length + density * others.length;
    const atMost = Math.min(longest, inquiry.longest?.() ?? Infinity);
    const parts = deal(open, Math.max(inquiry.share(likely), Math.ceil(open.length / atMost)));
    const answers = await Promise.all(parts.map((part) => asked(part, inquiry)));
    for (const [index, answer] of answers.entries()) {
      const part = parts[index] ?? [];
      if (answer.kind === 'picked') picks.push({ offered: part, item: answer.item });
      for (const item of closedBy(answer, part)) closed.add(item);
      if (answer.kind !== 'unknown') continue;
      failures += 1;
      if (part.length <= suspicious || failures >= mostFailures) why ??= answer.why;
      longest = Math.min(longest, Math.ceil(part.length / 2));
    }
    // What was picked as expected tells nothing of the others.
    const telling = answers.filter((answer) => answer.kind !== 'picked' || !hinted.includes(answer.item));
    density = densityAfter(density, open.length / parts.length, telling);
  }
  inquiry.share(0);
  return { accepted: picks.map(({ item }) => item), picks, why };
}

/** Without this a server that picks what was not offered would be asked for ever. */
async function asked(part: readonly number[], { ask }: Inquiry): Promise<Picked> {
  const answer = await ask(part);
  const isOffered = answer.kind !== 'picked' || part.includes(answer.item);
  return isOffered ? answer : { kind: 'unknown', why: 'picked what was not offered' };
}

/** The values of which the answer tells whether they are accepted. */
function closedBy(answer: Picked, part: readonly number[]): readonly number[] {
  if (answer.kind === 'picked') return [answer.item];
  return answer.kind === 'none' ? part : [];
}

/** What nothing is known of yet: the likely ones, and the others. */
function stillOpen(
  list: readonly number[],
  closed: ReadonlySet<number>,
  { known, hints }: Inquiry,
): readonly [readonly number[], readonly number[]] {
  const likely: number[] = [];
  const others: number[] = [];
  for (const item of list) {
    if (!closed.has(item) && !known?.has(item)) (hints?.has(item) ? likely : others).push(item);
  }
  return [likely, others];
}

/** So many answered questions weigh as much as what was expected before. */
const priorWeight = 2;
/** Nothing is certain. */
const mostSure = 0.999;

/** The share of values that is accepted, as far as answers to questions of so many values tell: a pick says "one or more". */
function densityAfter(before: number, values: number, answers: readonly Picked[]): number {
  const hits = answers.filter(({ kind }) => kind === 'picked').length;
  const prior = 1 - (1 - Math.min(mostSure, before)) ** values;
  const chance = (hits + priorWeight * prior) / (answers.length + priorWeight);
  return 1 - (1 - Math.min(mostSure, chance)) ** (1 / values);
}

/** Like cards: each part gets every so-manieth value, so that what is often accepted is spread over all of them. */
export function deal(list: readonly number[], parts: number): readonly (readonly number[])[] {
  const count = Math.max(1, Math.min(list.length, Math.ceil(parts)));
  if (count === 1) return [list];
  return Array.from({ length: count }, (_, part) => list.filter((_item, index) => index % count === part));
}

/** The same answer whatever was asked at once: what was found, in the order of the list. */
export async function enumerateInOrder(list: readonly number[], inquiry: Inquiry): Promise<Enumerated> {
  const found = await enumerate(list, inquiry);
  return { ...found, accepted: list.filter((item) => found.accepted.includes(item)) };
}

/** Cuts a list into at most so many parts of about the same length, in order; none of them is empty. */
export function split<T>(list: readonly T[], parts: number): readonly (readonly T[])[] {
  const size = Math.ceil(list.length / Math.max(1, parts));
  const found: T[][] = [];
  for (let at = 0; at < list.length; at += size) found.push(list.slice(at, at + size));
  return found;
}
