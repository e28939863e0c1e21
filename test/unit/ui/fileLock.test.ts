import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { lockMs, oneAtATime } from '../../../src/ui/fileLock.ts';

describe('work that one window at a time does', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is never done by two at once, and by each in the end; one claim is left', async () => {
    const file = path.join(folder, 'deep', 'thing');
    let [at, most, done] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 16 }, () =>
        oneAtATime(file, async () => {
          most = Math.max(most, (at += 1));
          for (let i = 0; i < 5; i += 1) await turn();
          at -= 1;
          done += 1;
        }),
      ),
    );
    assert.deepEqual([most, done], [1, 16]);
    assert.deepEqual(await readdir(path.dirname(file)), ['thing.claim.16']);
  });

  it('does not wait for work of another name', async () => {
    const value = await oneAtATime(path.join(folder, 'one'), () =>
      oneAtATime(path.join(folder, 'two'), () => Promise.resolve(2)),
    );
    assert.equal(value, 2);
  });

  it('goes on after work that failed, and gives its failure', async () => {
    const file = path.join(folder, 'thing');
    await assert.rejects(
      oneAtATime(file, () => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal(await oneAtATime(file, () => Promise.resolve(1)), 1);
  });

  it('goes on where a window ended in the middle, also where the clock was set back since', async () => {
    for (const [name, byMs] of [
      ['past', -2 * lockMs],
      ['future', 2 * lockMs],
    ] as const) {
      const claim = path.join(folder, `${name}.claim.7`);
      await writeFile(claim, '');
      const then = new Date(Date.now() + byMs);
      await utimes(claim, then, then);
      assert.equal(await oneAtATime(path.join(folder, name), () => Promise.resolve(name)), name);
    }
    assert.deepEqual(await readdir(folder), ['future.claim.8', 'past.claim.8']);
  });
});
