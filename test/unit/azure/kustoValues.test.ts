// What gets into queries from outside, by Kusto's own parser: it is one text each time, or there is no query.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failuresQuery } from '../../../src/azure/failuresQuery.ts';
import { nameQuery } from '../../../src/azure/graph.ts';
import { parse } from '../../support/kusto.ts';
import { id, logQueries, window } from './logQueries.ts';

describe('what is put into queries', () => {
  const queries = logQueries.map(({ name, of }) => ({ name, of, plain: parse(of(id)) }));
  // Of what ends texts, lines and statements, or looks as if; and of what names have in them.
  const sign = fc.constantFrom(
    ...'\'"`\\\n\r|;*,=~@{}[]<>$%&?!#:',
    ...['\u2028', '\u2029', '\u202e', '\u2019', '\uff07', '\u0000', '\ufeff', "\\'", "''", '//', '/*', '*/'],
  );
  const harmless = fc.constantFrom(...'aZ09-_./() ', 'ö', '日', 'a\u0301', 'ʼ', 'ˈ', '\u203f', '٣', '..', '//', ') (');
  const mixed = fc.array(fc.oneof({ weight: 9, arbitrary: harmless }, { weight: 1, arbitrary: sign }), {
    minLength: 1,
  });

  it('comes back as one text each time, or is refused', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...queries), mixed, ({ of, plain }, parts) => {
        const value = parts.join('');
        let query;
        try {
          query = of(value);
        } catch (error) {
          assert.equal((error as Error).name, 'ArmError');
          return;
        }
        taken += 1;
        const { shape, texts } = parse(query);
        assert.deepEqual(shape, plain.shape);
        assert.deepEqual(
          texts,
          plain.texts.map((text) => (text === id ? value : text)),
        );
      }),
      { numRuns: 30 },
    );
    assert.ok(taken > 0, 'some are taken');
  });

  it('is refused with every sign that ends a text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...queries), mixed, fc.constantFrom("'", '\\', '\n', '\r'), ({ of }, parts, end) => {
        assert.throws(() => of(`${id}${end}${parts.join('')}`), { name: 'ArmError' });
      }),
    );
  });

  it('would be seen to do something else', () => {
    const [first] = queries;
    assert.ok(first);
    for (const end of ["' or true or '", "') | take 5 //", "'; AzureActivity | take 5; '"]) {
      const { shape } = parse(first.of(id).replace(id, end));
      assert.notDeepEqual(shape, first.plain.shape, end);
    }
    assert.deepEqual(first.plain.texts.filter((text) => text === id).length, 2);
  });

  it('is a moment, or is refused', () => {
    const plain = parse(failuresQuery(id, window));
    const moments = fc.oneof(
      mixed.map((parts) => parts.join('')),
      fc.constantFrom('2026-11-20', '1) or (true', window.to),
    );
    fc.assert(
      fc.property(fc.constantFrom('from', 'changedAt', 'to'), moments, (which, value) => {
        let query;
        try {
          query = failuresQuery(id, { ...window, [which]: value });
        } catch (error) {
          assert.equal((error as Error).name, 'ArmError');
          return;
        }
        const dates = (text: string) =>
          text.replaceAll(/datetime\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\)/g, 'moment');
        assert.equal(dates(query), dates(failuresQuery(id, window)));
        assert.deepEqual(parse(query).texts, plain.texts);
      }),
      { numRuns: 20 },
    );
  });

  it('is the name of an instance in a query of Resource Graph, or there is no query', () => {
    const plain = parse(nameQuery('contoso-shop') ?? '');
    fc.assert(
      fc.property(
        fc.oneof(
          mixed.map((parts) => parts.join('')),
          fc.stringMatching(/^[a-zA-Z0-9-]+$/),
        ),
        (name) => {
          const query = nameQuery(name);
          if (query === null) return;
          const { shape, texts } = parse(query);
          assert.deepEqual(shape, plain.shape);
          assert.deepEqual(texts, [plain.texts[0], name]);
        },
      ),
    );
  });
});
