// Client certificates: what the survey sees of seven makers' servers, against what `openssl s_client` is asked for.

import assert from 'node:assert/strict';
import type { RequestEvidence, Survey } from '../../src/core/tls/evidence.ts';
import { survey } from '../../src/probe/survey.ts';
import { Pki, type Running } from '../unit/probe/servers.ts';
import { fillPki } from './catalogue.ts';
import { certificateTruth, visit } from './certificateOracle.ts';
import { apacheOf, gnutlsOf, haproxyOf, nginxOf, nssOf, opensslOf, stunnelOf, type Start } from './servers.ts';

const apache = (...settings: readonly string[]): Start =>
  apacheOf(
    [
      ...['SSLCertificateFile @rsa.crt', 'SSLCertificateKeyFile @rsa.key', 'SSLCACertificateFile @root.crt'],
      ...settings,
    ].join('\n'),
  );
const secure = (verify: string): readonly string[] => [
  '<Location /secure/>',
  `SSLVerifyClient ${verify}`,
  '</Location>',
];
const nginx = (settings: string): Start =>
  nginxOf(`ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key; ssl_client_certificate @root.crt; ${settings}`);
const gnutls = (priority: string, ...args: readonly string[]): Start =>
  gnutlsOf('rsa', priority, '--x509cafile', '@root.crt', ...args);
const old = ['-V', 'tls1.0:tls1.2'];
const only13 = 'NORMAL:-VERS-ALL:+VERS-TLS1.3';
const only12 = 'NORMAL:-VERS-ALL:+VERS-TLS1.2';

/** The path that is asked for; "/secure/" where the server tells paths apart. */
const cases: Readonly<Record<string, readonly [Start, string]>> = {
  'OpenSSL, none': [opensslOf('rsa'), '/'],
  ...Object.fromEntries(
    ['-tls1_2', '-tls1_3'].flatMap((version) =>
      ['-verify', '-Verify'].map((verify) => [
        `OpenSSL ${version} ${verify}`,
        [opensslOf('rsa', version, verify, '1', '-CAfile', '@root.crt', '-verify_return_error'), '/'],
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['X448', 'ffdhe3072', 'TLS_AES_128_CCM_8_SHA256'].flatMap((name) =>
      ['-verify', '-Verify'].map((verify) => {
        const only = [name.startsWith('TLS_') ? '-ciphersuites' : '-groups', name];
        return [
          `OpenSSL -tls1_3 with ${name} ${verify}`,
          [opensslOf('rsa', '-tls1_3', ...only, verify, '1', '-CAfile', '@root.crt', '-verify_return_error'), '/'],
        ];
      }),
    ),
  ),
  'OpenSSL, anonymous, TLS 1.2': [opensslOf('', '-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0'), '/'],
  'OpenSSL that names no issuers': [opensslOf('rsa', '-Verify', '1'), '/'],
  'GnuTLS that asks, TLS 1.2': [gnutls(only12), '/'],
  'GnuTLS that insists, TLS 1.2': [gnutls(only12, '-r'), '/'],
  'GnuTLS that asks, TLS 1.3': [gnutls(only13), '/'],
  'GnuTLS that insists, TLS 1.3': [gnutls(only13, '-r'), '/'],
  'GnuTLS that insists': [gnutls('NORMAL', '-r'), '/'],
  'NSS, none': [nssOf('rsa', ...old), '/'],
  'NSS that asks': [nssOf('rsa', ...old, '-r'), '/'],
  'NSS that insists': [nssOf('rsa', ...old, '-r', '-r'), '/'],
  'NSS that asks by renegotiation': [nssOf('rsa', ...old, '-r', '-r', '-r'), '/'],
  'NSS that insists by renegotiation': [nssOf('rsa', ...old, '-r', '-r', '-r', '-r'), '/'],
  'NSS that asks, TLS 1.3': [nssOf('rsa', '-V', 'tls1.3:tls1.3', '-r'), '/'],
  'NSS that insists, TLS 1.3': [nssOf('rsa', '-V', 'tls1.3:tls1.3', '-r', '-r'), '/'],
  'NSS that asks after the handshake': [nssOf('rsa', '-V', 'tls1.3:tls1.3', '-E', '-r', '-r', '-r'), '/'],
  'NSS that insists after the handshake': [nssOf('rsa', '-V', 'tls1.3:tls1.3', '-E', '-r', '-r', '-r', '-r'), '/'],
  'nginx that asks with a suite of TLS 1.3 in CCM mode and ffdhe2048 only': [
    nginx(
      'ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_CCM_SHA256; ssl_ecdh_curve ffdhe2048; ssl_verify_client optional;',
    ),
    '/',
  ],
  'nginx that asks': [nginx('ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client optional;'), '/'],
  'nginx that insists': [nginx('ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on;'), '/'],
  'Apache that asks': [apache('SSLVerifyClient optional'), '/'],
  'Apache that insists': [apache('SSLVerifyClient require'), '/'],
  'Apache, a path that is not protected': [apache(...secure('require')), '/'],
  'Apache that insists on one path': [apache(...secure('require')), '/secure/'],
  'Apache that insists on one path, TLS 1.2': [apache('SSLProtocol TLSv1.2', ...secure('require')), '/secure/'],
  'Apache that insists on one path, TLS 1.3': [apache('SSLProtocol TLSv1.3', ...secure('require')), '/secure/'],
  'Apache that insists on one path, TLS 1.3 with X448': [
    apache('SSLProtocol TLSv1.3', 'SSLOpenSSLConfCmd Groups X448', ...secure('require')),
    '/secure/',
  ],
  'Apache that asks on one path': [apache(...secure('optional')), '/secure/'],
  'HAProxy that asks': [haproxyOf('rsa', 'ca-file @root.crt verify optional'), '/'],
  'HAProxy that insists': [haproxyOf('rsa', 'ca-file @root.crt verify required'), '/'],
  'stunnel that asks': [stunnelOf('rsa', 'CAfile = @root.crt\nverifyChain = yes'), '/'],
  'stunnel that insists': [stunnelOf('rsa', 'CAfile = @root.crt\nverifyChain = yes\nrequireCert = yes'), '/'],
};

describe('client certificates against openssl s_client', function () {
  this.timeout(30_000);
  let pki: Pki;
  let server: Running | undefined;
  before(() => {
    pki = new Pki();
    fillPki(pki);
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(() => pki.remove());

  const issuersOf = ({ clientCertificate }: Survey): readonly string[] => {
    const later = (clientCertificate.requests ?? []).flatMap(({ acceptableIssuers }) => acceptableIssuers);
    const names = [...clientCertificate.acceptableIssuers, ...later];
    return [...new Set(names.map((name) => name.replaceAll(', ', ',')))].sort();
  };

  for (const [name, [start, path]] of Object.entries(cases)) {
    it(`is right about ${name}`, async () => {
      server = await start(pki);
      const truth = await certificateTruth(server.endpoint, path);
      const result = await survey(server.endpoint, null, { depth: 'full', path, extraRoots: [pki.pem('root')] });
      const { inHandshake, renegotiation, postHandshake } = result.clientCertificate;
      assert.deepEqual({ inHandshake, renegotiation, postHandshake, issuers: issuersOf(result) }, truth);
      for (const request of result.clientCertificate.requests ?? []) await assertRequest(server, path, request);
    });
  }

  async function assertRequest({ endpoint }: Running, path: string, request: RequestEvidence): Promise<void> {
    if (request.version !== 'tls12' && request.version !== 'tls13') return;
    const seen = await visit(endpoint, request.version === 'tls12' ? '-tls1_2' : '-tls1_3', path);
    assert.ok(seen, request.version);
    assert.equal(request.asked, seen.later ? 'seen' : 'not-seen', request.version);
    const expected = seen.later ? (seen.refusedLater ? 'required' : 'optional') : null;
    assert.equal(request.without, expected, request.version);
    if (request.status !== null) assert.equal(request.status, seen.status, request.version);
  }
});
