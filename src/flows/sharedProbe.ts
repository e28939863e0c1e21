// A prober that asks each question once: several instances call the same backends, with the same offer or another one.

import { hostAndPort } from '../core/instance.ts';
import type { Endpoint, Offer, Survey } from '../core/tls/evidence.ts';
import type { Probe } from './checkSettings.ts';

type AskFresh = (
  endpoints: readonly Endpoint[],
  planned: Offer | null,
  made: readonly ((survey: Survey | undefined) => void)[],
  options: Parameters<Probe['surveyAll']>[3],
) => Promise<void>;

/**
 * As `probe`, for one check of many: an endpoint that is asked about again, with the same path, planned offer and depth,
 * is answered by the survey that was made or is being made of it. Everything else is expected to be the same in every
 * call, the signal too.
 */
export function sharedProbe(probe: Probe): Probe {
  /** By question; undefined where the prober gave none. */
  const surveys = new Map<string, Promise<Survey | undefined>>();
  /** Never leaves one open: what the prober does not answer is undefined at its end. */
  const askFresh: AskFresh = async (endpoints, planned, made, options) => {
    const hosts = endpoints.map(hostAndPort);
    // A survey names the path only where it was requested: it is known by its host, or else by its place at the end.
    const onSurvey = (survey: Survey) => {
      const host = hostAndPort(survey.endpoint);
      if (hosts.indexOf(host) === hosts.lastIndexOf(host)) made[hosts.indexOf(host)]?.(survey);
    };
    let found: readonly Survey[] = [];
    try {
      found = await probe.surveyAll(endpoints, planned, onSurvey, options);
    } finally {
      made.forEach((resolve, place) => resolve(found[place]));
    }
  };
  return {
    async surveyAll(endpoints, planned, onSurvey, options) {
      const keyOf = (endpoint: Endpoint) => questionOf(endpoint, planned, options?.depth);
      const fresh = new Map(endpoints.map((endpoint) => [keyOf(endpoint), endpoint]));
      for (const key of surveys.keys()) fresh.delete(key);
      const made = [...fresh.keys()].map((key) => {
        const answer = Promise.withResolvers<Survey | undefined>();
        surveys.set(key, answer.promise);
        return answer.resolve;
      });
      const ended = fresh.size === 0 ? undefined : askFresh([...fresh.values()], planned, made, options);
      const told = endpoints.map(async (endpoint) => {
        const survey = await surveys.get(keyOf(endpoint));
        if (survey) onSurvey(survey);
        return survey;
      });
      const [found] = await Promise.all([Promise.all(told), ended]);
      return found.filter((survey) => survey !== undefined);
    },
  };
}

function questionOf(endpoint: Endpoint, planned: Offer | null, depth: string | undefined): string {
  return JSON.stringify([hostAndPort(endpoint), endpoint.path ?? null, planned, depth ?? null]);
}
