import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BatchEvent, BatchPlan } from '../../../src/core/batch.ts';
import { openBatchFiles } from '../../../src/ui/batchFiles.ts';
import { anyBatch, anyRunning } from '../../../src/ui/places.ts';

const plan: BatchPlan = {
  version: 1,
  id: 'one',
  name: 'One',
  startedAt: '2026-11-20T12:00:00.000Z',
  aim: { kind: 'preset', preset: 'modern' },
  limit: 3,
  stopOnFailure: true,
  downtimeAt: null,
  items: ['a', 'b'].map((name) => ({
    instanceId: `/${name}`,
    name,
    tier: 'Premium',
    createdAt: null,
    wave: 1,
    base: { etag: null, map: { k: 'True' } },
    map: { k: 'false' },
    overridden: false,
    leftOut: null,
  })),
};
const begun: BatchEvent = { kind: 'begun', item: 0, operationId: 'op', at: plan.startedAt };

describe('files of changes of several instances', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-batches-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const lease = (number: number) => path.join(folder, 'batches', 'one', `lease-${number}`);

  it('are empty where nothing was written, and make no folder by being read', async () => {
    const files = openBatchFiles(path.join(folder, 'deep'));
    assert.deepEqual([await files.open(), await files.all(), await files.read('one')], [[], [], null]);
    assert.equal(await anyRunning(path.join(folder, 'deep')), false);
    assert.deepEqual(await readdir(folder), []);
  });

  it('keep a plan and what has happened, for every window, until it has ended and after', async () => {
    const files = openBatchFiles(folder);
    await files.create(plan);
    assert.deepEqual(await files.open(), ['one']);
    assert.equal(await anyBatch(folder), true);
    assert.equal(await anyRunning(folder), true);
    const before = await files.version('one');
    await files.append('one', begun);
    assert.notEqual(await files.version('one'), before);
    const batch = await openBatchFiles(folder).read('one');
    assert.deepEqual(
      batch?.items.map(({ state }) => state),
      ['writing', 'waiting'],
    );
    await files.end('one');
    assert.deepEqual([await files.open(), await files.all()], [[], ['one']]);
    assert.equal(await anyBatch(folder), false);
    assert.equal((await files.read('one'))?.items[0]?.state, 'writing');
  });

  it('lose one line where the writing of it was cut, and no more', async () => {
    const files = openBatchFiles(folder);
    await files.create(plan);
    await files.append('one', begun);
    await appendFile(path.join(folder, 'batches', 'one', 'journal.jsonl'), '\n{"kind":"ended","item":0,"oper');
    await files.append('one', { ...begun, item: 1 });
    assert.deepEqual(
      (await files.read('one'))?.items.map(({ state }) => state),
      ['writing', 'writing'],
    );
  });

  it('never leave their folder, whatever an id holds', async () => {
    const files = openBatchFiles(folder);
    await files.create({ ...plan, id: '../../out' });
    assert.deepEqual(await readdir(folder), ['batches']);
    assert.deepEqual(await files.all(), ['out']);
  });

  it('are in the hand of one window at a time', async () => {
    const files = openBatchFiles(folder);
    await files.create(plan);
    const all = await Promise.all(Array.from({ length: 8 }, () => openBatchFiles(folder).take('one')));
    const [mine, ...others] = all.filter((one) => one !== null);
    assert.ok(mine);
    assert.deepEqual(others, []);
    assert.equal(await files.isTaken('one'), true);
    assert.equal(await files.take('one'), null);
    assert.equal(await mine.renew(), true);
    mine.release();
    assert.equal(await files.isTaken('one'), false);
    assert.notEqual(await files.take('one'), null);
  });

  it('pass wishes on to whoever has it in hand, in their order, each of them once', async () => {
    const files = openBatchFiles(folder);
    await files.create(plan);
    assert.deepEqual([await files.isAsked('one'), await files.takeWishes('one')], [false, []]);
    await files.ask('one', 'pause');
    // Names tell the time in milliseconds.
    for (const then = Date.now(); Date.now() === then;);
    await files.ask('one', 'stop');
    assert.equal(await openBatchFiles(folder).isAsked('one'), true);
    const [first, second] = await Promise.all([files.takeWishes('one'), openBatchFiles(folder).takeWishes('one')]);
    assert.deepEqual([...first, ...second].sort(), ['pause', 'stop']);
    assert.deepEqual([await files.isAsked('one'), await files.takeWishes('one')], [false, []]);
    await files.ask('one', 'resume');
    for (const then = Date.now(); Date.now() === then;);
    await files.ask('one', 'pause');
    assert.deepEqual(await files.takeWishes('one'), ['resume', 'pause']);
  });

  it('are taken over from a window that is no more, and that window learns of it', async () => {
    const files = openBatchFiles(folder);
    await files.create(plan);
    const old = await files.take('one');
    const long = new Date(Date.now() - 60_000);
    await utimes(lease(1), long, long);
    assert.equal(await files.isTaken('one'), false);
    const fresh = await files.take('one');
    assert.equal(await old?.renew(), false);
    assert.equal(await fresh?.renew(), true);
    // Whoever was asleep takes nothing away from the window that has it now.
    old?.release();
    assert.equal(await files.isTaken('one'), true);
    fresh?.release();
    const next = await files.take('one');
    assert.equal(await old?.renew(), false, 'a file of the same number is not that of the same window');
    assert.equal(await next?.renew(), true);
  });
});
