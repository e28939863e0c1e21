// Check and undo: what is read, what is probed, which plan follows.

import assert from 'node:assert/strict';
import { ArmError, failureCode } from '../../src/core/failure.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import { hostAndPort } from '../../src/core/instance.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import type { Endpoint, Offer, Survey } from '../../src/core/tls/evidence.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { blockersOf } from '../../src/core/tls/plan.ts';
import { checkSettings } from '../../src/flows/checkSettings.ts';
import type { CheckInput, CheckSnapshot, Probe } from '../../src/flows/checkSettings.ts';
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
  it('requests the path of a backend only where TLS 1.3 would come on, to see who renegotiates', async () => {
    const { azure } = openScene();
    const paths = async (changes: DraftChanges) => {
      const asked: Asked[] = [];
      await checkSettings({ azure, probe: probeWith(asked), instanceId: prod, changes });
      return new Map(asked.flatMap(({ endpoints }) => endpoints.map(({ host, path }) => [host, path] as const)));
    };
    const before = await paths({ 'backend.tls10': 'off' });
    assert.deepEqual(new Set(before.values()), new Set([undefined]));
    const after = await paths({ 'backend.tls13': 'on' });
    assert.equal(after.get('identity.contoso.example'), '/secure');
    assert.equal(after.get('payments.contoso.example'), '/');
  });

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
    faults.add({ match: { path: /\/(backends|apis)/ }, times: Infinity, fault: { kind: 'forbidden' } });
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

  it('checks the hosts of APIs where the backends may not be listed, and says that there may be more', async () => {
    const { azure, faults } = openScene();
    const action = 'Microsoft.ApiManagement/service/backends/read';
    faults.add({ match: { path: /\/backends/ }, times: Infinity, fault: { kind: 'forbidden', action } });
    const asked: Asked[] = [];
    const input = { azure, probe: probeWith(asked), instanceId: prod, changes: { 'backend.tls10': 'off' } as const };
    const { plan, backendsFailure } = await checkSettings(input);
    assert.equal(backendsFailure, null);
    const found = plan.findings.flatMap((finding) => (finding.code === 'backendsUnreadable' ? finding.titles : []));
    assert.deepEqual(found, [`all backend entities (your roles lack the action ${action})`]);
    assert.ok((asked[0]?.endpoints.length ?? 0) > 0);
  });

  it('makes a plan that names addresses of backends that cannot be read', async () => {
    const { azure } = openScene();
    const readBackends: typeof azure.readBackends = async (...call) =>
      (await azure.readBackends(...call)).map((backend, index) =>
        index === 0 ? { ...backend, title: 'Legacy', url: 'https://{{legacy-host}}/' } : backend,
      );
    const changes = { 'backend.tls10': 'off' } as const;
    const input = { probe: probeWith([]), instanceId: prod, changes };
    const { plan } = await checkSettings({ ...input, azure: { ...azure, readBackends } });
    const found = plan.findings.flatMap((finding) => (finding.code === 'backendsUnreadable' ? finding.titles : []));
    assert.ok(found.includes('Legacy'));
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

  const client10Off: DraftChanges = { 'client.tls10': 'off' };
  const traffic = { days: 30, withinMs: 60_000 } as const;

  it('asks the logs for callers where a version of the client side goes off, and where it was told to', async () => {
    const asks = async (changes: DraftChanges, more: Partial<CheckInput>) => {
      let asked = 0;
      const { azure } = openScene();
      const readTraffic: typeof azure.readTraffic = (...call) => ((asked += 1), azure.readTraffic(...call));
      const input = { azure: { ...azure, readTraffic }, probe: probeWith([]), instanceId: prod, changes, ...more };
      const { plan, traffic: found, trafficFailure } = await checkSettings(input);
      return { asked, plan, found, trafficFailure };
    };
    const { plan, found, asked, trafficFailure } = await asks(client10Off, { traffic });
    assert.deepEqual([asked, found?.days, trafficFailure], [1, 30, null]);
    const codes = plan.findings.map(({ code }) => code);
    assert.ok(codes.includes('clientsSeen') && !codes.includes('clientsUnknown'), codes.join());
    assert.equal((await asks(client10Off, {})).asked, 0);
    assert.equal((await asks({ 'backend.tls10': 'off' }, { traffic })).asked, 0);
    assert.equal((await asks({ 'client.http2': 'off' }, { traffic })).asked, 0);
  });

  it('goes on where the logs cannot be read or take too long, and says why', async () => {
    const { azure } = openScene();
    const withLogs = (readTraffic: typeof azure.readTraffic, withinMs = 60_000) =>
      checkSettings({
        azure: { ...azure, readTraffic },
        probe: probeWith([]),
        instanceId: prod,
        changes: client10Off,
        traffic: { days: 30, withinMs },
      });
    const refused = await withLogs(() => Promise.reject(new ArmError({ code: 'forbidden' })));
    assert.deepEqual([refused.traffic, refused.trafficFailure?.code], [null, 'forbidden']);
    assert.ok(refused.plan.findings.some(({ code }) => code === 'clientsUnknown'));
    // Heeds no signal.
    const late = await withLogs(() => new Promise(() => undefined), 5);
    assert.deepEqual([late.traffic, late.trafficFailure?.code], [null, 'timeout']);
    assert.ok(late.plan.changes.length > 0);
  });

  it('rejects where the instance cannot be read', async () => {
    for (const [kind, code] of [
      ['forbidden', 'forbidden'],
      ['notFound', 'notFound'],
      ['serverError', 'unavailable'],
      ['drop', 'network'],
      ['html', 'portal'],
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
