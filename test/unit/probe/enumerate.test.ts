// Which values a server takes and in whose order: every strategy finds all of them, whatever the server prefers.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { deal, enumerate, split, type Pick, type Picked } from '../../../src/probe/enumerate.ts';
import { openPairs, rank } from '../../../src/probe/ranking.ts';
import { Shares } from '../../../src/probe/shares.ts';

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
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        async (list, who, most, longest, likely) => {
          const { ask } = server(list, who);
          const asked: number[] = [];
          const counted = (offered: readonly number[]): Promise<Picked> => {
            asked.push(offered.length);
            return ask(offered);
          };
          const share = (left: number) => Math.max(1, Math.min(most, Math.ceil(left)));
          const found = await enumerate(universe, { ask: counted, share, likely, longest: () => longest });
          assert.equal(found.why, null);
          assert.deepEqual(ascending(found.accepted), ascending(list));
          assert.ok(asked.every((length) => length > 0 && length <= longest));
        },
      ),
    );
  });

  it('asks one question more than there are values, one after the other, and has the order with it', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const { ask, questions } = server(list, 'server');
        const found = await enumerate(universe, { ask, likely: 6, share: () => 1 });
        assert.deepEqual(found.accepted, list);
        assert.equal(questions(), list.length + (list.length < universe.length ? 1 : 0));
      }),
    );
  });

  it('asks again in halves where there was no answer, and says so where it still is none', async () => {
    const short = server([3, 40], 'server');
    const intolerant = (offered: readonly number[]): Promise<Picked> =>
      offered.length > 20 ? Promise.resolve({ kind: 'unknown', why: 'connection reset' }) : short.ask(offered);
    const found = await enumerate(universe, { ask: intolerant, likely: 6, share: () => 1 });
    assert.deepEqual([ascending(found.accepted), found.why], [[3, 40], null]);
    let questions = 0;
    const silent = (): Promise<Picked> => {
      questions += 1;
      return Promise.resolve({ kind: 'unknown', why: 'no answer within 5 s' });
    };
    const nothing = await enumerate(universe, { ask: silent, likely: 6, share: () => 1 });
    assert.equal(nothing.why, 'no answer within 5 s');
    assert.ok(questions <= 8, `${questions} questions`);
  });

  it('takes few rounds where many questions may be on their way, and few questions where little is left', async () => {
    const list = universe.filter((item) => item % 3 === 0);
    const { ask, questions } = server(list, 'client');
    let rounds = 0;
    let underWay = 0;
    const counted = async (offered: readonly number[]): Promise<Picked> => {
      if (underWay === 0) rounds += 1;
      underWay += 1;
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return ask(offered);
    };
    const share = new Shares(() => 16).join(12);
    const found = await enumerate(universe, { ask: counted, share, likely: 12 });
    assert.deepEqual(ascending(found.accepted), list);
    assert.ok(rounds <= 4, `${rounds} rounds for ${list.length} values`);
    assert.ok(questions() <= 2 * list.length, `${questions()} questions for ${list.length} values`);
  });

  it('gives each likely value a question of its own, and asks for nothing that others have found', async () => {
    const list = [3, 14, 15, 26, 35, 48, 50];
    const { ask, questions } = server(list, 'server');
    const known = new Set([50]);
    const counted = (offered: readonly number[]): Promise<Picked> => {
      assert.ok(!offered.includes(50));
      known.add(48);
      return ask(offered);
    };
    const inquiry = { ask: counted, likely: 2, share: (left: number) => Math.ceil(left), known };
    const found = await enumerate(universe, { ...inquiry, hints: new Set([3, 14, 15, 26, 35, 48]) });
    assert.deepEqual(ascending([...found.accepted]), list.slice(0, 6), 'what was asked for already is told twice');
    assert.ok(questions() <= 11, `${questions()} questions`);
  });

  it('comes to an end, and says why, where a pick was not among what was offered', async () => {
    let questions = 0;
    const ask = (): Promise<Picked> => {
      questions += 1;
      return Promise.resolve({ kind: 'picked', item: 99 });
    };
    const found = await enumerate(universe, { ask, likely: 6, share: () => 1 });
    assert.deepEqual([found.accepted, found.why], [[], 'picked what was not offered']);
    assert.ok(questions <= 20, `${questions} questions`);
  });

  it('deals a list out like cards', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.integer({ min: -1, max: 40 }), (list, parts) => {
        const dealt = deal(list, parts);
        assert.deepEqual(ascending(dealt.flat()), ascending(list));
        const lengths = dealt.map(({ length }) => length);
        assert.ok(Math.min(...lengths) > 0 && Math.max(...lengths) - Math.min(...lengths) <= 1);
        assert.ok(dealt.length <= Math.max(1, parts));
      }),
    );
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

describe('connections shared out', () => {
  it('go by what each inquiry has left to find, one at the least, and none to one that is done', () => {
    const shares = new Shares(() => 16);
    const [long, short] = [shares.join(12), shares.join(4)];
    assert.deepEqual([long(12), short(4)], [12, 4]);
    assert.equal(short(0.1), 1, 'one at the least');
    assert.equal(long(12), 15);
    short(0);
    assert.equal(long(12), 16);
    assert.equal(long(2), 7, 'more than three for each value are in vain');
  });

  it('are one for each where one may be open', () => {
    const shares = new Shares(() => 1);
    assert.deepEqual([shares.join(12)(12), shares.join(4)(4)], [1, 1]);
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
