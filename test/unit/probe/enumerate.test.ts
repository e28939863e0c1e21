// Which values a server takes and in whose order: every strategy finds all of them, whatever the server prefers.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { enumerate, split, type Pick, type Picked } from '../../../src/probe/enumerate.ts';
import { openPairs, rank } from '../../../src/probe/ranking.ts';

/** A server with a list of its own that it goes through in its order, or in the client's. */
function server(accepted: readonly number[], follows: 'server' | 'client') {
  let questions = 0;
  return {
    questions: () => questions,
    ask: (offered: readonly number[]): Promise<Picked> => {
      questions += 1;
      const pick =
        follows === 'server'
          ? accepted.find((item) => offered.includes(item))
          : offered.find((item) => accepted.includes(item));
      return Promise.resolve(pick === undefined ? { kind: 'none' } : { kind: 'picked', item: pick });
    },
  };
}

const universe = Array.from({ length: 60 }, (_, index) => index);
const lists = fc.shuffledSubarray(universe);
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);

describe('finding what a server takes', () => {
  it('finds all of it by any number of questions at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        lists,
        fc.constantFrom('server', 'client'),
        fc.nat(64),
        fc.nat(12),
        async (list, who, spare, parts) => {
          const { ask } = server(list, who);
          const found = await enumerate(split(universe, parts + 1), { ask, spare: () => spare });
          assert.equal(found.why, null);
          assert.deepEqual(ascending(found.accepted), ascending(list));
        },
      ),
    );
  });

  it('asks one question more than there are values, one after the other, and has the order with it', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const { ask, questions } = server(list, 'server');
        const found = await enumerate([universe], { ask, spare: () => 0 });
        assert.deepEqual(found.accepted, list);
        assert.equal(questions(), list.length + (list.length < universe.length ? 1 : 0));
      }),
    );
  });

  it('asks again in halves where there was no answer, and says so where it still is none', async () => {
    const short = server([3, 40], 'server');
    const intolerant = (offered: readonly number[]): Promise<Picked> =>
      offered.length > 20 ? Promise.resolve({ kind: 'unknown', why: 'connection reset' }) : short.ask(offered);
    const found = await enumerate([universe], { ask: intolerant, spare: () => 0 });
    assert.deepEqual([ascending(found.accepted), found.why], [[3, 40], null]);
    let questions = 0;
    const silent = (): Promise<Picked> => {
      questions += 1;
      return Promise.resolve({ kind: 'unknown', why: 'no answer within 5 s' });
    };
    const nothing = await enumerate([universe], { ask: silent, spare: () => 0 });
    assert.equal(nothing.why, 'no answer within 5 s');
    assert.ok(questions <= 8, `${questions} questions`);
  });

  it('cuts lists into parts that hold everything once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(40), (list, parts) => {
        const cut = split(list, parts);
        assert.deepEqual(cut.flat(), list);
        assert.ok(cut.length <= Math.max(1, parts) && cut.every((part) => part.length > 0));
      }),
    );
  });
});

describe('whose order decides', () => {
  const pick = (offered: readonly number[], item: number) => ({ offered, item });

  it('is the server’s as soon as it passes over what was offered first', () => {
    const { preference, order } = rank([1, 2, 3], [pick([1, 2, 3], 2), pick([1, 3], 3)]);
    assert.deepEqual([preference, order], ['server', [2, 3, 1]]);
  });

  it('is the client’s only when two were offered in both orders and the first was taken each time', () => {
    assert.equal(rank([1, 2, 3], [pick([1, 2, 3], 1), pick([2, 3], 2)]).preference, 'unknown');
    assert.equal(rank([1, 2], [pick([1, 2], 1), pick([2, 1], 2)]).preference, 'client');
    assert.equal(rank([1], [pick([1], 1)]).preference, 'unknown');
    assert.equal(
      rank([1, 2], [pick([9, 1, 2], 1), pick([2, 9, 1], 2)]).preference,
      'client',
      'what it refuses is no offer',
    );
  });

  it('follows from every pick, by way of others too, and names the neighbours that are open', () => {
    const ranking = rank([4, 3, 2, 1], [pick([1, 2], 1), pick([2, 3], 2)]);
    assert.ok(ranking.told(1, 3) && !ranking.told(4, 1));
    assert.deepEqual(ranking.order, [4, 1, 2, 3]);
    assert.deepEqual(openPairs(ranking, [1]), [[4, 1]]);
  });

  it('ends with the server’s order when every open pair is asked, however wrong the guess', async () => {
    await fc.assert(
      fc.asyncProperty(lists, fc.constantFrom([1], [1, 2, 4, 8, 16]), async (list, distances) => {
        const { ask } = server(list, 'server');
        const picks: Pick[] = [];
        let ranking = rank(ascending(list), picks);
        for (let round = 0; openPairs(ranking, [1]).length > 0; round += 1) {
          assert.ok(round <= list.length, 'no more rounds than values');
          for (const pair of openPairs(ranking, distances)) {
            const answer = await ask(pair);
            if (answer.kind === 'picked') picks.push(pick(pair, answer.item));
          }
          ranking = rank(ascending(list), picks);
        }
        assert.deepEqual(ranking.order, list);
      }),
      { numRuns: 30 },
    );
  });

  it('ends where the picks go round in a circle', () => {
    const { order, preference } = rank([1, 2, 3], [pick([2, 1], 1), pick([3, 2], 2), pick([1, 3], 3)]);
    assert.deepEqual([ascending(order), preference], [[1, 2, 3], 'server']);
  });
});
