// What the survey says of a real nginx, against what `openssl s_client` sees of the same one.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Endpoint, Survey } from '../../../src/core/tls/evidence.ts';
import { gatewaySuites } from '../../../src/core/tls/ciphers.ts';
import { survey } from '../../../src/probe/survey.ts';
import { Pki, type Running } from './servers.ts';

const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, OPENSSL_CONF: '/dev/null' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** nginx in the foreground with one TLS server, everything it writes in the directory of the certificates. */
async function nginx(pki: Pki, settings: string): Promise<Running> {
  const port = await freePort();
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp/${name};`);
  mkdirSync(pki.file('temp'), { recursive: true });
  const server = `listen 127.0.0.1:${port} ssl; ssl_certificate rsa.crt; ssl_certificate_key rsa.key; ${settings}`;
  writeFileSync(
    pki.file('nginx.conf'),
    `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
     http { access_log off; ${folders.join(' ')} server { ${server} location / { return 200 "ok"; } } }`,
  );
  const child = spawn('nginx', ['-p', pki.directory, '-c', pki.file('nginx.conf'), '-e', 'stderr'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = once(child, 'exit');
  const endpoint = { host: '127.0.0.1', port };
  for (let tries = 0; !(await listens(endpoint)); tries += 1) {
    if (child.exitCode !== null || tries > 200) throw new Error(`nginx did not start: ${said}`);
    await wait(20);
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { endpoint, stop };
}

function listens({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('connect', () => resolve(socket.destroy() !== undefined));
    socket.on('error', () => resolve(false));
  });
}

/** What s_client prints of a request for "/", errors included; TLS failures make it end with another code than 0. */
function sClient({ host, port }: Endpoint, ...args: readonly string[]): string {
  const input = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  try {
    const all = ['s_client', '-connect', `${host}:${port}`, '-ign_eof', ...args];
    return execFileSync('openssl', all, { env: environment, input, stdio: 'pipe', encoding: 'utf8', timeout: 10_000 });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    return `FAILED ${stdout ?? ''}${stderr ?? ''}`;
  }
}

const flags = { tls10: '-tls1', tls11: '-tls1_1', tls12: '-tls1_2', tls13: '-tls1_3' } as const;

function versionsBySClient(endpoint: Endpoint): Partial<Survey['protocols']> {
  return Object.fromEntries(
    Object.entries(flags).map(([version, flag]) => {
      const level = version === 'tls13' ? [] : ['-cipher', 'ALL:@SECLEVEL=0'];
      const text = sClient(endpoint, flag, ...level);
      return [version, /Cipher is (?!\(NONE\))/.test(text) ? 'yes' : 'no'];
    }),
  );
}

const offer = {
  versions: ['tls13', 'tls12'],
  suites: gatewaySuites.filter(({ versions }) => versions.some((v) => v >= 'tls12')).map(({ code }) => code),
} as const;

describe('survey of nginx against openssl s_client', function () {
  this.timeout(30_000);
  let pki: Pki;
  let server: Running | undefined;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    pki.leaf('caller', 'DNS:caller.example', 'root');
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(() => pki.remove());

  const open = async (settings: string): Promise<Endpoint> => (server = await nginx(pki, settings)).endpoint;
  const look = (endpoint: Endpoint) => survey(endpoint, offer, { extraRoots: [pki.pem('root')] });
  const without3 = ({ protocols: { ssl3, ...others } }: Survey) => {
    assert.equal(ssl3, 'no');
    return others;
  };

  it('agrees on TLS 1.2 and 1.3, what is negotiated and the certificate', async () => {
    const endpoint = await open('ssl_protocols TLSv1.2 TLSv1.3;');
    const result = await look(endpoint);
    assert.deepEqual(without3(result), versionsBySClient(endpoint));
    assert.deepEqual(without3(result), { tls10: 'no', tls11: 'no', tls12: 'yes', tls13: 'yes' });
    assert.equal(result.planned?.connects, 'yes');
    const text = sClient(endpoint, '-CAfile', pki.file('root.crt'), '-verify_return_error');
    assert.match(text, /New, TLSv1\.3, Cipher is TLS_AES_256_GCM_SHA384/);
    assert.deepEqual([result.planned?.version, result.planned?.suite], ['tls13', 0x1302]);
    assert.match(text, /HTTP\/1\.1 200/);
    assert.deepEqual([result.certificate?.findings, result.clientCertificate.inHandshake], [[], 'none-seen']);
  });

  it('agrees on old versions and on the order of the server', async () => {
    const suites = 'ssl_prefer_server_ciphers on; ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-SHA:@SECLEVEL=0;';
    const endpoint = await open(`ssl_protocols TLSv1 TLSv1.1; ${suites}`);
    const result = await look(endpoint);
    assert.deepEqual(without3(result), versionsBySClient(endpoint));
    assert.deepEqual(without3(result), { tls10: 'yes', tls11: 'yes', tls12: 'no', tls13: 'no' });
    assert.deepEqual(result.suites, { tls10: [0x002f, 0xc014], tls11: [0x002f, 0xc014] });
    assert.equal(result.planned?.connects, 'no');
    assert.match(sClient(endpoint, '-min_protocol', 'TLSv1.2'), /alert protocol version/);
  });

  for (const protocols of ['TLSv1.2', 'TLSv1.3', 'TLSv1.2 TLSv1.3']) {
    for (const verify of ['optional', 'on']) {
      it(`sees that nginx asks for a client certificate (${protocols}, ssl_verify_client ${verify})`, async () => {
        const endpoint = await open(
          `ssl_protocols ${protocols}; ssl_verify_client ${verify}; ssl_client_certificate root.crt;`,
        );
        const result = await look(endpoint);
        assert.deepEqual(without3(result), versionsBySClient(endpoint));
        const bare = sClient(endpoint);
        assert.match(bare, /Acceptable client certificate CA names\s+O = Probe tests, CN = root/);
        assert.deepEqual(result.clientCertificate.acceptableIssuers, ['CN=root, O=Probe tests']);
        // nginx takes the handshake without a certificate either way, and answers 400 to the request where it insists.
        assert.match(bare, verify === 'on' ? /400 No required SSL certificate/ : /HTTP\/1\.1 200/);
        assert.equal(result.clientCertificate.inHandshake, 'optional');
        const shown = sClient(endpoint, '-cert', pki.file('caller.crt'), '-key', pki.file('caller.key'));
        assert.match(shown, /HTTP\/1\.1 200/);
      });
    }
  }
});
