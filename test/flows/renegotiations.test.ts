// The estimate of which operations ask clients for a certificate by renegotiation.

import assert from 'node:assert/strict';
import type { Azure } from '../../src/azure/access.ts';
import { failureCode } from '../../src/core/failure.ts';
import { readRenegotiations } from '../../src/flows/readRenegotiations.ts';
import { idOf, openScene } from './scene.ts';

describe('readRenegotiations', () => {
  it('crosses what asks for a certificate with the hosts that would ask later', async () => {
    const { azure } = openScene();
    const progress: number[] = [];
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const { rows, sources } = await readRenegotiations(azure, instance, {
      onProgress: ({ done }) => progress.push(done),
    });
    assert.ok(rows.length > 0);
    assert.ok(rows.some(({ source }) => source.includes('context.Request.Certificate')));
    assert.ok(rows.some(({ host }) => host === 'b2b.contoso.example'));
    const read = (name: RegExp) => sources.find((source) => name.test(source.name))?.read;
    assert.deepEqual(
      [read(/^Policies of the service/), read(/^Gateway host/), read(/logs/), read(/Advisor/)],
      [true, true, false, false],
    );
    assert.deepEqual(
      progress,
      progress.map((_, index) => index + 1),
    );
  });

  it('has nothing to list where every host asks in the first handshake, or the tier does not renegotiate', async () => {
    const { azure, requests } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    const before = requests.length;
    const hosts = instance.hosts.map((host) => ({ ...host, negotiateClientCertificate: true }));
    assert.deepEqual((await readRenegotiations(azure, { ...instance, hosts })).rows, []);
    const list = await readRenegotiations(azure, { ...instance, tier: 'StandardV2' });
    assert.deepEqual([list.rows, list.sources[0]?.reason], [[], 'This tier does not renegotiate']);
    assert.equal(requests.length, before);
  });

  it('says which policies could not be read, and goes on', async () => {
    const { azure, faults } = openScene();
    const instance = await azure.readInstance(idOf('contoso-b2b'));
    faults.add({ match: { path: /\/service\/contoso-b2b\/policies/ }, times: Infinity, fault: { kind: 'forbidden' } });
    const { rows, sources } = await readRenegotiations(azure, instance);
    assert.ok(rows.length > 0);
    const policies = sources.find(({ name }) => name.startsWith('Policies of the service'));
    assert.equal(policies?.read, false);
    assert.match(
      policies?.reason ?? '',
      /^1 of \d+ could not be read: your roles lack Microsoft\.ApiManagement\/service\/read$/,
    );
  });

  it('stops at every request when it is cancelled', async () => {
    const scene = openScene();
    const instance = await scene.azure.readInstance(idOf('contoso-b2b'));
    let total = 0;
    await readRenegotiations(scene.connect({ onRequest: () => (total += 1) }), instance);
    for (let at = 1; at <= total; at += 1) {
      const cancel = new AbortController();
      let sent = 0;
      const azure: Azure = scene.connect({ onRequest: () => (sent += 1) === at && cancel.abort() });
      await assert.rejects(
        readRenegotiations(azure, instance, { signal: cancel.signal }),
        (error) => failureCode(error) === 'cancelled',
      );
    }
  });
});
