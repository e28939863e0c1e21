// Which key exchange groups a server takes, and how long the prime of its finite-field Diffie-Hellman is.

import type { KeyExchangeEvidence, Unknown } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteParts } from '../core/tls/suiteStrength.ts';
import { readCertificate } from './certificateFields.ts';
import { groupCode } from './clientHello.ts';
import { enumerateInOrder, type Enumerated, type Picked } from './enumerate.ts';
import { everySuite, mostSuites } from './offers.ts';
import { askPersistently, type Persisted } from './persist.ts';
import { readKeyExchange, type KeyExchangeFacts } from './serverMessages.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

export interface GroupFacts {
  readonly groups: KeyExchangeEvidence;
  readonly unknowns: readonly Unknown[];
}

export type OlderVersion = Exclude<ProtocolVersion, 'tls13'>;

/** TLS Supported Groups that TLS 1.3 can have (RFC 8446, 8734, 8998; ML-KEM alone and with a curve). */
const groups13: readonly number[] = [
  ...[0x11ec, 0x11eb, 0x11ed, 29, 23, 24, 25, 30, 31, 32, 33, 41, 256, 257, 258, 259, 260, 0x0200, 0x0201, 0x0202],
  0x6399,
];
/** Curves of older versions, those of RFC 8422 and RFC 7027 first, then what RFC 8422 retired. */
const olderCurves: readonly number[] = [
  ...[29, 23, 24, 25, 30, 26, 27, 28, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
];

/** TLS 1.3, and the newest older version. Never throws. */
export async function keyExchanges(visit: Visit, results: VersionResults): Promise<GroupFacts> {
  const older = newestOlder(results);
  const [groups, curves, primeBits] = await Promise.all([
    results.tls13.answer === 'yes' ? groupsOf13(visit, results.tls13) : undefined,
    older === undefined || older === 'ssl3' ? undefined : curvesOf(visit, older, results[older]),
    older === undefined ? null : primeOf(visit, older, results[older]),
  ]);
  const found = [
    ...(groups ? [['tls13', groups] as const] : []),
    ...(curves && older !== undefined ? [[older, curves] as const] : []),
  ];
  return {
    groups: {
      accepted: Object.fromEntries(found.flatMap(([version, { why, accepted }]) => (why ? [] : [[version, accepted]]))),
      dhPrimeBits: primeBits,
    },
    unknowns: found.flatMap(([version, { why }]) => (why ? [{ what: `groups.${version}`, why }] : [])),
  };
}

export function newestOlder(results: VersionResults): OlderVersion | undefined {
  return (['tls12', 'tls11', 'tls10', 'ssl3'] as const).find((version) => results[version].answer === 'yes');
}

/** The server names its group in a HelloRetryRequest, where no key share is sent, or by its own share. */
function groupsOf13(visit: Visit, { form }: Persisted): Promise<Enumerated> {
  const ask = async (groups: readonly number[]): Promise<Picked> => {
    const shares = form === 'full' ? [] : groups.filter((group) => sharable.includes(group));
    const keyShares = shares.flatMap((group) => visit.agreements(group) ?? []);
    const offer = { versions: ['tls13'] as const, suites: everySuite('tls13').usual };
    const answer = await askPersistently(visit, offer, [form, form, form, form], 'hello', { groups, keyShares });
    return picked(answer, answer.hello?.group ?? null, groups);
  };
  return enumerateInOrder(groups13, { ask, likely: 5, share: visit.share(5) });
}

const sharable: readonly number[] = [groupCode.x25519, groupCode.p256];

/** Neither groups nor signature schemes can be named to a server that takes bare hellos only. */
export const noExtensions: Enumerated = { accepted: [], picks: [], why: 'the server takes no hello with extensions' };

/** By suites that are signed with RSA, where there are any: for ECDSA the curve of the certificate must be named too. */
async function curvesOf(visit: Visit, version: OlderVersion, known: Persisted): Promise<Enumerated> {
  if (known.form === 'bare') return noExtensions;
  const asking = (suites: readonly number[], always: readonly number[]) => async (curves: readonly number[]) => {
    const groups = [...curves, ...always.filter((curve) => !curves.includes(curve))];
    const { answer, facts } = await askForKey(visit, version, known, { suites, groups });
    const missing = answer.answer === 'yes' && facts?.group != null && !curves.includes(facts.group);
    return missing && always.includes(facts.group)
      ? ({ kind: 'none' } as const)
      : picked(answer, facts?.group ?? null, groups);
  };
  const rsa = await enumerateInOrder(olderCurves, {
    ask: asking(suitesWith(version, /^(ECDHE_RSA|ECDH_anon)$/), []),
    likely: 4,
    share: visit.share(4),
  });
  if (rsa.accepted.length > 0 || rsa.why !== null) return rsa;
  return enumerateInOrder(olderCurves, {
    ask: asking(suitesWith(version, /^ECDHE_ECDSA$/), certificateCurve(known)),
    likely: 4,
    share: visit.share(4),
  });
}

/** Key type of a certificate -> its curve. */
const curveOfKey: Readonly<Record<string, number>> = {
  'EC P-256': groupCode.p256,
  'EC P-384': groupCode.p384,
  'EC P-521': groupCode.p521,
};

function certificateCurve({ flight }: Persisted): readonly number[] {
  const leaf = flight?.chain[0];
  const curve = curveOfKey[(leaf && readCertificate(leaf)?.keyType) ?? ''];
  return curve === undefined ? [] : [curve];
}

/** Asked without the groups of RFC 7919: the prime that the server has for those who name none. */
async function primeOf(visit: Visit, version: OlderVersion, known: Persisted): Promise<number | null> {
  const suites = suitesWith(version, /^(DHE_(RSA|DSS)|DH_anon)$/);
  const { facts } = await askForKey(visit, version, known, { suites, groups: olderCurves.slice(0, 5) });
  return facts?.primeBits ?? null;
}

/** The usual suites of a version with such a key exchange, as many as any server takes. */
export function suitesWith(version: OlderVersion, keyExchange: RegExp): readonly number[] {
  return everySuite(version)
    .usual.filter((code) => keyExchange.test(suiteParts(code).keyExchange))
    .slice(0, mostSuites);
}

interface KeyWish {
  readonly suites: readonly number[];
  readonly groups?: readonly number[];
  readonly extensions?: ReadonlyMap<number, Buffer>;
}

export interface KeyAnswer {
  readonly answer: Persisted;
  readonly facts: KeyExchangeFacts | null;
}

/** One hello, and what the server's key exchange says. Never throws. */
export async function askForKey(
  visit: Visit,
  version: OlderVersion,
  { form }: Persisted,
  { suites, ...extras }: KeyWish,
): Promise<KeyAnswer> {
  const answer = await askPersistently(
    visit,
    { versions: [version], suites },
    [form, form, form, form],
    'flight',
    extras,
  );
  const body = answer.flight?.keyExchange;
  if (!body || answer.suite === null) return { answer, facts: null };
  const named = suiteParts(answer.suite).keyExchange.startsWith('EC');
  const signed = version === 'tls12' && !suiteParts(answer.suite).keyExchange.includes('anon');
  try {
    return { answer, facts: readKeyExchange(body, named, signed) };
  } catch {
    return { answer, facts: null };
  }
}

/** What an answer says of the values that were offered. */
export function picked(answer: Persisted, item: number | null, offered: readonly number[]): Picked {
  if (answer.answer === 'no') return { kind: 'none' };
  if (answer.answer === 'unknown') return { kind: 'unknown', why: answer.why ?? 'no answer' };
  if (item === null) return { kind: 'unknown', why: 'the key exchange cannot be read' };
  return offered.includes(item) ? { kind: 'picked', item } : { kind: 'unknown', why: 'picked what was not offered' };
}
