// The gateway's suites that a server accepts, per version: offer them, drop the one it picks, ask again until it refuses.

import type { Survey, Unknown } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { gatewayCodes } from './offers.ts';
import { askPersistently, type Persisted } from './persist.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

export interface Peeled {
  readonly suites: Survey['suites'];
  readonly unknowns: readonly Unknown[];
}

/** Asks every accepted version, all of them at once. A version is left out where the end was not an honest refusal. */
export async function peelSuites(visit: Visit, results: VersionResults): Promise<Peeled> {
  const accepted = protocolVersions.filter((version) => results[version].answer === 'yes');
  const peeled = await Promise.all(accepted.map((version) => peel(visit, version, results[version])));
  return {
    suites: Object.fromEntries(
      accepted.flatMap((version, index) => {
        const entry = peeled[index];
        return entry?.why === null ? [[version, entry.picked]] : [];
      }),
    ),
    unknowns: accepted.flatMap((version, index) => {
      const why = peeled[index]?.why ?? null;
      return why === null ? [] : [{ what: `suites.${version}`, why }];
    }),
  };
}

interface OneVersion {
  readonly picked: readonly number[];
  /** null where the list is complete. */
  readonly why: string | null;
}

async function peel(visit: Visit, version: ProtocolVersion, known: Persisted): Promise<OneVersion> {
  let left = gatewayCodes(version);
  const picked: number[] = [];
  // What the server picked from the larger offer, it would pick from this one too.
  if (known.suite !== null && left.includes(known.suite)) {
    picked.push(known.suite);
    left = left.filter((code) => code !== known.suite);
  }
  while (left.length > 0) {
    const result = await askPersistently(visit, { versions: [version], suites: left }, [
      known.form,
      known.form,
      known.form,
    ]);
    if (result.answer === 'no') break;
    const { suite } = result;
    if (result.answer === 'unknown' || suite === null) return { picked, why: result.why ?? 'no answer' };
    picked.push(suite);
    left = left.filter((code) => code !== suite);
  }
  return { picked, why: null };
}
