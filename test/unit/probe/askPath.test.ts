// Client certificates that are asked for after a request: a server by hand, step by step, and what HTTP answers say.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { getCiphers } from 'node:crypto';
import { once } from 'node:events';
import type { Endpoint, Survey } from '../../../src/core/tls/evidence.ts';
import { requestOf } from '../../../src/probe/askPath.ts';
import { readHttpAnswer } from '../../../src/probe/requestFacts.ts';
import { survey } from '../../../src/probe/survey.ts';
import { byteServer, opensslServer, Pki, type Running } from './servers.ts';

const page = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a request without a client certificate', function () {
  this.timeout(20_000);
  let pki: Pki;
  let running: Running | undefined;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  after(() => pki.remove());

  /**
   * `openssl s_server` at its keyboard: what is typed at each request. "r" renegotiates, "R" does so with a request for a
   * certificate, "K" updates the keys, "c" asks for a certificate after the handshake; anything else is sent.
   */
  async function typed(args: readonly string[], keys: readonly string[]): Promise<Endpoint> {
    const child: ChildProcess = spawn(
      'openssl',
      ['s_server', '-accept', '127.0.0.1:0', ...pki.args('rsa'), '-CAfile', pki.file('root.crt'), ...args],
      { env: { ...process.env, OPENSSL_CONF: '/dev/null' }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const gone = once(child, 'exit');
    const port = await new Promise<number>((resolve) => {
      let text = '';
      let left: readonly string[] = [];
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const found = /ACCEPT .*:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
        const isRequest = text.includes('\r\n\r\n');
        // It reads one key at a time, and says when it has done what the last one was for.
        if (!isRequest && !text.includes('SSL_do_handshake ->')) return;
        if (isRequest) left = keys;
        text = '';
        const [key, ...others] = left;
        if (key !== undefined) child.stdin?.write(key);
        left = others;
      });
    });
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await gone;
    };
    running = { endpoint: { host: '127.0.0.1', port }, stop };
    return running.endpoint;
  }

  const look = (endpoint: Endpoint, path?: string): Promise<Survey> =>
    survey(endpoint, null, { depth: 'full', ...(path === undefined ? {} : { path }), connectionTimeoutMs: 2000 });

  // Runtimes with BoringSSL may lack ChaCha20.
  const chacha = getCiphers().includes('chacha20-poly1305') ? ['DHE-RSA-CHACHA20-POLY1305'] : [];
  for (const suite of ['ECDHE-RSA-AES128-GCM-SHA256', 'AES256-SHA256', 'AES128-SHA', ...chacha]) {
    it(`follows a renegotiation with ${suite}, and sees what it is for`, async () => {
      const args = ['-tls1_2', '-cipher', suite];
      const asked = await look(await typed(args, ['R\n', page]));
      assert.equal(asked.clientCertificate.renegotiation, 'seen');
      assert.deepEqual(asked.clientCertificate.requests, [
        {
          version: 'tls12',
          asked: 'seen',
          without: 'optional',
          acceptableIssuers: ['CN=root, O=Probe tests'],
          status: 200,
          refusal: null,
        },
      ]);
      await running?.stop();
      const unasked = await look(await typed(args, ['r\n', page]));
      assert.equal(unasked.clientCertificate.renegotiation, 'not-seen');
      assert.equal(unasked.clientCertificate.requests?.[0]?.status, 200);
    });
  }

  it('goes on with new keys, before and after it is asked in TLS 1.3', async () => {
    const result = await look(await typed(['-tls1_3'], ['K\n', 'c\n', 'K\n', page]));
    assert.equal(result.clientCertificate.postHandshake, 'seen');
    assert.equal(result.clientCertificate.renegotiation, 'not-seen');
    const [request] = result.clientCertificate.requests ?? [];
    assert.deepEqual([request?.without, request?.status], ['optional', 200]);
    assert.deepEqual(request?.acceptableIssuers, ['CN=root, O=Probe tests']);
  });

  it('names the path and the host, and nothing that could end the line', () => {
    const head = (host: string, port: number, path: string, serverName: string | null = null) =>
      requestOf({ endpoint: { host, port }, serverName }, path).toString('latin1').split('\r\n');
    assert.deepEqual(head('api.example', 443, '/pets?q=1', 'api.example'), [
      'GET /pets?q=1 HTTP/1.1',
      'Host: api.example',
      'User-Agent: apim-tls',
      'Accept: */*',
      'Connection: close',
      '',
      '',
    ]);
    assert.equal(head('::1', 8443, '')[1], 'Host: [::1]:8443');
    assert.equal(head('10.0.0.4', 8443, '/', 'api.example')[1], 'Host: api.example:8443');
    assert.equal(
      head('a.example', 443, '/a b\r\nX: y/\u00fc\ud800?q=1#part')[0],
      'GET /a%20b%0D%0AX:%20y/%C3%BC%EF%BF%BD?q=1 HTTP/1.1',
    );
    assert.ok((head('a.example', 443, `/${'x'.repeat(100_000)}`)[0]?.length ?? 0) < 10_000);
  });

  it('says so where no handshake can be completed', async () => {
    const server = await opensslServer(['-nocert', '-psk', '1234', '-tls1_2', '-cipher', 'PSK']);
    running = server;
    const { clientCertificate, unknowns } = await look(server.endpoint);
    assert.equal(clientCertificate.renegotiation, 'unknown');
    const why = unknowns.find(({ what }) => what === 'renegotiation')?.why;
    assert.equal(
      why,
      'takes no cipher suite with which this probe can complete a handshake: alert 40 (handshake failure)',
    );
  });

  it('says why nothing is known', async () => {
    const required = await opensslServer([...pki.args('rsa'), '-Verify', '1']);
    const refused = await look(required.endpoint);
    await required.stop();
    assert.equal(refused.clientCertificate.inHandshake, 'required');
    assert.deepEqual(
      [refused.clientCertificate.renegotiation, refused.clientCertificate.postHandshake],
      ['unknown', 'unknown'],
    );
    assert.deepEqual(
      refused.unknowns.filter(({ what }) => what === 'renegotiation').map(({ why }) => why),
      ['a client certificate is required in the handshake'],
    );
    const silent = await look(await typed(['-tls1_2'], []));
    assert.equal(silent.clientCertificate.renegotiation, 'unknown');
    assert.match(silent.unknowns.find(({ what }) => what === 'renegotiation')?.why ?? '', /no answer within 2 s/);
    await running?.stop();
    const plain = await byteServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    running = plain;
    const none = await look(plain.endpoint);
    assert.equal(none.clientCertificate.renegotiation, 'unknown');
  });

  it('makes no request where it looks for the sake of a gateway only', async () => {
    const server = await opensslServer(pki.args('rsa'));
    running = server;
    const { clientCertificate, endpoint } = await survey(server.endpoint, null);
    assert.deepEqual(clientCertificate, { inHandshake: 'none-seen', acceptableIssuers: [] });
    assert.equal(endpoint.path, undefined);
  });
});

describe('an HTTP answer', () => {
  const read = (text: string) => readHttpAnswer(Buffer.from(text, 'latin1'));

  it('is waited for until its status is known', () => {
    for (const start of ['', 'H', 'HTTP/1', 'HTTP/1.1 ']) assert.equal(read(start), undefined, start);
    assert.deepEqual(read('HTTP/1.1 204 No Content\r\n'), { status: 204, refusal: null, complete: true });
    assert.deepEqual(read('HTTP/2 301\r\n'), { status: 301, refusal: null, complete: true });
    assert.deepEqual(read('220 mail.example ESMTP\r\n'), { status: 0, refusal: null, complete: true });
  });

  it('is read to its end where it refuses, and no further than a page goes', () => {
    assert.equal(read('HTTP/1.1 400 Bad Request\r\n')?.complete, false);
    assert.equal(read('HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nabcd')?.complete, false);
    assert.equal(read('HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nabcde')?.complete, true);
    assert.equal(read('HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')?.complete, false);
    assert.equal(read('HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n')?.complete, true);
    assert.equal(read(`HTTP/1.1 403 No\r\n\r\n${'x'.repeat(9000)}`)?.complete, true);
  });

  it('asks for a certificate in the words of nginx and others, in refusals only', () => {
    const words = 'No required SSL certificate was sent';
    assert.deepEqual(read(`HTTP/1.1 400 Bad Request\r\n\r\n<center>${words}</center>`), {
      status: 400,
      refusal: words,
      complete: true,
    });
    assert.equal(read(`HTTP/1.1 200 OK\r\n\r\n${words}`)?.refusal, null);
    assert.equal(read('HTTP/1.1 403 Forbidden\r\n\r\nHTTP Error 403.7 - Forbidden')?.refusal, '403.7 - Forbidden');
    assert.equal(
      read('HTTP/1.1 403 Forbidden\r\n\r\nClient certificate required')?.refusal,
      'Client certificate required',
    );
    assert.equal(read('HTTP/1.1 403 Forbidden\r\n\r\nYou do not have permission')?.refusal, null);
  });
});
