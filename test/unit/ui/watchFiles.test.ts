// Watches as files: one window goes on with each, whoever closes or dies.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { azurePaces, beginWatch } from '../../../src/core/changeWatch.ts';
import type { ChangeWatch } from '../../../src/core/changeWatch.ts';
import { claimMs, openWatchFiles } from '../../../src/ui/watchFiles.ts';

const watch = (id: string, instanceId = '/subscriptions/s/service/One'): ChangeWatch =>
  beginWatch(
    {
      ...{ id, instanceId, instanceName: 'one', kind: 'change', expected: [], unseen: [], hosts: [] },
      ...{ startedAt: '2026-11-20T12:00:00.000Z', endedAt: '2026-11-20T12:20:00.000Z' },
    },
    azurePaces,
  );

describe('files of watches', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'watches-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const claimsOf = async () => (await readdir(path.join(folder, 'watches'))).filter((name) => name.includes('.claim.'));

  it('are begun once, whoever saw the end, and read back whole', async () => {
    const [one, two] = [openWatchFiles(folder), openWatchFiles(folder)];
    assert.deepEqual(await one.running(), []);
    const begun = await Promise.all([one.begin(watch('a')), two.begin({ ...watch('a'), looks: 7 })]);
    assert.deepEqual([...begun].sort(), [false, true]);
    const [kept] = await two.running();
    assert.deepEqual({ ...kept, looks: 1 }, watch('a'));
  });

  it('belong to one of many windows, and to another only when that has let go or died', async () => {
    const windows = Array.from({ length: 12 }, () => openWatchFiles(folder));
    await windows[0]?.begin(watch('a'));
    const claimed = await Promise.all(windows.map((files) => files.claim('a')));
    assert.equal(claimed.filter(Boolean).length, 1);
    const owner = windows[claimed.indexOf(true)];
    const others = windows.filter((files) => files !== owner);
    assert.equal(await owner?.renew('a'), true);
    assert.deepEqual(new Set(await Promise.all(others.map((files) => files.claim('a')))), new Set([false]));
    owner?.release('a');
    const next = await Promise.all(others.map((files) => files.claim('a')));
    assert.equal(next.filter(Boolean).length, 1);
    assert.equal(await owner?.renew('a'), false);
    // The one that has it now dies: its claim grows old.
    const long = new Date(Date.now() - claimMs - 1000);
    for (const name of await claimsOf()) await utimes(path.join(folder, 'watches', name), long, long);
    const heirs = await Promise.all(windows.map((files) => files.claim('a')));
    const dead = others[next.indexOf(true)];
    assert.equal(heirs.filter((mine, index) => mine && windows[index] !== dead).length, 1);
    assert.equal(await dead?.renew('a'), false, 'and finds out, should it wake up');
  });

  it('are taken by force where the user says so', async () => {
    const [one, two] = [openWatchFiles(folder), openWatchFiles(folder)];
    await one.begin(watch('a'));
    assert.equal(await one.claim('a'), true);
    assert.equal(await two.claim('a', true), true);
    assert.deepEqual([await one.renew('a'), await two.renew('a')], [false, true]);
  });

  it('do not begin again where a window sees the end of the change after another has watched it to the end', async () => {
    const [one, two] = [openWatchFiles(folder), openWatchFiles(folder)];
    await one.begin(watch('a'));
    await one.claim('a');
    await one.save({ ...watch('a'), ended: 'done' });
    assert.equal(await two.begin(watch('a')), false);
    assert.deepEqual(await two.running(), []);
    assert.equal(await two.begin(watch('b')), true, 'a later change of the same instance is watched');
  });

  it('stay as the newest of their instance when they end, without their claims', async () => {
    const files = openWatchFiles(folder);
    for (const id of ['a', 'b']) {
      await files.begin(watch(id));
      await files.claim(id);
      await files.save({ ...watch(id), ended: 'done' });
    }
    await files.begin(watch('c', '/subscriptions/s/service/two'));
    assert.deepEqual(
      (await files.ended()).map(({ id }) => id),
      ['b'],
    );
    assert.deepEqual(
      (await files.running()).map(({ id }) => id),
      ['c'],
    );
    assert.deepEqual(await claimsOf(), []);
  });

  it('that cannot be read are left alone', async () => {
    const files = openWatchFiles(folder);
    await files.begin(watch('a'));
    await writeFile(path.join(folder, 'watches', 'b.json'), '{"id":"b"');
    await writeFile(path.join(folder, 'watches', 'c.json'), '{"id":"c"}');
    assert.deepEqual(
      (await files.running()).map(({ id }) => id),
      ['a'],
    );
    assert.equal((await readdir(path.join(folder, 'watches'))).filter((name) => name.endsWith('.json')).length, 3);
  });
});
