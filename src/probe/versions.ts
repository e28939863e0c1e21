// Five hellos at once, each capped to one version: which versions a server speaks.

import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { versionOffer } from './offers.ts';
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
  return serves(second) ? perVersion((version) => refusedByError(second[version])) : second;
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
