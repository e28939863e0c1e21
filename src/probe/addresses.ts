// All addresses behind a name: which versions each speaks, and what is otherwise than at the one that was surveyed.

import { createHash } from 'node:crypto';
import type { AddressEvidence, Behaviour } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { overallBehaviour } from './behaviour.ts';
import { readTls13 } from './tls13.ts';
import { askVersions, perVersion, type VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

/** No name has so many addresses that differ. */
const mostAddresses = 32;

/** undefined for a name with one address, an address, and where a proxy looks the name up. Never throws. */
export async function addresses(
  visit: Visit,
  results: VersionResults,
): Promise<readonly AddressEvidence[] | undefined> {
  const where = await visit.whereabouts();
  if (!where.found || visit.reached === null || where.addresses.length < 2) return undefined;
  const others = where.addresses.map(({ address }) => address).filter((address) => address !== visit.reached);
  const first = await seen(visit, results);
  const found = await Promise.all(
    others.slice(0, mostAddresses).map(async (address): Promise<AddressEvidence> => {
      const there = visit.at(address);
      const look = await seen(there, await askVersions(there, false));
      there.close();
      visit.connections += there.connections;
      return { ...evidence(address, look), differsIn: differences(first, look) };
    }),
  );
  return [{ ...evidence(visit.reached, first), differsIn: [] }, ...found];
}

interface Look {
  readonly behaviour: Behaviour;
  readonly results: VersionResults;
  /** SHA-256 of the leaf, null where none was seen. */
  readonly leaf: string | null;
}

async function seen(visit: Visit, results: VersionResults): Promise<Look> {
  const older = protocolVersions.flatMap((version) => results[version].flight?.chain[0] ?? [])[0];
  const form = results.tls13.form === 'small' ? 'small' : 'shares';
  const leaf = older ?? (results.tls13.answer === 'yes' ? (await readTls13(visit, { form })).chain[0] : undefined);
  return {
    behaviour: overallBehaviour(protocolVersions.map((version) => results[version].behaviour)),
    results,
    leaf: leaf === undefined ? null : createHash('sha256').update(leaf).digest('hex'),
  };
}

function evidence(address: string, { behaviour, results }: Look): Omit<AddressEvidence, 'differsIn'> {
  return { address, behaviour, protocols: perVersion((version) => results[version].answer) };
}

/** Behaviours that tell of the way to a server rather than of the server. */
const noFact: readonly Behaviour[] = ['timeout', 'unreachable', 'cancelled', 'unresolvable'];

function differences(one: Look, other: Look): AddressEvidence['differsIn'] {
  const known = !noFact.includes(one.behaviour) && !noFact.includes(other.behaviour);
  const both = (told: (version: ProtocolVersion) => boolean): boolean => protocolVersions.some(told);
  const answers = both((version) => {
    const pair = [one.results[version].answer, other.results[version].answer];
    return !pair.includes('unknown') && pair[0] !== pair[1];
  });
  const suites = both((version) => {
    const [a, b] = [one.results[version].suite, other.results[version].suite];
    return a !== null && b !== null && a !== b;
  });
  return [
    ...(known && one.behaviour !== other.behaviour ? (['behaviour'] as const) : []),
    ...(answers ? (['protocols'] as const) : []),
    ...(suites ? (['suites'] as const) : []),
    ...(one.leaf !== null && other.leaf !== null && one.leaf !== other.leaf ? (['certificate'] as const) : []),
  ];
}
