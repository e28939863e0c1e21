import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { HistoryEntry, Operation } from '../../../src/core/history.ts';
import { openRecords } from '../../../src/ui/records.ts';

const operation: Operation = {
  id: 'op-1',
  instanceId: '/subscriptions/S/one',
  instanceName: 'one',
  tenantId: 't',
  kind: 'change',
  startedAt: '2026-11-20T12:00:00Z',
  before: { a: 'True' },
  sent: { a: 'false' },
  resume: null,
};
const entry: HistoryEntry = {
  id: 'op-1',
  instanceId: operation.instanceId,
  kind: 'change',
  startedAt: operation.startedAt,
  endedAt: null,
  who: 'me',
  before: {},
  after: {},
  result: 'done',
  detail: '',
};

describe('records on disk', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-records-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are empty where nothing was written, and make no folder by being read', async () => {
    const records = openRecords(path.join(folder, 'deep'));
    assert.deepEqual(await records.running(), []);
    assert.deepEqual(await records.history('/x'), { entries: [], unreadable: 0 });
    assert.deepEqual(await readdir(folder), []);
  });

  it('keep an operation until it is forgotten, seen by another window', async () => {
    const [one, other] = [openRecords(folder), openRecords(folder)];
    await one.keep(operation);
    await one.keep({ ...operation, resume: 'token' });
    assert.deepEqual(await other.running(), [{ ...operation, resume: 'token' }]);
    await other.forget(operation.id);
    await one.forget(operation.id);
    assert.deepEqual(await one.running(), []);
  });

  it('leave a garbled operation file alone and read the others', async () => {
    const records = openRecords(folder);
    await records.keep(operation);
    await writeFile(path.join(folder, 'operations', 'bad.json'), '{"id":"x"');
    assert.equal((await records.running()).length, 1);
    assert.equal((await readdir(path.join(folder, 'operations'))).length, 2);
  });

  it('find the history of an instance whatever the case of its id, and survive a line cut in half', async () => {
    const records = openRecords(folder);
    await records.record(entry);
    const [name] = await readdir(path.join(folder, 'history'));
    await appendFile(path.join(folder, 'history', name ?? ''), '{"id":"half');
    await records.record({ ...entry, id: 'op-2' });
    const { entries, unreadable } = await records.history(operation.instanceId.toUpperCase());
    assert.deepEqual([entries.length, unreadable], [2, 1]);
    assert.match(
      await readFile(path.join(folder, 'history', name ?? ''), 'utf8'),
      /"half/,
      'what cannot be read is not thrown away',
    );
  });
});
