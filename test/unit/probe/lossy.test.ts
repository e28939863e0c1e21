// Servers that lose connections: what they say on others is found all the same, and nothing is made of a loss.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Endpoint, Survey } from '../../../src/core/tls/evidence.ts';
import { survey, type ProbeOptions } from '../../../src/probe/survey.ts';
import { byteServer, openssl, opensslServer, Pki, relay, type Bytes, type Running } from './servers.ts';

/** Passes a connection on and loses it: after so many pieces of the client's, or within the server's answer. */
const losses: Readonly<Record<string, (socket: Socket, to: Endpoint) => void>> = {
  'a reset after the hello': (socket) => socket.resetAndDestroy(),
  'an end within the first answer': (socket, to) => relay(socket, to, (chunk) => socket.end(chunk.subarray(0, 200))),
  'a reset after what follows the first answer': (socket, to) => {
    let pieces = 0;
    socket.on('data', () => (pieces += 1) === 2 && socket.resetAndDestroy());
    relay(socket, to);
  },
};

/** What a hello asks: all of it but its random and its session id, which are new each time. */
function question(hello: Buffer): string {
  const sessionId = 5 + 4 + 2 + 32;
  return hello.toString('latin1', sessionId + 1 + hello.readUInt8(sessionId));
}

describe('survey of servers that lose connections', function () {
  this.timeout(40_000);
  let pki: Pki;
  const running: Running[] = [];
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    pki.leaf('ecdsa', 'IP:127.0.0.1', 'root', 'ec:P-256');
    pki.write('index.txt', '');
    pki.write('request.cnf', '[ca]\n');
    const files = ['-issuer', pki.file('root.crt'), '-cert', pki.file('rsa.crt')];
    openssl('ocsp', ...files, '-reqout', pki.file('ocsp.req'));
    const signer = ['-CA', pki.file('root.crt'), '-rsigner', pki.file('root.crt'), '-rkey', pki.file('root.key')];
    const answer = ['-index', pki.file('index.txt'), '-ndays', '7', '-respout', pki.file('ocsp.resp')];
    openssl('ocsp', '-reqin', pki.file('ocsp.req'), ...signer, ...answer);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  after(() => pki.remove());

  async function start(...args: readonly string[]): Promise<Endpoint> {
    const server = await opensslServer([...pki.args('rsa'), '-groups', 'X25519', '-cipher', 'ECDHE+AES128', ...args]);
    running.push(server);
    return server.endpoint;
  }

  async function lossy(onConnection: (socket: Socket, index: number) => void): Promise<Bytes> {
    const server = await byteServer(onConnection);
    running.push(server);
    return server;
  }

  const look = (endpoint: Endpoint, more: ProbeOptions = {}): Promise<Survey> =>
    survey(endpoint, null, { depth: 'full', extraRoots: [pki.pem('root')], ...more });

  /** What is said of certificates, and what stayed open. */
  function told({ certificate, clientCertificate, unknowns, signatureAlgorithms }: Survey): unknown {
    const variants = certificate?.variants?.map(({ chain }) => chain[0]?.keyType).sort();
    return [variants, certificate?.ocspStaple, clientCertificate, signatureAlgorithms, unknowns];
  }

  const servers: Readonly<Record<string, () => Promise<Endpoint>>> = {
    'two certificates, a staple and an optional client certificate, TLS 1.2': () =>
      start('-tls1_2', '-status_file', pki.file('ocsp.resp'), '-verify', '1', ...second()),
    'two certificates, a staple and an optional client certificate, TLS 1.3': () =>
      start('-tls1_3', '-status_file', pki.file('ocsp.resp'), '-verify', '1', ...second()),
    'a required client certificate': () => start('-Verify', '1'),
  };
  const second = (): readonly string[] => ['-dcert', pki.file('ecdsa.crt'), '-dkey', pki.file('ecdsa.key')];

  for (const [name, begin] of Object.entries(servers)) {
    for (const [how, lose] of Object.entries(losses)) {
      it(`finds ${name} where ${how} meets every question when it is first asked`, async () => {
        const to = await begin();
        const truth = told(await look(to));
        const asked = new Set<string>();
        const { endpoint } = await lossy((socket) => {
          socket.once('data', (hello) => {
            const isNew = !asked.has(question(hello));
            asked.add(question(hello));
            if (isNew) lose(socket, to);
            else relay(socket, to);
            if (!socket.destroyed) socket.unshift(hello);
          });
        });
        assert.deepEqual(told(await look(endpoint)), truth);
      });
    }
  }

  it('finds the same where no more than five connections are taken in a quarter of a second', async () => {
    const to = await servers['two certificates, a staple and an optional client certificate, TLS 1.3']?.();
    assert.ok(to);
    const truth = told({ ...(await look(to)), signatureAlgorithms: {} });
    let since = 0;
    let taken = 0;
    let refused = 0;
    const { endpoint } = await lossy((socket) => {
      if (performance.now() - since > 250) [since, taken] = [performance.now(), 0];
      taken += 1;
      if (taken <= 5) return relay(socket, to);
      refused += 1;
      socket.resetAndDestroy();
    });
    const result = await look(endpoint);
    // What else is asked at the same time has its own patience.
    const unknowns = result.unknowns.filter(({ what }) => /ertificate|renegotiation|postHandshake/.test(what));
    assert.deepEqual(told({ ...result, unknowns, signatureAlgorithms: {} }), truth);
    assert.ok(refused > 0);
  });

  it('keeps to the time of an endpoint, and claims nothing, where every connection after the versions is lost', async () => {
    const to = await start('-verify', '1');
    const { endpoint } = await lossy((socket, index) => (index < 5 ? relay(socket, to) : socket.resetAndDestroy()));
    const result = await look(endpoint, { endpointTimeoutMs: 2000 });
    assert.ok(result.elapsedMs < 2300, `${result.elapsedMs} ms`);
    const { renegotiation, postHandshake } = result.clientCertificate;
    assert.deepEqual([renegotiation, postHandshake], ['unknown', 'unknown']);
    const open = new Set(result.unknowns.map(({ what }) => what));
    for (const what of ['renegotiation', 'postHandshake', 'clientCertificate', 'certificateVariants']) {
      assert.ok(open.has(what), `${what} among ${[...open].join(', ')}`);
    }
  });

  it('ends within 100 ms of being cancelled between two attempts', async () => {
    const to = await start();
    const cancel = new AbortController();
    const { endpoint } = await lossy((socket, index) => {
      if (index < 5) relay(socket, to);
      else socket.resetAndDestroy();
      if (index === 12) cancel.abort();
    });
    const looked = look(endpoint, { signal: cancel.signal });
    await once(cancel.signal, 'abort');
    const since = performance.now();
    const { behaviour } = await looked;
    assert.ok(performance.now() - since < 100);
    assert.equal(behaviour, 'cancelled');
  });
});
