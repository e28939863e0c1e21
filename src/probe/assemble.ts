// Puts a survey together from what is known so far.

import { hostAndPort } from '../core/instance.ts';
import type {
  AddressEvidence,
  Features,
  KeyExchangeEvidence,
  Offer,
  OfferAnswer,
  Survey,
  Unknown,
} from '../core/tls/evidence.ts';
import { protocolVersions } from '../core/tls/protocols.ts';
import { overallBehaviour } from './behaviour.ts';
import type { CertificateFacts } from './certificateFacts.ts';
import type { Persisted } from './persist.ts';
import { perVersion, type VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

/** Parts of a survey, each as soon as it is known. */
export interface Parts {
  /** The answer to the planned offer; null where none was asked. */
  planned?: Persisted | null;
  results?: VersionResults;
  suites?: {
    readonly suites: Survey['suites'];
    readonly preference?: Survey['preference'];
    readonly unknowns: readonly Unknown[];
  };
  certificate?: CertificateFacts;
  groups?: { readonly groups: KeyExchangeEvidence; readonly unknowns: readonly Unknown[] };
  signatures?: {
    readonly signatureAlgorithms: NonNullable<Survey['signatureAlgorithms']>;
    readonly unknowns: readonly Unknown[];
  };
  features?: Features;
  addresses?: readonly AddressEvidence[];
}

export interface Frame {
  readonly visit: Visit;
  readonly offer: Offer | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of `performance.now()`. */
  readonly since: number;
  readonly path: string;
}

/** What is not known yet is absent or unknown; only the end of the survey says why. */
export function assemble({ visit, offer, at, since, path }: Frame, parts: Parts): Survey {
  const { results, certificate, planned } = parts;
  const all = results ? protocolVersions.map((version) => results[version]) : [];
  const late = parts.suites?.preference && results?.ssl3.answer === 'yes' && !parts.suites.suites.ssl3;
  const seen = planned ? [...all, planned] : all;
  return {
    endpoint: {
      host: visit.endpoint.host,
      port: visit.endpoint.port,
      serverName: visit.serverName,
      address: visit.reached === null ? null : hostAndPort({ host: visit.reached, port: visit.port }),
      ...(certificate?.clientCertificate.requests && { path }),
      ...(parts.addresses && { addresses: parts.addresses }),
    },
    at,
    behaviour: visit.cancelled ? 'cancelled' : overallBehaviour(seen.map(({ behaviour }) => behaviour)),
    protocols: perVersion((version) => results?.[version].answer ?? 'unknown'),
    preferred: Object.fromEntries(
      protocolVersions.flatMap((version) =>
        results?.[version].suite == null ? [] : [[version, results[version].suite]],
      ),
    ),
    suites: parts.suites?.suites ?? {},
    ...(parts.suites?.preference && { preference: parts.suites.preference }),
    ...(parts.groups && { groups: parts.groups.groups }),
    ...(parts.signatures && { signatureAlgorithms: parts.signatures.signatureAlgorithms }),
    ...(parts.features && { features: parts.features }),
    certificate: certificate?.evidence ?? null,
    clientCertificate: certificate?.clientCertificate ?? { inHandshake: 'unknown', acceptableIssuers: [] },
    planned: offer && (planned ? offerAnswer(offer, planned) : nothingOffered(offer)),
    unknowns: [
      ...protocolVersions.flatMap((version) => unknownVersion(version, results?.[version])),
      ...(parts.suites?.unknowns ?? []),
      ...(late ? [{ what: 'suites.ssl3', why: 'not asked: only suites that are hardly ever used are accepted' }] : []),
      ...(parts.groups?.unknowns ?? []),
      ...(parts.signatures?.unknowns ?? []),
      ...(certificate?.unknowns ?? []),
      ...(visit.proxy === null ? [] : [{ what: 'address', why: 'reached through a proxy' }]),
    ],
    connections: visit.connections,
    elapsedMs: Math.round(performance.now() - since),
  };
}

function unknownVersion(what: string, result: Persisted | undefined): readonly Unknown[] {
  return result?.answer === 'unknown' ? [{ what, why: result.why ?? 'no answer' }] : [];
}

export function isEmpty(offer: Offer): boolean {
  return offer.versions.length === 0 || offer.suites.length === 0;
}

export function nothingOffered(offer: Offer): OfferAnswer {
  const why = offer.versions.length === 0 ? 'no protocol version is offered' : 'no cipher suite is offered';
  return { offer, connects: 'no', version: null, suite: null, why };
}

export function offerAnswer(offer: Offer, result: Persisted): OfferAnswer {
  return { offer, connects: result.answer, version: result.version, suite: result.suite, why: result.why };
}
