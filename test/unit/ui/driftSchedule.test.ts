import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { judge, memoryKey, remember } from '../../../src/core/drift.ts';
import type { Instance } from '../../../src/core/instance.ts';
import { claimCheck, openDriftMemory } from '../../../src/ui/driftMemory.ts';
import { checkAtIntervals } from '../../../src/ui/driftSchedule.ts';
import type { CheckWorld } from '../../../src/ui/driftSchedule.ts';
import { instance, key } from '../../support/instances.ts';

const start = Date.UTC(2026, 10, 20, 12);

/** A window whose clock stands still until `pass`. */
function openWindow(part: Partial<CheckWorld> = {}, minutes = 15) {
  const timers = new Set<{ readonly ms: number; readonly call: () => void }>();
  const listeners = new Set<() => void>();
  const done: string[] = [];
  const window = { now: start, minutes, ready: true };
  let set = () => {};
  const checks = checkAtIntervals({
    minutes: () => window.minutes,
    onDidChangeMinutes: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    after: (ms, call) => {
      const timer = { ms, call };
      timers.add(timer);
      set();
      return { dispose: () => timers.delete(timer) };
    },
    now: () => window.now,
    isReady: () => window.ready,
    claim: () => Promise.resolve(true),
    read: () => {
      done.push('read');
      return Promise.resolve([]);
    },
    look: () => {
      done.push('look');
      return Promise.resolve();
    },
    failed: (error) => done.push(String(error)),
    ...part,
  });
  /** The time until the next check passes. */
  const pass = () => {
    const [timer, ...others] = timers;
    assert.ok(timer && others.length === 0, `${timers.size} timers`);
    timers.delete(timer);
    window.now += timer.ms;
    timer.call();
  };
  return {
    ...{ window, done, checks, pass },
    /** Milliseconds until each check that is to come. */
    waiting: () => [...timers].map(({ ms }) => ms),
    listeners,
    /** The check is made, and the next interval has begun. */
    check: () => {
      const next = new Promise<void>((resolve) => (set = resolve));
      pass();
      return next;
    },
    change: (to: number) => {
      window.minutes = to;
      for (const listener of listeners) listener();
    },
  };
}

describe('the schedule of the quiet check', () => {
  it('waits for the interval of the setting before the first check, and again after each', async () => {
    const { waiting, done, check } = openWindow();
    assert.deepEqual([waiting(), done], [[900_000], []]);
    await check();
    assert.deepEqual([waiting(), done], [[900_000], ['read', 'look']]);
    await check();
    assert.deepEqual(done, ['read', 'look', 'read', 'look']);
  });

  it('does nothing where the setting says never, and follows the setting at once', async () => {
    const { waiting, change, check, done } = openWindow({}, 0);
    assert.deepEqual(waiting(), []);
    change(60);
    assert.deepEqual(waiting(), [3_600_000]);
    change(30);
    assert.deepEqual(waiting(), [1_800_000], 'the earlier interval is given up');
    await check();
    change(0);
    assert.deepEqual([waiting(), done], [[], ['read', 'look']]);
  });

  it('neither claims nor reads while nobody is signed in, and goes on when somebody is', async () => {
    const claims: number[] = [];
    const { window, check, done } = openWindow({
      claim: (minutes) => {
        claims.push(minutes);
        return Promise.resolve(true);
      },
    });
    window.ready = false;
    await check();
    assert.deepEqual([claims, done], [[], []]);
    window.ready = true;
    await check();
    assert.deepEqual([claims, done], [[15], ['read', 'look']]);
  });

  it('leaves the check to the window that has claimed it', async () => {
    const { check, done, waiting } = openWindow({ claim: () => Promise.resolve(false) });
    await check();
    assert.deepEqual([done, waiting()], [[], [900_000]]);
  });

  it('compares nothing that was read of another estate or account', async () => {
    const { check, done } = openWindow({ read: () => Promise.resolve(null) });
    await check();
    assert.deepEqual(done, []);
  });

  it('tells the log of a failure, and checks again', async () => {
    let times = 0;
    const { check, done } = openWindow({
      read: () => ((times += 1) === 1 ? Promise.reject(new Error('no network')) : Promise.resolve([])),
    });
    await check();
    assert.deepEqual(done, ['Error: no network']);
    await check();
    assert.deepEqual(done, ['Error: no network', 'look']);
  });

  for (const [how, end] of [
    ['disposed of', ({ checks }: ReturnType<typeof openWindow>) => checks.dispose()],
    ['switched off', ({ change }: ReturnType<typeof openWindow>) => change(0)],
  ] as const) {
    it(`ends a check that runs when it is ${how}: nothing is compared or told, and none follows`, async () => {
      const reading = Promise.withResolvers<AbortSignal>();
      const answer = Promise.withResolvers<readonly Instance[]>();
      const opened = openWindow({
        read: (signal) => {
          reading.resolve(signal);
          return answer.promise;
        },
      });
      opened.pass();
      const signal = await reading.promise;
      end(opened);
      assert.equal(signal.aborted, true);
      answer.resolve([]);
      await answer.promise;
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual([opened.done, opened.waiting()], [[], []]);
    });
  }

  it('leaves no timer and no listener behind when it is disposed of', () => {
    const { checks, waiting, listeners } = openWindow();
    checks.dispose();
    assert.deepEqual([waiting(), listeners.size], [[], 0]);
  });
});

describe('the quiet check of two windows', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'apim-tls-quiet-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const tls10 = key('Security.Protocols.Tls10');
  const reading = (text: string, minute: number): Instance =>
    instance({
      ...{ etag: `e${minute}`, customProperties: { [tls10]: text } },
      readAt: new Date(start + minute * 60_000).toISOString(),
    });

  it('reads once an interval, and tells once of each change, however long it stays', async () => {
    let now = reading('false', 0);
    const read: string[] = [];
    const told: string[] = [];
    const seen = remember(now, 'seen');
    assert.ok(seen);
    await openDriftMemory(folder, 'me').keep([seen]);
    const open = (name: string) => {
      const store = openDriftMemory(folder, 'me');
      return openWindow({
        claim: (minutes, moment) => claimCheck(folder, minutes, moment),
        read: () => {
          read.push(name);
          return Promise.resolve([now]);
        },
        look: async ([fresh]) => {
          assert.ok(fresh);
          const judgement = judge(fresh, (await store.read())?.get(memoryKey(fresh)), []);
          const { drifts } = await store.claimUntold(judgement.kind === 'drift' ? [judgement.drift] : []);
          if (drifts.length > 0) told.push(fresh.customProperties?.[tls10] ?? '');
        },
      });
    };
    const windows = [open('a'), open('b')];
    const interval = async () => {
      await Promise.all(windows.map(({ check }) => check()));
    };
    await interval();
    assert.deepEqual([read.length, told], [1, []]);
    now = reading('true', 20);
    for (let times = 0; times < 3; times += 1) await interval();
    assert.deepEqual([read.length, told], [4, ['true']]);
    now = reading('odd', 70);
    await interval();
    await interval();
    assert.deepEqual([read.length, told], [6, ['true', 'odd']]);
  });
});
