// Whether the gateway reaches a host, by the service's own check.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { connectivityIn } from '../../src/azure/connectivity.ts';
import { connectivityState, regionConnectivityText } from '../../src/core/connectivity.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { FailureCode } from '../../src/core/failure.ts';
import type { Fault } from '../../src/emulator/faults.ts';
import { checkHostConnectivity } from '../../src/flows/checkConnectivity.ts';
import { idOf, openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const start = /\/connectivityCheck\?/;
const result = /\/connectivityCheck\/operationresults\//;
const shop = { location: 'westeurope', otherRegions: [] };

function check(
  scene: Scene,
  host: string,
  more: { name?: string; otherRegions?: string[]; signal?: AbortSignal } = {},
) {
  const { name = 'contoso-shop-prod', otherRegions = [], signal } = more;
  const instance = { ...shop, otherRegions, id: idOf(name) };
  const common = { azure: scene.azure, instance, host, port: 443, now: scene.now };
  return checkHostConnectivity(signal ? { ...common, signal } : common);
}

describe('connectivity check', () => {
  it('tells that the gateway reaches what is silent here, in what time, and when it was asked', async () => {
    const scene = openScene();
    const found = await check(scene, 'mainframe.contoso.example');
    assert.equal(connectivityState(found), 'reached');
    assert.equal(found.host, 'mainframe.contoso.example:443');
    assert.equal(found.at, scene.now().toISOString());
    assert.deepEqual(found.regions.map(regionConnectivityText), ['westeurope: the gateway reaches it (TCP, 12 ms).']);
    const sent = scene.requests.filter(({ path }) => path.includes('connectivityCheck'));
    assert.equal(sent.filter(({ method }) => method === 'POST').length, 1);
    assert.ok(sent.length >= 3, 'polled until the result was there');
  });

  it('tells what stands in the way', async () => {
    const found = await check(openScene(), 'old-search.contoso.invalid');
    assert.equal(connectivityState(found), 'notReached');
    assert.deepEqual(found.regions.map(regionConnectivityText), [
      'westeurope: the gateway does not reach it: its name is not resolved there.',
    ]);
  });

  it('asks every region, and keeps the failure of one beside the results of the others', async () => {
    const scene = openScene();
    const otherRegions = ['eastus2', 'southeastasia'];
    const all = await check(scene, 'events.contoso.example', { name: 'contoso-global', otherRegions });
    assert.deepEqual(
      all.regions.map(({ region, connectivity }) => [region, connectivity?.state]),
      [
        ['westeurope', 'reached'],
        ['eastus2', 'reached'],
        ['southeastasia', 'reached'],
      ],
    );
    scene.faults.add({ match: { path: start }, times: 4, after: 1, fault: { kind: 'serverError' } });
    const some = await check(scene, 'events.contoso.example', { name: 'contoso-global', otherRegions });
    assert.deepEqual(
      some.regions.map(({ connectivity, failure }) => connectivity?.state ?? failure?.code),
      ['reached', 'unavailable', 'reached'],
    );
    assert.equal(connectivityState(some), 'unknown', 'what was not told counts');
  });

  const refusals: readonly (readonly [string, Fault, FailureCode])[] = [
    [
      'no permission',
      { kind: 'forbidden', action: 'Microsoft.ApiManagement/service/connectivityCheck/action' },
      'forbidden',
    ],
    ['a service that is gone', { kind: 'notFound' }, 'notFound'],
    ['a service that is being changed', { kind: 'serviceLocked' }, 'locked'],
    ['a service that fails', { kind: 'serverError' }, 'unavailable'],
    ['a lost connection', { kind: 'drop' }, 'network'],
    ['a page of a proxy', { kind: 'html' }, 'portal'],
    ['an answer that breaks off', { kind: 'malformed' }, 'malformed'],
  ];
  for (const [what, fault, code] of refusals) {
    it(`rejects with "${code}" for ${what}, at the start`, async () => {
      const scene = openScene();
      scene.faults.add({ match: { path: start }, times: Infinity, fault });
      await assert.rejects(check(scene, 'mainframe.contoso.example'), (error) => failureCode(error) === code);
    });
  }

  it('names the action that is missing', async () => {
    const scene = openScene();
    const action = 'Microsoft.ApiManagement/service/connectivityCheck/action';
    scene.faults.add({ match: { path: start }, times: 1, fault: { kind: 'forbidden', action } });
    await assert.rejects(check(scene, 'mainframe.contoso.example'), (error) => {
      return error instanceof Error && error.message.includes(action);
    });
  });

  it('says in the words of Azure that a tier has no such check, and asks no other region', async () => {
    const scene = openScene();
    const { instances } = await scene.azure.readEstate();
    const consumption = instances.find(({ tier }) => tier === 'Consumption');
    assert.ok(consumption);
    const instance = { ...consumption, otherRegions: ['eastus2'] };
    const asked = checkHostConnectivity({ azure: scene.azure, instance, host: 'a.example', port: 443, now: scene.now });
    await assert.rejects(asked, (error) => {
      return failureCode(error) === 'refused' && /Consumption pricing tier/.test((error as Error).message);
    });
    assert.equal(scene.requests.filter(({ path }) => path.endsWith('/connectivityCheck')).length, 1);
  });

  it('keeps what one region was told where another one is refused', async () => {
    const scene = openScene();
    const action = 'Microsoft.ApiManagement/service/connectivityCheck/action';
    scene.faults.add({ match: { path: start }, times: Infinity, after: 1, fault: { kind: 'forbidden', action } });
    const some = await check(scene, 'events.contoso.example', { name: 'contoso-global', otherRegions: ['eastus2'] });
    assert.deepEqual(
      some.regions.map(({ connectivity, failure }) => connectivity?.state ?? failure?.code),
      ['reached', 'forbidden'],
    );
  });

  it('gives up on a check that never ends, in minutes', async () => {
    const scene = openScene({ retryAfterSeconds: 3600 });
    scene.faults.add({ match: { path: result }, times: Infinity, fault: { kind: 'operationNeverEnds' } });
    const begun = scene.now().getTime();
    await assert.rejects(check(scene, 'mainframe.contoso.example'), (error) => failureCode(error) === 'timeout');
    const minutes = (scene.now().getTime() - begun) / 60_000;
    assert.ok(minutes > 3 && minutes <= 5, `${minutes} min`);
  });

  it('says that the result is gone where it is', async () => {
    const scene = openScene();
    scene.faults.add({ match: { path: result }, times: Infinity, fault: { kind: 'gone' } });
    await assert.rejects(check(scene, 'mainframe.contoso.example'), (error) => failureCode(error) === 'notFound');
  });

  it('is cancelled at the start, while it waits, and between regions', async () => {
    for (const step of [start, result]) {
      const scene = openScene();
      const stop = new AbortController();
      const azure = scene.connect({
        onRequest: (_, path) => void (step.test(`${path}?`) && stop.abort()),
      });
      const common = { instance: { ...shop, id: idOf('contoso-shop-prod') }, host: 'a.example', port: 443 };
      const asked = checkHostConnectivity({ azure, ...common, now: scene.now, signal: stop.signal });
      await assert.rejects(asked, (error) => failureCode(error) === 'cancelled', String(step));
    }
    const scene = openScene();
    const stopped = AbortSignal.abort();
    await assert.rejects(check(scene, 'a.example', { signal: stopped }), (error) => failureCode(error) === 'cancelled');
    assert.equal(scene.requests.length, 0);
  });
});

describe('result of a connectivity check', () => {
  it('is read as the service states it, and nothing is made of what it does not', () => {
    const read = connectivityIn({
      connectionStatus: 'Degraded',
      probesSent: 10,
      probesFailed: 3,
      hops: [
        { type: 'Source', address: '10.0.0.4', issues: [] },
        {
          address: '192.0.2.1',
          issues: [{ origin: 'Outbound', severity: 'Error', type: 'NetworkSecurityRule', context: [{ rule: 'deny' }] }],
        },
      ],
    });
    assert.equal(read.address, '192.0.2.1');
    assert.equal(
      regionConnectivityText({ region: 'westeurope', connectivity: read, failure: null }),
      'westeurope: the gateway reaches it at times only, 3 of 10 attempts failed: a network security rule stands in the way (rule: deny).',
    );
    const example = connectivityIn({ connectionStatus: 'Reachable', avgLatencyInMs: 260 });
    assert.deepEqual([example.state, example.latencyMs], ['reached', 260], 'as in the example of the description');
    const odd = connectivityIn({ connectionStatus: 'Perhaps' });
    assert.equal(odd.state, 'unknown');
    assert.match(
      regionConnectivityText({ region: 'westeurope', connectivity: odd, failure: null }),
      /the service says "Perhaps"/,
    );
  });

  it('is a result or "malformed", whatever the service says', () => {
    const hops = fc.array(fc.oneof(fc.anything(), fc.record({ address: fc.anything(), issues: fc.anything() })));
    const results = fc.record({ connectionStatus: fc.anything(), hops, avgLatencyInMs: fc.anything() });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), results), (body) => {
        try {
          const { latencyMs, issues } = connectivityIn(body);
          assert.ok((latencyMs === null || latencyMs >= 0) && issues.length <= 20);
        } catch (error) {
          assert.equal(failureCode(error), 'malformed');
        }
      }),
    );
  });
});
