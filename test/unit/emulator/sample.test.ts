import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import type { ProtocolVersion } from '../../../src/core/tls/protocols.ts';
import { sampleToken } from '../../../src/emulator/account.ts';
import { tlsHosts } from '../../../src/emulator/backends.ts';
import { createAuthority, ecKey } from '../../../src/emulator/certificate.ts';
import { sampleEstate } from '../../../src/emulator/estate.ts';
import { gatewayHosts } from '../../../src/emulator/model.ts';
import { openSampleEstate } from '../../../src/emulator/sample.ts';
import type { SampleEstate } from '../../../src/emulator/sample.ts';
import { memoryStore } from '../../../src/emulator/state.ts';
import { ask, survey } from '../../../src/probe/survey.ts';
import { ApiManagementClient } from '@azure/arm-apimanagement';
import { changeMs, contoso, keys, production } from './sdk.ts';

const shop = 'contoso-shop-prod.azure-api.example';

interface Greeting {
  readonly protocol: string;
  readonly suite: string;
}

/** One full handshake and one request by Node's own TLS client; rejects where the handshake fails. */
async function visit(
  sample: SampleEstate,
  host: string,
  options: ConnectionOptions = {},
  path = '/',
  port = 443,
): Promise<string> {
  const where = sample.route({ host, port });
  assert.ok(where, `${host} is not routed`);
  const socket = connect({ host: where.address, port: where.port, servername: host, ca: sample.caPem, ...options });
  try {
    await once(socket, 'secureConnect');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return await textOf(socket);
  } finally {
    socket.destroy();
  }
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const greeting = (text: string): Greeting => JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as Greeting;
const only = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ...(version === 'TLSv1.3' ? {} : { ciphers: 'ALL:@SECLEVEL=0' }),
});

function client(sample: SampleEstate): ApiManagementClient {
  const credential = {
    getToken: () => Promise.resolve({ token: sampleToken(contoso.id), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new ApiManagementClient(credential, production, {
    httpClient: sample.httpClient,
    retryOptions: { maxRetries: 0 },
  });
}

describe('sample servers', () => {
  const clock = { now: Date.now() };
  let sample: SampleEstate;
  const look = (host: string, port = 443) =>
    survey({ host, port }, null, { route: sample.route, extraRoots: [sample.caPem], connectionTimeoutMs: 400 });
  const versions = async (host: string, port = 443): Promise<readonly string[]> =>
    Object.entries((await look(host, port)).protocols).flatMap(([version, answer]) =>
      answer === 'yes' ? version : [],
    );

  before(async () => {
    sample = await openSampleEstate({ store: memoryStore(), changeMs, now: () => clock.now, retryAfterSeconds: 0 });
  });
  after(() => sample.close());
  afterEach(() => sample.reset());

  it('open in less than a second', async () => {
    // The best of three: making an RSA key takes its luck.
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const since = performance.now();
      const opened = await openSampleEstate({ store: memoryStore() });
      times.push(performance.now() - since);
      await opened.close();
    }
    assert.ok(Math.min(...times) < 1000, times.join(', '));
  });

  it('stand behind every host that is called, and behind no other', async () => {
    const second = await openSampleEstate({ store: memoryStore() });
    const gateways = sampleEstate.services.filter(({ map }) => map !== null).flatMap(gatewayHosts);
    for (const host of [...tlsHosts(sampleEstate), ...gateways.map((name) => `${name}:443`)]) {
      const [name = '', port] = host.split(':');
      assert.ok(second.route({ host: name.toUpperCase(), port: Number(port) }), host);
    }
    assert.equal(second.route({ host: 'old-search.contoso.invalid', port: 443 }), undefined);
    assert.equal(second.route({ host: 'contoso-next.azure-api.example', port: 443 }), undefined);
    assert.equal(second.route({ host: shop, port: 8443 }), undefined);
    await second.close();
  });

  it('refuse TLS 1.0 at a gateway from the end of the change, not before', async () => {
    assert.equal(greeting(await visit(sample, shop, only('TLSv1'))).protocol, 'TLSv1');
    const apim = client(sample).apiManagementService;
    const { customProperties } = await apim.get('rg-shop-prod', 'contoso-shop-prod');
    const map = { ...customProperties, ...keys({ 'Security.Protocols.Tls10': 'false' }) };
    await apim.beginUpdate('rg-shop-prod', 'contoso-shop-prod', { customProperties: map });
    clock.now += changeMs - 1;
    assert.equal(greeting(await visit(sample, shop, only('TLSv1'))).protocol, 'TLSv1');
    clock.now += 1;
    await assert.rejects(visit(sample, shop, only('TLSv1')), /alert protocol version/);
    assert.equal(greeting(await visit(sample, shop, only('TLSv1.1'))).protocol, 'TLSv1.1');
    assert.equal(greeting(await visit(sample, 'API.contoso.example')).protocol, 'TLSv1.3');
    sample.reset();
    assert.equal(greeting(await visit(sample, shop, only('TLSv1'))).protocol, 'TLSv1');
  });

  it('take away a suite and put 3DES in its place', async () => {
    const offer = { versions: ['tls12'] as ProtocolVersion[], suites: [0x0035, 0x000a] };
    const options = { route: sample.route };
    assert.equal((await ask({ host: shop, port: 443 }, offer, options)).suite, 0x0035);
    const apim = client(sample).apiManagementService;
    const { customProperties } = await apim.get('rg-shop-prod', 'contoso-shop-prod');
    const map = { ...customProperties, ...keys({ 'Security.Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA': 'false' }) };
    await apim.beginUpdate('rg-shop-prod', 'contoso-shop-prod', { customProperties: map });
    clock.now += changeMs;
    assert.equal((await ask({ host: shop, port: 443 }, offer, options)).suite, 0x000a);
    const none = { versions: ['tls12'] as ProtocolVersion[], suites: [0x0035] };
    assert.equal((await ask({ host: shop, port: 443 }, none, options)).connects, 'no');
  });

  it('obey gaps between versions and SSL 3.0', async () => {
    const apim = client(sample).apiManagementService;
    const map = keys({
      'Security.Protocols.Ssl30': 'true',
      'Security.Protocols.Tls11': 'true',
      'Security.Protocols.Tls13': 'false',
    });
    await apim.beginUpdate('rg-shop-prod', 'contoso-shop-prod', { customProperties: map });
    clock.now += changeMs;
    assert.deepEqual(await versions(shop), ['ssl3', 'tls11', 'tls12']);
  });

  it('play the gateways as their maps say', async () => {
    assert.deepEqual(await versions(shop), ['tls10', 'tls11', 'tls12', 'tls13']);
    assert.deepEqual(await versions('b2b.contoso.example'), ['tls12']);
    assert.deepEqual(await versions('contoso-legacy.azure-api.example'), ['tls10', 'tls11', 'tls12', 'tls13']);
    const modern = await look('contoso-payments.azure-api.example');
    const strong = gatewaySuites.filter(
      ({ strength, certificate }) => strength === 'recommended' && certificate === 'RSA',
    );
    assert.deepEqual(
      modern.suites.tls12,
      strong.map(({ code }) => code),
    );
    assert.deepEqual(modern.certificate?.findings, []);
  });

  const table: readonly (readonly [string, number, readonly ProtocolVersion[]])[] = [
    ['catalog.contoso.example', 443, ['tls12', 'tls13']],
    ['orders.contoso.example', 443, ['tls12']],
    ['inventory.contoso.example', 8443, ['tls10']],
    ['payments.contoso.example', 443, ['tls13']],
    ['notifications.contoso.example', 443, ['tls12', 'tls13']],
    ['ship-eu.contoso.example', 443, ['tls12', 'tls13']],
  ];
  for (const [host, port, expected] of table) {
    it(`play ${host} with ${expected.join(' and ')} alone, to a finished handshake`, async () => {
      assert.deepEqual(await versions(host, port), expected);
      const library = { ssl3: 'SSLv3', tls10: 'TLSv1', tls11: 'TLSv1.1', tls12: 'TLSv1.2', tls13: 'TLSv1.3' } as const;
      for (const version of expected.filter((each) => each !== 'ssl3')) {
        const name = library[version];
        assert.equal(greeting(await visit(sample, host, only(name), '/', port)).protocol, name);
      }
    });
  }

  it('play a backend with CBC suites alone', async () => {
    const { suites } = await look('orders.contoso.example');
    const names = gatewaySuites.filter(({ code }) => suites.tls12?.includes(code)).map(({ name }) => name);
    assert.ok(names.length >= 6);
    for (const name of names) assert.match(name, /_AES_\d+_CBC_SHA/);
  });

  it('show expired, self-signed and wrong certificates', async () => {
    assert.deepEqual((await look('crm.contoso.example')).certificate?.findings, ['expired']);
    await assert.rejects(visit(sample, 'crm.contoso.example'), { code: 'CERT_HAS_EXPIRED' });
    assert.deepEqual((await look('warehouse.contoso.example')).certificate?.findings, ['self-signed']);
    await assert.rejects(visit(sample, 'warehouse.contoso.example'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    assert.deepEqual((await look('partners.contoso.example')).certificate?.findings, ['name-mismatch']);
    await assert.rejects(visit(sample, 'partners.contoso.example'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('insist on a client certificate at the bank', async () => {
    assert.equal((await look('bank.contoso.example')).clientCertificate.inHandshake, 'required');
    await assert.rejects(visit(sample, 'bank.contoso.example', only('TLSv1.2')), /alert handshake failure/);
  });

  it('renegotiate for a client certificate on /secure, and nowhere else', async () => {
    const host = 'identity.contoso.example';
    assert.equal((await look(host)).clientCertificate.inHandshake, 'none-seen');
    const key = await ecKey();
    const own = createAuthority(await ecKey(), Date.now());
    const wish = { names: ['client.example'], key, notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 };
    const withCertificate = { cert: own.issue(wish).pem, key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    assert.match(await visit(sample, host, withCertificate, '/open'), /^HTTP\/1.1 200 /);
    assert.match(await visit(sample, host, withCertificate, '/secure/me'), /^HTTP\/1.1 200 /);
    assert.match(await visit(sample, host, {}, '/secure/me'), /^HTTP\/1.1 403 /);
  });

  it('speak plain HTTP on the TLS port, or say nothing at all', async () => {
    assert.equal((await look('reports.contoso.example')).behaviour, 'plain-http');
    assert.equal((await look('mainframe.contoso.example')).behaviour, 'timeout');
  });

  it('survive peers that send anything', async () => {
    const where = sample.route({ host: shop, port: 443 })!;
    for (const bytes of [
      Buffer.alloc(100_000, 0x16),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('160301000501000001ff', 'hex'),
    ]) {
      const socket = connectTcp({ host: where.address, port: where.port });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      // Being reset is as good an end as any here.
      socket.on('error', () => undefined);
      socket.end(bytes);
      await closed;
    }
    assert.equal(greeting(await visit(sample, shop)).protocol, 'TLSv1.3');
  });

  it('listen on loopback alone, and on nothing after close', async () => {
    const own = await openSampleEstate({ store: memoryStore() });
    const where = own.route({ host: shop, port: 443 })!;
    assert.equal(where.address, '127.0.0.1');
    const outside = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).filter(({ internal }) => !internal),
    );
    for (const address of ['127.0.0.2', ...outside.map(({ address }) => address)]) {
      await assert.rejects(reach(address, where.port), `${address} answers`);
    }
    const open = connect({ host: where.address, port: where.port, servername: shop, ca: own.caPem });
    await once(open, 'secureConnect');
    open.on('error', () => undefined);
    const ended = once(open, 'close');
    await own.close();
    await ended;
    for (const host of tlsHosts(sampleEstate)) {
      const [name = '', port] = host.split(':');
      await assert.rejects(reach('127.0.0.1', own.route({ host: name, port: Number(port) })!.port), {
        code: 'ECONNREFUSED',
      });
    }
    await assert.rejects(reach('127.0.0.1', where.port), { code: 'ECONNREFUSED' });
  });

  it('can be left out', async () => {
    const quiet = await openSampleEstate({ store: memoryStore(), listeners: false });
    assert.equal(quiet.route({ host: shop, port: 443 }), undefined);
    assert.equal(
      (await client(quiet).apiManagementService.get('rg-shop-prod', 'contoso-shop-prod')).name,
      'contoso-shop-prod',
    );
    await quiet.close();
  });
});

async function reach(host: string, port: number): Promise<void> {
  const socket = connectTcp({ host, port });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
