// Paths that are requested of a backend to see whether it asks for a client certificate there.

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
  | 'cut';

export interface ProbePath {
  readonly path: string;
  readonly source: PathSource;
}

/** Whether a server asks for a client certificate after the request; seen on any path is seen. */
export function asksAfterRequest(survey: Survey | undefined): {
  readonly asks: Sighting;
  readonly paths: readonly string[];
} {
  if (!survey) return { asks: 'unknown', paths: [] };
  const { renegotiation, postHandshake, paths = [] } = survey.clientCertificate;
  const own = sightingOf({ renegotiation, postHandshake });
  const path = survey.endpoint.path;
  const all = [{ path: path ?? '', asks: own }, ...paths.map((one) => ({ path: one.path, asks: sightingOf(one) }))];
  const seen = all.filter(({ asks }) => asks === 'seen');
  if (seen.length > 0) return { asks: 'seen', paths: seen.flatMap(({ path: text }) => (text === '' ? [] : [text])) };
  return { asks: all.some(({ asks }) => asks === 'unknown') ? 'unknown' : 'not-seen', paths: [] };
}

function sightingOf(one: {
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
