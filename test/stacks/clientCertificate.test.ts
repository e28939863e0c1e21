// What servers of several makers ask of a client without a certificate: in the handshake, by renegotiation, after it.

import assert from 'node:assert/strict';
import type { RequestEvidence, Survey } from '../../src/core/tls/evidence.ts';
import { survey } from '../../src/probe/survey.ts';
import { Pki, type Running } from '../unit/probe/servers.ts';
import { apacheOf, gnutlsOf, haproxyOf, nginxOf, nssOf, opensslOf, type Start } from './servers.ts';

const nginx =
  'ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key; ssl_client_certificate @root.crt;' +
  'ssl_protocols TLSv1.2 TLSv1.3;';
const apache = 'SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @rsa.key\nSSLCACertificateFile @root.crt';
const located = (verify: string, settings = ''): Start =>
  apacheOf(`${apache}\n${settings}\n<Location /secure/>\nSSLVerifyClient ${verify}\n</Location>`);

type Seen = Survey['clientCertificate'];

interface Case {
  readonly start: Start;
  readonly path: string;
  readonly inHandshake: Seen['inHandshake'];
  readonly renegotiation: Seen['renegotiation'];
  readonly postHandshake: Seen['postHandshake'];
  /** Version, what came of having no certificate, and HTTP status of each request, newest version first. */
  readonly requests: readonly (readonly [RequestEvidence['version'], RequestEvidence['without'], number | null])[];
  readonly refusal?: string;
}

const unseen = { inHandshake: 'none-seen', renegotiation: 'not-seen', postHandshake: 'not-seen' } as const;
const afterwards = { inHandshake: 'none-seen', renegotiation: 'seen', postHandshake: 'seen' } as const;
const atOnce = { inHandshake: 'required', renegotiation: 'unknown', postHandshake: 'unknown' } as const;
const answered = (status: number): Case['requests'] => [
  ['tls13', null, status],
  ['tls12', null, status],
];

const cases: Readonly<Record<string, Case>> = {
  'Apache, a path without': { start: located('require'), path: '/', ...unseen, requests: answered(200) },
  'Apache, a path that requires': {
    start: located('require'),
    path: '/secure/',
    ...afterwards,
    requests: [
      ['tls13', 'required', null],
      ['tls12', 'required', null],
    ],
  },
  'Apache, a path that asks': {
    start: located('optional'),
    path: '/secure/',
    ...afterwards,
    requests: [
      ['tls13', 'optional', 200],
      ['tls12', 'optional', 200],
    ],
  },
  'Apache, TLS 1.2 with CBC only': {
    start: located('require', 'SSLProtocol -all +TLSv1.2\nSSLCipherSuite AES128-SHA'),
    path: '/secure/',
    ...afterwards,
    postHandshake: 'not-seen',
    requests: [['tls12', 'required', null]],
  },
  'nginx that requires': {
    start: nginxOf(`${nginx} ssl_verify_client on;`),
    path: '/',
    ...unseen,
    inHandshake: 'optional',
    requests: answered(400),
    refusal: 'No required SSL certificate was sent',
  },
  'nginx that asks': {
    start: nginxOf(`${nginx} ssl_verify_client optional;`),
    path: '/',
    ...unseen,
    inHandshake: 'optional',
    requests: answered(200),
  },
  'nginx that does not ask': { start: nginxOf(nginx), path: '/', ...unseen, requests: answered(200) },
  'HAProxy that requires': {
    start: haproxyOf('rsa', 'verify required ca-file @root.crt'),
    path: '/',
    ...atOnce,
    requests: [],
  },
  'HAProxy that asks': {
    start: haproxyOf('rsa', 'verify optional ca-file @root.crt'),
    path: '/',
    ...unseen,
    inHandshake: 'optional',
    requests: answered(200),
  },
  'GnuTLS that requires': {
    start: gnutlsOf('rsa', 'NORMAL', '-r', '--x509cafile', '@root.crt'),
    path: '/',
    ...atOnce,
    requests: [],
  },
  'GnuTLS that asks': {
    start: gnutlsOf('rsa', 'NORMAL', '--x509cafile', '@root.crt'),
    path: '/',
    ...unseen,
    inHandshake: 'optional',
    requests: answered(200),
  },
  'OpenSSL that requires': { start: opensslOf('rsa', '-Verify', '1'), path: '/', ...atOnce, requests: [] },
  'NSS that requires': { start: nssOf('rsa', '-rr', '-V', 'tls1.0:tls1.3'), path: '/', ...atOnce, requests: [] },
  'NSS, asked for by renegotiation': {
    start: nssOf('rsa', '-rrr', '-V', 'tls1.0:tls1.2'),
    path: '/',
    ...afterwards,
    postHandshake: 'not-seen',
    requests: [['tls12', 'optional', 200]],
  },
  'NSS, required by renegotiation': {
    start: nssOf('rsa', '-rrrr', '-V', 'tls1.0:tls1.2'),
    path: '/',
    ...afterwards,
    postHandshake: 'not-seen',
    requests: [['tls12', 'required', null]],
  },
  'NSS, asked for by renegotiation in TLS 1.0': {
    start: nssOf('ecdsa', '-rrr', '-V', 'tls1.0:tls1.0'),
    path: '/',
    ...afterwards,
    postHandshake: 'not-seen',
    requests: [['tls10', 'optional', 200]],
  },
  'NSS, required by renegotiation in TLS 1.1': {
    start: nssOf('rsa', '-rrrr', '-V', 'tls1.1:tls1.1'),
    path: '/',
    ...afterwards,
    postHandshake: 'not-seen',
    requests: [['tls11', 'required', null]],
  },
  'NSS, required after the handshake of TLS 1.3': {
    start: nssOf('rsa', '-rrrr', '-E', '-V', 'tls1.3:tls1.3'),
    path: '/',
    ...afterwards,
    renegotiation: 'not-seen',
    requests: [['tls13', 'required', null]],
  },
};

describe('client certificates asked for by servers of several makers', function () {
  this.timeout(30_000);
  let pki: Pki;
  let server: Running | undefined;
  before(() => {
    pki = new Pki();
    pki.leaf('rsa', 'IP:127.0.0.1', 'root');
    pki.leaf('ecdsa', 'IP:127.0.0.1', 'root', 'ec:P-256');
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(() => pki.remove());

  for (const [name, { start, path, requests, refusal, ...expected }] of Object.entries(cases)) {
    it(name, async () => {
      server = await start(pki);
      const result = await survey(server.endpoint, null, { depth: 'full', path });
      const { inHandshake, renegotiation, postHandshake, requests: seen = [] } = result.clientCertificate;
      assert.deepEqual({ inHandshake, renegotiation, postHandshake }, expected);
      assert.deepEqual(
        seen.map(({ version, without, status }) => [version, without, status]),
        requests,
      );
      assert.deepEqual([...new Set(seen.map((request) => request.refusal))], seen.length > 0 ? [refusal ?? null] : []);
      const asks = inHandshake !== 'none-seen' || renegotiation === 'seen' || postHandshake === 'seen';
      const names = result.clientCertificate.acceptableIssuers;
      if (asks && !name.startsWith('OpenSSL')) assert.deepEqual(names, ['CN=root, O=Probe tests']);
      else assert.deepEqual(names, []);
    });
  }
});
