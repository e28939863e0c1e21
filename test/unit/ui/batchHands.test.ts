// Changes of several instances that this window cannot take in hand: shown, with the reason.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import '../../support/vscode.ts';
import type { BatchPlan } from '../../../src/core/batch.ts';
import { openBatchFiles } from '../../../src/ui/batchFiles.ts';
import type { BatchFiles } from '../../../src/ui/batchFiles.ts';

const plan: BatchPlan = {
  ...{ version: 1, id: 'one', name: 'One', startedAt: '2026-11-20T12:00:00.000Z' },
  ...{ aim: { kind: 'preset', preset: 'modern' }, limit: 3, stopOnFailure: true, downtimeAt: null, items: [] },
};
const readOnly = Object.assign(new Error('EROFS'), { code: 'EROFS', syscall: 'open', path: '/storage/lease-1' });

describe('a change of several instances in a folder that cannot be written', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hands-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function problemsWith(part: Partial<BatchFiles>): Promise<readonly string[]> {
    const { BatchHands } = await import('../../../src/ui/batchHands.ts');
    const sound = openBatchFiles(folder);
    await sound.create(plan);
    const problems: string[] = [];
    const others: string[] = [];
    const hands = new BatchHands({
      services: { connection: () => Promise.resolve({}) } as never,
      files: () => ({ ...sound, ...part }),
      onChange: () => others.push('change'),
      onTaken: () => others.push('taken'),
      onForeign: () => others.push('foreign'),
      onProblem: (_, problem) => problems.push(problem),
      onEnded: () => others.push('ended'),
      onLost: () => others.push('lost'),
    });
    await hands.take('one');
    assert.deepEqual([others, hands.has('one')], [[], false]);
    return problems;
  }

  it('says why it does not go on here, where no claim can be written', async () => {
    const problems = await problemsWith({ take: () => Promise.reject(readOnly) });
    assert.deepEqual(problems, [
      'It cannot go on now. /storage/lease-1 cannot be written: the disk can only be read. Make it writable.',
    ]);
  });

  it('lets go of it again, where what was asked for cannot be written', async () => {
    const takeWishes = () => Promise.resolve(['pause'] as const);
    const problems = await problemsWith({ takeWishes, append: () => Promise.reject(readOnly) });
    assert.equal(problems.length, 1);
    assert.equal(await openBatchFiles(folder).isTaken('one'), false);
  });
});
