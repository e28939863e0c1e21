// The servers that the survey is held against, by the name under which a failure shows. Data.

import type { Pki } from '../unit/probe/servers.ts';
import { openssl } from '../unit/probe/servers.ts';
import { apacheOf, gnutlsOf, haproxyOf, nginxOf, nssOf, opensslOf, stunnelOf, type Start } from './servers.ts';

/** Every certificate that the catalogue names, and the parameters for Diffie-Hellman. */
export function fillPki(pki: Pki): void {
  const leaf = (name: string, key: string): void => pki.leaf(name, 'IP:127.0.0.1', 'root', key);
  leaf('rsa', 'rsa:2048');
  leaf('ecdsa', 'ec:P-256');
  leaf('p384', 'ec:P-384');
  leaf('p521', 'ec:P-521');
  leaf('ed25519', 'ed25519');
  leaf('ed448', 'ed448');
  leaf('pss', 'rsa-pss');
  const many = Array.from({ length: 900 }, (_, index) => `DNS:host-number-${index}.example`).join(',');
  pki.leaf('big', `IP:127.0.0.1,${many}`, 'root');
  pki.leaf('caller', 'DNS:caller.example', 'root');
  openssl('dsaparam', '-genkey', '-out', pki.file('dsa.key'), '2048');
  const subject = ['-subj', '/O=Probe tests/CN=dsa', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '90'];
  openssl('req', '-x509', '-new', '-key', pki.file('dsa.key'), ...subject, '-out', pki.file('dsa.crt'));
  for (const size of ['1536', '2048', '4096']) {
    const group = size === '1536' ? 'modp_1536' : `ffdhe${size}`;
    const made = openssl('genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', `group:${group}`);
    pki.write(`dh${size}.pem`, made);
  }
}

const every = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';
const tls13 = ['-ciphersuites', 'TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256'];
const gnutlsEvery =
  'NORMAL:+VERS-TLS-ALL:+3DES-CBC:+ARCFOUR-128:+CAMELLIA-256-GCM:+CAMELLIA-128-GCM:+CAMELLIA-256-CBC:' +
  '+CAMELLIA-128-CBC:+AES-128-CCM-8:+AES-256-CCM-8:+MD5:+SHA256:+SHA384:+DHE-RSA:+RSA:%COMPAT';
const nginxRsa = 'ssl_certificate @rsa.crt; ssl_certificate_key @rsa.key;';
const apacheRsa = 'SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @rsa.key\nSSLCACertificateFile @root.crt';
const secure = '<Location /secure/>\nSSLVerifyClient require\n</Location>';

export const catalogue: Readonly<Record<string, Start>> = {
  'OpenSSL as it comes': opensslOf('rsa'),
  'OpenSSL with every suite': opensslOf('rsa', '-cipher', every),
  'OpenSSL with every suite in its own order': opensslOf('rsa', '-cipher', every, '-serverpref'),
  'OpenSSL with RSA and ECDSA certificates': (pki) =>
    opensslOf('rsa', '-dcert', '@ecdsa.crt', '-dkey', '@ecdsa.key', '-cipher', 'ALL:@SECLEVEL=0', '-serverpref')(pki),
  'OpenSSL with an odd choice in its own order': opensslOf(
    'rsa',
    ...['-min_protocol', 'TLSv1.1', '-max_protocol', 'TLSv1.2', '-serverpref', '-cipher'],
    'AES128-SHA:ECDHE-RSA-AES256-SHA384:CAMELLIA256-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0',
  ),
  'OpenSSL, TLS 1.0 only': opensslOf('rsa', '-tls1', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL, TLS 1.1 only': opensslOf('rsa', '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL, TLS 1.2 only': opensslOf('rsa', '-tls1_2'),
  'OpenSSL, TLS 1.3 only, with CCM': opensslOf('rsa', '-tls1_3', ...tls13),
  'OpenSSL, TLS 1.0 and 1.2': opensslOf('rsa', '-no_tls1_1', '-no_tls1_3', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL with a P-384 certificate': opensslOf('p384', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL with a P-521 certificate': opensslOf('p521'),
  'OpenSSL with an Ed25519 certificate': opensslOf('ed25519'),
  'OpenSSL with an Ed448 certificate': opensslOf('ed448'),
  'OpenSSL with an RSA-PSS certificate': opensslOf('pss'),
  'OpenSSL with a DSA certificate': opensslOf('dsa', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL with a certificate over 16 KiB': opensslOf('big', '-cipher', 'ALL:@SECLEVEL=0'),
  'OpenSSL with X25519 only': opensslOf('rsa', '-groups', 'X25519'),
  'OpenSSL with X448 only': opensslOf('rsa', '-groups', 'X448'),
  'OpenSSL with P-521 only': opensslOf('rsa', '-groups', 'P-521'),
  'OpenSSL with ffdhe2048 only': opensslOf('rsa', '-groups', 'ffdhe2048'),
  'OpenSSL with ffdhe6144 only': opensslOf('rsa', '-groups', 'ffdhe6144'),
  'OpenSSL with a curve that is retired': opensslOf('rsa', '-tls1_2', '-cipher', 'ECDHE', '-groups', 'secp256k1'),
  'OpenSSL with a prime of 1536 bits': opensslOf(
    'rsa',
    '-tls1_2',
    '-dhparam',
    '@dh1536.pem',
    '-cipher',
    'DHE:@SECLEVEL=0',
  ),
  'OpenSSL with a prime of 4096 bits': opensslOf(
    'rsa',
    '-tls1_2',
    '-dhparam',
    '@dh4096.pem',
    '-cipher',
    'DHE:@SECLEVEL=0',
  ),
  'OpenSSL, anonymous and NULL': opensslOf('', '-cipher', 'aNULL:@SECLEVEL=0'),
  'OpenSSL with a pre-shared key': opensslOf('', '-psk', '1234', '-cipher', 'PSK:@SECLEVEL=0', '-no_tls1_3'),
  'OpenSSL with records of 512 bytes': opensslOf('rsa', '-max_send_frag', '512'),
  'GnuTLS as it comes': gnutlsOf('rsa', 'NORMAL', '-a'),
  'GnuTLS with every suite': gnutlsOf('rsa', gnutlsEvery, '-a'),
  'GnuTLS with every suite in its own order': gnutlsOf('rsa', `${gnutlsEvery}:%SERVER_PRECEDENCE`, '-a'),
  'GnuTLS with ECDSA': gnutlsOf('ecdsa', gnutlsEvery, '-a'),
  'GnuTLS, TLS 1.0 only': gnutlsOf('rsa', 'NORMAL:-VERS-ALL:+VERS-TLS1.0', '-a'),
  'NSS from SSL 3.0 on': nssOf('rsa', '-V', 'ssl3:tls1.2'),
  'NSS, SSL 3.0 only, with 3DES and RC4': nssOf('rsa', '-V', 'ssl3:ssl3', '-c', ':000A:0005:0004:002F'),
  'NSS with ECDSA': nssOf('ecdsa', '-V', 'tls1.0:tls1.3'),
  'NSS with finite-field Diffie-Hellman': nssOf('rsa', '-V', 'tls1.0:tls1.2', '-H', '1'),
  'nginx as it comes': nginxOf(nginxRsa),
  'nginx with RSA and ECDSA': nginxOf(
    `${nginxRsa} ssl_certificate @ecdsa.crt; ssl_certificate_key @ecdsa.key; ssl_protocols TLSv1.2 TLSv1.3;`,
  ),
  'nginx with old versions in its own order': nginxOf(
    `${nginxRsa} ssl_protocols TLSv1 TLSv1.1; ssl_prefer_server_ciphers on;
     ssl_ciphers AES128-SHA:ECDHE-RSA-AES256-SHA:AES256-SHA:@SECLEVEL=0;`,
  ),
  'Apache as it comes': apacheOf(apacheRsa),
  'Apache with old versions in its own order': apacheOf(
    `${apacheRsa}\nSSLProtocol all\nSSLHonorCipherOrder on\nSSLCipherSuite ALL:!aNULL:@SECLEVEL=0`,
  ),
  'Apache with a client certificate for one path': apacheOf(`${apacheRsa}\n${secure}`),
  'HAProxy as it comes': haproxyOf('rsa', ''),
  'HAProxy with old versions': haproxyOf('rsa', 'ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0'),
  'stunnel as it comes': stunnelOf('rsa', ''),
  'stunnel with old versions': stunnelOf('ecdsa', 'sslVersionMin = TLSv1\nciphers = ALL:@SECLEVEL=0'),
};
