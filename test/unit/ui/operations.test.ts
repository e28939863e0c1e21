// Changes that are followed by a window: once, of its own estate, and told where nothing can be written.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { shown } from '../../support/vscode.ts';
import { instance, key } from '../../support/instances.ts';
import type { Operation } from '../../../src/core/history.ts';
import { makePlan } from '../../../src/core/tls/plan.ts';
import { applySettings } from '../../../src/flows/applySettings.ts';
import { openRecords } from '../../../src/ui/records.ts';
import type { Records } from '../../../src/ui/records.ts';

const [before, sent] = ['True', 'false'].map((text) => ({ [key('Security.Protocols.Tls10')]: text })) as [
  Record<string, string>,
  Record<string, string>,
];
const there = instance({ customProperties: sent });

const operation: Operation = {
  ...{ id: 'op-1', instanceId: there.id, instanceName: there.name, tenantId: there.tenantId, kind: 'change' },
  ...{ startedAt: '2026-11-20T12:00:00.000Z', who: 'me', before, sent, resume: '' },
};

describe('changes that a window follows', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'operations-'));
    shown.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function open(records: () => Records) {
    const [{ Operations }, { Estate }] = await Promise.all([
      import('../../../src/ui/operations.ts'),
      import('../../../src/ui/estate.ts'),
    ]);
    const asked: string[] = [];
    const unkept: unknown[] = [];
    const azure = {
      followUpdate: (id: string) => {
        asked.push(id);
        return Promise.resolve({ ...there, hosts: [], gatewayUrl: null });
      },
    };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined, show: () => undefined };
    const operations = new Operations({
      log: log as never,
      estate: new Estate(),
      surveys: {} as never,
      records,
      connection: () => Promise.resolve({ azure, sample: null } as never),
      unkept: (error) => unkept.push(error),
      watch: () => Promise.resolve(''),
    });
    const ended: string[] = [];
    operations.onDidEnd(({ entry }) => ended.push(entry.result));
    return { operations, asked, unkept, ended };
  }

  it('are told once where their entry cannot be written, and stay for a window that can write', async () => {
    const records = openRecords(folder);
    await records.keep(operation);
    // Nothing can be made where the histories would be.
    await writeFile(path.join(folder, 'history'), '');
    const { operations, asked, unkept, ended } = await open(() => records);
    await operations.follow(operation);
    assert.deepEqual([ended, unkept.length, asked.length], [['done'], 1, 1]);
    assert.equal(shown.filter(({ kind }) => kind === 'information').length, 1);
    assert.equal(shown.filter(({ kind }) => kind === 'warning').length, 0);
    await operations.resume();
    assert.equal(asked.length, 1, 'not followed again in this window');
    assert.deepEqual(await records.running(), [operation]);
    operations.dispose();
    await rm(path.join(folder, 'history'));
    const next = await open(() => records);
    await next.operations.follow(operation);
    assert.deepEqual([next.ended, next.unkept, await records.running()], [['done'], [], []]);
    assert.deepEqual(
      (await records.history(there.id)).entries.map(({ result }) => result),
      ['done'],
    );
    next.operations.dispose();
  });

  it('are not those of an estate that is left while they are looked up', async () => {
    const reached = Promise.withResolvers<void>();
    const reading = Promise.withResolvers<void>();
    const records = openRecords(folder);
    const running = async () => {
      reached.resolve();
      await reading.promise;
      return [operation];
    };
    const { operations, asked } = await open(() => ({ ...records, running }));
    const resumed = operations.resume();
    await reached.promise;
    operations.stop();
    reading.resolve();
    await resumed;
    assert.deepEqual([operations.running, asked], [[], []]);
    operations.dispose();
  });

  it('are not sent where they cannot be written down first, and a sentence says so', async () => {
    const { changeRecords } = await import('../../../src/ui/keeping.ts');
    await writeFile(path.join(folder, 'operations'), '');
    const now = instance({ customProperties: before });
    const writes: string[] = [];
    const azure = {
      readInstance: () => Promise.resolve(now),
      beginUpdate: (id: string) => Promise.resolve(void writes.push(id)),
    };
    const problems: unknown[] = [];
    const applying = applySettings({
      ...changeRecords(openRecords(folder), (error) => problems.push(error)),
      azure: azure as never,
      plan: makePlan({ instance: now, changes: { 'client.tls10': 'off' }, backends: [], surveys: {} }),
      ...{ kind: 'change', overrideBlockers: true, who: 'me', now: () => new Date(), newId: () => 'op-1' },
    });
    await assert.rejects(applying, /Nothing was sent, because the change must be written down first\. .*operations/);
    assert.deepEqual([writes, problems.length], [[], 1]);
  });
});
