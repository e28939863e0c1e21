// Captures the first flights of real servers as fixtures, with what other clients say of the same server:
// `node test/stacks/capture.ts` writes test/fixtures/handshakes/*.json anew.

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { Endpoint } from '../../src/core/tls/evidence.ts';
import type { ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { buildHello } from '../../src/probe/clientHello.ts';
import { versionOffer } from '../../src/probe/offers.ts';
import { derOf, openssl, Pki } from '../unit/probe/servers.ts';
import { fillPki } from './catalogue.ts';
import { visit } from './certificateOracle.ts';
import type { Handshake } from './handshakes.ts';
import { makeOracle, type Oracle } from './oracle.ts';
import { gnutlsOf, haproxyOf, nginxOf, nssOf, opensslOf, stunnelOf, apacheOf, type Start } from './servers.ts';

const folder = path.join(import.meta.dirname, '..', 'fixtures', 'handshakes');
const rsaNginx = 'ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key;';
const rsaApache = 'SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @rsa.key\nSSLCACertificateFile @root.crt';

interface Source {
  readonly package: string;
  readonly certificate: string;
  readonly versions: readonly ProtocolVersion[];
  readonly start: Start;
}

const all = ['-cipher', 'ALL:@SECLEVEL=0'];
const sources: Readonly<Record<string, Source>> = {
  openssl: {
    package: 'openssl',
    certificate: 'rsa',
    versions: ['tls10', 'tls12', 'tls13'],
    start: opensslOf('rsa', ...all),
  },
  'openssl-ecdsa': {
    package: 'openssl',
    certificate: 'ecdsa',
    versions: ['tls11', 'tls12'],
    start: opensslOf('ecdsa', ...all),
  },
  'openssl-ed25519': { package: 'openssl', certificate: 'ed25519', versions: ['tls12'], start: opensslOf('ed25519') },
  'openssl-dhe': {
    package: 'openssl',
    certificate: 'rsa',
    versions: ['tls12'],
    start: opensslOf('rsa', '-dhparam', '@dh2048.pem', '-cipher', 'DHE:@SECLEVEL=0'),
  },
  'openssl-refuses': {
    package: 'openssl',
    certificate: 'rsa',
    versions: ['tls10', 'tls12'],
    start: opensslOf('rsa', '-tls1_3'),
  },
  'openssl-asks': {
    package: 'openssl',
    certificate: 'rsa',
    versions: ['tls12'],
    start: opensslOf('rsa', '-verify', '1', '-CAfile', '@root.crt'),
  },
  'openssl-small-records': {
    package: 'openssl',
    certificate: 'rsa',
    versions: ['tls12'],
    start: opensslOf('rsa', '-max_send_frag', '512'),
  },
  gnutls: {
    package: 'gnutls-bin',
    certificate: 'rsa',
    versions: ['tls10', 'tls12', 'tls13'],
    start: gnutlsOf('rsa', 'NORMAL', '-a'),
  },
  'gnutls-asks': {
    package: 'gnutls-bin',
    certificate: 'ecdsa',
    versions: ['tls12'],
    start: gnutlsOf('ecdsa', 'NORMAL', '--x509cafile', '@root.crt'),
  },
  nss: {
    package: 'libnss3',
    certificate: 'rsa',
    versions: ['ssl3', 'tls10', 'tls12'],
    start: nssOf('rsa', '-V', 'ssl3:tls1.2'),
  },
  'nss-asks': {
    package: 'libnss3',
    certificate: 'rsa',
    versions: ['tls12'],
    start: nssOf('rsa', '-V', 'tls1.0:tls1.2', '-r'),
  },
  nginx: {
    package: 'nginx-light',
    certificate: 'rsa',
    versions: ['tls12', 'tls13'],
    start: nginxOf(`${rsaNginx} ssl_protocols TLSv1.2 TLSv1.3;`),
  },
  apache: {
    package: 'apache2',
    certificate: 'rsa',
    versions: ['tls12', 'tls13'],
    start: apacheOf(`${rsaApache}\nSSLVerifyClient optional`),
  },
  haproxy: { package: 'haproxy', certificate: 'ecdsa', versions: ['tls12', 'tls13'], start: haproxyOf('ecdsa', '') },
  stunnel: { package: 'stunnel4', certificate: 'rsa', versions: ['tls12', 'tls13'], start: stunnelOf('rsa', '') },
};

/** What the server sends until it has been quiet for a while or has closed. */
function answerTo({ host, port }: Endpoint, hello: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const chunks: Buffer[] = [];
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    socket.setTimeout(400, done);
    socket.on('connect', () => socket.write(hello));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', done);
    socket.on('error', reject);
  });
}

async function capture(oracle: Oracle, pki: Pki, name: string, source: Source): Promise<void> {
  const server = await source.start(pki);
  const { endpoint } = server;
  const handshakes: Handshake[] = [];
  for (const version of source.versions) {
    const offer = versionOffer(version);
    const hello = buildHello({ offer, form: version === 'ssl3' ? 'bare' : 'full', serverName: null });
    const answer = await answerTo(endpoint, hello.bytes);
    const asked = version === 'tls12' ? await visit(endpoint, '-tls1_2', '/') : null;
    handshakes.push({
      version,
      hello: hello.bytes.toString('hex'),
      answer: answer.toString('hex'),
      truth: {
        accepts: (await oracle.pick(endpoint, version, offer.suites)) !== null,
        suite: version === 'ssl3' ? null : await oracle.pick(endpoint, version, offer.suites),
        asksForCertificate: asked && asked.handshake !== 'none-seen',
        issuers: asked?.issuers ?? [],
      },
    });
  }
  await server.stop();
  const packageVersion = execFileSync('dpkg-query', ['-W', '-f', '${Version}', source.package], { encoding: 'utf8' });
  const fixture = {
    stack: `${source.package} ${packageVersion}`,
    root: pki.pem('root'),
    certificate: derOf(pki.pem(source.certificate)).toString('hex'),
    subject: openssl('x509', '-in', pki.file(`${source.certificate}.crt`), '-noout', '-subject').trim(),
    handshakes,
  };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(fixture, null, 2)}\n`);
}

const pki = new Pki();
try {
  fillPki(pki);
  const oracle = await makeOracle(pki.file('root.crt'));
  rmSync(folder, { recursive: true, force: true });
  execFileSync('mkdir', ['-p', folder]);
  for (const [name, source] of Object.entries(sources)) await capture(oracle, pki, name, source);
} finally {
  pki.remove();
}
