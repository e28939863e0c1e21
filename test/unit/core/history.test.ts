import assert from 'node:assert/strict';
import fc from 'fast-check';
import { historyLine, readHistory } from '../../../src/core/history.ts';
import type { HistoryEntry } from '../../../src/core/history.ts';

const entry = (id: string, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  id,
  instanceId: '/one',
  kind: 'change',
  startedAt: `2026-11-20T12:00:0${id}Z`,
  endedAt: null,
  who: 'me',
  before: { a: 'True' },
  after: { a: 'false' },
  result: 'running',
  detail: '',
  ...change,
});

describe('history file', () => {
  it('gives the entries newest first, a later line for the same id in place of the earlier', () => {
    const text = [entry('1'), entry('2'), entry('1', { result: 'done' })].map(historyLine).join('');
    const { entries, unreadable } = readHistory(text);
    assert.deepEqual(
      entries.map(({ id, result }) => [id, result]),
      [
        ['2', 'running'],
        ['1', 'done'],
      ],
    );
    assert.equal(unreadable, 0);
  });

  it('loses nothing but the cut line of a file that was cut anywhere, and says that there is one', () => {
    const whole = [entry('1', { result: 'done' }), entry('2', { result: 'failed' })].map(historyLine).join('');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (at) => {
        const complete = whole
          .slice(0, at)
          .split('\n')
          .filter((line) => line.endsWith('}}') || /"detail":""}$/.test(line)).length;
        const { entries, unreadable } = readHistory(whole.slice(0, at));
        assert.equal(entries.length, complete);
        assert.ok(unreadable <= 1);
        const after = readHistory(whole.slice(0, at) + historyLine(entry('3')));
        assert.equal(after.entries.length, complete + 1, 'an entry that follows a cut line is kept');
      }),
    );
  });

  it('never throws, whatever the file holds', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.ok(readHistory(text).entries.length >= 0)));
    assert.deepEqual(readHistory('{"id":"x"}\nnull\n[]'), { entries: [], unreadable: 3 });
  });
});
