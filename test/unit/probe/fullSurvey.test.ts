// The survey in full: everything that a server takes, in its order, near and far, and from servers that are easily upset.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Endpoint, Survey } from '../../../src/core/tls/evidence.ts';
import { survey, type ProbeOptions } from '../../../src/probe/survey.ts';
import { byteServer, openssl, opensslServer, parseHello, Pki, relay, type Bytes, type Running } from './servers.ts';

const order = [
  'AES128-SHA:ECDHE-RSA-AES256-SHA384:CAMELLIA256-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-SHA',
  'ECDHE-ARIA128-GCM-SHA256:ADH-AES128-SHA:NULL-SHA256',
].join(':');

/** Code points by OpenSSL's names. */
function codes(names: string): number[] {
  return names.split(':').map((name) => {
    const line = openssl('ciphers', '-V', `${name}:@SECLEVEL=0`)
      .split('\n')
      .find((text) => text.includes(` ${name} `));
    const [, high = '', low = ''] = /0x(..),0x(..)/.exec(line ?? '') ?? [];
    return parseInt(`${high}${low}`, 16);
  });
}

/** Passes a connection on to another server; everything that it says, its end too, comes so many milliseconds later. */
function slowRelay(socket: Socket, to: Endpoint, ms: number): void {
  const upstream = connect({ host: to.host, port: to.port, noDelay: true });
  socket.pipe(upstream);
  upstream.on('data', (chunk) => setTimeout(() => socket.write(chunk), ms));
  upstream.on('end', () => setTimeout(() => socket.end(), ms));
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

describe('survey in full', function () {
  this.timeout(60_000);
  let pki: Pki;
  const running: Running[] = [];
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1,DNS:localhost', 'root');
    pki.leaf('ecdsa', 'IP:127.0.0.1', 'root', 'ec:P-384');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  after(() => pki.remove());

  const start = async (args: readonly string[], leaf = 'rsa'): Promise<Endpoint> => {
    const server = await opensslServer([...pki.args(leaf), ...args]);
    running.push(server);
    return server.endpoint;
  };
  const stub = async (onConnection: (socket: Socket, index: number) => void): Promise<Bytes> => {
    const server = await byteServer(onConnection);
    running.push(server);
    return server;
  };
  const look = (endpoint: Endpoint, more: ProbeOptions = {}): Promise<Survey> =>
    survey(endpoint, null, { depth: 'full', extraRoots: [pki.pem('root')], ...more });
  /** Passes on only what `takes` allows; anything else is reset. */
  const picky = (to: Endpoint, takes: (hello: Buffer, index: number) => boolean): Promise<Bytes> =>
    stub((socket, index) => {
      socket.once('data', (chunk) => {
        if (!takes(chunk, index)) return socket.resetAndDestroy();
        relay(socket, to);
        socket.unshift(chunk);
        return undefined;
      });
    });

  it('finds every suite in the order of the server', async () => {
    const endpoint = await start(['-max_protocol', 'TLSv1.2', '-serverpref', '-cipher', `${order}:@SECLEVEL=0`]);
    const result = await look(endpoint);
    const expected = codes(order);
    assert.deepEqual(result.suites.tls12, expected);
    const older = codes('AES128-SHA:CAMELLIA256-SHA:ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-SHA:ADH-AES128-SHA');
    assert.deepEqual([result.suites.tls11, result.suites.tls10], [older, older]);
    assert.deepEqual(result.preference, { tls12: 'server', tls11: 'server', tls10: 'server' });
    assert.deepEqual(result.unknowns, []);
  });

  it('finds the same when answers take long, with more questions at once', async () => {
    const endpoint = await start(['-max_protocol', 'TLSv1.2', '-serverpref', '-cipher', `${order}:@SECLEVEL=0`]);
    const far = await stub((socket) => slowRelay(socket, endpoint, 40));
    const near = await look(endpoint);
    const result = await look(far.endpoint, { maxConnections: 16 });
    assert.deepEqual(result.suites, near.suites);
    assert.deepEqual(result.preference, near.preference);
    assert.deepEqual(result.groups, near.groups);
    assert.deepEqual(result.signatureAlgorithms, near.signatureAlgorithms);
  });

  it('says that a server follows its clients, and lists the strongest first', async () => {
    const result = await look(await start(['-tls1_2', '-cipher', `${order}:@SECLEVEL=0`]));
    assert.deepEqual(result.preference, { tls12: 'client' });
    const names = 'ECDHE-ARIA128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-SHA';
    const rest = 'AES256-GCM-SHA384:CAMELLIA256-SHA:AES128-SHA:ADH-AES128-SHA:NULL-SHA256';
    assert.deepEqual(result.suites.tls12, codes(`${names}:${rest}`));
  });

  it('finds groups, prime, signature schemes and features', async () => {
    const alpn = ['-alpn', 'h2,http/1.1'];
    const result = await look(
      await start(['-groups', 'P-384:X25519', '-sigalgs', 'RSA-PSS+SHA384:RSA+SHA256', ...alpn]),
    );
    assert.deepEqual(result.groups?.accepted, { tls13: [29, 24], tls12: [29, 24] });
    assert.equal(result.groups?.dhPrimeBits, 2048);
    assert.deepEqual(result.signatureAlgorithms, { tls13: [0x0805], tls12: [0x0805, 0x0401] });
    assert.deepEqual(result.features, {
      alpn: ['h2', 'http/1.1'],
      secureRenegotiation: 'yes',
      extendedMasterSecret: 'yes',
      sessionTickets: 'yes',
      compression: 'no',
      fallbackScsv: 'yes',
      heartbeat: 'no',
    });
    const plain = await look(await start(['-tls1_3', '-no_ticket']));
    assert.deepEqual(plain.features?.alpn, []);
    assert.equal(plain.features?.fallbackScsv, 'unknown');
  });

  it('finds the curves of a server whose certificate needs one of its own', async () => {
    const result = await look(await start(['-tls1_2', '-groups', 'P-384:P-521:X25519'], 'ecdsa'));
    assert.deepEqual(result.groups?.accepted, { tls12: [29, 24, 25] });
    assert.deepEqual(result.signatureAlgorithms?.tls12?.slice(0, 1), [0x0403]);
  });

  it('sees a version that takes only suites which no gateway has', async () => {
    for (const depth of ['gateway', 'full'] as const) {
      const result = await look(await start(['-tls1_2', '-cipher', 'ADH-AES128-SHA:NULL-SHA256:@SECLEVEL=0']), {
        depth,
      });
      assert.equal(result.protocols.tls12, 'yes', depth);
    }
  });

  it('keeps to short hellos where long ones upset the server', async () => {
    const to = await start(['-tls1_2', '-cipher', `${order}:@SECLEVEL=0`]);
    const { endpoint } = await picky(to, (hello) => parseHello(hello).suites.length <= 65);
    const result = await look(endpoint);
    assert.deepEqual(new Set(result.suites.tls12), new Set(codes(order)));
  });

  it('takes no reset for a refusal: a list that ends with one is none', async () => {
    const accepted = codes('ECDHE-RSA-AES128-SHA:AES128-SHA');
    const to = await start(['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA:AES128-SHA']);
    const { endpoint } = await picky(to, (hello) => {
      const { suites, version } = parseHello(hello);
      return version !== 0x0303 || suites.some((code) => accepted.includes(code));
    });
    const result = await look(endpoint);
    assert.equal(result.protocols.tls12, 'yes');
    assert.deepEqual([result.suites, result.preference], [{}, {}]);
    assert.equal(result.unknowns.find(({ what }) => what === 'suites.tls12')?.why, 'connection reset');
  });

  it('asks fewer at once where a server resets the fifth connection', async () => {
    const to = await start(['-tls1_2', '-cipher', `${order}:@SECLEVEL=0`]);
    let open = 0;
    const limited = await stub((socket) => {
      open += 1;
      socket.on('close', () => (open -= 1));
      if (open > 4) socket.resetAndDestroy();
      else slowRelay(socket, to, 20);
    });
    const result = await look(limited.endpoint);
    assert.deepEqual(new Set(result.suites.tls12), new Set(codes(order)));
    assert.equal(result.protocols.tls12, 'yes');
  });

  it('never has more connections at once than it may', async () => {
    const to = await start([]);
    let most = 0;
    const counting = await stub((socket) => {
      most = Math.max(most, counting.open.size);
      slowRelay(socket, to, 20);
    });
    await look(counting.endpoint, { maxConnections: 3 });
    // A connection that the client has closed may not have been seen to be closed by the server.
    assert.ok(most <= 6, `${most} at once`);
  });

  it('looks at every address behind a name and says which is otherwise', async () => {
    const main = await start(['-tls1_2']);
    const other = await opensslServer([...pki.args('ecdsa'), '-tls1_3'], '127.0.0.1');
    running.push(other);
    // One port on three addresses: the same server, another one, and none.
    const forward = async (address: string, to: Endpoint, port = 0): Promise<number> => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        relay(socket, to);
      });
      server.listen(port, address);
      await once(server, 'listening');
      running.push({ endpoint: main, stop: () => new Promise((resolve) => server.close(() => resolve())) });
      return (server.address() as AddressInfo).port;
    };
    const port = await forward('127.0.0.1', main);
    await forward('127.0.0.2', main, port);
    await forward('127.0.0.3', other.endpoint, port);
    const route = () => ({ address: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'], port });
    const result = await look({ host: 'many.example', port }, { route });
    const found = new Map(result.endpoint.addresses?.map((entry) => [entry.address, entry]));
    assert.deepEqual([...found.keys()], ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']);
    assert.deepEqual(found.get('127.0.0.1')?.differsIn, []);
    assert.deepEqual([found.get('127.0.0.2')?.protocols.tls12, found.get('127.0.0.2')?.differsIn], ['yes', []]);
    assert.deepEqual(found.get('127.0.0.3')?.differsIn, ['protocols', 'certificate']);
    assert.deepEqual(
      [found.get('127.0.0.4')?.behaviour, found.get('127.0.0.4')?.differsIn],
      ['refused', ['behaviour']],
    );
    assert.equal(found.get('127.0.0.4')?.protocols.tls12, 'unknown');
    assert.equal((await look(main)).endpoint.addresses, undefined);
  });

  it('ends within 100 ms of being cancelled, wherever it is', async () => {
    const to = await start([]);
    for (const at of [1, 7, 20, 45]) {
      const cancel = new AbortController();
      let since = 0;
      const counting = await stub((socket, index) => {
        if (index === at) {
          since = performance.now();
          cancel.abort();
        }
        slowRelay(socket, to, 5);
      });
      const result = await look(counting.endpoint, { signal: cancel.signal });
      assert.equal(result.behaviour, 'cancelled');
      assert.ok(since > 0 && performance.now() - since < 100, `${performance.now() - since} ms`);
    }
  });

  it('reports what it knows as it gets to know it', async () => {
    const seen: Survey[] = [];
    const planned = { versions: ['tls12'], suites: [0xc02f] } as const;
    const endpoint = await start([]);
    const result = await survey(endpoint, planned, { depth: 'full', onProgress: (partial) => seen.push(partial) });
    assert.equal(seen[0]?.planned?.connects, 'yes');
    assert.equal(seen[0]?.protocols.tls12, 'unknown');
    assert.equal(seen[1]?.protocols.tls12, 'yes');
    const last = seen.at(-1);
    assert.deepEqual({ ...last, elapsedMs: 0 }, { ...result, elapsedMs: 0 });
    assert.ok(seen.length >= 6, `${seen.length} reports`);
  });

  for (const [greeting, extensions, why] of [
    [
      '220 mail.example ESMTP\r\n',
      '250-mail.example\r\n250-STARTTLS\r\n250 HELP\r\n',
      'answered with SMTP, STARTTLS is offered',
    ],
    ['220 mail.example ESMTP\r\n', '250-mail.example\r\n250 HELP\r\n', 'answered with SMTP, STARTTLS is not offered'],
    ['* OK IMAP4 ready\r\n', '* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n', 'answered with IMAP, STARTTLS is offered'],
    ['+OK POP3 ready\r\n', '+OK\r\nUSER\r\nSTLS\r\n.\r\n', 'answered with POP3, STLS is offered'],
    ['220 FTP ready\r\n', '211-Features\r\n AUTH TLS\r\n211 End\r\n', 'answered with FTP, AUTH TLS is offered'],
    ['SSH-2.0-OpenSSH_9.2\r\n', '', 'answered with SSH'],
    ['hello\r\n', '', 'answered with something that is not TLS'],
  ] as const) {
    it(`names ${why.replace('answered with ', '')}`, async () => {
      const { endpoint } = await stub((socket) => {
        socket.write(greeting);
        socket.on('data', (chunk) => {
          if (/^(EHLO|a1 CAPABILITY|CAPA|FEAT)/.test(chunk.toString('latin1'))) socket.write(extensions);
        });
      });
      const result = await look(endpoint);
      assert.equal(result.behaviour, 'not-tls');
      assert.equal(result.unknowns.find(({ what }) => what === 'tls12')?.why, why);
    });
  }
});
