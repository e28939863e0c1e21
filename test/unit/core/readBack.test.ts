import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareReadBack, isDefault } from '../../../src/core/tls/readBack.ts';
import { anyMap, key } from '../../support/instances.ts';

const tls10 = key('Security.Protocols.Tls10');
const http2 = key('Protocols.Server.Http2');
const created = '2021-01-01T00:00:00Z';

describe('read-back', () => {
  it('is as sent where every key is held, whatever its case, and further keys are there', () => {
    const found = { [tls10.toUpperCase()]: 'False', [http2]: 'true', more: 'x' };
    assert.deepEqual(compareReadBack({ [tls10]: 'True' }, { [tls10]: 'false', [http2]: 'true' }, found, created), {
      kind: 'asSent',
      keys: [],
    });
    fc.assert(
      fc.property(anyMap, anyMap, (before, sent) =>
        assert.equal(compareReadBack(before, sent, sent, created).kind, 'asSent'),
      ),
    );
  });

  it('names every key that was lost or holds something else', () => {
    const sent = { [tls10]: 'false', [http2]: 'true', foreign: 'a' };
    assert.deepEqual(compareReadBack({}, sent, { [tls10]: 'True', foreign: 'A' }, created), {
      kind: 'different',
      keys: [
        { key: tls10, sent: 'false', found: 'True' },
        { key: http2, sent: 'true', found: null },
        { key: 'foreign', sent: 'a', found: 'A' },
      ],
    });
  });

  it('is unchanged only where the map is there and nothing of the change is in it', () => {
    const before = { [tls10]: 'True' };
    const sent = { [tls10]: 'false', [http2]: 'true' };
    assert.equal(compareReadBack(before, sent, before, created).kind, 'unchanged');
    assert.equal(compareReadBack(before, sent, { ...before, [http2]: 'true' }, created).kind, 'different');
    assert.equal(compareReadBack({}, { [tls10]: 'true' }, null, created).kind, 'different', 'no map says nothing');
    assert.equal(compareReadBack({}, { [tls10]: 'true' }, {}, created).kind, 'unchanged');
  });

  it('tells a key that was left out and was not reset to its default', () => {
    assert.deepEqual(compareReadBack({ [tls10]: 'True' }, {}, { [tls10]: 'True' }, created).keys, [
      { key: tls10, sent: null, found: 'True' },
    ]);
    assert.equal(compareReadBack({ [tls10]: 'True' }, {}, { [tls10]: 'False' }, created).kind, 'asSent');
    assert.equal(compareReadBack({ [tls10]: 'True' }, {}, {}, created).kind, 'asSent');
    const old = '2016-01-01T00:00:00Z';
    assert.equal(
      compareReadBack({ [tls10]: 'True' }, {}, { [tls10]: 'True' }, old).kind,
      'asSent',
      'on is its default',
    );
  });

  it('takes a default that nobody knows for met', () => {
    const cases = [
      [tls10, 'True', null],
      [key('Security.Protocols.Tls13'), 'False', created],
      ['foreign', 'x', created],
    ] as const;
    for (const [name, text, createdAt] of cases) assert.equal(isDefault(name, text, createdAt), true, name);
    assert.equal(isDefault(tls10, 'True', created), false);
  });
});
