// Paths that are requested of a backend to see whether it asks for a client certificate there.

import type { PathDoubt } from '../backendRequests.ts';
import type { PathEvidence, Sighting, Survey } from './evidence.ts';

/** Where a path is known from. */
export type PathSource =
  /** The address of a backend or an API. */
  | 'address'
  /** A request in the logs. */
  | 'log'
  /** An operation of an API. */
  | 'operation'
  /** An operation whose path has parameters, cut before the first of them: it may be no path of an operation. */
  | 'cut'
  /** As these two, by what a policy rewrites the path to. */
  | 'rewritten'
  | 'rewrittenCut';

export interface ProbePath {
  readonly path: string;
  readonly source: PathSource;
}

/** Whether a server asks for a client certificate after the request; seen on any path is seen. */
export interface AskedLater {
  readonly asks: Sighting;
  readonly paths: readonly string[];
  /** Those of the paths that were cut before a parameter. Absent: none. */
  readonly cut?: readonly string[];
}

export function asksAfterRequest(survey: Survey | undefined): AskedLater {
  if (!survey) return { asks: 'unknown', paths: [] };
  const { renegotiation, postHandshake, paths = [] } = survey.clientCertificate;
  const own = sightingOf({ renegotiation, postHandshake });
  const path = survey.endpoint.path;
  const all = [{ path: path ?? '', asks: own }, ...paths.map((one) => ({ ...one, asks: sightingOf(one) }))];
  const seen = all.filter(({ asks }) => asks === 'seen');
  if (seen.length === 0)
    return { asks: all.some(({ asks }) => asks === 'unknown') ? 'unknown' : 'not-seen', paths: [] };
  const cut = seen.flatMap((one) => ('source' in one && isCut(one.source) ? [one.path] : []));
  return {
    asks: 'seen',
    paths: seen.flatMap(({ path: text }) => (text === '' ? [] : [text])),
    ...(cut.length === 0 ? {} : { cut }),
  };
}

/** Cut before a parameter. */
export function isCut(source: PathSource): boolean {
  return source === 'cut' || source === 'rewrittenCut';
}

/** Of what requests met, in every version. */
export function sightingOf(one: {
  readonly renegotiation?: Sighting | undefined;
  readonly postHandshake?: Sighting | undefined;
}): Sighting {
  if (one.renegotiation === 'seen' || one.postHandshake === 'seen') return 'seen';
  return one.renegotiation === 'not-seen' ? 'not-seen' : 'unknown';
}

/** A survey with what a request for one more path met. */
export function withPath(survey: Survey, { path, source }: ProbePath, asked: Survey): Survey {
  const { renegotiation = 'unknown', postHandshake = 'unknown', requests = [] } = asked.clientCertificate;
  const one: PathEvidence = { path, source, renegotiation, postHandshake, requests };
  const others = (survey.clientCertificate.paths ?? []).filter((known) => known.path !== path);
  return {
    ...survey,
    connections: survey.connections + asked.connections,
    clientCertificate: { ...survey.clientCertificate, paths: [...others, one] },
  };
}

/** An operation whose path at the backend a policy makes, so that it is not known and was not requested. */
export interface UnknownPath {
  /** API and operation, as people call them. */
  readonly title: string;
  readonly why: PathDoubt;
}

/** Most that are kept by name. */
const mostUnknownPaths = 50;

/** Of one instance: a server may be called by others as well, whose operations were not looked at. */
export interface UnknownPaths {
  /** Name of the instance. */
  readonly instance: string;
  readonly total: number;
  /** The first of them. */
  readonly first: readonly UnknownPath[];
}

/** A survey with the operations of an instance that call the server by paths that are not known. */
export function withUnknownPaths(survey: Survey, instance: string, unknown: readonly UnknownPath[]): Survey {
  if (unknown.length === 0) return survey;
  const unknownPaths = { instance, total: unknown.length, first: unknown.slice(0, mostUnknownPaths) };
  return { ...survey, clientCertificate: { ...survey.clientCertificate, unknownPaths } };
}
