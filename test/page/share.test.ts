// Parts of a snapshot that are as before stay the same objects.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shared } from '../../webview/share.ts';

const clone = <T>(value: T): T => structuredClone(value);

describe('sharing of snapshots', () => {
  it('keeps what is equal, down to the parts of what is not', () => {
    const before = { a: { x: [1, 2] }, b: [{ y: 1 }, { y: 2 }], c: null };
    const after = shared(before, { a: { x: [1, 2] }, b: [{ y: 1 }, { y: 3 }], c: null });
    assert.deepEqual(after, { a: { x: [1, 2] }, b: [{ y: 1 }, { y: 3 }], c: null });
    assert.equal(after.a, before.a);
    assert.equal(after.b[0], before.b[0]);
    assert.notEqual(after.b, before.b);
    assert.equal(shared(before, clone(before)), before);
  });

  it('says what came in, whatever was there before', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const [kept, wanted] = [clone(before), clone(after)];
        assert.deepEqual(shared(before, after), wanted);
        assert.deepEqual(before, kept, 'what is on the page is not written to');
        assert.equal(shared(before, clone(before)), before);
      }),
    );
  });
});
