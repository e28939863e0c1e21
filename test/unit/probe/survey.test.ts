// The survey against real servers: versions, suites, certificate, client certificate.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:tls';
import type { Endpoint, Offer, Survey } from '../../../src/core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../../../src/core/tls/protocols.ts';
import { groupCode } from '../../../src/probe/clientHello.ts';
import { keyAgreement } from '../../../src/probe/keyShares.ts';
import { ask, survey, surveyAll } from '../../../src/probe/survey.ts';
import { opensslServer, Pki, type Running } from './servers.ts';

const modern: Offer = { versions: ['tls12', 'tls13'], suites: [0x1302, 0x1301, 0xc02c, 0xc030, 0xc02f] };

function accepted(result: Survey): ProtocolVersion[] {
  return protocolVersions.filter((version) => result.protocols[version] === 'yes');
}

function refused(result: Survey): ProtocolVersion[] {
  return protocolVersions.filter((version) => result.protocols[version] === 'no');
}

describe('survey of real servers', function () {
  this.timeout(30_000);
  let pki: Pki;
  const running: Running[] = [];

  const start = async (args: readonly string[], leaf = 'rsa', host?: string): Promise<Endpoint> => {
    const server = await opensslServer([...pki.args(leaf), ...args], host);
    running.push(server);
    return server.endpoint;
  };
  const options = () => ({ extraRoots: [pki.pem('root')] });

  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1,IP:::1,DNS:api.example', 'root');
    pki.leaf('p384', 'IP:127.0.0.1', 'root', 'ec:P-384');
    pki.leaf('ed25519', 'IP:127.0.0.1', 'root', 'ed25519');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  after(() => pki.remove());

  it('sees TLS 1.2 and 1.3, and what they would pick', async () => {
    const result = await survey(await start(['-min_protocol', 'TLSv1.2']), modern, options());
    assert.equal(result.behaviour, 'tls');
    assert.deepEqual(accepted(result), ['tls12', 'tls13']);
    assert.deepEqual(refused(result), ['ssl3', 'tls10', 'tls11']);
    assert.equal(result.preferred.tls13, 0x1302);
    assert.deepEqual(result.suites.tls13, [0x1302, 0x1301]);
    assert.deepEqual(result.certificate?.findings, []);
    assert.equal(result.clientCertificate.inHandshake, 'none-seen');
    assert.equal(result.planned?.connects, 'yes');
    assert.equal(result.planned?.version, 'tls13');
    assert.deepEqual(result.unknowns, [{ what: 'renegotiation', why: 'not looked for' }]);
    assert.equal(result.endpoint.serverName, null);
    assert.equal(result.endpoint.address, `127.0.0.1:${result.endpoint.port}`);
    assert.ok(result.connections >= 7);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  it('sees a server of TLS 1.2 with two CBC suites only', async () => {
    const result = await survey(await start(['-tls1_2', '-cipher', 'AES128-SHA:AES256-SHA256']), modern, options());
    assert.deepEqual(accepted(result), ['tls12']);
    assert.deepEqual([...(result.suites.tls12 ?? [])].sort(), [0x002f, 0x003d]);
    assert.equal(result.planned?.connects, 'no');
    assert.equal(result.planned?.why, 'alert 40 (handshake failure)');
    const kept = await ask(result.endpoint, { versions: ['tls12'], suites: [0xc02f, 0x002f] });
    assert.deepEqual([kept.connects, kept.version, kept.suite], ['yes', 'tls12', 0x002f]);
  });

  it('sees a server of TLS 1.0 only', async () => {
    const result = await survey(await start(['-tls1', '-cipher', 'ALL:@SECLEVEL=0']), modern, options());
    assert.deepEqual(accepted(result), ['tls10']);
    assert.deepEqual(refused(result), ['ssl3', 'tls11', 'tls12', 'tls13']);
    assert.deepEqual(result.suites.tls10, [0xc014, 0xc013, 0x0035, 0x002f]);
    assert.equal(result.planned?.connects, 'no');
    assert.equal(result.certificate?.chain[0]?.keyBits, 2048);
  });

  it('sees a server of TLS 1.3 only', async () => {
    const result = await survey(await start(['-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256']), null, options());
    assert.deepEqual(accepted(result), ['tls13']);
    assert.deepEqual(result.suites, { tls13: [0x1301] });
    assert.equal(result.planned, null);
    assert.match(result.certificate?.chain[0]?.subject ?? '', /^CN=rsa, O=Probe tests$/);
  });

  for (const group of ['P-384', 'P-521', 'P-256', 'X25519']) {
    it(`completes TLS 1.3 with a server that wants ${group}`, async () => {
      const result = await survey(await start(['-groups', group]), null, options());
      assert.equal(result.protocols.tls13, 'yes');
      assert.deepEqual(result.certificate?.findings, []);
      assert.equal(result.clientCertificate.inHandshake, 'none-seen');
    });
  }

  it('reads the certificate by X448, or says what is missing on a runtime without it', async () => {
    const result = await survey(await start(['-tls1_3', '-groups', 'X448']), null, options());
    assert.equal(result.protocols.tls13, 'yes');
    if (keyAgreement(groupCode.x448)) {
      assert.deepEqual(result.certificate?.findings, []);
      assert.equal(result.clientCertificate.inHandshake, 'none-seen');
      return;
    }
    assert.equal(result.certificate, null);
    assert.match(result.unknowns.find(({ what }) => what === 'certificate')?.why ?? '', /group 30/);
    assert.equal(result.clientCertificate.inHandshake, 'unknown');
  });

  for (const [leaf, keyType] of [
    ['p384', 'EC P-384'],
    ['ed25519', 'Ed25519'],
  ] as const) {
    it(`reads a certificate with an ${keyType} key in TLS 1.3 and 1.2`, async () => {
      for (const version of ['-tls1_3', '-tls1_2']) {
        const result = await survey(await start([version], leaf), null, options());
        assert.deepEqual(accepted(result), [version === '-tls1_3' ? 'tls13' : 'tls12']);
        assert.equal(result.certificate?.chain[0]?.keyType, keyType);
        assert.deepEqual(result.certificate?.findings, []);
      }
    });
  }

  for (const version of ['tls1', 'tls1_2', 'tls1_3']) {
    const more = version === 'tls1' ? ['-cipher', 'ALL:@SECLEVEL=0'] : [];
    it(`tells an optional from a required client certificate (${version})`, async () => {
      const trust = ['-CAfile', pki.file('root.crt'), ...more];
      const optional = await survey(await start([`-${version}`, '-verify', '1', ...trust]), null, options());
      assert.deepEqual(optional.clientCertificate, {
        inHandshake: 'optional',
        acceptableIssuers: ['CN=root, O=Probe tests'],
      });
      assert.deepEqual(
        optional.unknowns.map(({ what }) => what),
        ['renegotiation'],
      );
      const required = await survey(await start([`-${version}`, '-Verify', '1', ...trust]), null, options());
      assert.deepEqual(required.clientCertificate, {
        inHandshake: 'required',
        acceptableIssuers: ['CN=root, O=Probe tests'],
      });
      // With -CAfile, s_server sends the root along.
      assert.deepEqual(required.certificate?.findings, ['root-sent']);
    });
  }

  for (const cipher of ['ECDHE-RSA-AES128-SHA', 'DHE-RSA-AES128-SHA', 'AES128-SHA', 'ECDHE-RSA-AES256-GCM-SHA384']) {
    it(`needs no key of ours to see a required client certificate with ${cipher}`, async () => {
      for (const [flag, expected] of [
        ['-verify', 'optional'],
        ['-Verify', 'required'],
      ] as const) {
        const endpoint = await start(['-tls1_2', '-cipher', cipher, flag, '1']);
        const result = await survey(endpoint, null, options());
        assert.equal(result.clientCertificate.inHandshake, expected);
      }
    });
  }

  it('sees the same of a server of Node', async () => {
    const server = createTlsServer({
      key: readFileSync(pki.file('rsa.key')),
      cert: pki.pem('rsa'),
      ca: pki.pem('root'),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = (server.address() as AddressInfo).port;
    const result = await survey({ host: '127.0.0.1', port }, modern, options());
    server.close();
    assert.deepEqual(accepted(result), ['tls12', 'tls13']);
    assert.equal(result.clientCertificate.inHandshake, 'required');
    assert.equal(result.planned?.connects, 'yes');
  });

  it('reads the certificate of a server that prefers a post-quantum key exchange', async () => {
    const server = createTlsServer({
      key: readFileSync(pki.file('rsa.key')),
      cert: pki.pem('rsa'),
      minVersion: 'TLSv1.3',
      ecdhCurve: 'X25519MLKEM768:P-384',
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const result = await survey({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, null, options());
    server.close();
    assert.deepEqual(accepted(result), ['tls13']);
    assert.deepEqual(result.certificate?.findings, []);
    assert.equal(result.clientCertificate.inHandshake, 'none-seen');
  });

  it('takes the internal error by which OpenSSL refuses old versions for the refusal that it is', async () => {
    const secure = await start(['-min_protocol', 'TLSv1', '-cipher', 'ALL:@SECLEVEL=1']);
    const result = await survey(secure, null, options());
    assert.deepEqual(accepted(result), ['tls12', 'tls13']);
    assert.deepEqual(refused(result), ['ssl3', 'tls10', 'tls11']);
    const oldOnly = await survey(await start(['-tls1', '-cipher', 'ALL:@SECLEVEL=1']), null, options());
    assert.equal(oldOnly.protocols.tls10, 'unknown', 'a server that serves nothing may just be broken');
  });

  it('sends the name it was given, and goes where the route says', async () => {
    const { port } = await start([
      '-servername',
      'api.example',
      '-cert2',
      pki.file('p384.crt'),
      '-key2',
      pki.file('p384.key'),
    ]);
    const route = () => ({ address: '127.0.0.1', port });
    const named = await survey({ host: 'api.example', port: 443 }, null, { ...options(), route });
    assert.equal(named.endpoint.serverName, 'api.example');
    assert.equal(named.endpoint.port, 443);
    assert.equal(named.endpoint.address, `127.0.0.1:${port}`);
    assert.equal(named.certificate?.chain[0]?.keyType, 'EC P-384');
    assert.deepEqual(named.certificate?.findings, ['name-mismatch']);
    const other = await survey({ host: 'other.example', port: 443 }, null, { ...options(), route });
    assert.equal(other.certificate?.chain[0]?.keyType, 'RSA');
  });

  it('reaches IPv6', async () => {
    const endpoint = await start([], 'rsa', '::1');
    const result = await survey(endpoint, null, options());
    assert.equal(result.endpoint.address, `[::1]:${endpoint.port}`);
    assert.equal(result.endpoint.serverName, null);
    assert.equal(result.protocols.tls13, 'yes');
    assert.deepEqual(result.certificate?.findings, []);
  });

  it('tries the other address of a name when one refuses', async () => {
    const { port } = await start([]);
    const result = await survey({ host: 'localhost', port }, null, options());
    assert.equal(result.protocols.tls13, 'yes');
    assert.equal(result.endpoint.serverName, 'localhost');
  });

  it('keeps the order of the endpoints and the limit of many surveys', async () => {
    const listener = createServer((socket) => socket.end());
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const closing = { host: '127.0.0.1', port: (listener.address() as AddressInfo).port };
    const endpoints = [await start(['-tls1_2']), closing, await start(['-tls1_3'])];
    const told: number[] = [];
    const results = await surveyAll(endpoints, null, (one) => told.push(one.endpoint.port), { atOnce: 2 });
    listener.close();
    assert.deepEqual(
      results.map((one) => one.endpoint.port),
      endpoints.map(({ port }) => port),
    );
    assert.deepEqual(
      results.map((one) => one.behaviour),
      ['tls', 'close', 'tls'],
    );
    assert.deepEqual(told.sort(), endpoints.map(({ port }) => port).sort());
  });
});
