// Captured first flights of real servers, read by the parser, against what other clients said of the same servers.

import assert from 'node:assert/strict';
import { protocolCode } from '../../../src/core/tls/protocols.ts';
import { nameText } from '../../../src/probe/der.ts';
import { judge, ReplyReader, type HelloResult } from '../../../src/probe/handshake.ts';
import { capturedHandshakes, sentHello, type Captured } from '../../stacks/handshakes.ts';

function judged(captured: Captured, pieces: readonly Buffer[]): HelloResult {
  const reader = new ReplyReader('flight');
  for (const piece of pieces) {
    const value = reader.push(piece);
    if (value) return judge(sentHello(captured), { kind: 'value', value });
  }
  throw new Error('the answer is not complete');
}

describe('captured handshakes', () => {
  for (const captured of capturedHandshakes()) {
    const answer = Buffer.from(captured.answer, 'hex');
    const { truth, version } = captured;

    it(`reads ${captured.name}`, () => {
      const result = judged(captured, [answer]);
      assert.equal(result.answer, truth.accepts ? 'yes' : 'no');
      if (!truth.accepts) return;
      assert.equal(result.version, version);
      if (truth.suite !== null) assert.equal(result.suite, truth.suite);
      assert.equal(result.hello?.version, protocolCode[version]);
      if (version === 'tls13') return;
      assert.ok(result.flight?.complete);
      assert.ok(result.flight.chain[0]?.equals(captured.certificate));
      if (truth.asksForCertificate === null) return;
      assert.equal(result.flight.request !== null, truth.asksForCertificate);
      const issuers = result.flight.request?.issuers.map((name) => nameText(name).replaceAll(', ', ','));
      assert.deepEqual(issuers ?? [], truth.issuers);
    });

    it(`reads ${captured.name} byte by byte`, () => {
      const pieces = [...answer].map((byte) => Buffer.from([byte]));
      assert.deepEqual(judged(captured, pieces), judged(captured, [answer]));
    });
  }
});
