// Check and undo plans, backend hosts, renegotiations.

import assert from 'node:assert/strict';
import type { ApiEntity, Azure, BackendEntity } from '../../src/azure/access.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { Endpoint, Offer, Survey } from '../../src/core/tls/evidence.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { blockersOf } from '../../src/core/tls/plan.ts';
import { checkSettings } from '../../src/flows/checkSettings.ts';
import type { CheckSnapshot, Probe } from '../../src/flows/checkSettings.ts';
import { hostsOf } from '../../src/flows/readBackendHosts.ts';
import { readRenegotiations } from '../../src/flows/readRenegotiations.ts';
import { planUndo } from '../../src/flows/undoChange.ts';
import { idOf, openScene } from './scene.ts';

const prod = idOf('contoso-shop-prod');

/** A server that accepts one version with one suite. */
function surveyOf(endpoint: Endpoint, planned: Offer | null, accepts: 'tls10' | 'tls12' = 'tls12'): Survey {
  const suite = accepts === 'tls12' ? 0xc030 : 0xc014;
  const fits = planned !== null && planned.versions.includes(accepts) && planned.suites.includes(suite);
  const answer = (version: string) => (version === accepts ? 'yes' : 'no');
  return {
    endpoint: { ...endpoint, serverName: endpoint.host, address: '127.0.0.1:1' },
    at: '2026-11-20T12:00:00.000Z',
    behaviour: 'tls',
    protocols: { ssl3: answer('ssl3'), tls10: answer('tls10'), tls11: 'no', tls12: answer('tls12'), tls13: 'no' },
    preferred: { [accepts]: suite },
    suites: { [accepts]: [suite] },
    certificate: null,
    clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [] },
    planned: planned && {
      offer: planned,
      connects: fits ? 'yes' : 'no',
      version: fits ? accepts : null,
      suite: fits ? suite : null,
      why: null,
    },
    unknowns: [],
    connections: 1,
    elapsedMs: 1,
  };
}

interface Asked {
  readonly endpoints: readonly Endpoint[];
  readonly planned: Offer | null;
}

function probeWith(asked: Asked[], onEach: (endpoint: Endpoint) => void = () => undefined): Probe {
  return {
    surveyAll: (endpoints, planned, onSurvey, options) => {
      asked.push({ endpoints, planned });
      const surveys = endpoints.map((endpoint) => {
        onEach(endpoint);
        const survey = surveyOf(endpoint, planned, endpoint.host.startsWith('inventory') ? 'tls10' : 'tls12');
        const seen: Survey = options?.signal?.aborted ? { ...survey, behaviour: 'cancelled' } : survey;
        onSurvey(seen);
        return seen;
      });
      return Promise.resolve(surveys);
    },
  };
}

describe('checkSettings', () => {
  it('probes every distinct https host once with the planned offer, and finds who breaks', async () => {
    const { azure } = openScene();
    const asked: Asked[] = [];
    const snapshots: CheckSnapshot[] = [];
    const result = await checkSettings({
      azure,
      probe: probeWith(asked),
      instanceId: prod,
      changes: { 'backend.tls10': 'off' },
      onProgress: (snapshot) => snapshots.push(snapshot),
    });
    assert.equal(asked.length, 1);
    const hosts = (asked[0]?.endpoints ?? []).map(hostAndPort);
    assert.equal(new Set(hosts).size, hosts.length);
    assert.deepEqual(hosts, (result.backends ?? []).filter(({ scheme }) => scheme === 'https').map(hostAndPort));
    assert.ok(
      hosts.includes('notifications.contoso.example:443') && !hosts.some((host) => host.startsWith('intranet')),
    );
    assert.deepEqual(asked[0]?.planned?.versions, ['tls12', 'tls11']);
    assert.deepEqual(
      blockersOf(result.plan).map((finding) => (finding.code === 'backendBreaks' ? finding.host : finding.code)),
      ['inventory.contoso.example:8443'],
    );
    const done = snapshots.map((snapshot) => snapshot.done);
    assert.deepEqual([done[0], done.at(-1), snapshots.at(-1)?.total], [0, hosts.length, hosts.length]);
    assert.deepEqual(Object.keys(result.surveys).sort(), [...hosts].sort());
    assert.deepEqual(result.plan.base.etag, result.instance.etag);
  });

  it('makes a plan that says so where the backends cannot be read', async () => {
    const { azure, faults } = openScene();
    faults.add({ match: { path: /\/backends/ }, times: Infinity, fault: { kind: 'forbidden' } });
    const asked: Asked[] = [];
    const result = await checkSettings({
      azure,
      probe: probeWith(asked),
      instanceId: prod,
      changes: { 'backend.tls10': 'off' },
    });
    assert.equal(result.backendsFailure?.code, 'forbidden');
    assert.ok(result.plan.findings.some(({ code }) => code === 'backendsNotRead'));
    assert.deepEqual(asked[0]?.endpoints, []);
  });

  it('plans nothing without a map, and looks at the hosts all the same', async () => {
    const { azure } = openScene();
    const asked: Asked[] = [];
    const result = await checkSettings({
      azure,
      probe: probeWith(asked),
      instanceId: idOf('contoso-next'),
      changes: { 'client.tls10': 'off' },
    });
    assert.ok(result.plan.findings.some(({ code }) => code === 'mapMissing'));
    assert.equal(asked[0]?.planned, null);
  });

  it('rejects where the instance cannot be read', async () => {
    for (const [kind, code] of [
      ['forbidden', 'forbidden'],
      ['notFound', 'notFound'],
      ['serverError', 'unavailable'],
      ['drop', 'network'],
      ['html', 'malformed'],
    ] as const) {
      const { azure, faults } = openScene();
      faults.add({ match: { path: /contoso-shop-prod\?/ }, times: Infinity, fault: { kind } });
      const work = checkSettings({ azure, probe: probeWith([]), instanceId: prod, changes: {} });
      await assert.rejects(work, (error) => failureCode(error) === code);
    }
  });

  it('stops at every step when it is cancelled, and leaves what was seen with the caller', async () => {
    let requests = 0;
    const counting = openScene().connect({ onRequest: () => (requests += 1) });
    await checkSettings({ azure: counting, probe: probeWith([]), instanceId: prod, changes: {} });
    for (let at = 1; at <= requests; at += 1) {
      const cancel = new AbortController();
      let sent = 0;
      const azure = openScene().connect({ onRequest: () => (sent += 1) === at && cancel.abort() });
      const asked: Asked[] = [];
      const work = checkSettings({
        azure,
        probe: probeWith(asked),
        instanceId: prod,
        changes: {},
        signal: cancel.signal,
      });
      await assert.rejects(work, (error) => failureCode(error) === 'cancelled', `request ${at}`);
      assert.equal(asked.length, 0);
    }
    const cancel = new AbortController();
    let probed = 0;
    let last: CheckSnapshot | undefined;
    const work = checkSettings({
      azure: openScene().azure,
      probe: probeWith([], () => (probed += 1) === 4 && cancel.abort()),
      instanceId: prod,
      changes: {},
      signal: cancel.signal,
      onProgress: (snapshot) => (last = snapshot),
    });
    await assert.rejects(work, (error) => failureCode(error) === 'cancelled');
    assert.deepEqual([last?.done, Object.keys(last?.surveys ?? {}).length], [3, 3]);
  });
});

describe('planUndo', () => {
  it('checks the way back like any other change', async () => {
    const { azure } = openScene();
    const asked: Asked[] = [];
    const tls10 = `${keyPrefix}Security.Backend.Protocols.Tls10`;
    const http2 = `${keyPrefix}Protocols.Server.Http2`;
    const entry: HistoryEntry = {
      id: 'op-1',
      instanceId: prod,
      kind: 'change',
      startedAt: '2026-11-01T00:00:00.000Z',
      endedAt: '2026-11-01T00:30:00.000Z',
      who: 'somebody',
      before: { [tls10]: 'False', [http2]: 'False' },
      after: { [tls10]: 'true', [http2]: 'true' },
      result: 'done',
      detail: '',
    };
    const result = await planUndo({ azure, probe: probeWith(asked), entry });
    assert.deepEqual(result.plan.keyChanges, [{ key: tls10, before: 'True', after: 'False' }]);
    // HTTP/2 is off again already: nothing to do, nothing contested.
    assert.deepEqual(result.contested, []);
    assert.deepEqual(asked[0]?.planned?.versions, ['tls12', 'tls11']);
    assert.equal(blockersOf(result.plan).length, 1);
  });
});

describe('readBackendHosts', () => {
  const single = (name: string, url: string, more: Partial<BackendEntity> = {}): BackendEntity => ({
    id: `/backends/${name}`,
    name,
    title: name,
    url,
    type: 'Single',
    poolMembers: [],
    validateChain: true,
    validateName: true,
    clientCertificate: false,
    ...more,
  });
  const pool = (name: string, members: readonly string[]) => single(name, '', { type: 'Pool', poolMembers: members });
  const api = (name: string, serviceUrl: string | null): ApiEntity => ({
    id: `/apis/${name}`,
    name,
    title: name,
    path: name,
    serviceUrl,
  });

  it('tells hosts apart by name and port, whatever leads to them', () => {
    const { hosts, unreadable } = hostsOf(
      [
        single('a', 'https://One.Example/x'),
        single('b', 'https://one.example:443/y'),
        single('c', 'https://one.example:8443'),
        pool('p', ['/BACKENDS/A', '/backends/c']),
      ],
      [api('x', 'https://one.example/z'), api('none', null)],
    );
    assert.deepEqual(
      hosts.map((host) => [hostAndPort(host), host.usedBy.map(({ kind, title }) => `${kind} ${title}`)]),
      [
        ['one.example:443', ['backend a', 'backend b', 'pool p', 'api x']],
        ['one.example:8443', ['backend c', 'pool p']],
      ],
    );
    assert.deepEqual(unreadable, []);
  });

  const addresses: readonly [string, string | null][] = [
    ['http://plain.example', 'plain.example:80 http'],
    ['wss://socket.example/ws', 'socket.example:443 https'],
    ['https://[2001:DB8::1]:9443/', '[2001:db8::1]:9443 https'],
    ['https://bücher.example', 'xn--bcher-kva.example:443 https'],
    ['https://dot.example./x', 'dot.example:443 https'],
    [' https://10.0.0.4/ ', '10.0.0.4:443 https'],
    ['https://{{host}}/x', null],
    ['https://host:0/', null],
    ['https://host:70000/', null],
    ['fabric:/app/service', null],
    ['not a url', null],
    ['', null],
  ];
  for (const [url, expected] of addresses) {
    it(`reads ${JSON.stringify(url)} as ${expected ?? 'unreadable'}`, () => {
      const { hosts, unreadable } = hostsOf([single('a', url)], []);
      assert.deepEqual(
        hosts.map((host) => `${hostAndPort(host)} ${host.scheme}`),
        expected === null ? [] : [expected],
      );
      assert.deepEqual(unreadable, expected === null ? [{ title: 'a', url: url.trim() }] : []);
    });
  }

  it('lets https win over http on the same port', () => {
    const { hosts } = hostsOf([single('a', 'http://one.example:8080'), single('b', 'https://one.example:8080')], []);
    assert.deepEqual(
      hosts.map(({ scheme }) => scheme),
      ['https'],
    );
  });

  it('shows no password and no query', () => {
    const { hosts, unreadable } = hostsOf(
      [single('a', 'https://user:secret@one.example/x?code=secret'), single('b', 'odd://user:secret@x?code=secret#y')],
      [],
    );
    assert.equal(hosts[0]?.usedBy[0]?.url, 'https://one.example/x');
    assert.deepEqual(unreadable, [{ title: 'b', url: 'odd://x' }]);
  });

  it('names a member of a pool that is gone', () => {
    assert.deepEqual(hostsOf([pool('p', ['/backends/gone'])], []).unreadable, [{ title: 'p', url: '/backends/gone' }]);
  });
});

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
    assert.match(policies?.reason ?? '', /^1 of \d+ could not be read$/);
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
