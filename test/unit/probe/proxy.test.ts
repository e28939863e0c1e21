// Which proxy stands before an endpoint, and the way through it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { isUsableProxy, proxyFor } from '../../../src/probe/proxy.ts';
import { survey } from '../../../src/probe/survey.ts';
import { byteServer, opensslServer, Pki } from './servers.ts';

const to = (host: string, port = 443) => ({ host, port });

describe('the proxy of an endpoint', () => {
  const none = {};
  const corporate = {
    HTTPS_PROXY: 'http://proxy.example:3128',
    NO_PROXY: 'internal.example, .corp.example:8443 10.0.0.0/8',
  };

  it('is the one that was set, else the one of the environment, else none', () => {
    assert.equal(proxyFor(to('api.example'), { environment: none }), undefined);
    assert.equal(proxyFor(to('api.example'), { environment: corporate }), 'http://proxy.example:3128');
    assert.equal(proxyFor(to('api.example'), { url: 'http://mine:8080', environment: corporate }), 'http://mine:8080');
    assert.equal(
      proxyFor(to('api.example'), { url: '', environment: { https_proxy: 'mine:8080' } }),
      'http://mine:8080',
    );
    assert.equal(
      proxyFor(to('api.example'), { environment: { https_proxy: 'http://low', HTTPS_PROXY: 'http://high' } }),
      'http://low',
    );
  });

  it('is none for what NO_PROXY and the given list name', () => {
    const direct = (host: string, port = 443, list: readonly string[] = []) =>
      proxyFor(to(host, port), { environment: corporate, direct: list }) === undefined;
    assert.ok(direct('internal.example') && direct('a.internal.example') && direct('INTERNAL.example'));
    assert.ok(!direct('notinternal.example'));
    assert.ok(direct('x.corp.example', 8443) && !direct('x.corp.example', 443));
    assert.ok(direct('10.1.2.3') && !direct('11.1.2.3'));
    assert.ok(direct('api.example', 443, ['*']) && direct('api.example', 443, ['*.example']));
    assert.ok(direct('::1', 443, ['::1']) && direct('::1', 443, ['[::1]:443']) && !direct('::1', 444, ['[::1]:443']));
    assert.ok(direct('fd00::5', 443, ['fd00::/8']) && !direct('fe00::5', 443, ['fd00::/8']));
    assert.ok(!direct('192.0.2.1', 443, ['example', '300.1.1.1/8', '192.0.2.1/x', '192.0.2.1/99', '', '192.0.2.1:80']));
  });

  it('must be http or https', () => {
    assert.ok(isUsableProxy('http://proxy:3128') && isUsableProxy('https://user:secret@[::1]:3128'));
    assert.ok(!isUsableProxy('socks5://proxy:1080') && !isUsableProxy('proxy'));
  });
});

describe('survey through a proxy', function () {
  this.timeout(20_000);
  let pki: Pki;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
  });
  after(() => pki.remove());

  const proxyServer = async (answer: (request: IncomingMessage, socket: Socket, head: Buffer) => void) => {
    const server = createServer();
    const asked: IncomingMessage[] = [];
    server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      asked.push(request);
      socket.on('error', () => undefined);
      answer(request, socket, head);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      asked,
      url: `http://user:pass%20word@127.0.0.1:${(server.address() as AddressInfo).port}`,
      stop: () => server.close(),
    };
  };

  it('asks it for a tunnel to the name, with its credentials, and sees what is behind it', async () => {
    const tls = await opensslServer(pki.args('rsa'));
    const proxy = await proxyServer((_request, socket) => {
      const upstream = connect(tls.endpoint.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => socket.destroy());
    });
    const result = await survey(to('api.invalid', 8443), null, {
      proxy: () => proxy.url,
      extraRoots: [pki.pem('root')],
    });
    proxy.stop();
    await tls.stop();
    assert.deepEqual([result.protocols.tls12, result.protocols.tls13, result.behaviour], ['yes', 'yes', 'tls']);
    assert.equal(result.endpoint.address, null);
    assert.deepEqual(result.unknowns.at(-1), { what: 'address', why: 'reached through a proxy' });
    const [first] = proxy.asked;
    assert.deepEqual([first?.url, first?.headers.host], ['api.invalid:8443', 'api.invalid:8443']);
    const credentials = Buffer.from('user:pass word').toString('base64');
    assert.equal(first?.headers['proxy-authorization'], `Basic ${credentials}`);
    assert.ok(!JSON.stringify(result).includes('pass'), 'no credentials in what is kept');
  });

  for (const [status, why] of [
    [403, 'the proxy refused the connection (403)'],
    [407, 'the proxy asks for credentials (407)'],
  ] as const) {
    it(`says that it answered ${status}`, async () => {
      const proxy = await proxyServer((_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
      const result = await survey(to('api.invalid'), null, { proxy: () => proxy.url });
      proxy.stop();
      assert.deepEqual([result.behaviour, result.protocols.tls12], ['unreachable', 'unknown']);
      assert.equal(result.unknowns.find(({ what }) => what === 'tls12')?.why, why);
    });
  }

  it('says that it is none, or not there', async () => {
    const notOne = await byteServer((socket) => socket.end('SSH-2.0-x\r\n\r\n'));
    const why = async (url: string) => {
      const result = await survey(to('api.invalid'), null, { proxy: () => url });
      assert.equal(result.behaviour, 'unreachable');
      return result.unknowns[0]?.why;
    };
    assert.equal(await why(`http://127.0.0.1:${notOne.endpoint.port}`), 'the proxy does not answer as one');
    await notOne.stop();
    assert.equal(await why(`http://127.0.0.1:${notOne.endpoint.port}`), 'the proxy cannot be reached');
    assert.match((await why('socks5://127.0.0.1:1')) ?? '', /no http:\/\/ or https:\/\/ URL/);
  });
});
