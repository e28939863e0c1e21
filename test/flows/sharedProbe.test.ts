// Backends that several instances call are asked once for each question.

import assert from 'node:assert/strict';
import { hostAndPort } from '../../src/core/instance.ts';
import type { Endpoint, Offer, Survey } from '../../src/core/tls/evidence.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { sharedProbe } from '../../src/flows/sharedProbe.ts';

const modern: Offer = { versions: ['tls12', 'tls13'], suites: [0x1301] };
const old: Offer = { versions: ['tls10', 'tls12'], suites: [0x002f] };
const at = (host: string, path?: string): Endpoint => ({ host, port: 443, ...(path ? { path } : {}) });

/** Answers when told to, and takes notes of what it was asked. */
function slowProbe() {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const probe: Probe = {
    surveyAll: (endpoints, planned, onSurvey) =>
      Promise.all(
        endpoints.map(async (endpoint) => {
          asked.push(`${endpoint.host}${endpoint.path ?? ''} ${planned?.versions.join('+') ?? 'nothing'}`);
          await new Promise<void>((resolve) => waiting.set(hostAndPort(endpoint), resolve));
          // As the prober: the path is named only where it was requested.
          const survey = { endpoint: at(endpoint.host), planned } as unknown as Survey;
          onSurvey(survey);
          return survey;
        }),
      ),
  };
  return { probe, asked, answer: (host: string) => waiting.get(`${host}:443`)?.() };
}

describe('a prober that several instances share', () => {
  it('asks an endpoint once for each offer and path, and tells everybody as soon as it is known', async () => {
    const { probe, asked, answer } = slowProbe();
    const shared = sharedProbe(probe);
    const told: string[] = [];
    const note = (who: string) => (survey: Survey) => void told.push(`${who} ${survey.endpoint.host}`);
    const one = shared.surveyAll([at('a'), at('b')], modern, note('one'));
    const two = shared.surveyAll([at('b'), at('c')], modern, note('two'));
    assert.deepEqual(asked, ['a tls12+tls13', 'b tls12+tls13', 'c tls12+tls13']);
    answer('b');
    await new Promise(setImmediate);
    assert.deepEqual(told, ['one b', 'two b']);
    answer('a');
    answer('c');
    assert.deepEqual(
      (await one).map(({ endpoint }) => endpoint.host),
      ['a', 'b'],
    );
    assert.deepEqual(
      (await two).map(({ endpoint }) => endpoint.host),
      ['b', 'c'],
    );
    // Known: nobody is asked again.
    await shared.surveyAll([at('c'), at('a')], modern, note('three'));
    assert.equal(asked.length, 3);
    // Another offer, path or depth is another question.
    const paths = shared.surveyAll([at('a', '/x')], modern, note('four'));
    answer('a');
    assert.equal((await paths).length, 1);
    void shared.surveyAll([at('a')], old, note('five'));
    void shared.surveyAll([at('a')], null, note('six'), { depth: 'versions' });
    assert.deepEqual(asked.slice(3), ['a/x tls12+tls13', 'a tls10+tls12', 'a nothing']);
  });

  it('lets nobody wait for what the prober leaves out or fails at', async () => {
    const shared = sharedProbe({ surveyAll: () => Promise.resolve([]) });
    const both = [1, 2].map(() => shared.surveyAll([at('a')], modern, () => assert.fail('nothing was seen')));
    assert.deepEqual(await Promise.all(both), [[], []]);
    const broken = sharedProbe({ surveyAll: () => Promise.reject(new Error('no sockets')) });
    const first = broken.surveyAll([at('a')], modern, () => undefined);
    const second = broken.surveyAll([at('a')], modern, () => undefined);
    await assert.rejects(first, /no sockets/);
    assert.deepEqual(await second, []);
  });
});
