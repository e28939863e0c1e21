// Every cipher suite that a server accepts in a version, out of all that have a code point, and in whose order.

import type { Preference, Survey, Unknown } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { byStrength } from '../core/tls/suiteStrength.ts';
import { enumerate, type Pick, type Picked } from './enumerate.ts';
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
  // A server has one list for all its older versions: the order in the newest of them is the guess for the others.
  const leading = accepted.find((version) => version !== 'tls13');
  const long = leading === undefined ? undefined : askLong(visit, leading, results[leading]);
  const tolerant = long === undefined ? Promise.resolve(true) : long.then((picks) => picks.length > 0);
  const hints = new Set<number>();
  const asked = new Map<ProtocolVersion, Promise<OneVersion>>();
  for (const version of accepted) {
    const isLeading = version === leading;
    const guess = isLeading || version === 'tls13' ? undefined : asked.get(leading ?? version);
    const turned = isLeading ? long : undefined;
    asked.set(version, surveyVersion(visit, version, results[version], { tolerant, turned, guess, hints }));
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
 * owed to the length. No pick where it is not.
 */
async function askLong(visit: Visit, version: ProtocolVersion, known: Persisted): Promise<readonly Pick[]> {
  if (known.form === 'small' || known.form === 'bare') return [];
  return (await askTurned(visit, version, known, Infinity)) ?? [];
}

/**
 * Offers all that fits into a hello in the order opposite to that of the first offer, and last what was picked then. Where
 * the client's order counts, this finds another suite and shows it. Null: what had been accepted is refused.
 */
async function askTurned(
  visit: Visit,
  version: ProtocolVersion,
  known: Persisted,
  longest: number,
): Promise<readonly Pick[] | null> {
  if (known.suite === null) return [];
  const others = suitesOf(version).filter((code) => code !== known.suite);
  const offered = [...others.slice(0, longest - 1).reverse(), known.suite];
  const answer = await askSuites(visit, version, known, offered, longest > mostSuites ? 2 : 4);
  if (answer.kind === 'none') return null;
  return answer.kind === 'picked' ? [{ offered, item: answer.item }] : [];
}

/** Every suite that fits a version, those that servers are seen to have first. */
function suitesOf(version: ProtocolVersion): readonly number[] {
  const { usual, rare } = everySuite(version);
  return [...usual, ...rare];
}

interface Circumstances {
  /** Whether a hello may hold more suites than `mostSuites`. */
  readonly tolerant: Promise<boolean>;
  /** What `askTurned` has found in this version, where it has been asked. */
  readonly turned: Promise<readonly Pick[]> | undefined;
  /** A version whose order is likely to be this one's too. */
  readonly guess: Promise<OneVersion> | undefined;
  /** What was found in any version: a server often has the same suites in the others. */
  readonly hints: Set<number>;
}

/** About how many suites a server has that lets one guess. */
const likely: Readonly<Record<ProtocolVersion, number>> = { ssl3: 8, tls10: 8, tls11: 8, tls12: 16, tls13: 3 };

async function surveyVersion(
  visit: Visit,
  version: ProtocolVersion,
  known: Persisted,
  { tolerant, turned, guess, hints }: Circumstances,
): Promise<OneVersion> {
  const picks = [...firstPick(version, known)];
  const accepted = new Set(picks.map(({ item }) => item));
  const note = (pick: Pick): void => {
    picks.push(pick);
    accepted.add(pick.item);
    hints.add(pick.item);
  };
  const ask = async (offered: readonly number[]): Promise<Picked> => {
    const answer = await askSuites(visit, version, known, offered);
    if (answer.kind === 'picked') note({ offered, item: answer.item });
    return answer;
  };
  const isFar = visit.isFar;
  let longest = mostSuites;
  const settled = tolerant.then((long) => void (longest = long ? Infinity : mostSuites));
  if (!isFar) await settled;
  // What it then refuses says nothing of the other suites either.
  let contradiction: string | null = null;
  const opposite = (turned ?? askTurned(visit, version, known, longest)).then((turnedPicks) => {
    if (turnedPicks === null) contradiction = 'refused a list that has a suite which it had accepted';
    turnedPicks?.forEach(note);
  });
  if (!isFar) await opposite;
  const inquiry = { ask, share: visit.share(likely[version]), likely: likely[version], known: accepted, hints };
  const found = await enumerate(suitesOf(version), { ...inquiry, longest: () => longest });
  await opposite;
  const why = found.why ?? contradiction;
  if (why !== null) return { version, suites: [...accepted], preference: 'unknown', why };
  return { version, why, ...(await ordered([...accepted], picks, guess, ask)) };
}

type Ask = (offered: readonly number[]) => Promise<Picked>;

/** Offers the same suites in both orders: the picks tell whether the client's counts. */
async function bothWays(suites: readonly number[], ask: Ask): Promise<void> {
  await Promise.all([suites, [...suites].reverse()].map(ask));
}

/** What the server picked when it was asked for the version; it may not have been of the first offer. */
function firstPick(version: ProtocolVersion, { suite }: Persisted): Pick[] {
  if (suite === null) return [];
  const { suites } = versionOffer(version);
  return [{ offered: suites.includes(suite) ? suites : [suite], item: suite }];
}

async function askSuites(
  visit: Visit,
  version: ProtocolVersion,
  { form }: Persisted,
  suites: readonly number[],
  times = 4,
): Promise<Picked> {
  const forms = Array.from({ length: times }, () => form);
  const answer = await askPersistently(visit, { versions: [version], suites }, forms);
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
 * @param picks those of `ask` are added to it
 * @param guess a version whose order is likely to be this one's
 */
async function ordered(
  accepted: readonly number[],
  picks: readonly Pick[],
  guess: Promise<OneVersion> | undefined,
  ask: Ask,
): Promise<{ suites: readonly number[]; preference: Preference }> {
  const strongest = byStrength(accepted);
  let ranking = rank(strongest, picks);
  if (ranking.preference === 'unknown' && accepted.length > 1) {
    await bothWays(strongest, ask);
    ranking = rank(strongest, picks);
  }
  if (ranking.preference !== 'server') return { suites: strongest, preference: ranking.preference };
  if (guess && openPairs(ranking, near).length > 0) ranking = rank(inOrderOf((await guess).suites, strongest), picks);
  for (let round = 0; round < mostRounds && openPairs(ranking, near).length > 0; round += 1) {
    // The one that is thought to be the lesser comes first: it is picked only where it is not.
    const pairs = openPairs(ranking, round === 0 ? near : nearAndFar).map(([better, lesser]) => [lesser, better]);
    const answers = await Promise.all(pairs.map(ask));
    if (answers.some(({ kind }) => kind !== 'picked')) break;
    ranking = rank(ranking.order, picks);
  }
  return { suites: ranking.order, preference: 'server' };
}

function inOrderOf(order: readonly number[], codes: readonly number[]): readonly number[] {
  return [...order.filter((code) => codes.includes(code)), ...codes.filter((code) => !order.includes(code))];
}
