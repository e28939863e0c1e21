// Changes that somebody else makes: found against what is remembered, and who made them by the Activity Log.

import assert from 'node:assert/strict';
import { callersOf, effectiveWrites } from '../../src/core/activity.ts';
import type { Activity } from '../../src/core/activity.ts';
import { driftWindow, memoryKey, remember } from '../../src/core/drift.ts';
import type { Drift, Remembered } from '../../src/core/drift.ts';
import { writersText } from '../../src/core/driftText.ts';
import { failureCode } from '../../src/core/failure.ts';
import type { HistoryEntry } from '../../src/core/history.ts';
import { isBusy } from '../../src/core/instance.ts';
import type { Instance } from '../../src/core/instance.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import { atAStretch, findDrifts } from '../../src/flows/findDrifts.ts';
import type { DriftInput } from '../../src/flows/findDrifts.ts';
import { followed, inputFor, planFor, trust } from './changing.ts';
import { instance } from '../support/instances.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Scene } from './scene.ts';

const tls10 = `${keyPrefix}Security.Protocols.Tls10`;
const log = /eventtypes\/management\/values$/;

async function estateOf(scene: Scene): Promise<readonly Instance[]> {
  return (await scene.azure.readEstate()).instances;
}

/** Of instances at rest, as the product begins it. */
function memoryOf(instances: readonly Instance[]): ReadonlyMap<string, Remembered> {
  const atRest = instances.filter((one) => !isBusy(one));
  return new Map(atRest.flatMap((one) => remember(one, 'seen') ?? []).map((one) => [memoryKey(one), one]));
}

function look(scene: Scene, part: Pick<DriftInput, 'instances' | 'memory'> & Partial<DriftInput>) {
  return findDrifts({ azure: scene.azure, own: () => [], isChanging: () => false, known: new Map(), ...part });
}

/** Somebody else writes, and it ends. */
async function changedElsewhere(scene: Scene, name: string, text: string): Promise<void> {
  const id = idOf(name);
  const { customProperties } = await scene.azure.readInstance(id);
  const started = await scene.connect().beginUpdate(id, { ...customProperties, [tls10]: text });
  assert.equal(started.kind, 'running');
  await scene.pause(60_000);
}

describe('drift: looking for changes made elsewhere', () => {
  it('finds none in an estate at rest, and asks Azure nothing', async () => {
    const scene = openScene();
    const instances = await estateOf(scene);
    const before = scene.requests.length;
    const found = await look(scene, { instances: await estateOf(scene), memory: memoryOf(instances) });
    const listing = scene.requests.slice(before).filter(({ path }) => /service\/[^/]+$/.test(path));
    assert.deepEqual([found.drifts, found.read, found.unsettled, listing], [[], [], [], []]);
    const stated = instances.filter((one) => one.customProperties !== null && one.provisioningState === 'Succeeded');
    assert.ok(found.remembered.length >= stated.length);
  });

  it('finds what somebody else has changed, read from Azure itself, and knows it again without asking', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, trust, 'true');
    const instances = await estateOf(scene);
    const first = await look(scene, { instances, memory });
    assert.deepEqual(
      first.drifts.map(({ name, grade, keys }) => [name, grade, keys.map(({ key }) => key)]),
      [[trust, 'weaker', [tls10]]],
    );
    assert.deepEqual(
      first.read.map(({ name, etag }) => [name, etag !== null]),
      [[trust, true]],
    );
    const known = new Map(first.drifts.map((drift): [string, Drift] => [memoryKey(drift), drift]));
    const again = await look(scene, { instances, memory, known });
    assert.deepEqual([again.drifts, again.read], [first.drifts, []]);
  });

  it('takes a lagging row of Resource Graph for nothing, whichever way it lags', async () => {
    const scene = openScene();
    const id = idOf(trust);
    const stale = (await estateOf(scene)).filter(({ name }) => name === trust);
    await changedElsewhere(scene, trust, 'true');
    // What was seen by Azure itself is newer than the row.
    const memory = memoryOf([await scene.azure.readInstance(id)]);
    const found = await look(scene, { instances: stale, memory });
    assert.deepEqual([found.drifts, found.unsettled], [[], []]);
    assert.equal(found.remembered[0]?.map[tls10], 'true');
  });

  it('says nothing of an instance that cannot be asked about, and asks again next time', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, trust, 'true');
    const instances = await estateOf(scene);
    scene.faults.add({ match: { path: /service\/contoso-trust\?/ }, times: 10, fault: { kind: 'serverError' } });
    const failing = await look(scene, { instances, memory });
    assert.deepEqual([failing.drifts, failing.unsettled], [[], [idOf(trust)]]);
  });

  it('is cancelled with its signal', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, trust, 'true');
    const instances = await estateOf(scene);
    const stop = new AbortController();
    const azure = scene.connect({ onRequest: (_, path) => void (/contoso-trust$/.test(path) && stop.abort()) });
    const looking = look(scene, { azure, instances, memory, signal: stop.signal });
    await assert.rejects(looking, (error) => failureCode(error) === 'cancelled');
  });

  const many = Array.from({ length: 10_000 }, (_, i) =>
    instance({ name: `n${i}`, id: `/s/n${i}`, customProperties: { [tls10]: i % 2 === 0 ? 'true' : 'false' } }),
  );
  const manyBefore = memoryOf(
    many.map((one) => ({ ...one, customProperties: { [tls10]: 'false' }, readAt: '2026-11-20T11:00:00Z' })),
  );
  const noAzure = { readInstance: () => Promise.reject(new Error('not to be asked')) };

  it('leaves the host to others between stretches of 10,000 instances, and finds the same', async () => {
    let [turns, compared, longest, ended] = [0, 0, 0, false];
    const count = () => {
      turns += 1;
      compared = 0;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    const isChanging = () => {
      longest = Math.max(longest, (compared += 1));
      return false;
    };
    const input = { azure: noAzure, instances: many, memory: manyBefore, own: () => [], known: new Map() };
    const found = await findDrifts({ ...input, isChanging });
    ended = true;
    assert.equal(longest, atAStretch, 'compared in one turn');
    assert.ok(turns >= many.length / atAStretch - 1, `${turns} turns`);
    assert.deepEqual([found.drifts.length, found.remembered.length], [5000, 5000]);
    assert.deepEqual(
      found.drifts.slice(0, 2).map(({ name }) => name),
      ['n0', 'n2'],
    );
  });

  it('is cancelled between two stretches', async () => {
    const stop = new AbortController();
    let compared = 0;
    const isChanging = () => {
      compared += 1;
      if (compared === 10) setImmediate(() => stop.abort());
      return false;
    };
    const input = { azure: noAzure, instances: many, memory: manyBefore, own: () => [], known: new Map() };
    const looking = findDrifts({ ...input, isChanging, signal: stop.signal });
    await assert.rejects(looking, (error) => failureCode(error) === 'cancelled');
    assert.equal(compared, atAStretch);
  });

  it('leaves a change of our own alone while it runs, when it has ended, and in a window that saw nothing of it', async () => {
    const scene = openScene();
    const notes = takeNotes();
    const memory = memoryOf(await estateOf(scene));
    const instance = await scene.azure.readInstance(idOf(trust));
    const outcome = await applySettings(inputFor(scene, notes, planFor(instance, { 'client.tls10': 'on' })));
    const own = (one: Instance): readonly HistoryEntry[] =>
      notes.history.filter(({ instanceId }) => instanceId === one.id);
    const during = await look(scene, {
      instances: await estateOf(scene),
      memory,
      isChanging: (id) => id === instance.id,
    });
    assert.deepEqual(during.drifts, []);
    await scene.pause(60_000);
    // Azure has ended it, and nobody here has heard of that yet.
    assert.deepEqual((await look(scene, { instances: await estateOf(scene), memory, own })).drifts, []);
    await followed(scene, notes, outcome);
    const after = await look(scene, { instances: await estateOf(scene), memory, own });
    assert.deepEqual(after.drifts, []);
    const kept = after.remembered.find(({ name }) => name === trust);
    assert.deepEqual([kept?.source, kept?.map[tls10]?.toLowerCase()], ['applied', 'true']);
    // And then somebody takes it back.
    await changedElsewhere(scene, trust, 'false');
    const back = await look(scene, { instances: await estateOf(scene), memory, own });
    assert.deepEqual(
      back.drifts.map(({ name, grade, since }) => [name, grade, since.source]),
      [[trust, 'stronger', 'applied']],
    );
  });

  it('says nothing of an instance that is being changed from here, even where it rests for a moment', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, trust, 'true');
    const isChanging = (id: string) => id === idOf(trust);
    const found = await look(scene, { instances: await estateOf(scene), memory, isChanging });
    assert.deepEqual([found.drifts, found.read], [[], []]);
  });

  it('keeps the memory of an instance that was moved', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, trust, 'true');
    const moved = scene.move(trust, { resourceGroup: 'rg-elsewhere' });
    const found = await look(scene, { instances: await estateOf(scene), memory });
    assert.deepEqual(
      found.drifts.map(({ name, instanceId }) => [name, instanceId]),
      [[trust, moved]],
    );
  });
});

describe('drift: who wrote, by the Activity Log', () => {
  const hoursBefore = (scene: Scene, hours: number) =>
    new Date(scene.now().getTime() - hours * 3_600_000).toISOString();
  const read = (scene: Scene, name: string, hours: number, azure = scene.azure): Promise<Activity> =>
    azure.readActivity(idOf(name), { from: hoursBefore(scene, hours), to: hoursBefore(scene, -1) });
  const when = () => 'then';

  it('names the one who wrote in that time, once for all events of the operation', async () => {
    const scene = openScene();
    const activity = await read(scene, trust, 80);
    assert.ok(activity.state === 'read');
    assert.deepEqual(
      activity.writes.map(({ caller, status }) => [caller, status]),
      [['jules@contoso.example', 'Succeeded']],
    );
    assert.match(
      writersText(activity, when),
      /^The only write of the instance in that time: jules@contoso\.example, then\.$/,
    );
  });

  it('names several, and does not say which of them it was; one that failed is left out', async () => {
    const activity = await read(openScene(), 'contoso-audit', 24);
    assert.ok(activity.state === 'read');
    assert.equal(activity.writes.length, 3);
    const callers = callersOf(effectiveWrites(activity.writes));
    assert.equal(callers.length, 2);
    assert.ok(!callers.includes('kim@contoso.example'));
    assert.match(
      writersText(activity, when),
      /^Several have written .*robin@contoso\.example \(then\).*is not in the log\.$/,
    );
  });

  it('says that the log has nothing, and why that may be', async () => {
    const activity = await read(openScene(), 'contoso-archive', 24);
    assert.deepEqual(activity.state === 'read' && activity.writes, []);
    assert.match(writersText(activity, when), /has no write .* up to 20 minutes/);
  });

  it('says which action is missing, and on what', async () => {
    const activity = await read(openScene(), 'contoso-global', 24);
    assert.ok(activity.state === 'noPermission');
    assert.equal(activity.action, 'Microsoft.Insights/eventtypes/values/read');
    assert.match(
      writersText(activity, when),
      /may not read the Activity Log \(Microsoft\.Insights\/eventtypes\/values\/read on \/subs/,
    );
  });

  it('asks for 90 days at most, and says that it did', async () => {
    const scene = openScene();
    const asked: string[] = [];
    const azure = scene.connect({ onRequest: (_method, path) => void asked.push(path) });
    const activity = await read(scene, trust, 24 * 120, azure);
    assert.ok(activity.state === 'read' && activity.cut);
    assert.match(writersText(activity, when), /The log was not read as far back: it keeps 90 days\.$/);
    assert.equal(asked.filter((path) => log.test(path)).length, 1);
  });

  it('has the write of somebody who changed the instance since it was last seen', async () => {
    const scene = openScene();
    const memory = memoryOf(await estateOf(scene));
    await changedElsewhere(scene, 'contoso-archive', 'true');
    const { drifts } = await look(scene, { instances: await estateOf(scene), memory });
    const [drift] = drifts;
    assert.ok(drift);
    const activity = await scene.azure.readActivity(drift.instanceId, driftWindow(drift));
    assert.ok(activity.state === 'read');
    assert.deepEqual(
      activity.writes.map(({ caller }) => caller),
      ['sample@contoso.example'],
    );
  });

  it('follows the pages of the log, and no more than ten', async () => {
    const scene = openScene();
    const next = `https://management.azure.com/subscriptions/${idOf(trust).split('/')[2]}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=eventTimestamp%20ge%20'2026-09-01'%20and%20eventTimestamp%20le%20'2026-12-31'%20and%20resourceUri%20eq%20'${idOf(trust)}'`;
    const azure = scene.connect({
      rewrite: (body, path) => (log.test(path) ? { ...(body as object), nextLink: next } : body),
    });
    const activity = await read(scene, trust, 24, azure);
    assert.ok(activity.state === 'read' && activity.cut);
    assert.equal(scene.requests.filter(({ path }) => log.test(path)).length, 10);
    assert.deepEqual(activity.writes.map(({ caller }) => caller).sort(), [
      '0f6b9a1e-8c34-4d57-b1a2-3e9d7c5f8046',
      'jules@contoso.example',
    ]);
  });

  it('takes an answer that is no list of events for none, and a service that fails for what it is', async () => {
    const scene = openScene();
    const odd = scene.connect({ rewrite: (body, path) => (log.test(path) ? { events: [] } : body) });
    await assert.rejects(read(scene, trust, 24, odd), (error) => failureCode(error) === 'malformed');
    scene.faults.add({ match: { path: log }, times: Infinity, fault: { kind: 'serverError' } });
    scene.faults.add({ match: { path: /management\/values/ }, times: Infinity, fault: { kind: 'serverError' } });
    await assert.rejects(read(scene, trust, 24), (error) => failureCode(error) === 'unavailable');
  });
});
