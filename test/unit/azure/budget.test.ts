// Requests held back by what Azure says of its limits, on a clock that only the test moves.

import assert from 'node:assert/strict';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { createBudget } from '../../../src/azure/budget.ts';
import type { Budget, Leave, RequestKind } from '../../../src/azure/budget.ts';
import type { Clock } from '../../../src/azure/clock.ts';
import { ArmError, failureCode, isArmError } from '../../../src/core/failure.ts';
import { scripted, service, serviceId } from './scriptedAzure.ts';

/** Goes on only by `advance`, from one alarm to the next. */
function handClock() {
  let now = 0;
  let alarms: { readonly at: number; readonly ring: () => void }[] = [];
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock: Clock = {
    now: () => now,
    pause: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const alarm = { at: now + milliseconds, ring: resolve };
        alarms.push(alarm);
        signal?.addEventListener('abort', () => {
          alarms = alarms.filter((other) => other !== alarm);
          reject(new ArmError({ code: 'cancelled' }));
        });
      }),
  };
  async function advance(milliseconds: number): Promise<void> {
    const end = now + milliseconds;
    await settled();
    for (;;) {
      const next = alarms.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      alarms = alarms.filter((other) => other !== next);
      now = Math.max(now, next.at);
      next.ring();
      await settled();
    }
    now = end;
  }
  return { clock, advance, alarms: () => alarms.length };
}

const answer = (status: number, headers: Record<string, string> = {}) => ({
  status,
  headers: createHttpHeaders(headers),
});
const fine = answer(200);

function opened() {
  const hand = handClock();
  const budget = createBudget({ clock: hand.clock, backOffMs: 1000 });
  return { ...hand, budget };
}

/** Begins requests of a kind; `inside` has those that were let in, each with the time at which it was. */
function begin(budget: Budget, clock: Clock, kind: RequestKind, count: number) {
  const inside: { readonly at: number; readonly leave: Leave }[] = [];
  const refused: unknown[] = [];
  for (let index = 0; index < count; index += 1) {
    void budget.enter(kind).then(
      (leave) => inside.push({ at: clock.now(), leave }),
      (error: unknown) => refused.push(error),
    );
  }
  return { inside, refused };
}

describe('budget', () => {
  it('lets so many in at once, in the order in which they came', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'read', 20);
    await advance(0);
    assert.equal(inside.length, 8);
    inside[0]?.leave(fine);
    await advance(0);
    assert.equal(inside.length, 9);
    const other = begin(budget, clock, 'graph', 1);
    await advance(0);
    assert.equal(other.inside.length, 1, 'other kinds have lines of their own');
  });

  it('holds everybody back for as long as Retry-After says, and comes back slowly', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'read', 20);
    await advance(0);
    inside[0]?.leave(answer(429, { 'retry-after': '5' }));
    for (const { leave } of inside.slice(1, 8)) leave(fine);
    await advance(4999);
    assert.equal(inside.length, 8);
    await advance(1);
    assert.ok(inside.length > 8);
    assert.ok(inside.every(({ at }) => at === 0 || at >= 5000));
  });

  it('halves what is let in at once after each refusal', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'read', 40);
    await advance(0);
    for (const { leave } of inside.slice(0, 8)) leave(answer(429, { 'retry-after': '1' }));
    await advance(1000);
    assert.equal(inside.length, 9, 'one at a time after refusals of all');
    inside[8]?.leave(fine);
    await advance(0);
    assert.equal(inside.length, 11, 'and one more after an answer');
  });

  it('waits longer after each refusal that names no time', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'write', 1);
    await advance(0);
    inside[0]?.leave(answer(429));
    const second = begin(budget, clock, 'write', 1);
    await advance(999);
    assert.equal(second.inside.length, 0);
    await advance(1);
    assert.equal(second.inside.length, 1);
    second.inside[0]?.leave(answer(429));
    const third = begin(budget, clock, 'write', 1);
    await advance(1999);
    assert.equal(third.inside.length, 0);
    await advance(1);
    assert.equal(third.inside.length, 1);
  });

  it('stops before the quota of Resource Graph is used up, until its window ends', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'graph', 6);
    await advance(0);
    assert.equal(inside.length, 4);
    // Three more are on their way and may not be counted yet: one is left.
    inside[0]?.leave(answer(200, { 'x-ms-user-quota-remaining': '4', 'x-ms-user-quota-resets-after': '00:00:05' }));
    await advance(0);
    assert.equal(inside.length, 5);
    inside[1]?.leave(undefined);
    await advance(4999);
    assert.equal(inside.length, 5);
    await advance(1);
    assert.deepEqual(inside.at(-1)?.at, 5000);
  });

  it('asks no faster than Azure Resource Manager refills when little is left', async () => {
    const { budget, clock, advance } = opened();
    const few = { 'x-ms-ratelimit-remaining-subscription-reads': '12' };
    const { inside } = begin(budget, clock, 'read', 1);
    await advance(0);
    inside[0]?.leave(answer(200, few));
    const next = begin(budget, clock, 'read', 4);
    await advance(1000);
    assert.deepEqual(
      next.inside.map(({ at }) => at),
      [0, 300, 600, 900],
    );
    next.inside[3]?.leave(answer(200, { 'x-ms-ratelimit-remaining-subscription-reads': '11000' }));
    const rest = begin(budget, clock, 'read', 4);
    await advance(200);
    assert.deepEqual(new Set(rest.inside.map(({ at }) => at)), new Set([1200]));
  });

  it('refuses a write that would have to wait, with the time, and lets reads wait', async () => {
    const { budget, clock, advance } = opened();
    const { inside } = begin(budget, clock, 'write', 1);
    await advance(0);
    inside[0]?.leave(answer(429, { 'retry-after': '30' }));
    const { refused } = begin(budget, clock, 'write', 1);
    await advance(0);
    const [error] = refused;
    assert.ok(isArmError(error));
    assert.deepEqual([error.details.code, error.details.retryAfterSeconds], ['throttled', 30]);
    await advance(30_000);
    assert.equal(begin(budget, clock, 'write', 1).refused.length, 0);
  });

  it('gives up those that wait when the pause becomes too long', async () => {
    const { budget, clock, advance } = opened();
    const { inside, refused } = begin(budget, clock, 'read', 12);
    await advance(0);
    inside[0]?.leave(answer(429, { 'retry-after': '600' }));
    await advance(0);
    assert.equal(refused.length, 4);
    assert.ok(refused.every((error) => failureCode(error) === 'throttled'));
  });

  it('forgets who gives up while waiting, and leaves no alarm behind', async () => {
    const { budget, clock, advance, alarms } = opened();
    const { inside } = begin(budget, clock, 'read', 1);
    await advance(0);
    inside[0]?.leave(answer(429, { 'retry-after': '5' }));
    const cancel = new AbortController();
    const waiting = budget.enter('read', cancel.signal);
    await advance(0);
    assert.equal(alarms(), 1);
    cancel.abort();
    await assert.rejects(waiting, (error) => failureCode(error) === 'cancelled');
    assert.equal(alarms(), 0);
  });

  it('lets everybody in in the end, never more at once than it may, whatever is answered', async () => {
    const answers = fc.oneof(
      fc.constant(fine),
      fc.integer({ min: 0, max: 20 }).map((seconds) => answer(429, { 'retry-after': String(seconds) })),
      fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 9 })).map(([left, seconds]) =>
        answer(200, {
          'x-ms-user-quota-remaining': String(left),
          'x-ms-user-quota-resets-after': `00:00:0${seconds}`,
        }),
      ),
      fc
        .integer({ min: 0, max: 100 })
        .map((left) => answer(200, { 'x-ms-ratelimit-remaining-subscription-reads': String(left) })),
      fc.constant(undefined),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 30 }), async (replies) => {
        const { budget, clock, advance, alarms } = opened();
        let onTheWay = 0;
        let most = 0;
        const work = replies.map(async (reply) => {
          const leave = await budget.enter('graph');
          onTheWay += 1;
          most = Math.max(most, onTheWay);
          await clock.pause(100);
          onTheWay -= 1;
          leave(reply);
        });
        const done = Promise.all(work);
        await advance(3_600_000);
        await done;
        assert.ok(most <= 4, `${most} at once`);
        assert.equal(alarms(), 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('throttling as callers see it', () => {
  it('is waited out: no error, and nobody asks before the time', async () => {
    const { clock, advance } = handClock();
    const sentAt: number[] = [];
    const { azure } = scripted(
      (_, index) => {
        sentAt.push(clock.now());
        return index < 3 ? { status: 429, headers: { 'retry-after': '7' } } : { body: service({}) };
      },
      { clock },
    );
    const all = Promise.all([
      azure.readInstance(serviceId),
      azure.readInstance(serviceId),
      azure.readBackends(serviceId).catch(() => []),
    ]);
    await advance(60_000);
    await all;
    assert.deepEqual(sentAt.slice(0, 3), [0, 0, 0]);
    assert.ok(
      sentAt.slice(3).every((at) => at >= 7000),
      sentAt.join(),
    );
  });

  it('is told when it lasts', async () => {
    const { clock, advance } = handClock();
    const { azure, asked } = scripted(() => ({ status: 429, headers: { 'retry-after': '20' } }), { clock });
    const failed = assert.rejects(azure.readInstance(serviceId), (error) => failureCode(error) === 'throttled');
    await advance(200_000);
    await failed;
    assert.equal(asked.length, 7);
  });
});
