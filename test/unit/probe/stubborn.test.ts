// Servers that are no TLS servers, or no well-behaved ones: named as what they are, never counted as a yes or a no.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Endpoint, Offer, Survey } from '../../../src/core/tls/evidence.ts';
import { ask, survey, surveyAll } from '../../../src/probe/survey.ts';
import {
  alertBytes,
  byteServer,
  chainOf,
  derOf,
  flightOf,
  messageOf,
  onHello,
  opensslServer,
  parseHello,
  Pki,
  recordOf,
  relay,
  serverHelloOf,
  type Bytes,
  type Running,
} from './servers.ts';

const planned: Offer = { versions: ['tls12', 'tls13'], suites: [0x1302, 0x1301, 0xc030, 0xc02f] };
const quick = { connectionTimeoutMs: 300, endpointTimeoutMs: 5000 };

function whyOf(result: Survey, what: string): string {
  return result.unknowns.find((entry) => entry.what === what)?.why ?? '';
}

function assertNothingKnown(result: Survey): void {
  assert.deepEqual(new Set(Object.values(result.protocols)), new Set(['unknown']));
  assert.deepEqual(result.suites, {});
  assert.equal(result.certificate, null);
  assert.equal(result.clientCertificate.inHandshake, 'unknown');
  assert.notEqual(result.planned?.connects, 'yes');
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('survey of stubborn servers', function () {
  this.timeout(30_000);
  let pki: Pki;
  const running: Running[] = [];
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  after(() => pki.remove());

  const stub = async (onConnection: (socket: Socket, index: number) => void): Promise<Bytes> => {
    const server = await byteServer(onConnection);
    running.push(server);
    return server;
  };
  const real = async (...args: readonly string[]): Promise<Endpoint> => {
    const server = await opensslServer([...pki.args('rsa'), ...args]);
    running.push(server);
    return server.endpoint;
  };

  it('names plain HTTP', async () => {
    const http = createHttpServer();
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const result = await survey({ host: '127.0.0.1', port: (http.address() as AddressInfo).port }, planned, quick);
    http.close();
    assert.equal(result.behaviour, 'plain-http');
    assertNothingKnown(result);
    assert.equal(result.planned?.why, 'answered with plain HTTP');
    assert.equal(result.connections, 1);
  });

  it('names a server of another protocol', async () => {
    for (const banner of ['SSH-2.0-OpenSSH_9.2\r\n', '220 mail.example ESMTP\r\n', '<html>']) {
      const { endpoint } = await stub((socket) => socket.write(banner));
      const result = await survey(endpoint, null, quick);
      assert.equal(result.behaviour, 'not-tls');
      assertNothingKnown(result);
    }
  });

  for (const offer of [null, planned]) {
    it(`spends two time-outs at most on a silent server ${offer ? 'with' : 'without'} a planned offer`, async () => {
      const { endpoint } = await stub(() => undefined);
      const result = await survey(endpoint, offer, { connectionTimeoutMs: 600 });
      assert.equal(result.behaviour, 'timeout');
      assertNothingKnown(result);
      assert.ok(result.elapsedMs >= 1195 && result.elapsedMs < 1795, `${result.elapsedMs} ms`);
      assert.equal(whyOf(result, 'tls12'), 'no answer within 0.6 s');
    });
  }

  it('keeps to the time of an endpoint', async () => {
    const { endpoint } = await stub(() => undefined);
    const result = await survey(endpoint, planned, { connectionTimeoutMs: 10_000, endpointTimeoutMs: 200 });
    assert.equal(result.behaviour, 'timeout');
    assert.ok(result.elapsedMs < 500, `${result.elapsedMs} ms`);
  });

  it('keeps to the time of a connection with a server that drips', async () => {
    const { endpoint } = await stub((socket) => {
      const hello = recordOf(22, 0x0303, serverHelloOf(0x0303, 0xc02f));
      let at = 0;
      const drip = setInterval(() => socket.write(hello.subarray(at, (at += 1))), 50);
      socket.on('close', () => clearInterval(drip));
    });
    const result = await ask(endpoint, planned, quick);
    assert.equal(result.connects, 'unknown');
  });

  it('says that a server closes or resets', async () => {
    const closing = await survey((await stub((socket) => socket.end())).endpoint, planned, quick);
    assert.equal(closing.behaviour, 'close');
    assertNothingKnown(closing);
    const reset = await survey((await stub((socket) => socket.resetAndDestroy())).endpoint, planned, quick);
    assert.equal(reset.behaviour, 'reset');
    assertNothingKnown(reset);
    assert.equal(whyOf(reset, 'tls10'), 'connection reset');
  });

  it('leaves SSL 3.0 open where a server closes for it only', async () => {
    const to = await real();
    const { endpoint } = await stub((socket) => {
      socket.once('data', (chunk) => {
        if (chunk.readUInt16BE(9) === 0x0300) return socket.end();
        relay(socket, to);
        socket.unshift(chunk);
        return undefined;
      });
    });
    const result = await survey(endpoint, null);
    assert.equal(result.protocols.ssl3, 'unknown');
    assert.equal(whyOf(result, 'ssl3'), 'connection closed without an answer');
    assert.equal(result.protocols.tls12, 'yes');
    assert.equal(result.behaviour, 'tls');
  });

  it('says refused and unresolvable at once', async () => {
    const gone = await byteServer(() => undefined);
    await gone.stop();
    const refused = await survey(gone.endpoint, planned);
    assert.equal(refused.behaviour, 'refused');
    assert.equal(refused.connections, 1);
    assertNothingKnown(refused);
    const nowhere = await survey({ host: 'nowhere.invalid', port: 443 }, planned);
    assert.equal(nowhere.behaviour, 'unresolvable');
    assert.equal(nowhere.endpoint.address, null);
    assert.equal(nowhere.connections, 0);
    assertNothingKnown(nowhere);
  });

  it('takes refusals in so many words as a no, other alerts as nothing', async () => {
    for (const [code, expected] of [
      [40, 'no'],
      [70, 'no'],
      [71, 'no'],
      [47, 'unknown'],
      [80, 'unknown'],
      [86, 'unknown'],
      [112, 'unknown'],
    ] as const) {
      const { endpoint } = await stub((socket) => onHello(socket, () => socket.end(alertBytes(2, code))));
      const result = await survey(endpoint, planned, quick);
      assert.equal(result.behaviour, 'alert');
      assert.deepEqual(new Set(Object.values(result.protocols)), new Set([expected]), `alert ${code}`);
      assert.equal(result.planned?.connects, expected, `alert ${code}`);
      if (expected === 'unknown') assert.match(whyOf(result, 'tls12'), new RegExp(`^alert ${code} \\(`));
    }
  });

  it('never takes an answer that was not offered as a yes', async () => {
    const answers = [
      [0x0303, 0x1399, 0],
      [0x0305, 0x1301, 0],
      [0x7f1c, 0x1301, 0],
      [0x0303, 0xc02f, 1],
      [0x0302, 0xc02f, 0],
    ] as const;
    for (const [version, suite, compression] of answers) {
      const { endpoint } = await stub((socket) =>
        onHello(socket, (hello) =>
          socket.write(recordOf(22, 0x0303, serverHelloOf(version, suite, hello.sessionId, compression))),
        ),
      );
      const result = await ask(endpoint, { versions: ['tls11', 'tls12', 'tls13'], suites: planned.suites }, quick);
      assert.equal(result.connects, 'unknown', result.why ?? '');
      assert.match(result.why ?? '', /^picked /);
      assert.equal((await survey(endpoint, null, quick)).behaviour, 'misbehaving');
    }
  });

  it('never takes a newer version than offered as a yes', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, () => socket.write(recordOf(22, 0x0303, serverHelloOf(0x0303, 0x002f)))),
    );
    const answer = await ask(endpoint, { versions: ['tls10'], suites: [0x002f] }, quick);
    assert.deepEqual([answer.connects, answer.why], ['unknown', 'picked TLS 1.2, which was not offered']);
  });

  it('takes an older version than offered as a no to the newer', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const old = hello.version < 0x0301 ? alertBytes(2, 70) : recordOf(22, 0x0301, serverHelloOf(0x0301, 0x002f));
        socket.write(hello.suites.includes(0x002f) ? old : alertBytes(2, 40));
      }),
    );
    const result = await survey(endpoint, null, quick);
    assert.deepEqual(result.protocols, { ssl3: 'no', tls10: 'yes', tls11: 'no', tls12: 'no', tls13: 'no' });
    const answer = await ask(endpoint, { versions: ['tls11', 'tls12'], suites: [0x002f] }, quick);
    assert.deepEqual([answer.connects, answer.why], ['no', 'picked TLS 1.0 instead']);
  });

  it('sees SSL 3.0', async () => {
    const certificate = derOf(pki.pem('rsa'));
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const pick = [0x000a, 0x0005].find((code) => hello.suites.includes(code));
        if (pick === undefined) socket.end(alertBytes(2, 40, 0x0300));
        else socket.write(recordOf(22, 0x0300, flightOf(0x0300, pick, certificate)));
      }),
    );
    const result = await survey(endpoint, planned, { extraRoots: [pki.pem('root')] });
    assert.deepEqual(result.protocols, { ssl3: 'yes', tls10: 'no', tls11: 'no', tls12: 'no', tls13: 'no' });
    assert.deepEqual(result.suites, { ssl3: [0x000a] });
    assert.equal(result.certificate?.chain[0]?.keyType, 'RSA');
    assert.deepEqual(result.certificate?.findings, []);
  });

  it('takes anything for an answer only when it is one', async () => {
    const bodies = [
      Buffer.from('160303ffff', 'hex'),
      Buffer.from('1603030004' + '02ffffff', 'hex'),
      Buffer.from('1603030000', 'hex'),
      Buffer.from('17030300050000000000', 'hex'),
      Buffer.concat([Buffer.from('1603034000', 'hex'), randomBytes(0x4000)]),
      recordOf(22, 0x0303, Buffer.from('0200000403030000', 'hex')),
    ];
    for (const body of bodies) {
      const { endpoint } = await stub((socket) => socket.write(body));
      const result = await survey(endpoint, planned, quick);
      assert.ok(['misbehaving', 'timeout', 'not-tls'].includes(result.behaviour), result.behaviour);
      assertNothingKnown(result);
    }
    const { endpoint } = await stub((socket) => socket.write(randomBytes(100_000).fill(0x80, 0, 1)));
    assert.equal((await survey(endpoint, null, quick)).behaviour, 'not-tls');
  });

  it('stops listening to a server that never stops talking', async () => {
    const chatter = recordOf(22, 0x0303, messageOf(4, Buffer.alloc(16_000)));
    const { endpoint, open } = await stub((socket) =>
      onHello(socket, (hello) => {
        if (!hello.suites.includes(0xc02f)) return socket.end(alertBytes(2, 40));
        socket.write(recordOf(22, 0x0303, serverHelloOf(0x0303, 0xc02f)));
        const more = (): boolean => !socket.destroyed && socket.write(chatter, () => more());
        more();
        return undefined;
      }),
    );
    const result = await survey(endpoint, null, { connectionTimeoutMs: 5000 });
    assert.ok(result.elapsedMs < 4900, `${result.elapsedMs} ms`);
    assert.equal(result.protocols.tls12, 'yes');
    assert.equal(result.certificate, null);
    assert.equal(result.clientCertificate.inHandshake, 'unknown');
    for (const socket of open) await closed(socket);
  });

  it('draws no conclusion from suites that were not asked to the end', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const pick =
          hello.version === 0x0303 ? [0xc02f, 0xc030].find((code) => hello.suites.includes(code)) : undefined;
        if (pick !== undefined) socket.write(recordOf(22, 0x0303, serverHelloOf(0x0303, pick)));
        else if (hello.version === 0x0303 && !hello.suites.includes(0x1301)) socket.resetAndDestroy();
        else socket.end(alertBytes(2, 70));
      }),
    );
    const result = await survey(endpoint, null, quick);
    assert.equal(result.protocols.tls12, 'yes');
    assert.equal(result.preferred.tls12, 0xc02f);
    assert.deepEqual(result.suites, {});
    assert.equal(whyOf(result, 'suites.tls12'), 'connection reset');
  });

  it('draws no conclusion from a server that looks at the beginning of a list only', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const seen = hello.version === 0x0303 ? hello.suites : hello.suites.slice(0, 20);
        const mine = hello.version === 0x0303 ? [0xc02f] : hello.version === 0x0302 ? [0xc013, 0xc014] : [];
        const pick = mine.find((code) => seen.includes(code));
        if (pick === undefined) socket.end(alertBytes(2, hello.version < 0x0302 ? 70 : 40));
        else socket.write(recordOf(22, hello.version, serverHelloOf(hello.version, pick)));
      }),
    );
    const result = await survey(endpoint, null, { ...quick, depth: 'suites' });
    assert.deepEqual([result.protocols.tls12, result.protocols.tls11], ['yes', 'yes']);
    assert.deepEqual(result.suites, { tls12: [0xc02f] });
    assert.equal(whyOf(result, 'suites.tls11'), 'refused a list that has a suite which it had accepted');
  });

  it('leaves nothing behind', async () => {
    const { endpoint } = await stub((socket) => socket.end(alertBytes(2, 70)));
    const left = (): string[] =>
      process.getActiveResourcesInfo().filter((kind) => /Timeout|ConnectWrap|AddrInfo/.test(kind));
    const before = left();
    await ask({ host: 'localhost', port: endpoint.port }, planned);
    await survey({ host: 'localhost', port: endpoint.port }, planned);
    assert.deepEqual(left(), before);
  });

  it('reads answers in segments of one byte', async () => {
    const to = await real();
    const { endpoint } = await stub((socket) => {
      socket.setNoDelay(true);
      relay(socket, to, (chunk) => chunk.forEach((byte) => socket.write(Buffer.from([byte]))));
    });
    const result = await survey(endpoint, planned, { extraRoots: [pki.pem('root')] });
    assert.deepEqual([result.protocols.tls12, result.protocols.tls13], ['yes', 'yes']);
    assert.deepEqual(result.certificate?.findings, []);
    assert.equal(result.suites.tls12?.length, 12);
  });

  it('reads records of one byte, after a warning', async () => {
    const certificate = derOf(pki.pem('rsa'));
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        if (!hello.suites.includes(0xc02f)) return socket.end(alertBytes(2, 40));
        const flight = flightOf(0x0303, 0xc02f, certificate);
        const records = [...flight].map((byte) => recordOf(22, 0x0303, Buffer.from([byte])));
        socket.write(Buffer.concat([alertBytes(1, 112), ...records]));
        return undefined;
      }),
    );
    const result = await survey(endpoint, null, { ...quick, extraRoots: [pki.pem('root')] });
    assert.equal(result.protocols.tls12, 'yes');
    assert.deepEqual(result.suites.tls12, [0xc02f]);
    assert.deepEqual(result.certificate?.findings, []);
  });

  it('asks again where connections get lost', async () => {
    const to = await real();
    const lossy = await stub((socket, index) => {
      if (index % 3 === 0) socket.resetAndDestroy();
      else relay(socket, to);
    });
    const result = await survey(lossy.endpoint, planned, { maxConnections: 1 });
    assert.deepEqual(result.protocols, { ssl3: 'no', tls10: 'no', tls11: 'no', tls12: 'yes', tls13: 'yes' });
    assert.equal(result.suites.tls12?.length, 12);
    assert.equal(result.planned?.connects, 'yes');
  });

  it('does not forget what it was told when a later connection gets lost', async () => {
    const certificate = derOf(pki.pem('rsa'));
    let asked10 = 0;
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const lost = hello.version === 0x0301 && (asked10 += 1) > 1;
        if (lost) return void socket.resetAndDestroy();
        if (hello.version === 0x0301) return void socket.end(alertBytes(2, 80));
        const served = hello.version === 0x0303 && hello.suites.includes(0xc02f);
        return void socket.end(
          served ? recordOf(22, 0x0303, flightOf(0x0303, 0xc02f, certificate)) : alertBytes(2, 40),
        );
      }),
    );
    const result = await survey(endpoint, null, quick);
    assert.ok(asked10 > 1);
    assert.deepEqual([result.protocols.tls10, result.protocols.tls12], ['no', 'yes']);
  });

  it('gets along with a limit of connections, and keeps its own', async () => {
    const to = await real();
    const limited = await stub((socket) => {
      if (limited.open.size > 4) socket.destroy();
      else relay(socket, to);
    });
    const result = await survey(limited.endpoint, planned);
    assert.deepEqual([result.protocols.tls12, result.protocols.tls13], ['yes', 'yes']);
    let most = 0;
    const counting = await stub((socket) => {
      most = Math.max(most, counting.open.size);
      relay(socket, to);
    });
    await survey(counting.endpoint, planned, { maxConnections: 2 });
    assert.ok(most <= 3, `${most} sockets`);
  });

  it('finds the form of hello that a touchy server takes', async () => {
    const to = await real('-cipher', 'ALL:@SECLEVEL=0');
    const picky = (refuses: (hello: Buffer) => boolean): Promise<Bytes> =>
      stub((socket) => {
        socket.once('data', (chunk) => {
          if (refuses(chunk)) return socket.resetAndDestroy();
          relay(socket, to);
          socket.unshift(chunk);
          return undefined;
        });
      });
    const large = await survey((await picky((hello) => hello.length > 512)).endpoint, null);
    assert.deepEqual(large.protocols, { ssl3: 'no', tls10: 'yes', tls11: 'yes', tls12: 'yes', tls13: 'yes' });
    assert.equal(large.suites.tls12?.length, 12);
    const awkward = await survey((await picky((hello) => hello.length > 260 && hello.length <= 516)).endpoint, null);
    assert.deepEqual(awkward.protocols, { ssl3: 'no', tls10: 'yes', tls11: 'yes', tls12: 'yes', tls13: 'yes' });
    const noAlpn = await survey((await picky((hello) => hello.includes('http/1.1'))).endpoint, null);
    assert.deepEqual([noAlpn.protocols.tls12, noAlpn.protocols.tls13], ['yes', 'yes']);
  });

  it('asks without any extension at last', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        if (hello.extensions.size > 0) socket.resetAndDestroy();
        else if (hello.version !== 0x0301 || !hello.suites.includes(0x0035)) socket.end(alertBytes(2, 40));
        else socket.write(recordOf(22, 0x0301, serverHelloOf(0x0301, 0x0035)));
      }),
    );
    const result = await survey(endpoint, null, quick);
    assert.equal(result.protocols.tls10, 'yes');
    assert.deepEqual(result.suites.tls10, [0x0035]);
    // The refusal of a hello without names and groups says nothing about TLS 1.2.
    assert.equal(result.protocols.tls12, 'unknown');
  });

  it('believes no refusal of TLS 1.3 that a missing key share explains', async () => {
    const { endpoint } = await stub((socket) =>
      onHello(socket, (hello) => {
        const share = hello.extensions.get(51);
        const answer = share && share.length > 2 ? serverHelloOf(0x0304, 0x1301, hello.sessionId) : undefined;
        socket.write(answer ? recordOf(22, 0x0303, answer) : alertBytes(2, 40));
      }),
    );
    assert.equal((await ask(endpoint, planned, quick)).connects, 'yes');
    assert.equal((await survey(endpoint, planned, quick)).planned?.connects, 'yes');
  });

  it('sends the empty certificate alone where the alert after all of it may mean anything', async () => {
    const certificate = derOf(pki.pem('rsa'));
    const request = messageOf(13, Buffer.from('01010002040100' + '00', 'hex'));
    const asking = (refusesAt: number): Promise<Bytes> =>
      stub((socket) => {
        let answered = false;
        socket.on('data', (chunk) => {
          const hello = answered ? undefined : parseHello(chunk);
          if (!hello) {
            if (chunk.includes(Buffer.from([refusesAt, 3, 3]))) socket.end(alertBytes(2, 50, 0x0303));
            return;
          }
          answered = true;
          if (!hello.suites.includes(0x009c)) return socket.end(alertBytes(2, 40));
          const flight = [serverHelloOf(0x0303, 0x009c), chainOf(certificate), request, messageOf(14, Buffer.alloc(0))];
          socket.write(recordOf(22, 0x0303, Buffer.concat(flight)));
          return undefined;
        });
      });
    const required = await survey((await asking(22)).endpoint, null, { extraRoots: [pki.pem('root')] });
    assert.equal(required.clientCertificate.inHandshake, 'required');
    assert.deepEqual(
      required.unknowns.map(({ what }) => what),
      ['renegotiation'],
    );
    const later = await survey((await asking(20)).endpoint, null);
    assert.equal(later.clientCertificate.inHandshake, 'optional');
    assert.equal(whyOf(later, 'clientCertificate'), 'might be required: alert 50 (decode error)');
  });

  it('ends within 100 ms of being cancelled, with every socket closed', async () => {
    const cancel = new AbortController();
    const silent = await stub((_socket, index) => {
      if (index === 3) cancel.abort();
    });
    const looked = survey(silent.endpoint, null, { signal: cancel.signal });
    await once(cancel.signal, 'abort');
    const since = performance.now();
    const result = await looked;
    assert.ok(performance.now() - since < 100);
    assert.equal(result.behaviour, 'cancelled');
    assertNothingKnown(result);
    for (const socket of silent.open) await closed(socket);
    assert.equal(silent.open.size, 0);
    const already = await surveyAll([silent.endpoint, silent.endpoint], planned, () => undefined, {
      signal: cancel.signal,
    });
    assert.deepEqual(
      already.map(({ behaviour, connections }) => [behaviour, connections]),
      [
        ['cancelled', 0],
        ['cancelled', 0],
      ],
    );
    assert.equal((await ask(silent.endpoint, planned, { signal: cancel.signal })).why, 'cancelled');
  });

  it('offers nothing where there is nothing to offer', async () => {
    const server = await stub((socket) => socket.end());
    const none = await ask(server.endpoint, { versions: [], suites: [0x1301] });
    assert.deepEqual([none.connects, none.why], ['no', 'no protocol version is offered']);
    assert.equal((await ask(server.endpoint, { versions: ['tls12'], suites: [] })).why, 'no cipher suite is offered');
    assert.equal(server.count(), 0);
  });
});
