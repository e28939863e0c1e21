// Tables for spreadsheets: what went in comes out, and nothing becomes a formula, wherever a spreadsheet splits it.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { csv, csvFile, spreadsheetSafe } from '../../../src/core/csv.ts';
import { readCsv } from '../../support/csv.ts';

const field = fc.string({ unit: fc.constantFrom('a', ',', ';', '"', '\n', '\r', '\t', '=', '-', ' ') });

describe('CSV', () => {
  it('gives every field back, but for apostrophes', () => {
    const tables = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(tables, (rows) => {
        const read = readCsv(csv(rows)).map((row) => row.map((text) => text.replaceAll("'", '')));
        assert.deepEqual(read, rows);
      }),
    );
    assert.equal(csv([['a', 7]]), 'a,7\r\n');
    assert.equal(csvFile([['ä']]), '\ufeffä\r\n');
  });

  it('puts an apostrophe before what a spreadsheet takes for a formula, and nowhere else', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\u200b=1', '＝1', '\uff1d1', '\u00a0@x'])
      assert.equal(spreadsheetSafe(text), `'${text}`);
    for (const text of ['Orders', 'GET /a=b', '1,204', '', 'a; b - c', 'on → off; x', "it's"])
      assert.equal(spreadsheetSafe(text), text);
  });

  it('does so where a line is split at semicolons or tabs, whatever the quotes say', () => {
    assert.equal(spreadsheetSafe('a;=1'), "a;'=1");
    assert.equal(spreadsheetSafe('a; "=1'), `a;' "=1`);
    assert.equal(spreadsheetSafe('a\n=1;;-2'), "a\n'=1;;'-2");
    fc.assert(
      fc.property(field, (text) => {
        const [, ...pieces] = csv([['a', text]]).split(/[;\t\r\n]/);
        for (const piece of pieces) assert.doesNotMatch(piece, /^[ "]*[=-]/);
      }),
    );
  });
});
