import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Drift, Remembered } from '../../../src/core/drift.ts';
import { fingerprintOf } from '../../../src/core/drift.ts';
import { claimCheck, mostRemembered, openDriftMemory } from '../../../src/ui/driftMemory.ts';

const one = (name: string, minute: number, part: Partial<Remembered> = {}): Remembered => ({
  name,
  instanceId: `/subscriptions/s/${name}`,
  createdAt: null,
  map: { a: 'True' },
  etag: null,
  at: new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString(),
  source: 'seen',
  ...part,
});

describe('the memory of drift on disk', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-drift-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is not there before something is kept, and makes no folder by being read', async () => {
    assert.equal(await openDriftMemory(path.join(folder, 'deep'), 'me').read(), null);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is one of each account, found by the name in any case', async () => {
    await openDriftMemory(folder, 'me').keep([one('One', 1, { told: 'x' })]);
    assert.deepEqual(await openDriftMemory(folder, 'me').read(), new Map([['one', one('One', 1, { told: 'x' })]]));
    assert.equal(await openDriftMemory(folder, 'you').read(), null);
  });

  it('keeps what either of two windows has seen last, also where they write at once', async () => {
    const [a, b] = [openDriftMemory(folder, 'me'), openDriftMemory(folder, 'me')];
    await a.keep([one('one', 5), one('two', 1)]);
    await b.keep([one('one', 3, { map: { a: 'old' } }), one('two', 2, { map: { a: 'new' } })]);
    const kept = await a.read();
    assert.deepEqual([kept?.get('one')?.map, kept?.get('two')?.map], [{ a: 'True' }, { a: 'new' }]);
    await Promise.all([a.keep([one('three', 1)]), a.keep([one('four', 1)]), b.keep([one('five', 1)])]);
    const names = [...((await b.read()) ?? [])].map(([name]) => name).sort();
    assert.deepEqual(names, ['five', 'four', 'one', 'three', 'two']);
  });

  it('counts as not there where its file was cut off or is of another shape, and leaves no half-written one', async () => {
    const memory = openDriftMemory(folder, 'me');
    await memory.keep([one('one', 1)]);
    const file = (await readdir(folder)).find((name) => name.endsWith('.gz')) ?? '';
    await truncate(path.join(folder, file), 40);
    assert.equal(await memory.read(), null);
    await writeFile(path.join(folder, file), 'not gzip');
    assert.equal(await memory.read(), null);
    await memory.keep([one('two', 1)]);
    assert.deepEqual(
      [...((await memory.read()) ?? [])].map(([name]) => name),
      ['two'],
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.new')),
      [],
    );
  });

  it('forgets what was seen longest ago where it grows too large', async () => {
    const many = Array.from({ length: mostRemembered }, (_, i) => one(`n${i}`, 10));
    const memory = openDriftMemory(folder, 'me');
    await memory.keep([one('oldest', 1), ...many]);
    const kept = await memory.keep([one('newest', 20)]);
    assert.equal(kept.size, mostRemembered);
    assert.deepEqual([kept.has('newest'), kept.has('oldest')], [true, false]);
  });
});

const driftOf = (since: Remembered, map: Drift['map'] = { a: 'false' }): Drift => ({
  ...{ instanceId: since.instanceId, name: since.name, since, map, grade: 'weaker', foundAt: since.at },
  keys: [{ key: 'a', before: 'True', after: map['a'] ?? null }],
});

describe('telling of drift', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-told-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const names = (drifts: readonly Drift[]) => drifts.map(({ name }) => name);

  it('is for one of two windows that find the same in the same moment, as a whole', async () => {
    for (let round = 0; round < 20; round += 1) {
      const windows = [openDriftMemory(folder, 'me'), openDriftMemory(folder, 'me')] as const;
      const drifts = ['a', 'b', 'c'].map((name) => driftOf(one(`${name}${round}`, 1)));
      await windows[0].keep(drifts.map(({ since }) => since));
      const claimed = await Promise.all(windows.map((window) => window.claimUntold(drifts)));
      const told = claimed.filter((claim) => claim.drifts.length > 0);
      assert.deepEqual(
        told.map((claim) => names(claim.drifts)),
        [names(drifts)],
      );
      // The window that did not tell knows that the other one has.
      for (const { memory } of claimed)
        assert.ok(drifts.every((drift) => memory.get(drift.name)?.told === fingerprintOf(drift)));
    }
  });

  it('is for each drift once where windows have not found the same ones', async () => {
    const [x, y, z] = [driftOf(one('x', 1)), driftOf(one('y', 1)), driftOf(one('z', 1))];
    const claimed = await Promise.all([
      openDriftMemory(folder, 'me').claimUntold([x, y]),
      openDriftMemory(folder, 'me').claimUntold([y, z]),
    ]);
    assert.deepEqual(claimed.flatMap(({ drifts }) => names(drifts)).sort(), ['x', 'y', 'z']);
  });

  it('is done again where the instance has changed further, and not of what another window has accepted', async () => {
    const [here, there] = [openDriftMemory(folder, 'me'), openDriftMemory(folder, 'me')];
    const since = one('x', 1);
    await here.claimUntold([driftOf(since)]);
    const further = driftOf(since, { a: 'other' });
    assert.deepEqual(names((await there.claimUntold([further])).drifts), ['x']);
    const third = driftOf(since, { a: 'third' });
    await there.keep([one('x', 5, { map: third.map })]);
    assert.deepEqual((await here.claimUntold([third])).drifts, []);
  });

  it('is done once also where another window has seen the instance as it was in the meantime', async () => {
    const [here, there] = [openDriftMemory(folder, 'me'), openDriftMemory(folder, 'me')];
    const drift = driftOf(one('x', 1));
    await there.keep([one('x', 5)]);
    assert.deepEqual(names((await here.claimUntold([drift])).drifts), ['x']);
    assert.deepEqual((await there.claimUntold([drift])).drifts, []);
  });

  it('is for nobody where nothing can be written, as every window would tell; what was seen is known all the same', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const problems: unknown[] = [];
    const memory = openDriftMemory(path.join(folder, 'file', 'deep'), 'me', (error) => problems.push(error));
    await memory.keep([one('x', 1), one('y', 1)]);
    assert.deepEqual((await memory.claimUntold([driftOf(one('x', 1))])).drifts, []);
    await memory.keep([one('x', 5, { map: { a: 'accepted' } })]);
    assert.deepEqual(
      await memory.read(),
      new Map([
        ['x', one('x', 5, { map: { a: 'accepted' } })],
        ['y', one('y', 1)],
      ]),
    );
    assert.equal(problems.length, 3);
  });

  it('is done, and what was seen is written, as soon as it can be', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const deep = path.join(folder, 'file', 'deep');
    const memory = openDriftMemory(deep, 'me');
    await memory.keep([one('x', 1)]);
    await rm(path.join(folder, 'file'));
    assert.deepEqual(names((await memory.claimUntold([driftOf(one('x', 1))])).drifts), ['x']);
    assert.deepEqual([...((await openDriftMemory(deep, 'me').read()) ?? new Map()).keys()], ['x']);
  });
});

describe('the quiet check', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-check-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made by one window in each interval, and leaves no claims behind', async () => {
    const start = Date.UTC(2026, 10, 20, 12);
    const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => claimCheck(folder, 15, start + i * 60_000)));
    assert.equal(claims.filter(Boolean).length, 1);
    assert.equal(await claimCheck(folder, 15, start + 16 * 60_000), true);
    assert.equal(await claimCheck(folder, 15, start + 17 * 60_000), false);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('is made by each window where no claim can be written', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const deep = path.join(folder, 'file', 'deep');
    const now = Date.UTC(2026, 10, 20, 12);
    assert.deepEqual([await claimCheck(deep, 15, now), await claimCheck(deep, 15, now)], [true, true]);
  });
});
