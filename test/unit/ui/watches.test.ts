// Watches in a window whose estate is left while something is on its way.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import '../../support/vscode.ts';
import { azurePaces, beginWatch } from '../../../src/core/changeWatch.ts';
import type { ChangeWatch } from '../../../src/core/changeWatch.ts';
import { openRecords } from '../../../src/ui/records.ts';
import { openWatchFiles } from '../../../src/ui/watchFiles.ts';
import type { WatchFiles } from '../../../src/ui/watchFiles.ts';
import type { Watches } from '../../../src/ui/watches.ts';

const instanceId = '/subscriptions/s/service/One';
/** Nothing of it is due while the tests run. */
const endedAt = new Date(Date.now() + 10 * 60_000).toISOString();
const change = (id: string, startedAt = '2026-11-20T12:00:00.000Z') => ({
  ...{ id, instanceId, instanceName: 'one', kind: 'change' as const, expected: [], unseen: [], hosts: [] },
  ...{ startedAt, endedAt },
});
const watch = (id: string): ChangeWatch => beginWatch(change(id), azurePaces);

/** A step that says when it is reached, and then waits until it may go on. */
function gate() {
  const [reached, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  return {
    reached: reached.promise,
    open: () => open.resolve(),
    pass: async () => {
      reached.resolve();
      await open.promise;
    },
  };
}

describe('watches of a window', () => {
  let folder = '';
  let opened: Watches | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'watches-'));
  });
  afterEach(async () => {
    opened?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(estate: { files: WatchFiles }) {
    const { Watches } = await import('../../../src/ui/watches.ts');
    const errors: string[] = [];
    const log = { error: (text: string) => errors.push(text), warn: () => undefined };
    opened = new Watches({
      log: log as never,
      surveys: { put: () => undefined } as never,
      records: () => openRecords(folder),
      files: () => estate.files,
      connection: () => Promise.resolve({ sample: null, azure: {} } as never),
      undo: () => Promise.resolve(),
    });
    return { watches: opened, errors };
  }

  /** One estate with a watch that no window has, and another without any. */
  async function twoEstates() {
    const [one, other] = [openWatchFiles(path.join(folder, 'one')), openWatchFiles(path.join(folder, 'other'))];
    await one.begin(watch('a'));
    return { one, other };
  }
  const claimIsFree = async () => openWatchFiles(path.join(folder, 'one')).claim('a');

  it('show nothing of the estate before, where it is left while its files are read', async () => {
    const { one, other } = await twoEstates();
    const reading = gate();
    const running = async () => {
      const found = await one.running();
      await reading.pass();
      return found;
    };
    const estate = { files: { ...one, running } };
    const { watches } = await open(estate);
    const resumed = watches.resume();
    await reading.reached;
    estate.files = other;
    watches.stop();
    reading.open();
    await resumed;
    assert.equal(watches.of(instanceId), null);
    assert.equal(await claimIsFree(), true, 'left to the next window');
  });

  it('give back what they claim of the estate before', async () => {
    const { one, other } = await twoEstates();
    const claiming = gate();
    const claim = async (id: string) => {
      const claimed = await one.claim(id);
      await claiming.pass();
      return claimed;
    };
    const estate: { files: WatchFiles } = { files: { ...one, claim } };
    const { watches } = await open(estate);
    const resumed = watches.resume();
    await claiming.reached;
    estate.files = other;
    watches.stop();
    claiming.open();
    await resumed;
    assert.equal(watches.of(instanceId), null);
    assert.equal(await claimIsFree(), true);
  });

  it('let go of what they follow in the files of the estate before, whichever is open by then', async () => {
    const { one, other } = await twoEstates();
    const estate: { files: WatchFiles } = { files: one };
    const { watches } = await open(estate);
    await watches.resume();
    assert.equal(watches.of(instanceId)?.id, 'a');
    assert.equal(await claimIsFree(), false);
    estate.files = other;
    watches.stop();
    assert.equal(await claimIsFree(), true);
  });

  it('write a change of the estate before to its own files, where its end was seen', async () => {
    const { one, other } = await twoEstates();
    const estate: { files: WatchFiles } = { files: one };
    const { watches } = await open(estate);
    const begun = watches.begin(change('b', '2026-11-20T13:00:00.000Z'));
    estate.files = other;
    watches.stop();
    assert.equal((await begun).id, 'b');
    assert.deepEqual(await other.running(), []);
    assert.deepEqual(
      (await one.running()).map(({ id }) => id),
      ['b'],
    );
    assert.equal(watches.of(instanceId), null);
  });

  it('go on in this window where nothing can be written, and say so', async () => {
    const file = path.join(folder, 'a file');
    await writeFile(file, '');
    const problems: unknown[] = [];
    const { watches, errors } = await open({ files: openWatchFiles(file, (error) => problems.push(error)) });
    await watches.begin(change('a'));
    assert.deepEqual(watches.of(instanceId), watch('a'));
    assert.ok(problems.length > 0);
    await watches.lookNow('a');
    assert.equal(watches.of(instanceId)?.looks, 1);
    await watches.stopWatching('a');
    assert.equal(watches.of(instanceId)?.ended, 'stopped');
    await watches.resume();
    assert.equal(watches.of(instanceId)?.ended, 'stopped', 'it does not begin again');
    assert.deepEqual(errors, []);
    assert.ok((await stat(file)).isFile());
    assert.deepEqual(await readdir(folder), ['a file']);
  });
});
