// Readiness for TLS 1.3 gathered from Azure and from probes: what can be read is read, the rest is told.

import assert from 'node:assert/strict';
import { failureCode } from '../../src/core/failure.ts';
import type { Endpoint, Offer, Survey } from '../../src/core/tls/evidence.ts';
import { readiness } from '../../src/core/tls/readiness.ts';
import type { Probe } from '../../src/flows/checkSettings.ts';
import { readReadiness } from '../../src/flows/readReadiness.ts';
import type { ReadinessOptions } from '../../src/flows/readReadiness.ts';
import { survey } from '../support/instances.ts';
import { idOf, openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const prod = idOf('contoso-shop-prod');

interface Asked {
  readonly endpoints: readonly Endpoint[];
  readonly planned: Offer | null;
}

/** Every host takes TLS 1.3; the one that is named asks for a certificate by renegotiation where a path is asked for. */
function probeWith(asked: Asked[] = [], renegotiates = 'identity.contoso.example'): Probe {
  return {
    surveyAll: (endpoints, planned, onSurvey) => {
      asked.push({ endpoints, planned });
      const found = endpoints.map((endpoint): Survey => {
        const seen = endpoint.path != null && endpoint.host === renegotiates ? 'seen' : 'not-seen';
        return survey(
          { tls12: [0xc030], tls13: [0x1302] },
          {
            endpoint: { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' },
            clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [], renegotiation: seen },
          },
        );
      });
      found.forEach(onSurvey);
      return Promise.resolve(found);
    },
  };
}

const read = ({ azure }: Scene, more: Partial<ReadinessOptions> = {}) =>
  readReadiness({ azure, probe: probeWith(), instanceId: prod, days: 30, ...more });

describe('readReadiness', () => {
  it('asks each backend once, with TLS 1.3 among the versions and for a path', async () => {
    const asked: Asked[] = [];
    let last: unknown;
    const onProgress = (progress: unknown) => void (last = progress);
    const { input, failures } = await read(openScene(), { probe: probeWith(asked), onProgress });
    assert.deepEqual(failures, []);
    assert.ok(asked.every(({ planned }) => planned?.versions.includes('tls13')));
    const endpoints = asked.flatMap((one) => one.endpoints);
    const hosts = endpoints.map(({ host, port }) => `${host}:${port}`);
    assert.ok(hosts.length > 5 && new Set(hosts).size === hosts.length);
    assert.ok(endpoints.every(({ path }) => typeof path === 'string'));
    // Those that only the logs know come last, and count as the others do.
    const logged = input.backends?.filter(({ usedBy }) => usedBy.every(({ kind }) => kind === 'log')) ?? [];
    assert.ok(logged.length > 0);
    assert.deepEqual(
      asked[1]?.endpoints.map(({ host }) => host),
      logged.flatMap(({ host, scheme }) => (scheme === 'https' ? host : [])),
    );
    assert.deepEqual(last, { done: hosts.length, total: hosts.length });
    assert.ok(input.asking && input.traffic && input.selfHosted && input.backends);
    const [client, backend] = readiness(input);
    assert.equal(backend.verdict, 'notReady');
    const against = backend.reasons.find(({ code }) => code === 'renegotiate');
    assert.deepEqual(against && 'hosts' in against ? against.hosts : [], ['identity.contoso.example:443']);
    const { count, complete } = input.asking;
    assert.equal(client.verdict, count > 0 ? 'notReady' : complete ? 'ready' : 'unknown');
  });

  it('tells each part that cannot be read, and never takes it for ready', async () => {
    for (const [part, path] of [
      ['selfHosted', /\/gateways/],
      ['backends', /\/(backends|apis)/],
      ['traffic', /diagnosticSettings/i],
      ['seen', /diagnosticSettings/i],
    ] as const) {
      const scene = openScene();
      scene.faults.add({ match: { path }, times: Infinity, fault: { kind: 'serverError' } });
      const { input, failures } = await read(scene);
      assert.ok(
        failures.some((one) => one.part === part && one.why.code === 'unavailable'),
        part,
      );
      const [, backend] = readiness(input);
      if (part === 'backends') assert.equal(backend.verdict, 'unknown');
      if (part === 'selfHosted') assert.ok(backend.reasons.some(({ code }) => code === 'selfHostedNotRead'));
    }
  });

  it('rejects where the instance cannot be read, and where it is cancelled at any request', async () => {
    const gone = openScene();
    gone.remove('contoso-shop-prod');
    await assert.rejects(read(gone), (error) => failureCode(error) === 'notFound');
    for (const at of [1, 4, 12]) {
      const cancel = new AbortController();
      let sent = 0;
      const azure = openScene().connect({ onRequest: () => (sent += 1) === at && cancel.abort() });
      const work = readReadiness({ azure, probe: probeWith(), instanceId: prod, days: 30, signal: cancel.signal });
      await assert.rejects(work, (error) => failureCode(error) === 'cancelled', `request ${at}`);
    }
  });
});
