// What was sent against what is there.

import assert from 'node:assert/strict';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import { compareReadBack } from '../../src/core/tls/readBack.ts';

const tls10 = `${keyPrefix}Security.Protocols.Tls10`;
const http2 = `${keyPrefix}Protocols.Server.Http2`;
const now = '2024-01-01T00:00:00.000Z';

describe('compareReadBack', () => {
  it('takes another case and further keys of the service for as sent', () => {
    const found = { [tls10.toUpperCase()]: 'False', [http2]: 'False' };
    assert.deepEqual(compareReadBack({ [tls10]: 'True' }, { [tls10]: 'false' }, found, now), {
      kind: 'asSent',
      keys: [],
    });
  });

  it('names keys that are lost or hold something else', () => {
    const { kind, keys } = compareReadBack({ a: '1', b: '1' }, { a: '2', b: '1' }, { a: '3' }, now);
    assert.equal(kind, 'different');
    assert.deepEqual(keys, [
      { key: 'a', sent: '2', found: '3' },
      { key: 'b', sent: '1', found: null },
    ]);
  });

  it('tells that nothing was written', () => {
    assert.equal(compareReadBack({ a: '1', b: '1' }, { a: '2', b: '1' }, { a: '1', b: '1' }, now).kind, 'unchanged');
    assert.equal(compareReadBack({ a: '1' }, { a: '2' }, null, now).kind, 'different');
  });

  it('tells that a key was not reset, unless what is there is its default', () => {
    const sent = { a: '1' };
    assert.deepEqual(compareReadBack({ [tls10]: 'True', a: '1' }, sent, { [tls10]: 'True', a: '1' }, now), {
      kind: 'unchanged',
      keys: [{ key: tls10, sent: null, found: 'True' }],
    });
    assert.equal(compareReadBack({ [tls10]: 'True', a: '1' }, sent, { [tls10]: 'False', a: '1' }, now).kind, 'asSent');
    const old = '2016-01-01T00:00:00.000Z';
    assert.equal(compareReadBack({ [tls10]: 'True', a: '1' }, sent, { [tls10]: 'True', a: '1' }, old).kind, 'asSent');
  });
});
