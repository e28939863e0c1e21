// The public face of the prober: what a server answers, and whether one offer would connect.

import type { Endpoint, Offer, OfferAnswer, Survey } from '../core/tls/evidence.ts';
import { protocolVersions } from '../core/tls/protocols.ts';
import { addresses } from './addresses.ts';
import { allSuites } from './allSuites.ts';
import { assemble, isEmpty, nothingOffered, offerAnswer, type Parts } from './assemble.ts';
import { certificateFacts } from './certificateFacts.ts';
import { features } from './features.ts';
import { keyExchanges } from './keyExchanges.ts';
import { askForStartTls } from './otherProtocols.ts';
import { peelSuites } from './peel.ts';
import { askPersistently, formsFor, type Persisted } from './persist.ts';
import { signatures } from './signatures.ts';
import { askForTheRest, askVersions, perVersion, type VersionResults } from './versions.ts';
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
  const at = new Date(options.now?.() ?? Date.now()).toISOString();
  const frame = { visit, offer: planned, at, since: performance.now(), path: options.path ?? '/' };
  const parts: Parts = {};
  const report = (): void => {
    if (!visit.signal.aborted) options.onProgress?.(assemble(frame, parts));
  };
  try {
    await lookFirst(visit, planned, parts, report);
    if (parts.results) await lookCloser(visit, parts.results, parts, options, report);
    return assemble(frame, parts);
  } finally {
    visit.close();
  }
}

/** The planned offer, then the versions. */
async function lookFirst(visit: Visit, planned: Offer | null, parts: Parts, report: () => void): Promise<void> {
  const first = planned && !isEmpty(planned) ? await askPlanned(visit, planned) : null;
  parts.planned = first;
  if (first) report();
  const silent = first?.behaviour === 'timeout';
  const results = first && givesUp(first) ? perVersion(() => first) : await askVersions(visit, silent);
  // The planned hello was not repeated when it got no answer: now it is known whether that is worth while.
  const again = planned && silent && protocolVersions.some((version) => results[version].answer === 'yes');
  if (again) parts.planned = await askPersistently(visit, planned, formsFor(planned).slice(1));
  parts.results = await named(visit, results);
  report();
}

/** A server that spoke another protocol is asked, in that protocol, whether it would go over to TLS. */
async function named(visit: Visit, results: VersionResults): Promise<VersionResults> {
  const banner = protocolVersions.map((version) => results[version].banner).find((start) => start !== null);
  if (banner === undefined) return results;
  const why = await askForStartTls(visit, banner);
  if (why === null) return results;
  return perVersion((version) => (results[version].banner === null ? results[version] : { ...results[version], why }));
}

/** What follows from the versions, all at once; each part is reported as it is known. */
async function lookCloser(
  visit: Visit,
  results: VersionResults,
  parts: Parts,
  options: ProbeOptions,
  report: () => void,
): Promise<void> {
  const full = options.depth === 'full';
  const every = full || options.depth === 'suites';
  const part = async <K extends keyof Parts>(key: K, asked: Promise<Parts[K]>): Promise<void> => {
    parts[key] = await asked;
    report();
  };
  await Promise.all([
    ...(options.depth === 'versions'
      ? []
      : [part('suites', every ? allSuites(visit, results) : peelSuites(visit, results))]),
    part('certificate', certificateFacts(visit, results, options)),
    ...(full
      ? [
          part('groups', keyExchanges(visit, results)),
          part('signatures', signatures(visit, results)),
          part('features', features(visit, results)),
          part('addresses', addresses(visit, results)),
        ]
      : []),
    ...(every ? [part('results', withRestOfSsl3(visit, results))] : []),
  ]);
}

async function withRestOfSsl3(visit: Visit, results: VersionResults): Promise<VersionResults> {
  return { ...results, ssl3: await askForTheRest(visit, 'ssl3', results) };
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
      const result = await survey(endpoint, planned, endpoint.path ? { ...options, path: endpoint.path } : options);
      surveys[index] = result;
      onSurvey(result);
    }
  };
  const atOnce = Math.max(1, Math.min(options.atOnce ?? 64, endpoints.length));
  await Promise.all(Array.from({ length: atOnce }, work));
  return surveys;
}

/** No name of a gateway has so many. */
const mostAddresses = 32;

/**
 * One survey for each address behind a name: a name of several regions or machines may answer otherwise at each. A single
 * one where a proxy looks the name up, or where it cannot be looked up. Never throws.
 */
export async function surveyEveryAddress(endpoint: Endpoint, options: ProbeOptions = {}): Promise<readonly Survey[]> {
  const visit = new Visit(endpoint, options);
  const where = await visit.whereabouts().finally(() => visit.close());
  if (!where.found || where.addresses.length < 2) return [await survey(endpoint, null, options)];
  const { port } = where;
  return Promise.all(
    where.addresses
      .slice(0, mostAddresses)
      .map(({ address }) => survey(endpoint, null, { ...options, route: () => ({ address, port }) })),
  );
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
