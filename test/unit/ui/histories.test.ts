import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { HistoryEntry } from '../../../src/core/history.ts';
import { openHistories } from '../../../src/ui/histories.ts';
import { openRecords } from '../../../src/ui/records.ts';

const idOf = (name: string, group = 'g') =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ApiManagement/service/${name}`;

const entry = (id: string, instanceId: string, minute: number, part: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...{ id, instanceId, kind: 'change', endedAt: null, who: 'me', result: 'done', detail: '' },
  startedAt: new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString(),
  before: { a: 'True' },
  after: { a: 'false' },
  ...part,
});

describe('the histories of all instances', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-histories-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const open = () => openHistories(() => path.join(folder, 'history'));

  it('are empty where nothing was changed', async () => {
    assert.deepEqual(await open().all(), { entries: [], unreadable: 0 });
  });

  it('are one list, newest first, with what was added since', async () => {
    const records = openRecords(folder);
    const histories = open();
    await records.record(entry('1', idOf('one'), 1));
    await records.record(entry('2', idOf('two'), 2));
    assert.deepEqual(
      (await histories.all()).entries.map(({ id }) => id),
      ['2', '1'],
    );
    await records.record(entry('3', idOf('one'), 3));
    await records.record(entry('2', idOf('two'), 2, { result: 'failed' }));
    const { entries } = await histories.all();
    assert.deepEqual(
      entries.map(({ id, result }) => [id, result]),
      [
        ['3', 'done'],
        ['2', 'failed'],
        ['1', 'done'],
      ],
    );
    assert.equal(await histories.all(), await histories.all(), 'not worked out again while nothing is new');
  });

  it('have the changes of an instance from before it was moved, each once', async () => {
    const records = openRecords(folder);
    await records.record(entry('1', idOf('one', 'old'), 1));
    // One that ended after the move stands in both files.
    await records.record(entry('2', idOf('one', 'old'), 2));
    await records.record(entry('2', idOf('ONE', 'new'), 2));
    const byName = await open().byName();
    assert.deepEqual(
      byName.get('one')?.map(({ id }) => id),
      ['2', '1'],
    );
  });

  const logs = (asOf: string) => ({ asOf, findings: [], cut: false, vanished: [], empty: true, problem: '' });
  const ended = { result: 'done', endedAt: '2026-11-20T12:30:00Z' } as const;
  const copies: readonly (readonly [what: string, better: Partial<HistoryEntry>, worse: Partial<HistoryEntry>])[] = [
    ['the end, not the way there', ended, { result: 'running' }],
    ['an end in words, not a lost sight', { result: 'failed', endedAt: ended.endedAt }, { result: 'unknown' }],
    [
      'an end that was seen, though sight was lost later',
      ended,
      { result: 'unknown', endedAt: '2026-11-20T13:00:00Z' },
    ],
    ['the later end', { ...ended, endedAt: '2026-11-20T12:31:00.5Z' }, ended],
    ['what was looked at since', { ...ended, aftermath: { hosts: [], logs: null } }, ended],
    [
      'the later look at the logs',
      { ...ended, aftermath: { hosts: [], logs: logs('2026-11-20T13:30:00Z') } },
      { ...ended, aftermath: { hosts: [], logs: logs('2026-11-20T12:40:00Z') } },
    ],
  ];
  for (const [what, better, worse] of copies) {
    it(`have of two copies of an entry ${what}, in whichever file it stands`, async () => {
      const own = path.join(folder, 'history');
      await mkdir(own);
      const [good, bad] = [better, worse].map((part) => entry('1', idOf('one'), 1, { detail: what, ...part }));
      for (const texts of [
        [good, bad],
        [bad, good],
      ]) {
        for (const [at, one] of texts.entries()) await writeFile(path.join(own, `${at}.jsonl`), JSON.stringify(one));
        assert.deepEqual((await open().all()).entries, [good]);
        assert.deepEqual((await open().byName()).get('one'), [good]);
      }
    });
  }

  it('count lines that cannot be read, and read all others', async () => {
    await openRecords(folder).record(entry('1', idOf('one'), 1));
    const { readdir } = await import('node:fs/promises');
    const [file = ''] = await readdir(path.join(folder, 'history'));
    await appendFile(path.join(folder, 'history', file), '\n{"id":\n');
    const { entries, unreadable } = await open().all();
    assert.deepEqual([entries.length, unreadable], [1, 1]);
  });

  it('of 10,000 changes are read, and looked at again without reading them again', async function () {
    this.timeout(30_000);
    const lines = (name: string) =>
      Array.from({ length: 100 }, (_, i) => JSON.stringify(entry(`${name}-${i}`, idOf(name), i))).join('\n');
    await mkdir(path.join(folder, 'history'), { recursive: true });
    for (let i = 0; i < 100; i += 1) await writeFile(path.join(folder, 'history', `${i}.jsonl`), lines(`n${i}`));
    const histories = open();
    const first = await histories.all();
    assert.equal(first.entries.length, 10_000);
    assert.equal(await histories.all(), first);
  });
});
