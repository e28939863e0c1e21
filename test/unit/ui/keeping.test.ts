// A window whose folder cannot be written: what it says, and what it does all the same.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { shown } from '../../support/vscode.ts';
import { instance, key } from '../../support/instances.ts';
import type { EstateReading } from '../../../src/azure/access.ts';
import type { HistoryEntry } from '../../../src/core/history.ts';
import { ArmError } from '../../../src/core/failure.ts';
import { openDrafts } from '../../../src/ui/drafts.ts';
import { openHistories } from '../../../src/ui/histories.ts';
import { openRecords } from '../../../src/ui/records.ts';
import { openWatchFiles } from '../../../src/ui/watchFiles.ts';

const [on, off] = ['True', 'False'].map((text) =>
  instance({ customProperties: { [key('Security.Protocols.Tls10')]: text }, etag: text }),
) as [ReturnType<typeof instance>, ReturnType<typeof instance>];

const entry: HistoryEntry = {
  ...{ id: 'a', instanceId: on.id, kind: 'change', startedAt: on.readAt, endedAt: on.readAt, who: 'me' },
  ...{ before: {}, after: {}, result: 'done', detail: '' },
};

describe('a folder that cannot be written', () => {
  let folder = '';
  let file = '';
  const logged: string[] = [];
  const log = Object.fromEntries(['error', 'warn', 'info'].map((name) => [name, (text: string) => logged.push(text)]));
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'keeping-'));
    file = path.join(folder, 'file');
    await writeFile(file, '');
    shown.length = 0;
    logged.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const keeping = () => import('../../../src/ui/keeping.ts');

  it('is told of once, with the folder and the reason; each failure is in the log', async () => {
    const unkept = (await keeping()).tellUnkept(log as never);
    for (const instanceId of ['one', 'two'])
      await openDrafts(() => file)
        .keep({ instanceId, base: { etag: null, map: null }, changes: { 'client.tls10': 'off' } })
        .catch(unkept);
    unkept(Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' }));
    assert.equal(shown.length, 1);
    assert.equal(shown[0]?.kind, 'warning');
    assert.match(
      shown[0]?.text ?? '',
      /can keep nothing in its folder\. .*file.* cannot be used: its folder is missing/,
    );
    assert.match(shown[0]?.text ?? '', /nothing can be changed from here/);
    assert.equal(logged.length, 3);
    assert.match(logged[2] ?? '', /The disk is full/);
  });

  it('is not what another window that takes long is told as', async () => {
    const unkept = (await keeping()).tellUnkept(log as never);
    unkept(new Error('Another window does not come to an end.'));
    unkept(new ArmError({ code: 'timeout' }));
    assert.equal(shown.length, 0);
    assert.equal(logged.length, 2);
  });

  it('reads as one with nothing in it', async () => {
    const records = openRecords(file);
    assert.deepEqual(await records.running(), []);
    assert.deepEqual(await records.history(on.id), { entries: [], unreadable: 0 });
    assert.equal(await openDrafts(() => file).of(on.id), null);
    assert.deepEqual(await openHistories(() => path.join(file, 'history')).all(), { entries: [], unreadable: 0 });
    assert.deepEqual(await openWatchFiles(file).running(), []);
  });

  it('hides no end of a change, whose operation is not forgotten before its entry is written', async () => {
    const { endRecords } = await keeping();
    const problems: unknown[] = [];
    const forgotten: string[] = [];
    const forget = (id: string) => Promise.resolve(void forgotten.push(id));
    const broken = endRecords({ ...openRecords(file), forget }, (error) => problems.push(error));
    await broken.record(entry);
    await broken.forget('a');
    assert.deepEqual([forgotten, problems.length, broken.isWhole()], [[], 1, false]);
    const records = openRecords(path.join(folder, 'sound'));
    const sound = endRecords({ ...records, forget }, (error) => problems.push(error));
    await sound.record(entry);
    await sound.forget('a');
    assert.deepEqual([forgotten, problems.length, sound.isWhole()], [['a'], 1, true]);
    assert.deepEqual((await records.history(on.id)).entries, [entry]);
  });

  /** So many windows, which have seen TLS 1.0 off and then find it on. Gives the messages, and what is marked. */
  async function drifting(where: string, windows: number) {
    const [{ Drifts }, { Estate }, { tellUnkept }] = await Promise.all([
      import('../../../src/ui/drifts.ts'),
      import('../../../src/ui/estate.ts'),
      keeping(),
    ]);
    const empty: EstateReading = { subscriptions: [], instances: [], gateways: [], failures: [], notAsked: [] };
    const opened = Array.from({ length: windows }, () => {
      const estate = new Estate();
      const azure = {
        accountLabel: 'me',
        readInstance: () => Promise.resolve(on),
        readActivity: () => Promise.reject(new ArmError({ code: 'forbidden' })),
      };
      const drifts = new Drifts({
        log: log as never,
        estate,
        operations: { of: () => undefined } as never,
        histories: openHistories(() => path.join(where, 'history')),
        folder: () => path.join(where, 'drift'),
        connection: () => Promise.resolve({ cloud: { arm: 'a', authority: 'b' }, azure, sample: null } as never),
        unkept: tellUnkept(log as never),
      });
      return { drifts, estate };
    });
    for (const reading of [off, on, on])
      for (const { drifts, estate } of opened) {
        await estate.refresh(() => Promise.resolve({ ...empty, instances: [reading] }));
        await drifts.look([{ ...reading, readAt: new Date().toISOString() }], true);
      }
    return opened.map(({ drifts }) => drifts);
  }
  const messages = (pattern: RegExp) => shown.filter(({ text }) => pattern.test(text)).length;

  it('lets each window mark what changed elsewhere, and none of them tell of it', async () => {
    const windows = await drifting(file, 2);
    assert.deepEqual(
      windows.map(({ notable }) => notable.length),
      [1, 1],
    );
    assert.equal(messages(/changed since you last looked/), 0);
    assert.equal(messages(/can keep nothing/), 2, 'each window says once that it cannot keep anything');
    await windows[0]?.accept([on.id]);
    await windows[0]?.look([{ ...on, readAt: new Date().toISOString() }], true);
    assert.deepEqual(windows[0]?.notable, [], 'what was accepted stays accepted in this window');
    for (const window of windows) window.dispose();
  });

  it('is what makes the difference: where it can be written, one of two windows tells', async () => {
    const windows = await drifting(path.join(folder, 'sound'), 2);
    assert.equal(messages(/changed since you last looked/), 1);
    assert.equal(messages(/can keep nothing/), 0);
    for (const window of windows) window.dispose();
  });
});
