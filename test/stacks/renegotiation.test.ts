// Renegotiation where versions and suites are old, and HTTP refusals: what no client of the other suites tells.

import assert from 'node:assert/strict';
import type { RequestEvidence } from '../../src/core/tls/evidence.ts';
import { survey } from '../../src/probe/survey.ts';
import { Pki, type Running } from '../unit/probe/servers.ts';
import { apacheOf, nginxOf, nssOf, type Start } from './servers.ts';

type Expected = Pick<RequestEvidence, 'version' | 'asked' | 'without' | 'status' | 'refusal'>;

const apache = 'SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @rsa.key\nSSLCACertificateFile @root.crt';
const only = (suite: string): string => `SSLProtocol -all +TLSv1.2\nSSLCipherSuite ${suite}:@SECLEVEL=0`;
const insists = '<Location /secure/>\nSSLVerifyClient require\n</Location>';
const nginx = 'ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key; ssl_client_certificate @root.crt;';
const seen = { asked: 'seen', status: null, refusal: null } as const;

type Case = readonly [Start, Expected];

/** One version and one suite each, by the number that NSS calls it by: RC4, 3DES, AES, DES, no encryption; SHA-1 and MD5. */
const nssSuites = [
  ...(['0005', '0004', '000A', '0035', '0016', '0009'] as const).map((suite) => ['ssl3', 'ssl3', suite] as const),
  ...(['0004', '0002'] as const).map((suite) => ['tls10', 'tls1.0', suite] as const),
  ['tls11', 'tls1.1', 'C011'],
  ...(['0005', '0009'] as const).map((suite) => ['tls12', 'tls1.2', suite] as const),
] as const;

const byNss = nssSuites.flatMap(([version, name, suite]): [string, Case][] => {
  const start = (how: string): Start => nssOf('rsa', how, '-V', `${name}:${name}`, '-c', `:${suite}`, '-H', '1');
  return [
    [`NSS asks in ${name} with ${suite}`, [start('-rrr'), { ...seen, version, without: 'optional', status: 200 }]],
    [`NSS insists in ${name} with ${suite}`, [start('-rrrr'), { ...seen, version, without: 'required' }]],
  ];
});

const apacheSuites = [
  ...['AES128-CCM', 'DHE-RSA-AES256-CCM8', 'ARIA128-GCM-SHA256', 'ECDHE-ARIA256-GCM-SHA384', 'CAMELLIA256-SHA256'],
  'ECDHE-RSA-CHACHA20-POLY1305',
];

const byApache = apacheSuites.map((suite): [string, Case] => [
  `Apache insists with ${suite}`,
  [apacheOf(`${apache}\n${only(suite)}\n${insists}`), { ...seen, version: 'tls12', without: 'required' }],
]);

const cases: Readonly<Record<string, Case>> = {
  'Apache insists with RSA key exchange and CBC': [
    apacheOf(`${apache}\n${only('AES128-SHA')}\n${insists}`),
    { ...seen, version: 'tls12', without: 'required' },
  ],
  ...Object.fromEntries([...byApache, ...byNss]),
  'NSS asks in TLS 1.0 with ECDSA': [
    nssOf('ecdsa', '-rrr', '-V', 'tls1.0:tls1.0'),
    { ...seen, version: 'tls10', without: 'optional', status: 200 },
  ],
  'NSS insists in TLS 1.1': [
    nssOf('rsa', '-rrrr', '-V', 'tls1.1:tls1.1'),
    { ...seen, version: 'tls11', without: 'required' },
  ],
  'nginx insists by HTTP': [
    nginxOf(`${nginx} ssl_protocols TLSv1.2; ssl_verify_client on;`),
    {
      version: 'tls12',
      asked: 'not-seen',
      without: null,
      status: 400,
      refusal: 'No required SSL certificate was sent',
    },
  ],
};

describe('requests without a client certificate, to old and to talkative servers', function () {
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

  for (const [name, [start, expected]] of Object.entries(cases)) {
    it(name, async () => {
      server = await start(pki);
      const { clientCertificate } = await survey(server.endpoint, null, { depth: 'full', path: '/secure/' });
      const [{ acceptableIssuers, ...request } = {}, ...others] = clientCertificate.requests ?? [];
      assert.deepEqual([request, others], [expected, []]);
      assert.deepEqual(clientCertificate.acceptableIssuers, ['CN=root, O=Probe tests']);
      assert.deepEqual(acceptableIssuers, expected.asked === 'seen' ? ['CN=root, O=Probe tests'] : []);
    });
  }

  for (const [how, expected] of [
    [['-r'], 'optional'],
    [['-r', '-r'], 'required'],
  ] as const) {
    it(`sees that a client certificate is ${expected} in the handshake of SSL 3.0`, async () => {
      server = await nssOf('rsa', ...how, '-V', 'ssl3:ssl3')(pki);
      const { clientCertificate, unknowns } = await survey(server.endpoint, null, { depth: 'versions' });
      assert.equal(clientCertificate.inHandshake, expected);
      assert.deepEqual(
        unknowns.filter(({ what }) => what === 'clientCertificate'),
        [],
      );
    });
  }
});
