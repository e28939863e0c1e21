import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchEventSchema, journalLine, readJournal, waveOf, waves, wishEvent } from '../../../src/core/batch.ts';
import type { BatchEvent, BatchItem, BatchPlan, Wave } from '../../../src/core/batch.ts';
import {
  beginBatch,
  countsOf,
  hasPausedByItself,
  isActive,
  isSettled,
  nextOf,
  phaseOf,
  reduceBatch,
} from '../../../src/core/batchProgress.ts';
import type { Batch } from '../../../src/core/batchProgress.ts';
import { hasGoneBy, mostLateMs, onlyDowntimeIsLeft } from '../../../src/core/batchDowntime.ts';
import { batchCsv, batchMarkdown } from '../../../src/core/batchReport.ts';
import {
  chosenTimeText,
  itemCostText,
  pauseText,
  progressText,
  totalCostText,
  waitForTimeText,
  zonedText,
} from '../../../src/core/batchText.ts';
import { keyPrefix } from '../../../src/core/tls/customProperties.ts';

const start = Date.UTC(2026, 10, 20, 12);
const iso = (ms: number) => new Date(start + ms).toISOString();

function item(index: number, wave: Wave, more: Partial<BatchItem> = {}): BatchItem {
  return {
    instanceId: `/i/${index}`,
    name: `one-${index}`,
    tier: ['Premium', 'StandardV2', 'Developer'][wave - 1] ?? '',
    createdAt: null,
    wave,
    base: { etag: null, map: { [`${keyPrefix}Security.Protocols.Tls10`]: 'True' } },
    map: { [`${keyPrefix}Security.Protocols.Tls10`]: 'false' },
    overridden: false,
    leftOut: null,
    ...more,
  };
}

function plan(itemWaves: readonly Wave[], more: Partial<BatchPlan> = {}): BatchPlan {
  return {
    version: 1,
    id: 'b',
    name: 'b',
    startedAt: iso(0),
    aim: { kind: 'preset', preset: 'modern' },
    limit: 2,
    stopOnFailure: false,
    downtimeAt: null,
    items: itemWaves.map((wave, index) => item(index, wave)),
    ...more,
  };
}

const fed = (batch: Batch, ...events: readonly BatchEvent[]) => events.reduce(reduceBatch, batch);
const begun = (one: number, operationId = `op-${one}`): BatchEvent => ({
  kind: 'begun',
  item: one,
  operationId,
  at: iso(1),
});
const ended = (one: number, result: 'done' | 'failed' = 'done'): BatchEvent => ({
  kind: 'ended',
  item: one,
  operationId: `op-${one}`,
  result,
  detail: '',
  at: iso(2),
});

const aPlan = fc
  .record({
    waves: fc.array(fc.constantFrom(...waves), { minLength: 1, maxLength: 12 }),
    limit: fc.integer({ min: 1, max: 10 }),
    stopOnFailure: fc.boolean(),
    downtimeAt: fc.constantFrom(null, iso(1000), iso(0)),
  })
  .map(({ waves: itemWaves, ...more }) => plan(itemWaves, more));

const anEvent: fc.Arbitrary<BatchEvent> = fc
  .record({
    kind: fc.constantFrom('begun', 'accepted', 'postponed', 'ended', 'paused', 'resumed', 'stopped'),
    item: fc.integer({ min: 0, max: 13 }),
    operationId: fc.constantFrom('a', 'b'),
    at: fc.constantFrom(iso(5), iso(6)),
    notBefore: fc.constantFrom(iso(10), iso(2000)),
    counts: fc.boolean(),
    detail: fc.string(),
    result: fc.constantFrom('done', 'different', 'failed', 'refused', 'unknown'),
    why: fc.constantFrom('user', 'failure', 'blind', 'late'),
  })
  .map((all) => {
    const parsed = JSON.parse(JSON.stringify(all)) as BatchEvent;
    return parsed;
  });

describe('the time that is chosen for those that are down meanwhile', () => {
  const hour = 3_600_000;
  const at = (ms: number) => start + ms;
  const chosen = beginBatch(plan([1, 3, 3], { downtimeAt: iso(10 * hour) }));

  it('has gone by an hour after it, where none of them has begun', () => {
    assert.equal(mostLateMs, hour);
    assert.equal(hasGoneBy(chosen, at(10 * hour - 1)), false);
    assert.equal(hasGoneBy(chosen, at(11 * hour)), false);
    assert.equal(hasGoneBy(chosen, at(11 * hour + 1)), true);
    assert.equal(hasGoneBy(fed(chosen, begun(0)), at(12 * hour)), true);
    assert.equal(hasGoneBy(fed(chosen, begun(1)), at(12 * hour)), false, 'one of them was begun in time');
    assert.equal(hasGoneBy(beginBatch(plan([1, 3])), at(99 * hour)), false, 'none was chosen');
  });

  it('does not matter any more where somebody has said since that they may begin', () => {
    const resumed = (ms: number) => fed(chosen, { kind: 'resumed', at: iso(ms) });
    assert.equal(hasGoneBy(resumed(9 * hour), at(12 * hour)), true);
    assert.equal(hasGoneBy(resumed(12 * hour), at(12 * hour)), false);
  });

  it('holds them alone: the others go on', () => {
    const now = at(12 * hour);
    assert.deepEqual(nextOf(chosen, now, true), { item: 0, wakeAt: null });
    assert.equal(onlyDowntimeIsLeft(chosen), false);
    const left = fed(chosen, begun(0), ended(0));
    assert.deepEqual(nextOf(left, now, true), { item: null, wakeAt: null });
    assert.deepEqual(nextOf(left, now), { item: 1, wakeAt: null });
    assert.equal(onlyDowntimeIsLeft(left), true);
    assert.equal(onlyDowntimeIsLeft(fed(left, { kind: 'stopped', at: iso(1) })), false);
  });

  it('is told with its zone, how far it is, and that it has passed', () => {
    const soon = chosenTimeText(iso(2 * hour), start);
    assert.ok(soon.startsWith(`${zonedText(iso(2 * hour))}, in 2 hours.`), soon);
    assert.match(zonedText(iso(0)), /2026.*(GMT|UTC|[A-Z]{3,4})/);
    assert.match(chosenTimeText(iso(0), start), /has passed\. Choose a later one/);
    assert.match(waitForTimeText(iso(2 * hour), start), /begin on .*, in 2 hours\.$/);
    assert.match(waitForTimeText(iso(0), at(1)), /begin as soon as there is a place/);
    assert.match(pauseText({ why: 'late', detail: iso(0), at: iso(1) }), /went by with no window open/);
  });
});

describe('the progress of a batch', () => {
  it('keeps what has ended as it is, and counts every item once, whatever happens', () => {
    fc.assert(
      fc.property(aPlan, fc.array(anEvent, { maxLength: 60 }), (made, events) => {
        let batch = beginBatch(made);
        for (const event of events) {
          const next = reduceBatch(batch, event);
          for (const [index, { state }] of batch.items.entries())
            if (isSettled(state)) assert.deepEqual(next.items[index], batch.items[index]);
          assert.equal(next.items.length, made.items.length);
          const total = Object.values(countsOf(next.items)).reduce((sum, count) => sum + count, 0);
          assert.equal(total, made.items.length);
          if (next.stopped) assert.equal(next.items.filter(({ state }) => state === 'waiting').length, 0);
          batch = next;
        }
      }),
    );
  });

  it('is the same after its journal was read again, also where the last line was cut', () => {
    fc.assert(
      fc.property(aPlan, fc.array(anEvent, { maxLength: 30 }), fc.nat(), (made, events, cut) => {
        const valid = events
          .map((event) => readJournal(journalLine(event)).events[0])
          .filter((one) => one !== undefined);
        assert.equal(valid.length, events.length);
        const text = valid.map(journalLine).join('');
        assert.deepEqual(fed(beginBatch(made), ...readJournal(text).events), fed(beginBatch(made), ...valid));
        const { events: left, unreadable } = readJournal(text.slice(0, cut % (text.length + 1)));
        assert.ok(unreadable <= 1);
        assert.deepEqual(left, valid.slice(0, left.length));
        assert.equal(
          readJournal(text.slice(0, cut % (text.length + 1)) + journalLine(ended(0))).events.length,
          left.length + 1,
        );
      }),
    );
  });

  it('never has more at work than the limit, never begins in a pause, and keeps the order of the waves', () => {
    fc.assert(
      fc.property(aPlan, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (made, choices) => {
        let batch = beginBatch(made);
        let now = start;
        for (let step = 0; phaseOf(batch) !== 'ended' && step < 400; step += 1) {
          const choice = choices.next().value as number;
          const { item: next, wakeAt } = nextOf(batch, now);
          const active = batch.items.flatMap(({ state }, index) => (isActive(state) ? [index] : []));
          assert.ok(active.length <= made.limit);
          if (next !== null) {
            assert.equal(batch.paused, null);
            assert.ok(active.length < made.limit);
            const wave = made.items[next]?.wave ?? 1;
            const earlier = batch.items.some(
              ({ state }, index) => (made.items[index]?.wave ?? 1) < wave && !isSettled(state),
            );
            if (wave < 3 || made.downtimeAt === null)
              assert.ok(!earlier, 'a wave begins before the one before has ended');
            if (wave === 3 && made.downtimeAt !== null) assert.ok(now >= Date.parse(made.downtimeAt));
          }
          const [first = -1] = active;
          if (choice === 0) batch = fed(batch, { kind: 'paused', why: 'user', detail: '', at: iso(0) });
          else if (batch.paused) batch = fed(batch, { kind: 'resumed', at: iso(0) });
          else if (next !== null && choice > 2) batch = fed(batch, begun(next));
          else if (first >= 0) batch = fed(batch, ended(first, choice === 1 ? 'failed' : 'done'));
          else if (next !== null) batch = fed(batch, begun(next));
          else if (wakeAt !== null) now = wakeAt;
          else assert.fail('nothing runs, nothing may begin, and it has not ended');
        }
        assert.equal(phaseOf(batch), 'ended');
      }),
    );
  });

  it('pauses at the first that does not end as planned, where that is wanted', () => {
    const batch = fed(beginBatch(plan([1, 1, 1], { stopOnFailure: true })), begun(0), begun(1), ended(0, 'failed'));
    assert.deepEqual(batch.paused, { why: 'failure', detail: 'one-0', at: iso(2) });
    assert.equal(nextOf(batch, start).item, null);
    // What runs goes on to its end, and the next one may begin when it is resumed.
    const later = fed(batch, ended(1), { kind: 'resumed', at: iso(3) });
    assert.equal(nextOf(later, start).item, 2);
    assert.equal(fed(beginBatch(plan([1, 1])), begun(0), ended(0, 'failed')).paused, null);
  });

  it('tells a pause that nobody has asked for from one that somebody has', () => {
    const running = fed(beginBatch(plan([1, 1, 1], { stopOnFailure: true })), begun(0), begun(1));
    const failed = fed(running, ended(0, 'failed'));
    assert.equal(hasPausedByItself(running, failed), true);
    assert.equal(hasPausedByItself(failed, fed(failed, ended(1))), false, 'told already');
    assert.equal(hasPausedByItself(running, fed(running, wishEvent('pause', iso(3)))), false);
    assert.equal(hasPausedByItself(failed, fed(failed, wishEvent('resume', iso(3)))), false);
  });

  it('does not listen to an attempt that another one has taken the place of', () => {
    const postponed: BatchEvent = {
      kind: 'postponed',
      item: 0,
      operationId: 'op-0',
      notBefore: iso(60_000),
      counts: true,
      detail: 'later',
      at: iso(2),
    };
    const batch = fed(beginBatch(plan([1])), begun(0), postponed);
    assert.deepEqual(nextOf(batch, start), { item: null, wakeAt: start + 60_000 });
    assert.equal(nextOf(batch, start + 60_000).item, 0);
    const again = fed(batch, begun(0, 'op-0b'));
    assert.equal(fed(again, ended(0)).items[0]?.state, 'writing');
    assert.equal(again.items[0]?.attempts, 1);
  });

  it('knows the wave of a tier by what is documented of its downtime', () => {
    assert.deepEqual(
      ['Premium', 'standard', 'StandardV2', 'Consumption', 'Developer', 'UltraV3'].map(waveOf),
      [1, 1, 2, 2, 3, 2],
    );
  });

  it('refuses lines of another shape', () => {
    const { events, unreadable } = readJournal('{"kind":"begun"}\nnull\nx\n{"kind":"resumed","at":"now"}\n');
    assert.deepEqual([events.length, unreadable], [1, 3]);
    assert.ok(batchEventSchema.options.length >= 7);
  });
});

describe('a batch in words', () => {
  it('costs by waves: one after the other, so many at once', () => {
    const items = plan([1, 1, 1, 2, 3, 3]).items;
    assert.match(
      totalCostText(items, 2, null),
      /^1 h to 3 h at 2 instances at once.* 2 instances are down while they change\.$/,
    );
    assert.match(totalCostText(items, 10, null), /^45 min to 2 h 15 min at 6 instances at once/);
    assert.match(totalCostText(items, 2, iso(0)), /^45 min to 2 h 15 min .*They begin on .*2026.*\.$/);
    assert.equal(totalCostText([], 2, null), 'Nothing to change.');
    assert.equal(itemCostText(3), '15 to 45 min, down meanwhile');
  });

  it('tells how many have ended, of those that take part', () => {
    const made = { ...plan([1, 1, 1]), items: [item(0, 1), item(1, 1), item(2, 1, { leftOut: 'blocked' })] };
    assert.equal(progressText(beginBatch(made)), '0 of 2 instances have ended.');
    assert.equal(
      progressText(fed(beginBatch(made), begun(0), ended(0, 'failed'), begun(1))),
      '1 of 2 instances have ended. Being written: 1, Failed: 1.',
    );
    // What was left alone has not ended.
    assert.equal(
      progressText(fed(beginBatch(made), begun(0), ended(0), { kind: 'stopped', at: iso(3) })),
      '1 of 2 instances have ended. Done: 1, Not begun: 1.',
    );
  });

  it('is saved as a table that spreadsheets and people read, whatever a name or a reason holds', () => {
    const odd = item(0, 1, { name: '=cmd|calc' });
    const failure: BatchEvent = {
      kind: 'ended',
      item: 0,
      operationId: 'op-0',
      result: 'failed',
      detail: 'It said "no", twice.\nThen | [x](y)',
      at: iso(60_000),
    };
    const batch = fed(
      beginBatch({ ...plan([]), items: [odd, item(1, 3, { leftOut: 'unneeded' })] }),
      begun(0),
      failure,
    );
    const csv = batchCsv(batch);
    assert.ok(csv.startsWith('\ufeffInstance,Tier,Wave,State,'));
    assert.ok(csv.includes(`\r\n'=cmd|calc,Premium,`));
    assert.ok(csv.includes('"It said ""no"", twice.\nThen | [x](y)"'));
    assert.ok(csv.includes('"TLS 1.0, client side: on → off"'));
    assert.ok(csv.includes('It already has these settings.'));
    const markdown = batchMarkdown(batch);
    assert.match(markdown, /^# TLS settings of several instances: Preset: Modern\n/);
    const line = markdown.split('\n').find((one) => one.includes('=cmd')) ?? '';
    assert.ok(line.includes('\\[x\\](y)') && line.includes('Then \\|'), line);
    const chosen = { ...batch, plan: { ...batch.plan, downtimeAt: iso(5000) } };
    assert.ok(batchMarkdown(chosen).includes(`not before ${iso(5000)}`), batchMarkdown(chosen));
    assert.ok(!markdown.includes('not before'));
  });
});
