// Every cipher suite that a server accepts in a version, out of all that have a code point, and in whose order.

import type { Preference, Survey, Unknown } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { byStrength } from '../core/tls/suiteStrength.ts';
import { enumerate, split, type Pick, type Picked } from './enumerate.ts';
import { everySuite, mostSuites, versionOffer } from './offers.ts';
import { askPersistently, type Persisted } from './persist.ts';
import { openPairs, rank } from './ranking.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

export interface SuiteFacts {
  readonly suites: Survey['suites'];
  readonly preference: NonNullable<Survey['preference']>;
  readonly unknowns: readonly Unknown[];
}

interface OneVersion {
  readonly version: ProtocolVersion;
  readonly suites: readonly number[];
  readonly preference: Preference;
  /** null where the list is complete. */
  readonly why: string | null;
}

/** Asks every accepted version, all at once. A version is left out where the end was not an honest refusal. */
export async function allSuites(visit: Visit, results: VersionResults): Promise<SuiteFacts> {
  const accepted = [...protocolVersions].reverse().filter((version) => results[version].answer === 'yes');
  const tolerant = toleratesLong(visit, results);
  // A server has one list for all its older versions: the order in the newest of them is the guess for the others.
  const leading = accepted.find((version) => version !== 'tls13');
  const asked = new Map<ProtocolVersion, Promise<OneVersion>>();
  for (const version of accepted) {
    const guess = version === leading || version === 'tls13' ? undefined : asked.get(leading ?? version);
    asked.set(version, surveyVersion(visit, version, results[version], { tolerant, guess, versions: accepted.length }));
  }
  const found = await Promise.all(asked.values());
  const complete = found.filter(({ why }) => why === null);
  return {
    suites: Object.fromEntries(complete.map(({ version, suites }) => [version, suites])),
    preference: Object.fromEntries(complete.map(({ version, preference }) => [version, preference])),
    unknowns: found.flatMap(({ version, why }) => (why === null ? [] : [{ what: `suites.${version}`, why }])),
  };
}

/**
 * Whether a hello with every suite is answered as one with few is. One of them is known to be accepted, so a refusal is
 * owed to the length.
 */
async function toleratesLong(visit: Visit, results: VersionResults): Promise<boolean> {
  const version = (['tls12', 'tls11', 'tls10', 'ssl3'] as const).find((older) => results[older].answer === 'yes');
  if (version === undefined) return true;
  const { form, suite } = results[version];
  if (form === 'small' || form === 'bare' || suite === null) return false;
  const { usual, rare } = everySuite(version);
  const answer = await askPersistently(visit, { versions: [version], suites: [...usual, ...rare] }, [form, form]);
  return answer.answer === 'yes';
}

interface Circumstances {
  /** Whether a hello may hold more suites than `mostSuites`. */
  readonly tolerant: Promise<boolean>;
  /** A version whose order is likely to be this one's too. */
  readonly guess: Promise<OneVersion> | undefined;
  /** How many versions are asked at once. */
  readonly versions: number;
}

async function surveyVersion(
  visit: Visit,
  version: ProtocolVersion,
  known: Persisted,
  { tolerant, guess, versions }: Circumstances,
): Promise<OneVersion> {
  const ask = (offered: readonly number[]) => askSuites(visit, version, known, offered);
  const first = firstPick(version, known);
  const far = visit.spareSlots > 0;
  const early = comparing(ask);
  const inquiry = { ask: far ? early.ask : ask, spare: () => visit.spareSlots };
  const fresh = (codes: readonly number[]) => codes.filter((code) => code !== known.suite);
  const usual = fresh(everySuite(version).usual);
  const rare = fresh(everySuite(version).rare);
  const parts = Math.max(
    Math.ceil(usual.length / mostSuites),
    Math.min(mostParts, 1 + Math.floor(visit.spareSlots / versions)),
  );
  const found = far
    ? await Promise.all([
        enumerate(split(usual, parts), inquiry),
        tolerant.then((long) => enumerate(long ? [rare] : inChunks(rare), inquiry)),
      ])
    : [await enumerate((await tolerant) ? [[...usual, ...rare]] : inChunks([...usual, ...rare]), inquiry)];
  const why = found.map((part) => part.why).find((reason) => reason !== null) ?? null;
  const accepted = [...first.map(({ item }) => item), ...found.flatMap((part) => part.accepted)];
  if (why !== null) return { version, suites: accepted, preference: 'unknown', why };
  const picks = [...first, ...found.flatMap((part) => part.picks), ...(await early.picks())];
  return { version, why, ...(await ordered(accepted, picks, guess, ask)) };
}

type Ask = (offered: readonly number[]) => Promise<Picked>;

/** Offers the same suites in both orders: the picks tell whether the client's counts. */
async function bothWays(suites: readonly number[], ask: Ask): Promise<Pick[]> {
  const offers = [suites, [...suites].reverse()];
  const answers = await Promise.all(offers.map(ask));
  return answers.flatMap((answer, index) =>
    answer.kind === 'picked' ? [{ offered: offers[index] ?? [], item: answer.item }] : [],
  );
}

/** Saves a wait: as soon as some suites are known, asks beside the other questions whose order decides. */
function comparing(ask: Ask): { readonly ask: Ask; readonly picks: () => Promise<Pick[]> } {
  const known: number[] = [];
  let asked: Promise<Pick[]> | undefined;
  return {
    ask: async (offered) => {
      const answer = await ask(offered);
      if (answer.kind === 'picked') known.push(answer.item);
      if (known.length >= 4) asked ??= bothWays([...known], ask);
      return answer;
    },
    picks: async () => (await asked) ?? [],
  };
}

/** Into how many parts the usual suites are cut at most, to be asked at once. */
const mostParts = 24;

/** What the server picked when it was asked for the version; it may not have been of the first offer. */
function firstPick(version: ProtocolVersion, { suite }: Persisted): Pick[] {
  if (suite === null) return [];
  const { suites } = versionOffer(version);
  return [{ offered: suites.includes(suite) ? suites : [suite], item: suite }];
}

function inChunks(codes: readonly number[]): readonly (readonly number[])[] {
  return split(codes, Math.ceil(codes.length / mostSuites));
}

async function askSuites(
  visit: Visit,
  version: ProtocolVersion,
  { form }: Persisted,
  suites: readonly number[],
): Promise<Picked> {
  const answer = await askPersistently(visit, { versions: [version], suites }, [form, form, form, form]);
  if (answer.answer === 'no') return { kind: 'none' };
  if (answer.answer === 'yes' && answer.suite !== null) return { kind: 'picked', item: answer.suite };
  return { kind: 'unknown', why: answer.why ?? 'no answer' };
}

/** More rounds than any list takes. */
const mostRounds = 40;
/** Near is enough where the guess is about right; else comparing far apart sorts in fewer rounds, as in a Shell sort. */
const near = [1];
const nearAndFar = [1, 2, 4, 8, 16];

/**
 * Asks what the picks leave open: first whose order decides, then, if it is the server's, which of two comes first.
 * @param guess a version whose order is likely to be this one's
 */
async function ordered(
  accepted: readonly number[],
  picks: Pick[],
  guess: Promise<OneVersion> | undefined,
  ask: Ask,
): Promise<{ suites: readonly number[]; preference: Preference }> {
  const strongest = byStrength(accepted);
  let ranking = rank(strongest, picks);
  if (ranking.preference === 'unknown' && accepted.length > 1) {
    picks.push(...(await bothWays(strongest, ask)));
    ranking = rank(strongest, picks);
  }
  if (ranking.preference !== 'server') return { suites: strongest, preference: ranking.preference };
  if (guess && openPairs(ranking, near).length > 0) ranking = rank(inOrderOf((await guess).suites, strongest), picks);
  for (let round = 0; round < mostRounds && openPairs(ranking, near).length > 0; round += 1) {
    // The one that is thought to be the lesser comes first: it is picked only where it is not.
    const pairs = openPairs(ranking, round === 0 ? near : nearAndFar).map(([better, lesser]) => [lesser, better]);
    const answers = await Promise.all(pairs.map(ask));
    answers.forEach((answer, index) => {
      if (answer.kind === 'picked') picks.push({ offered: pairs[index] ?? [], item: answer.item });
    });
    if (answers.some(({ kind }) => kind !== 'picked')) break;
    ranking = rank(ranking.order, picks);
  }
  return { suites: ranking.order, preference: 'server' };
}

function inOrderOf(order: readonly number[], codes: readonly number[]): readonly number[] {
  return [...order.filter((code) => codes.includes(code)), ...codes.filter((code) => !order.includes(code))];
}
