// After a change: hosts that follow late, logs that tell of failures, reloads, several windows.

import assert from 'node:assert/strict';
import type { Azure } from '../../src/azure/access.ts';
import { aftermathOf, azurePaces, beginWatch, changeWatchSchema } from '../../src/core/changeWatch.ts';
import type { ChangeWatch } from '../../src/core/changeWatch.ts';
import { alarmSentence, firstLookText, leftBehindSentence } from '../../src/core/changeWatchText.ts';
import { gatewayNames } from '../../src/core/gatewayNames.ts';
import type { GatewayName } from '../../src/core/gatewayNames.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import { mapForDraft } from '../../src/core/tls/draft.ts';
import { expectations, hostSeen, unseenSettings } from '../../src/core/tls/verification.ts';
import { watchChange } from '../../src/flows/watchChange.ts';
import * as v from 'valibot';
import { survey } from '../support/instances.ts';
import { idOf, openScene } from './scene.ts';
import type { Scene } from './scene.ts';

const minute = 60_000;
const fresh = survey({ tls12: [0xc02f] });
const old = survey({ tls10: [], tls12: [0xc02f] });
const old11 = survey({ tls11: [], tls12: [0xc02f] });
const away = survey({}, { behaviour: 'unresolvable' });

type Look = (name: GatewayName) => readonly Survey[];

interface Told {
  readonly what: 'hosts' | 'failures';
  readonly watch: ChangeWatch;
}

/** A change that has just ended, on the scene's clock, and the watch that its first look begins. */
async function changed(scene: Scene, name: string, changes: DraftChanges, look: Look): Promise<ChangeWatch> {
  const startedAt = scene.now().toISOString();
  const before = await scene.azure.readInstance(idOf(name));
  const start = await scene.azure.beginUpdate(before.id, mapForDraft(before, changes) ?? {});
  assert.equal(start.kind, 'running');
  const instance = await scene.azure.followUpdate(before.id, start.kind === 'running' ? start.resume : '');
  const [was, held] = [before.customProperties ?? {}, instance.customProperties ?? {}];
  const expected = expectations(instance, was, held);
  const hosts = expected.length === 0 ? [] : gatewayNames(instance).map((one) => hostSeen(one, expected, look(one)));
  return beginWatch(
    {
      ...{ id: 'op', instanceId: instance.id, instanceName: name, kind: 'change', startedAt, expected, hosts },
      ...{ endedAt: scene.now().toISOString(), unseen: unseenSettings(instance, was, held) },
    },
    azurePaces,
  );
}

/** Watches on the scene's clock; every state that was kept, and what was told. */
async function watched(
  scene: Scene,
  watch: ChangeWatch,
  look: Look,
  more: { readonly signal?: AbortSignal; readonly azure?: Azure; readonly onSave?: (watch: ChangeWatch) => void } = {},
) {
  const saved: ChangeWatch[] = [];
  const told: Told[] = [];
  const last = await watchChange({
    watch,
    azure: more.azure ?? scene.azure,
    look: (name) => Promise.resolve(look(name)),
    paces: azurePaces,
    now: scene.now,
    pause: scene.pause,
    save: (next) => {
      // Through the file and back.
      saved.push(v.parse(changeWatchSchema, JSON.parse(JSON.stringify(next))));
      more.onSave?.(next);
      return Promise.resolve();
    },
    tell: (what, next) => told.push({ what, watch: next }),
    ...(more.signal ? { signal: more.signal } : {}),
  });
  return { last, saved, told };
}

const clientTls11Off: DraftChanges = { 'client.tls11': 'off' };
const clientTls10Off: DraftChanges = { 'client.tls10': 'off' };
const backendTls10Off: DraftChanges = { 'backend.tls10': 'off' };
const queries = (scene: Scene) => scene.requests.filter(({ path }) => path.endsWith('/query')).length;

describe('the hosts of a gateway after a change', () => {
  it('are looked at in every region, those that lag again and again until they follow', async () => {
    const scene = openScene();
    const lags = (until: number): Look => {
      return ({ region }) => [region === 'southeastasia' && scene.now().getTime() < until ? old11 : fresh];
    };
    const instance = await scene.azure.readInstance(idOf('contoso-global'));
    assert.equal(gatewayNames(instance).filter(({ kind }) => kind === 'regional').length, 3);
    const begun = await changed(scene, 'contoso-global', clientTls11Off, () => [old11]);
    assert.ok(begun.hosts.every(({ state }) => state === 'stillOld'));
    const until = scene.now().getTime() + 4 * minute;
    const looked: string[] = [];
    const { last, told } = await watched(scene, begun, (name) => {
      looked.push(name.region ?? name.host);
      return lags(until)(name);
    });
    assert.deepEqual(
      last.hosts.map(({ state }) => state),
      last.hosts.map(() => 'confirmed'),
    );
    // One that has shown it is left alone.
    assert.equal(looked.filter((where) => where === 'eastus2').length, 1);
    assert.equal(looked.filter((where) => where === 'southeastasia').length, 5);
    assert.deepEqual(
      told.filter(({ what }) => what === 'hosts'),
      [],
    );
  });

  it('that do not follow within ten minutes are told once, with region and version', async () => {
    const scene = openScene();
    const look: Look = ({ region }) => [region === 'eastus2' ? old11 : fresh];
    const begun = await changed(scene, 'contoso-global', clientTls11Off, look);
    const ended = Date.parse(begun.endedAt);
    assert.match(
      firstLookText(begun, [fresh, old11], []),
      /\(eastus2\) still accepts TLS 1\.1\. It can take some minutes/,
    );
    const { last, told } = await watched(scene, begun, look);
    const hosts = told.filter(({ what }) => what === 'hosts');
    assert.equal(hosts.length, 1);
    assert.equal(
      leftBehindSentence(last),
      'contoso-global: saved, but contoso-global-eastus2-01.regional.azure-api.example (eastus2) still accepts TLS 1.1.',
    );
    const when = Math.max(...last.hosts.map(() => last.looks));
    assert.equal(when, 1 + azurePaces.looks.length);
    assert.equal(
      azurePaces.looks.reduce((sum, ms) => sum + ms, 0),
      10 * minute,
    );
    assert.ok(scene.now().getTime() - ended < 75 * minute, 'it ends by itself');
  });

  it('that cannot be reached are neither confirmed nor told as old', async () => {
    const scene = openScene();
    const look: Look = ({ kind }) => [kind === 'custom' ? away : fresh];
    const begun = await changed(scene, 'contoso-shop-prod', clientTls10Off, look);
    const { last, told } = await watched(scene, begun, look);
    const states = Object.fromEntries(last.hosts.map(({ host, state }) => [host, state]));
    assert.equal(states['api.contoso.example'], 'notReached');
    assert.equal(states['contoso-shop-prod.azure-api.example'], 'confirmed');
    assert.deepEqual(told, []);
    assert.deepEqual(aftermathOf(last).hosts, last.hosts);
  });

  it('one of whose addresses is still old is not confirmed', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', clientTls10Off, () => [fresh, old]);
    assert.ok(begun.hosts.every(({ state, addresses }) => state === 'stillOld' && addresses.length === 2));
    assert.match(
      firstLookText(begun, [fresh, old], []),
      /^contoso-shop-prod\.azure-api\.example \(westeurope\) still accepts TLS 1\.0, api\.contoso\.example .* and 1 more\. /,
    );
  });

  it('are not looked at for a change that they cannot show', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', { 'backend.tls11': 'off' }, () => {
      throw new Error('nothing is looked at');
    });
    assert.deepEqual([begun.hosts, begun.hostsNextAt, begun.unseen], [[], null, ['backend.tls11']]);
  });
});

describe('the logs of a gateway after a change', () => {
  const none: Look = () => [];

  it('tell of backends that no longer connect, once, against the time before', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', backendTls10Off, none);
    const { last, told, saved } = await watched(scene, begun, none);
    assert.deepEqual(
      told.map(({ what }) => what),
      ['failures'],
    );
    const [worst] = last.logs?.findings ?? [];
    assert.equal(worst?.severity, 'problem');
    assert.deepEqual(
      [worst.row.api, worst.row.reason, worst.row.before],
      ['inventory-api', 'BackendConnectionFailure', 0],
    );
    assert.ok(worst.row.since > 1000 && worst.row.tls === worst.row.since);
    assert.match(
      alarmSentence(told[0]?.watch ?? begun, () => '12:05'),
      /^contoso-shop-prod: [\d,.]+ requests to inventory-api failed with BackendConnectionFailure since the change, 0 in the same time before\. Backend: inventory\.contoso\.example\. .* As of 12:05\.$/,
    );
    // Kept as told before it is told: a reload at that moment says nothing twice.
    const first = saved.find(({ logs }) => (logs?.findings.length ?? 0) > 0);
    assert.equal(first?.told.failures, true);
  });

  it('are asked every five minutes for an hour, and once more for rows that come late', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', { 'backend.tls11': 'off' }, none);
    scene.requests.length = 0;
    const { last, told } = await watched(scene, begun, none);
    assert.equal(queries(scene), 14);
    assert.deepEqual([last.ended, last.logsNextAt, told], ['done', null, []]);
    assert.equal(last.logs?.asOf, last.logsUntil, 'what comes after the hour is none of its business');
    assert.equal(last.logs?.findings.length, 0);
  });

  for (const [name, sentence] of [
    ['contoso-hr', /your roles lack the action Microsoft\.Insights\/diagnosticSettings\/read/],
    ['contoso-archive', /No diagnostic setting .* Log Analytics/],
    ['contoso-trust', /no table of gateway logs/],
  ] as const) {
    it(`of ${name} that cannot be asked are one line, and no more`, async () => {
      const scene = openScene();
      const begun = await changed(scene, name, { 'client.http2': 'on' }, none);
      const { last, told } = await watched(scene, begun, none);
      assert.match(last.logsProblem, sentence);
      assert.deepEqual([last.logs, last.ended, told], [null, 'done', []]);
      assert.ok(queries(scene) <= 1);
    });
  }

  it('that fail now and then are asked again, and what was read stays', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', backendTls10Off, none);
    scene.faults.add({ match: { path: /\/query$/ }, times: 4, fault: { kind: 'serverError' } });
    const { last, saved } = await watched(scene, begun, none);
    assert.notEqual(saved[0]?.logsProblem, '');
    assert.equal(last.logsProblem, '');
    assert.equal(last.logs?.findings[0]?.severity, 'problem');
  });
});

describe('a watch', () => {
  it('goes on after a reload where it stood, and tells nothing twice', async () => {
    const scene = openScene();
    const look: Look = ({ region }) => [region === 'eastus2' ? old : fresh];
    const begun = await changed(scene, 'contoso-shop-prod', { ...backendTls10Off, ...clientTls10Off }, look);
    const stop = new AbortController();
    const first = await watched(scene, begun, look, {
      signal: stop.signal,
      onSave: ({ told }) => (told.failures ? stop.abort() : undefined),
    });
    assert.equal(first.last.ended, null);
    const kept = first.saved.at(-1) ?? begun;
    assert.equal(kept.told.failures, true);
    const second = await watched(scene, kept, look, { azure: scene.connect() });
    assert.deepEqual(second.told, []);
    assert.equal(second.last.ended, 'done');
    assert.ok((second.last.logs?.findings[0]?.row.since ?? 0) > (kept.logs?.findings[0]?.row.since ?? Infinity));
  });

  it('that is taken up a day later asks once more for its own hour, and ends', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', backendTls10Off, () => []);
    await scene.pause(26 * 60 * minute);
    scene.requests.length = 0;
    const { last } = await watched(scene, begun, () => []);
    assert.equal(queries(scene), 1);
    assert.equal(last.logs?.asOf, begun.logsUntil);
    assert.equal(last.logs?.findings[0]?.row.api, 'inventory-api');
  });

  it('that another window has taken over tells nothing here', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', clientTls11Off, () => [old11]);
    const stop = new AbortController();
    const onSave = ({ told }: ChangeWatch) => void (told.hosts && stop.abort());
    const { told } = await watched(scene, begun, () => [old11], { signal: stop.signal, onSave });
    assert.ok(stop.signal.aborted);
    assert.deepEqual(
      told.filter(({ what }) => what === 'hosts'),
      [],
    );
  });

  it('that is stopped in the middle of a question keeps what it had', async () => {
    const scene = openScene();
    const begun = await changed(scene, 'contoso-shop-prod', backendTls10Off, () => []);
    const stop = new AbortController();
    const azure = scene.connect({ onRequest: (_, path) => void (path.endsWith('/query') && stop.abort()) });
    const { last, saved } = await watched(scene, begun, () => [], { signal: stop.signal, azure });
    assert.deepEqual([last, saved], [begun, []]);
  });
});
