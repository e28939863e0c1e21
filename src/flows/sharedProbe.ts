// A prober that asks each question once: several instances call the same backends, with the same offer or another one.

import { hostAndPort } from '../core/instance.ts';
import type { Endpoint, Offer, Survey } from '../core/tls/evidence.ts';
import type { Probe } from './checkSettings.ts';

/**
 * As `probe`, for one check of many: an endpoint that is asked about again, with the same path, planned offer and depth,
 * is answered by the survey that was made or is being made of it. Everything else is expected to be the same in every
 * call, the signal too.
 */
export function sharedProbe(probe: Probe): Probe {
  /** By question; undefined where the prober gave none. */
  const surveys = new Map<string, Promise<Survey | undefined>>();
  return {
    async surveyAll(endpoints, planned, onSurvey, options) {
      const keyOf = (endpoint: Endpoint) => questionOf(endpoint, planned, options?.depth);
      const fresh = new Map(endpoints.map((endpoint) => [keyOf(endpoint), endpoint]));
      for (const key of surveys.keys()) fresh.delete(key);
      const made = new Map([...fresh.keys()].map((key) => [key, Promise.withResolvers<Survey | undefined>()]));
      for (const [key, { promise }] of made) surveys.set(key, promise);
      const probed =
        fresh.size === 0
          ? undefined
          : probe.surveyAll(
              [...fresh.values()],
              planned,
              (survey) => made.get(keyOf(survey.endpoint))?.resolve(survey),
              options,
            );
      const ended = probed?.finally(() => {
        // Those that were not answered: whoever waits for them goes on.
        for (const { resolve } of made.values()) resolve(undefined);
      });
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
  return JSON.stringify([hostAndPort(endpoint).toLowerCase(), endpoint.path ?? null, planned, depth ?? null]);
}
