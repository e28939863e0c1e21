import assert from 'node:assert/strict';
import type { HistoryEntry } from '../../../src/core/history.ts';
import { entriesAtOnce, entriesOfNames, entryRows, historyNodeId } from '../../../src/ui/history/nodes.ts';

const instances = 100;
const entries: readonly HistoryEntry[] = Array.from({ length: 10_000 }, (_, i) => ({
  ...{ id: `op${i}`, kind: 'change', endedAt: null, who: 'me', result: 'done', detail: '', before: {}, after: {} },
  instanceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/N${i % instances}`,
  startedAt: new Date(Date.UTC(2026, 10, 20) - i * 60_000).toISOString(),
}));
const idsOf = (some: readonly HistoryEntry[]) => some.map(({ id }) => id);

describe('the rows of a history of 10,000 changes', () => {
  it('come 200 a step, and the last row says how many are left', () => {
    assert.equal(entriesAtOnce, 200);
    for (let step = 1; step < 50; step += 1) {
      const rows = entryRows(entries, step * entriesAtOnce);
      assert.equal(rows.length, step * 200 + 1);
      assert.deepEqual(rows.at(-1), { kind: 'moreEntries', shown: step * 200, left: 10_000 - step * 200 });
      const shown = rows.flatMap((row) => (row.kind === 'entry' ? row.entry : []));
      assert.deepEqual(idsOf(shown), idsOf(entries.slice(0, step * 200)));
    }
    const all = entryRows(entries, 10_000);
    assert.deepEqual([all.length, all.at(-1)?.kind], [10_000, 'entry']);
    assert.equal(new Set(all.map(historyNodeId)).size, 10_000, 'every row has an id of its own');
  });

  it('are those of the chosen instances alone, newest first', () => {
    const one = entriesOfNames(entries, new Set(['n7']));
    assert.deepEqual(
      idsOf(one),
      Array.from({ length: 100 }, (_, i) => `op${i * instances + 7}`),
    );
    assert.deepEqual(
      entryRows(one, entriesAtOnce).map(({ kind }) => kind),
      Array.from({ length: 100 }, () => 'entry'),
    );
    const three = entriesOfNames(entries, new Set(['n7', 'n8', 'n9']));
    assert.deepEqual(entryRows(three, entriesAtOnce).at(-1), { kind: 'moreEntries', shown: 200, left: 100 });
    assert.deepEqual(idsOf(three).slice(0, 4), ['op7', 'op8', 'op9', 'op107']);
    assert.deepEqual(entriesOfNames(entries, new Set(['unknown'])), []);
    assert.equal(entriesOfNames(entries, new Set()), entries);
  });

  it('are found by looking at each entry once, however many instances are chosen', () => {
    let looks = 0;
    const watched = entries.map((entry) => ({
      ...entry,
      get instanceId() {
        looks += 1;
        return entry.instanceId;
      },
    }));
    const names = new Set(Array.from({ length: instances / 2 }, (_, i) => `n${i}`));
    assert.equal(entriesOfNames(watched, names).length, 5000);
    assert.equal(looks, 10_000);
  });
});
