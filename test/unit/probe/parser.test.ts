// The readers of what a peer sends: whatever comes, they end, within bounds, with a value or the two errors they state.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Malformed } from '../../../src/probe/bytes.ts';
import { judgeChain } from '../../../src/probe/certificate.ts';
import { readCertificate } from '../../../src/probe/certificateFields.ts';
import { buildHello } from '../../../src/probe/clientHello.ts';
import { nameText, readOid } from '../../../src/probe/der.ts';
import { judge, ReplyReader, type Reply } from '../../../src/probe/handshake.ts';
import { NotTls } from '../../../src/probe/records.ts';
import {
  readCertificateRequest,
  readCertificateRequest13,
  readServerHello,
} from '../../../src/probe/serverMessages.ts';
import { alertBytes, derOf, flightOf, messageOf, Pki, recordOf, serverHelloOf } from './servers.ts';

type Read = Reply | 'nothing' | 'malformed' | 'not TLS';

function read(bytes: Buffer, cuts: readonly number[] = []): Read {
  const reader = new ReplyReader('flight');
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  try {
    for (const [index, place] of places.entries()) {
      const reply = reader.push(bytes.subarray(place, places[index + 1] ?? bytes.length));
      if (reply) return reply;
    }
    return reader.partial ?? 'nothing';
  } catch (error) {
    if (error instanceof Malformed) return 'malformed';
    if (error instanceof NotTls) return 'not TLS';
    throw error;
  }
}

const hello = buildHello({ offer: { versions: ['tls12'], suites: [0xc02f] }, form: 'full', serverName: null });

describe('readers of a peer', () => {
  let certificate: Buffer;
  let names: Buffer;
  let pki: Pki;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'DNS:api.example,IP:127.0.0.1,IP:2001:db8::1,URI:https://x.example', 'root');
    certificate = derOf(pki.pem('rsa'));
    names = Buffer.from('300d310b3009060355040613024e4c', 'hex');
  });
  after(() => pki.remove());

  const bytes = () => fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));
  const cuts = fc.array(fc.nat(), { maxLength: 20 });

  it('end on arbitrary bytes, alone or inside records, and never make a yes of them', () => {
    const framed = bytes().map((body) => recordOf(22, 0x0303, body));
    const told = bytes().map((body) => recordOf(22, 0x0303, messageOf(2, body)));
    fc.assert(
      fc.property(fc.oneof(bytes(), framed, told), cuts, (input, where) => {
        const reply = read(input, where);
        if (typeof reply === 'object' && reply.kind === 'hello') {
          const outcome = judge(hello, { kind: 'value', value: reply });
          if (outcome.answer === 'yes') assert.deepEqual([outcome.version, outcome.suite], ['tls12', 0xc02f]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('read the same however the bytes are cut into segments and records', () => {
    const flight = flightOf(0x0303, 0xc02f, certificate);
    const whole = read(recordOf(22, 0x0303, flight));
    assert.equal(typeof whole === 'object' && whole.kind === 'hello' && whole.flight.complete, true);
    fc.assert(
      fc.property(cuts, cuts, (segments, fragments) => {
        const places = [...new Set([0, ...fragments.map((cut) => cut % flight.length), flight.length])].sort(
          (a, b) => a - b,
        );
        const records = places.slice(1).map((end, index) => recordOf(22, 0x0303, flight.subarray(places[index], end)));
        assert.deepEqual(read(Buffer.concat([alertBytes(1, 112), ...records]), segments), whole);
      }),
    );
  });

  it('end on every flight with changed bytes', () => {
    const flight = recordOf(22, 0x0303, flightOf(0x0303, 0xc02f, certificate));
    const changes = fc.array(fc.tuple(fc.nat(flight.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.nat(flight.length), (edits, length) => {
        const changed = Buffer.from(flight);
        for (const [place, value] of edits) changed[place] = value;
        const reply = read(changed.subarray(0, length));
        if (typeof reply === 'object' && reply.kind === 'hello') {
          judgeChain(reply.flight.chain, { host: 'api.example', now: 0, expiresSoonDays: 30, extraRoots: [] });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('end on every certificate with changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(certificate.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (edits) => {
        const changed = Buffer.from(certificate);
        for (const [place, value] of edits) changed[place] = value;
        const fields = readCertificate(changed);
        if (fields) assert.doesNotMatch(JSON.stringify([fields.subject, fields.issuer]), /[\u0000-\u001f]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('wait for no message or record that is longer than any server sends', () => {
    assert.equal(read(recordOf(22, 0x0303, Buffer.from('0204000100', 'hex'))), 'malformed');
    assert.equal(read(Buffer.from('160303ffff', 'hex')), 'malformed');
    assert.equal(read(recordOf(22, 0x0303, Buffer.from('0200ffff00', 'hex'))), 'nothing');
  });

  it('check every length of every message', () => {
    for (const reader of [
      readServerHello,
      readCertificateRequest13,
      (body: Buffer) => readCertificateRequest(body, true),
    ]) {
      fc.assert(
        fc.property(bytes(), (body) => {
          try {
            reader(body);
          } catch (error) {
            assert.ok(error instanceof Malformed, String(error));
          }
        }),
      );
    }
    const full = serverHelloOf(0x0304, 0x1301).subarray(4);
    for (let length = 0; length < full.length; length += 1) {
      // Without its extensions a ServerHello is whole as well: that of an older version.
      if (length === 38) assert.equal(readServerHello(full.subarray(0, length)).version, 0x0303);
      else assert.throws(() => readServerHello(full.subarray(0, length)), Malformed);
    }
    assert.throws(() => readServerHello(Buffer.concat([full, Buffer.alloc(1)])), Malformed);
  });

  it('read a request for a certificate', () => {
    const issuers = Buffer.concat([Buffer.from([0, names.length]), names]);
    const list = Buffer.concat([Buffer.from([0, issuers.length]), issuers]);
    const of12 = readCertificateRequest(
      Buffer.concat([Buffer.from('0101000204 01'.replace(' ', ''), 'hex'), list]),
      true,
    );
    assert.deepEqual(of12.issuers.map(nameText), ['C=NL']);
    const of11 = readCertificateRequest(Buffer.concat([Buffer.from('0101', 'hex'), list]), false);
    assert.deepEqual(of11.issuers.map(nameText), ['C=NL']);
  });

  it('write object identifiers as they are written', () => {
    assert.equal(readOid(Buffer.from('2a864886f70d01010b', 'hex')), '1.2.840.113549.1.1.11');
    assert.equal(readOid(Buffer.from('550403', 'hex')), '2.5.4.3');
    assert.equal(readOid(Buffer.from('883703', 'hex')), '2.999.3');
  });
});
