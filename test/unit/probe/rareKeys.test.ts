// What runtimes do not have, or not under one name: RC4, the finite-field groups, keys of two halves, and rare suites.

import assert from 'node:assert/strict';
import { getCiphers } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Client13 } from '../../../src/probe/client13.ts';
import { fieldGroup, fieldKey, namedField } from '../../../src/probe/finiteField.ts';
import { keyAgreement } from '../../../src/probe/keyShares.ts';
import { Rc4 } from '../../../src/probe/rc4.ts';
import { ssl3Mac } from '../../../src/probe/ssl3.ts';
import { suite12 } from '../../../src/probe/suites12.ts';
import { survey } from '../../../src/probe/survey.ts';
import { openssl, opensslServer, Pki, type Running } from './servers.ts';

describe('RC4', () => {
  const streams = [
    ['0102030405', 0, 'b2396305f03dc027ccc3524a0a1118a8'],
    ['0102030405', 16, '6982944f18fc82d589c403a47a0d0919'],
    ['0102030405', 4096, 'ff25b58995996707e51fbdf08b34d875'],
    ['0102030405060708090a0b0c0d0e0f10', 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
    ['0102030405060708090a0b0c0d0e0f10', 4096, 'a36a4c301ae8ac13610ccbc12256cacc'],
  ] as const;
  for (const [key, offset, expected] of streams) {
    it(`makes the stream of RFC 6229 for ${key} at ${offset}, whatever pieces it is asked for`, () => {
      for (const first of [1, 7, offset, offset + 16]) {
        const stream = new Rc4(Buffer.from(key, 'hex'));
        const pieces = [stream.update(Buffer.alloc(first)), stream.update(Buffer.alloc(offset + 16))];
        assert.equal(Buffer.concat(pieces).toString('hex', offset, offset + 16), expected);
      }
    });
  }
});

describe('the code of a record in SSL 3.0', () => {
  it('depends on everything but the version', () => {
    const content = Buffer.from('content');
    const sequence = Buffer.alloc(8);
    const code = ssl3Mac('sha1', Buffer.alloc(20, 1), sequence, 23, content);
    assert.equal(code.length, 20);
    const others = [
      ssl3Mac('sha1', Buffer.alloc(20, 2), sequence, 23, content),
      ssl3Mac('sha1', Buffer.alloc(20, 1), Buffer.alloc(8, 1), 23, content),
      ssl3Mac('sha1', Buffer.alloc(20, 1), sequence, 22, content),
      ssl3Mac('sha1', Buffer.alloc(20, 1), sequence, 23, Buffer.from('contens')),
    ];
    for (const other of others) assert.notDeepEqual(other, code);
  });
});

describe('finite fields', () => {
  for (const [code, bits] of [
    [256, 2048],
    [257, 3072],
    [258, 4096],
    [259, 6144],
    [260, 8192],
  ] as const) {
    it(`computes the prime of ffdhe${bits} as OpenSSL has it`, () => {
      const pem = openssl('genpkey', '-algorithm', 'DH', '-pkeyopt', `group:ffdhe${bits}`);
      const field = namedField(code);
      assert.ok(field);
      const { publicKey, agree } = fieldKey(field);
      assert.equal(publicKey.length, bits / 8);
      // OpenSSL writes the prime into the parameters of a key.
      const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
      assert.ok(der.includes(Buffer.from(field.prime.toString(16), 'hex')), 'the prime');
      const other = fieldKey(field);
      assert.deepEqual(agree(other.publicKey), other.agree(publicKey));
    });
  }

  it('keeps leading zeros of values and secrets, as TLS 1.3 wants them', () => {
    const group = fieldGroup(Buffer.from('000000010001', 'hex'), Buffer.from([3]));
    const ours = fieldKey(group);
    const theirs = fieldKey(group);
    assert.equal(ours.publicKey.length, 6);
    assert.deepEqual(ours.publicKey.subarray(0, 3), Buffer.alloc(3));
    assert.deepEqual(ours.agree(theirs.publicKey), theirs.agree(ours.publicKey));
    assert.equal(ours.agree(theirs.publicKey).length, 6);
  });

  it('takes no value that leaves no secret, and no prime that is too long', () => {
    const field = namedField(256);
    assert.ok(field);
    const { agree } = fieldKey(field);
    const wrong = [0n, 1n, field.prime - 1n, field.prime].map((value) =>
      Buffer.from(value.toString(16).padStart(512, '0'), 'hex'),
    );
    for (const value of [...wrong, Buffer.alloc(0)]) assert.throws(() => agree(value), /values are wrong/);
    assert.throws(() => fieldGroup(Buffer.alloc(1025, 0xff), Buffer.from([2])), /8200 bits is too long/);
    assert.throws(() => fieldGroup(Buffer.from([4]), Buffer.from([2])), /values are wrong/);
  });
});

describe('cipher suites of complete handshakes', () => {
  it('are told apart by their names', () => {
    const parts = (code: number): unknown => {
      const { mode, keyExchange, tagLength, mac, prfHash } = suite12(code) ?? {};
      return [keyExchange, mode, tagLength, mac?.hash, prfHash];
    };
    assert.deepEqual(parts(0x0005), ['rsa', 'stream', 0, 'sha1', 'sha256']);
    assert.deepEqual(parts(0x0018), ['dhe', 'stream', 0, 'md5', 'sha256']);
    assert.deepEqual(parts(0x003b), ['rsa', 'stream', 0, 'sha256', 'sha256']);
    assert.deepEqual(parts(0xc030), ['ecdhe', 'gcm', 16, undefined, 'sha384']);
  });

  it('are none with a shared key, a fixed key, weakened keys or a cipher of another world', () => {
    // PSK, static ECDH, EXPORT, SEED, GOST, the signal of RFC 5746.
    for (const code of [0x00ae, 0xc0a4, 0xc004, 0x0003, 0x0096, 0xc100, 0x00ff]) assert.equal(suite12(code), undefined);
  });
});

describe('complete handshakes with rare keys and suites', function () {
  this.timeout(30_000);
  let pki: Pki;
  let running: Running | undefined;
  let hybrid: Server | undefined;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    hybrid?.close();
    hybrid = undefined;
  });
  after(() => pki.remove());

  const runtime = getCiphers();
  const has = (cipher: string, ...suites: readonly string[]) => (runtime.includes(cipher) ? suites : []);
  const ciphers12 = [
    ...has('aes-128-ccm', 'AES128-CCM', 'DHE-RSA-AES256-CCM8', 'AES128-CCM8'),
    ...has('aria-128-gcm', 'ARIA128-GCM-SHA256', 'ECDHE-ARIA256-GCM-SHA384'),
    ...['NULL-SHA256', 'ECDHE-RSA-NULL-SHA', 'NULL-MD5', 'ADH-AES128-SHA'],
  ];
  for (const suite of ciphers12) {
    it(`makes a request with ${suite}`, async () => {
      const secured = [...pki.args('rsa'), '-tls1_2', '-cipher', `${suite}:@SECLEVEL=0`];
      running = await opensslServer(secured);
      const { clientCertificate, unknowns } = await survey(running.endpoint, null, { path: '/' });
      assert.deepEqual(
        unknowns.filter(({ what }) => what === 'renegotiation'),
        [],
      );
      assert.deepEqual(
        clientCertificate.requests?.map(({ version, asked, status }) => [version, asked, status]),
        [['tls12', 'not-seen', 200]],
      );
    });
  }

  const groups13 = [
    ...['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192'],
    ...(keyAgreement(30) ? ['X448'] : []),
  ];
  const suites13 = has('aes-128-ccm', 'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256');
  const settings = [
    ...groups13.map((group) => ['-groups', group] as const),
    ...suites13.map((suite) => ['-ciphersuites', suite] as const),
  ];
  for (const [option, value] of settings) {
    it(`reads what TLS 1.3 encrypts with ${value} alone`, async () => {
      running = await opensslServer([
        ...pki.args('rsa'),
        ...['-tls1_3', option, value, '-verify', '1', '-CAfile', pki.file('root.crt')],
      ]);
      const result = await survey(running.endpoint, null, { path: '/', extraRoots: [pki.pem('root')] });
      // What it trusts it sends along.
      assert.deepEqual(result.certificate?.findings, ['root-sent']);
      assert.equal(result.clientCertificate.inHandshake, 'optional');
      assert.deepEqual(result.clientCertificate.acceptableIssuers, ['CN=root, O=Probe tests']);
      assert.equal(result.clientCertificate.postHandshake, 'not-seen');
    });
  }

  // OpenSSL 3.5 on, which comes with the runtimes that have ML-KEM at all.
  const hybrids = keyAgreement(0x11ec)
    ? ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024', 'MLKEM512', 'MLKEM768', 'MLKEM1024']
    : [];
  for (const group of hybrids) {
    it(`reads what TLS 1.3 encrypts with ${group} alone`, async () => {
      hybrid = createServer(
        {
          cert: pki.pem('rsa'),
          key: readFileSync(pki.file('rsa.key')),
          minVersion: 'TLSv1.3',
          ecdhCurve: group,
        },
        (socket) =>
          socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')),
      );
      hybrid.on('tlsClientError', () => undefined);
      await once(hybrid.listen(0, '127.0.0.1'), 'listening');
      const endpoint = { host: '127.0.0.1', port: (hybrid.address() as AddressInfo).port };
      const result = await survey(endpoint, null, { path: '/', extraRoots: [pki.pem('root')] });
      assert.equal(result.protocols.tls13, 'yes');
      assert.deepEqual(result.certificate?.findings, []);
      assert.equal(result.clientCertificate.inHandshake, 'none-seen');
      assert.deepEqual(
        result.clientCertificate.requests?.map(({ asked, status }) => [asked, status]),
        [['not-seen', 204]],
      );
    });
  }

  it('says which group it lacks where the runtime cannot agree on a key of it', () => {
    const client = new Client13({ serverName: null, form: 'shares', agreements: () => undefined, groups: [30] });
    const hello = client.first;
    const sessionId = hello.subarray(44, 76);
    const random = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
    const extensions = Buffer.from('000c002b00020304003300020000', 'hex');
    extensions.writeUInt16BE(30, 12);
    const retry = Buffer.concat([
      ...[Buffer.from('0303', 'hex'), random, Buffer.from([32]), sessionId, Buffer.from('130100', 'hex'), extensions],
    ]);
    const head = Buffer.from('160303000002000000', 'hex');
    head.writeUInt16BE(retry.length + 4, 3);
    head.writeUIntBE(retry.length, 6, 3);
    const talk = { send: () => undefined, atMost: () => undefined, elapsedMs: 1 };
    assert.throws(() => client.push(Buffer.concat([head, retry]), talk), /wants key exchange group 30, which this/);
  });
});
