// Five hundred instances change with faults at random and three restarts in the middle; in the end every map is compared.
// BATCH_SEED and BATCH_RUNS choose others; a failure names its seed.

import assert from 'node:assert/strict';
import { countsOf, isActive, isSettled, phaseOf } from '../../src/core/batchProgress.ts';
import type { Batch, ItemState } from '../../src/core/batchProgress.ts';
import type { BatchPlan } from '../../src/core/batch.ts';
import type { CustomProperties, Instance } from '../../src/core/instance.ts';
import { evidenceOf } from '../../src/core/planEvidence.ts';
import { differences, keyPrefix } from '../../src/core/tls/customProperties.ts';
import { compareReadBack } from '../../src/core/tls/readBack.ts';
import { createFaults } from '../../src/emulator/faults.ts';
import type { Faults } from '../../src/emulator/faults.ts';
import { largeEstate } from '../../src/emulator/largeEstate.ts';
import type { SampleService } from '../../src/emulator/model.ts';
import { randomFaults, seededRandom } from '../../src/emulator/randomFaults.ts';
import { itemOf, planInstance } from '../../src/flows/planBatch.ts';
import type { Target } from '../../src/flows/planBatch.ts';
import { batchOn, emptyDisk, entriesOn, idOfService, keepPlan, openBatchWindow, openField } from './batchScene.ts';
import type { Disk, Field } from './batchScene.ts';

const firstSeed = Number(process.env['BATCH_SEED'] ?? 1);
const runs = Number(process.env['BATCH_RUNS'] ?? 8);
const estate = largeEstate({ instances: 500, subscriptions: 25, tenants: 2 });
const restarts = 3;
const limit = 5;

async function planFor(field: Field, target: Target, id: string, more: Partial<BatchPlan> = {}): Promise<BatchPlan> {
  const { azure } = openBatchWindow(field, emptyDisk());
  const instances: Instance[] = [];
  for (const service of field.estate.services) instances.push(await azure.readInstance(idOfService(service)));
  const items = instances.map((instance) => {
    const planned = planInstance({ instance, backends: [], surveys: {} }, target);
    return { ...itemOf(instance, planned, true), evidence: evidenceOf(planned.plan, [], {}) };
  });
  return {
    version: 1,
    id,
    name: id,
    startedAt: new Date(field.clock.now).toISOString(),
    aim:
      target.kind === 'undo'
        ? { kind: 'undo', batchId: target.batch.plan.id, batchName: '' }
        : { kind: 'preset', preset: 'modern' },
    limit,
    stopOnFailure: false,
    downtimeAt: null,
    items,
    ...more,
  };
}

/** Works on the batch as a person would: resumes what pauses, and comes back after each restart. */
async function work(
  field: Field,
  disk: Disk,
  diesAt: readonly number[] = [],
  onChange: (batch: Batch) => void = () => undefined,
) {
  let deaths = 0;
  let pauses = 0;
  for (let visit = 0; ; visit += 1) {
    const window = openBatchWindow(field, disk, diesAt[visit] ?? Infinity);
    const run = window.run((batch) => {
      onChange(batch);
      if (batch.paused === null) return;
      pauses += 1;
      assert.ok(pauses < 2000, 'is resumed again and again');
      void run.tell('resume');
    });
    if (run.batch().paused) void run.tell('resume');
    const end = await Promise.race([window.died, run.over.then(() => 'over' as const)]);
    if (end === 'over') return { deaths, pauses };
    deaths += 1;
  }
}

/** A change by somebody else, who knows nothing of the batch. */
function someoneElse(
  field: Field,
  service: SampleService,
  keys: CustomProperties = { [`${keyPrefix}Protocols.Server.Http2`]: 'elsewhere' },
): Promise<unknown> {
  const { azure } = openBatchWindow(field, emptyDisk());
  return azure.beginUpdate(idOfService(service), { ...field.mapOf(service), ...keys });
}

/** What must be true of an instance, by what the batch says of it. */
function verdict(
  state: ItemState,
  planned: CustomProperties,
  before: CustomProperties,
  service: SampleService,
  map: CustomProperties,
) {
  const asPlanned = compareReadBack(before, planned, map, service.createdAt).kind === 'asSent';
  const untouched = JSON.stringify(map) === JSON.stringify(before);
  switch (state) {
    case 'done':
      return asPlanned;
    case 'leftOut':
    case 'refused':
    case 'stopped':
    case 'failed':
      return untouched;
    case 'different':
      // Reported as such: nothing has changed though Azure took it, or one key is not as sent.
      return untouched || compareReadBack(before, planned, map, service.createdAt).keys.length === 1;
    default:
      return false;
  }
}

describe('a change of five hundred instances', () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    it(`leaves each one as planned or untouched and reported, seed ${seed}`, async function () {
      this.timeout(120_000);
      const random = seededRandom(seed);
      let faults: Faults | undefined;
      const field = openField(estate, () => faults);
      const plan = await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch');
      const before = new Map(estate.services.map((service) => [service, field.mapOf(service)]));
      const disk = emptyDisk();
      keepPlan(disk, plan);

      // Somebody else has changed some of them since they were read.
      const elsewhere = new Set(estate.services.filter((service, index) => index % 100 === 42 && service.map !== null));
      for (const service of elsewhere) await someoneElse(field, service);
      field.clock.now += 120_000;
      for (const service of elsewhere) before.set(service, field.mapOf(service));

      faults = randomFaults(seed, 0.1, [{ kind: 'throttled', retryAfterSeconds: 20 }, { kind: 'claimsChallenge' }]);
      const journalLengths: number[] = [];
      const diesAt = Array.from({ length: restarts }, () => 300 + Math.floor(random() * 2500));
      const { deaths, pauses } = await work(field, disk, diesAt, (batch) => {
        journalLengths.push(disk.journal.length);
        assert.ok(batch.items.filter(({ state }) => isActive(state)).length <= limit);
      });
      faults = undefined;
      // What Azure still works on when nobody could follow it any more.
      field.clock.now += 120_000;

      const batch = batchOn(disk);
      assert.equal(deaths, restarts);
      assert.equal(phaseOf(batch), 'ended');
      assert.equal(disk.operations.size, 0, 'an operation is left over');
      const wrong: string[] = [];
      for (const [index, service] of estate.services.entries()) {
        const item = batch.plan.items[index];
        const progress = batch.items[index];
        assert.ok(item && progress && isSettled(progress.state));
        const map = field.mapOf(service) ?? {};
        const old = before.get(service) ?? {};
        if (elsewhere.has(service)) assert.ok(['refused', 'leftOut'].includes(progress.state), progress.state);
        if (!verdict(progress.state, item.map, old, service, map))
          wrong.push(`${item.name}: ${progress.state}, ${JSON.stringify(differences(item.map, map))}`);
        // Whatever is not done is reported in words.
        if (['refused', 'failed', 'different', 'unknown'].includes(progress.state))
          assert.notEqual(progress.detail, '');
        const entries = entriesOn(disk, item.instanceId);
        if (progress.state === 'done') assert.equal(entries[0]?.result, 'done');
        assert.ok(entries.every(({ batchId, result }) => batchId === 'batch' && result !== 'running'));
        for (const { evidence } of entries) assert.deepEqual(evidence, item.evidence);
      }
      assert.deepEqual(wrong, []);
      assert.ok(field.mostChanging() <= limit, `${field.mostChanging()} at once`);
      const counts = countsOf(batch.items);
      console.log(`      ${JSON.stringify({ deaths, pauses, patches: field.patches(), ...counts })}`);
      // A run in which nothing goes wrong proves nothing, nor does one in which everything does.
      assert.ok(
        counts.done > 250 && counts.refused > 5 && counts.failed + counts.different > 2,
        JSON.stringify(counts),
      );
    });
  }

  it('is undone as a whole, by the same way; what was changed again since stays', async function () {
    this.timeout(60_000);
    const few = { ...estate, services: estate.services.slice(0, 60) };
    const field = openField(few, () => undefined);
    const before = new Map(few.services.map((service) => [service, field.mapOf(service)]));
    const disk = emptyDisk();
    keepPlan(disk, await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch'));
    await work(field, disk);
    const batch = batchOn(disk);
    const done = countsOf(batch.items).done;
    assert.ok(done > 40);
    const again = few.services[batch.items.findIndex(({ state }) => state === 'done')];
    assert.ok(again);
    const contested = `${keyPrefix}Security.Protocols.Tls11`;
    await someoneElse(field, again, { [contested]: 'contested' });
    field.clock.now += 120_000;

    const undo = emptyDisk();
    keepPlan(undo, await planFor(field, { kind: 'undo', batch }, 'undo'));
    await work(field, undo);
    assert.equal(countsOf(batchOn(undo).items).done, done);
    for (const [index, service] of few.services.entries()) {
      const { [contested]: kept, ...map } = field.mapOf(service) ?? {};
      const { [contested]: first, ...old } = before.get(service) ?? {};
      const changed = batch.plan.items[index]?.map ?? {};
      assert.equal(compareReadBack(changed, old, map, service.createdAt).kind, 'asSent', service.name);
      if (service === again) assert.equal(kept, 'contested');
      else if (first !== undefined) assert.equal(kept?.toLowerCase(), first.toLowerCase());
      const entries = entriesOn(undo, idOfService(service));
      assert.ok(entries.every(({ kind, batchId }) => kind === 'undo' && batchId === 'undo'));
    }
  });
});

describe('a change of several instances', () => {
  // Some made-up instances of the Consumption tier hold keys that it refuses.
  const takesAll = ({ map, tier }: SampleService) =>
    map !== null && (tier !== 'Consumption' || !Object.keys(map).some((key) => key.includes('Ciphers')));
  const few = { ...estate, services: estate.services.filter(takesAll).slice(0, 24) };

  it('pauses at the first that does not end as planned, begins nothing more, and goes on when it is told to', async () => {
    const faults = createFaults();
    const field = openField(few, () => faults);
    const disk = emptyDisk();
    keepPlan(
      disk,
      await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch', { stopOnFailure: true, limit: 1 }),
    );
    faults.add({ match: { method: 'PATCH' }, times: 1, after: 2, fault: { kind: 'operationFails', as: 'error' } });
    const run = openBatchWindow(field, disk).run((batch) => {
      if (batch.paused) paused.resolve(batch);
    });
    const paused = Promise.withResolvers<Batch>();
    const batch = await paused.promise;
    assert.equal(batch.paused?.why, 'failure');
    assert.deepEqual({ ...pick(batch), waiting: 0 }, { done: 2, failed: 1, waiting: 0 });
    const patches = field.patches();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(field.patches(), patches);
    await run.tell('resume');
    await run.over;
    assert.deepEqual(pick(run.batch()), { done: countsOf(batch.items).waiting + 2, failed: 1 });
  });

  it('leaves what has not begun as it is when it is stopped, and follows what runs to its end', async () => {
    const field = openField(few, () => undefined);
    const disk = emptyDisk();
    keepPlan(disk, await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch', { limit: 3 }));
    const before = new Map(few.services.map((service) => [service, JSON.stringify(field.mapOf(service))]));
    const run = openBatchWindow(field, disk).run((batch) => {
      if (batch.items.some(({ state }) => state === 'running') && !batch.stopped) void run.tell('stop');
    });
    await run.over;
    const batch = run.batch();
    const { done = 0, stopped = 0 } = pick(batch);
    assert.ok(done >= 1 && done <= 3 && stopped > 10, JSON.stringify(pick(batch)));
    for (const [index, { state }] of batch.items.entries()) {
      const service = few.services[index];
      assert.ok(service);
      assert.equal(JSON.stringify(field.mapOf(service)) === before.get(service), state !== 'done');
    }
  });

  it('begins with those without downtime, and with the others at their time', async () => {
    const field = openField(few, () => undefined);
    const disk = emptyDisk();
    const downtimeAt = new Date(field.clock.now + 7 * 24 * 3_600_000).toISOString();
    keepPlan(disk, await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch', { downtimeAt }));
    await work(field, disk);
    const batch = batchOn(disk);
    const begun = (wave: number) =>
      batch.items.flatMap(({ state, startedAt }, index) =>
        state === 'done' && batch.plan.items[index]?.wave === wave ? [startedAt ?? ''] : [],
      );
    const ended = batch.items.flatMap(({ endedAt }, index) =>
      batch.plan.items[index]?.wave === 1 ? [endedAt ?? ''] : [],
    );
    assert.ok(begun(3).length > 1 && begun(2).length > 0 && begun(1).length > 1);
    assert.ok(begun(3).every((at) => at >= downtimeAt));
    const lastOfFirst = ended.sort().at(-1) ?? '';
    assert.ok(
      begun(2).every((at) => at >= lastOfFirst),
      'the second wave begins after the first',
    );
  });

  const hour = 3_600_000;
  const oversleeps = (field: Field) => (milliseconds: number) => {
    field.clock.now += milliseconds > hour ? milliseconds + 2 * hour : milliseconds;
    return Promise.resolve();
  };
  for (const [why, opensAfter, pauseOf] of [
    ['no window was open', 20 * hour, undefined],
    ['the machine was asleep', 0, oversleeps],
  ] as const)
    it(`does not begin those with downtime at another time, where ${why} at theirs`, async () => {
      const field = openField(few, () => undefined);
      const disk = emptyDisk();
      const downtimeAt = new Date(field.clock.now + 10 * hour).toISOString();
      keepPlan(disk, await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch', { downtimeAt }));
      const statesIn = (batch: Batch, down: boolean) =>
        new Set(
          batch.items.flatMap(({ state }, index) =>
            (batch.plan.items[index]?.wave === 3) === down && state !== 'leftOut' ? [state] : [],
          ),
        );
      field.clock.now += opensAfter;
      const paused = Promise.withResolvers<Batch>();
      const run = openBatchWindow(field, disk, Infinity, pauseOf ? { pause: pauseOf(field) } : {}).run((batch) => {
        if (batch.paused) paused.resolve(batch);
      });
      const batch = await Promise.race([paused.promise, run.over.then(() => run.batch())]);
      assert.equal(batch.paused?.why, 'late');
      assert.deepEqual([statesIn(batch, false), statesIn(batch, true)], [new Set(['done']), new Set(['waiting'])]);
      await run.tell('resume');
      await run.over;
      assert.deepEqual(statesIn(run.batch(), true), new Set(['done']));
    });

  it('begins nothing that cannot be written down, and nothing once another window has taken over', async () => {
    const field = openField(few, () => undefined);
    const disk = emptyDisk();
    keepPlan(disk, await planFor(field, { kind: 'preset', preset: 'modern' }, 'batch'));
    const full = openBatchWindow(field, disk, Infinity, {
      write: () => Promise.reject(new Error('The disk is full.')),
    });
    await assert.rejects(full.run().over, /The disk is full/);
    let asked = 0;
    const other = openBatchWindow(field, disk, Infinity, { mayBegin: () => Promise.resolve((asked += 1) <= 2) });
    await other.run().over;
    assert.ok(field.patches() <= 2, 'what was about to be sent may have been sent');
    assert.equal(countsOf(batchOn(disk).items).writing + countsOf(batchOn(disk).items).running, 2);
    // Whoever has taken over ends it.
    await work(field, disk);
    assert.deepEqual(Object.keys(pick(batchOn(disk))), ['done']);
    assert.equal(phaseOf(batchOn(disk)), 'ended');
  });
});

/** States that occur, without those that were left out. */
function pick(batch: Batch): Partial<Record<ItemState, number>> {
  return Object.fromEntries(
    Object.entries(countsOf(batch.items)).filter(([state, count]) => count > 0 && state !== 'leftOut'),
  );
}
