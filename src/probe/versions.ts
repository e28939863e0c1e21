// Five hellos at once, each capped to one version: which versions a server speaks.

import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { split } from './enumerate.ts';
import { everySuite, mostSuites, versionOffer } from './offers.ts';
import { askPersistently, formsFor, type Persisted } from './persist.ts';
import type { Visit } from './visit.ts';

/** RFC 8446, section 6.2. */
const internalError = 80;

export type VersionResults = Readonly<Record<ProtocolVersion, Persisted>>;

/** The same question for each version. */
export function perVersion<T>(value: (version: ProtocolVersion) => T): Readonly<Record<ProtocolVersion, T>> {
  return {
    ssl3: value('ssl3'),
    tls10: value('tls10'),
    tls11: value('tls11'),
    tls12: value('tls12'),
    tls13: value('tls13'),
  };
}

/** `hasBeenSilent`: a hello has timed out before, so each version gets one reduced hello only. Never throws. */
export async function askVersions(visit: Visit, hasBeenSilent: boolean): Promise<VersionResults> {
  const first = await settled(perVersion((version) => askVersion(visit, version, hasBeenSilent)));
  const answered = protocolVersions.some((version) => isAnswer(first[version]));
  const second = await settled(
    perVersion(async (version) => {
      const result = first[version];
      // A port that refuses one of several connections is busy or rate-limited, not closed.
      if (!answered || result.connected || isAnswer(result)) return result;
      await visit.pause(150 + 150 * Math.random());
      return askVersion(visit, version, hasBeenSilent);
    }),
  );
  const third = await settled(
    perVersion((version) => {
      const later = version === 'ssl3' && serves(second);
      return later ? Promise.resolve(second[version]) : askForTheRest(visit, version, second);
    }),
  );
  return serves(third) ? perVersion((version) => refusedByError(third[version])) : third;
}

/** handshake_failure and insufficient_security. */
const suitesRefused: readonly (number | null)[] = [40, 71];

/**
 * A refusal of the suites that were offered is none of the version as long as others are left: those are offered as well,
 * in one hello where the server is known to serve something, else in hellos of a length that every server takes. Almost
 * every server refuses SSL 3.0 so: `askVersions` leaves that question to the caller where the server serves anything else.
 */
export async function askForTheRest(
  visit: Visit,
  version: ProtocolVersion,
  results: VersionResults,
): Promise<Persisted> {
  const refused = results[version];
  if (refused.answer !== 'no' || version === 'tls13' || !suitesRefused.includes(refused.alert)) return refused;
  const offered = versionOffer(version).suites;
  const { usual, rare } = everySuite(version);
  const rest = [...usual, ...rare].filter((code) => !offered.includes(code));
  const { form } = refused;
  const one = (suites: readonly number[]): Promise<Persisted> =>
    askPersistently(visit, { versions: [version], suites }, [form, form], 'flight');
  const long = serves(results) ? await one(rest) : undefined;
  if (long && long.answer !== 'unknown') return long;
  const answers = await Promise.all(split(rest, Math.ceil(rest.length / mostSuites)).map(one));
  return ['yes', 'unknown'].flatMap((wanted) => answers.find(({ answer }) => answer === wanted) ?? [])[0] ?? refused;
}

function serves(results: VersionResults): boolean {
  return protocolVersions.some((version) => results[version].answer === 'yes');
}

/**
 * internal_error to every form of a hello, by a server that serves another version, is its way to refuse this one:
 * OpenSSL 3 answers TLS 1.0 and 1.1 so at its default security level. From a server that serves nothing it is no fact.
 */
function refusedByError(result: Persisted): Persisted {
  return result.answer === 'unknown' && result.alert === internalError ? { ...result, answer: 'no' } : result;
}

async function settled(asked: Readonly<Record<ProtocolVersion, Promise<Persisted>>>): Promise<VersionResults> {
  const [ssl3, tls10, tls11, tls12, tls13] = await Promise.all([
    asked.ssl3,
    asked.tls10,
    asked.tls11,
    asked.tls12,
    asked.tls13,
  ]);
  return { ssl3, tls10, tls11, tls12, tls13 };
}

function askVersion(visit: Visit, version: ProtocolVersion, hasBeenSilent: boolean): Promise<Persisted> {
  const offer = versionOffer(version);
  const forms = hasBeenSilent && version !== 'ssl3' ? (['small'] as const) : formsFor(offer);
  return askPersistently(visit, offer, forms, version === 'tls13' ? 'hello' : 'flight');
}

function isAnswer(result: Persisted): boolean {
  return result.answer !== 'unknown' || result.behaviour === 'alert';
}
