// The public face of the prober: what a server answers, and whether one offer would connect.

import { hostAndPort } from '../core/instance.ts';
import type { Behaviour, Endpoint, Offer, OfferAnswer, Survey } from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { certificateFacts } from './certificateFacts.ts';
import { peelSuites } from './peel.ts';
import { askPersistently, formsFor, type Persisted } from './persist.ts';
import { askVersions, perVersion, type VersionResults } from './versions.ts';
import { Visit, type ProbeOptions } from './visit.ts';

export type { ProbeOptions } from './visit.ts';

/** Exactly one offer: would it connect? Never throws. Asked again in another form only where no answer came. */
export async function ask(endpoint: Endpoint, offer: Offer, options: ProbeOptions = {}): Promise<OfferAnswer> {
  if (isEmpty(offer)) return nothingOffered(offer);
  const visit = new Visit(endpoint, options);
  try {
    return offerAnswer(offer, await askPersistently(visit, offer, formsFor(offer)));
  } finally {
    visit.close();
  }
}

/** Everything about one server. Never throws; cancelled = behaviour "cancelled". With `planned`, that hello goes first. */
export async function survey(endpoint: Endpoint, planned: Offer | null, options: ProbeOptions = {}): Promise<Survey> {
  const visit = new Visit(endpoint, options);
  const since = performance.now();
  const at = new Date(options.now?.() ?? Date.now()).toISOString();
  try {
    const facts = await look(visit, planned, options);
    return {
      endpoint: {
        host: endpoint.host,
        port: endpoint.port,
        serverName: visit.serverName,
        address: addressReached(visit, options),
        ...(facts.clientCertificate.requests ? { path: options.path ?? '/' } : {}),
      },
      at,
      ...facts,
      behaviour: visit.cancelled ? 'cancelled' : facts.behaviour,
      connections: visit.connections,
      elapsedMs: Math.round(performance.now() - since),
    };
  } finally {
    visit.close();
  }
}

/** Address and port that was connected to; the port is another where a route says so. */
function addressReached(visit: Visit, { route }: ProbeOptions): string | null {
  const port = route?.(visit.endpoint)?.port ?? visit.endpoint.port;
  return visit.reached === null ? null : hostAndPort({ host: visit.reached, port });
}

type Facts = Omit<Survey, 'endpoint' | 'at' | 'connections' | 'elapsedMs'>;

async function look(visit: Visit, planned: Offer | null, options: ProbeOptions): Promise<Facts> {
  const first = planned && !isEmpty(planned) ? await askPlanned(visit, planned) : null;
  const silent = first?.behaviour === 'timeout';
  const results = first && givesUp(first) ? perVersion(() => first) : await askVersions(visit, silent);
  const all = protocolVersions.map((version) => results[version]);
  // The planned hello was not repeated when it got no answer: now it is known whether that is worth while.
  const again = planned && silent && all.some(({ answer }) => answer === 'yes');
  const second = again ? await askPersistently(visit, planned, formsFor(planned).slice(1)) : first;
  const [peeled, certificate] = await Promise.all([
    peelSuites(visit, results),
    certificateFacts(visit, results, options),
  ]);
  return {
    behaviour: overall(second ? [...all, second] : all),
    protocols: perVersion((version) => results[version].answer),
    preferred: Object.fromEntries(protocolVersions.flatMap((v) => pickedBy(v, results))),
    suites: peeled.suites,
    certificate: certificate.evidence,
    clientCertificate: certificate.clientCertificate,
    planned: planned && (second ? offerAnswer(planned, second) : nothingOffered(planned)),
    unknowns: [
      ...protocolVersions.flatMap((version) => unknownVersion(version, results[version])),
      ...peeled.unknowns,
      ...certificate.unknowns,
    ],
  };
}

/** Surveys many endpoints, at most `atOnce` (default 64) at a time, calling `onSurvey` as each is known. Never throws. */
export async function surveyAll(
  endpoints: readonly Endpoint[],
  planned: Offer | null,
  onSurvey: (survey: Survey) => void,
  options: ProbeOptions & { readonly atOnce?: number } = {},
): Promise<readonly Survey[]> {
  const surveys: Survey[] = [];
  const queue = endpoints.entries();
  const work = async (): Promise<void> => {
    for (const [index, endpoint] of queue) {
      const result = await survey(endpoint, planned, options);
      surveys[index] = result;
      onSurvey(result);
    }
  };
  const atOnce = Math.max(1, Math.min(options.atOnce ?? 64, endpoints.length));
  await Promise.all(Array.from({ length: atOnce }, work));
  return surveys;
}

async function askPlanned(visit: Visit, planned: Offer): Promise<Persisted> {
  const [form, ...others] = formsFor(planned);
  const first = await askPersistently(visit, planned, form ? [form] : []);
  const refusedInFull = first.answer === 'no' && first.alert === 40 && planned.versions.includes('tls13');
  const open = (first.answer === 'unknown' && first.retry !== 'never') || refusedInFull;
  return open && first.behaviour !== 'timeout' ? askPersistently(visit, planned, others) : first;
}

/** Nothing else that could be sent would be answered. */
function givesUp(result: Persisted): boolean {
  if (!result.connected && result.answer === 'unknown') return true;
  return result.behaviour === 'plain-http' || result.behaviour === 'not-tls' || result.behaviour === 'cancelled';
}

function pickedBy(version: ProtocolVersion, results: VersionResults): [ProtocolVersion, number][] {
  const { suite } = results[version];
  return suite === null ? [] : [[version, suite]];
}

function unknownVersion(version: ProtocolVersion, result: Persisted): Survey['unknowns'] {
  return result.answer === 'unknown' ? [{ what: version, why: result.why ?? 'no answer' }] : [];
}

/** From the most telling to the least: one honest answer outweighs everything else that was seen. */
const telling: readonly Behaviour[] = [
  'tls',
  'plain-http',
  'not-tls',
  'misbehaving',
  'alert',
  'reset',
  'close',
  'timeout',
  'refused',
  'unreachable',
  'unresolvable',
  'cancelled',
];

function overall(results: readonly Persisted[]): Behaviour {
  return telling.find((behaviour) => results.some((result) => result.behaviour === behaviour)) ?? 'cancelled';
}

function isEmpty(offer: Offer): boolean {
  return offer.versions.length === 0 || offer.suites.length === 0;
}

function nothingOffered(offer: Offer): OfferAnswer {
  const why = offer.versions.length === 0 ? 'no protocol version is offered' : 'no cipher suite is offered';
  return { offer, connects: 'no', version: null, suite: null, why };
}

function offerAnswer(offer: Offer, result: Persisted): OfferAnswer {
  return { offer, connects: result.answer, version: result.version, suite: result.suite, why: result.why };
}
