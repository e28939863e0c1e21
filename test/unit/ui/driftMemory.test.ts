import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Remembered } from '../../../src/core/drift.ts';
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
    await Promise.all([a.keep([one('three', 1)]), a.keep([one('four', 1)])]);
    assert.deepEqual([...((await b.read()) ?? [])].map(([name]) => name).sort(), ['four', 'one', 'three', 'two']);
  });

  it('counts as not there where its file was cut off or is of another shape, and leaves no half-written one', async () => {
    const memory = openDriftMemory(folder, 'me');
    await memory.keep([one('one', 1)]);
    const [file = ''] = await readdir(folder);
    await truncate(path.join(folder, file), 40);
    assert.equal(await memory.read(), null);
    await writeFile(path.join(folder, file), 'not gzip');
    assert.equal(await memory.read(), null);
    await memory.keep([one('two', 1)]);
    assert.deepEqual(
      [...((await memory.read()) ?? [])].map(([name]) => name),
      ['two'],
    );
    assert.deepEqual(await readdir(folder), [file]);
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
});
