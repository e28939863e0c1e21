// What a server asks of its clients, read off the messages that `openssl s_client` prints while it makes a request.

import type { Endpoint, Sighting, Survey } from '../../src/core/tls/evidence.ts';
import { clientSays } from './oracle.ts';

type InHandshake = Survey['clientCertificate']['inHandshake'];

/** One request without a client certificate, in one version. */
export interface Visited {
  readonly handshake: InHandshake;
  /** A certificate was asked for after the request: HelloRequest, or CertificateRequest in TLS 1.3. */
  readonly later: boolean;
  readonly refusedLater: boolean;
  readonly issuers: readonly string[];
  readonly status: number | null;
}

const every13 = [
  'AES_256_GCM_SHA384',
  'AES_128_GCM_SHA256',
  'CHACHA20_POLY1305_SHA256',
  'AES_128_CCM_SHA256',
  'AES_128_CCM_8_SHA256',
]
  .map((name) => `TLS_${name}`)
  .join(':');

/** null where there is no handshake in this version. Offers post-handshake authentication in TLS 1.3. */
export async function visit(
  { host, port }: Endpoint,
  flag: '-tls1' | '-tls1_1' | '-tls1_2' | '-tls1_3',
  path: string,
): Promise<Visited | null> {
  const pha = flag === '-tls1_3' ? ['-enable_pha'] : [];
  const suites = flag === '-tls1_3' ? ['-ciphersuites', every13] : ['-cipher', 'ALL:@SECLEVEL=0'];
  const quiet = ['-no-CAfile', '-no-CApath', '-no-CAstore', '-nameopt', 'RFC2253'];
  const all = ['s_client', '-connect', `${host}:${port}`, flag, ...pha, ...suites, '-msg', '-ign_eof', ...quiet];
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const { text } = await clientSays('openssl', all, undefined, request);
  const lines = text.split('\n').filter((line) => /^(<<<|>>>) .*(Handshake|Alert) \[/.test(line));
  const finished = lines.findIndex((line) => line.startsWith('>>>') && line.endsWith('Finished'));
  if (finished < 0) return null;
  const asks = (line: string): boolean => line.startsWith('<<<') && /(CertificateRequest|HelloRequest)$/.test(line);
  const refused = lines.some((line) => line.startsWith('<<<') && line.includes(', fatal '));
  const asked = lines.slice(0, finished).some(asks);
  const later = lines.slice(finished).some(asks);
  return {
    handshake: !asked ? 'none-seen' : refused && !later ? 'required' : 'optional',
    later,
    refusedLater: later && refused,
    issuers: issuersIn(text),
    status: Number(/^HTTP\/1\.\d (\d{3})/m.exec(text)?.[1] ?? 0) || null,
  };
}

/** It prints the names of the handshake; those of a later request are in the bytes of that message. */
function issuersIn(text: string): readonly string[] {
  const printed = text.split('\n').filter((line) => /^(CN|O)=[^:]*$/.test(line));
  const requests = text.matchAll(/^<<< [^\n]*CertificateRequest\n((?: {4}[0-9a-f ]+\n)+)/gm);
  const bytes = [...requests].map(([, dump = '']) => Buffer.from(dump.replaceAll(/\s/g, ''), 'hex').toString('latin1'));
  const ours = bytes.some((body) => body.includes('Probe tests') && body.includes('root'));
  return [...new Set([...printed, ...(ours ? ['CN=root,O=Probe tests'] : [])])];
}

export interface CertificateTruth {
  readonly inHandshake: InHandshake;
  readonly renegotiation: Sighting;
  readonly postHandshake: Sighting;
  /** As RFC 2253 writes names. */
  readonly issuers: readonly string[];
}

export async function certificateTruth(endpoint: Endpoint, path: string): Promise<CertificateTruth> {
  const older = async (flag: '-tls1' | '-tls1_1' | '-tls1_2') => visit(endpoint, flag, path);
  // The newest version that is spoken, which is the one that a client would use.
  const old = (await older('-tls1_2')) ?? (await older('-tls1_1')) ?? (await older('-tls1'));
  const new13 = await visit(endpoint, '-tls1_3', path);
  const order = ['required', 'optional', 'none-seen'] as const;
  const both = [old?.handshake, new13?.handshake];
  // Where no handshake comes about without a certificate, no request can be sent.
  const sent = both.some((value) => value === 'none-seen' || value === 'optional');
  const sighting = (visited: Visited | null): Sighting => (visited?.later ? 'seen' : sent ? 'not-seen' : 'unknown');
  return {
    inHandshake: order.find((value) => both.includes(value)) ?? 'unknown',
    renegotiation: sighting(old),
    postHandshake: sighting(new13),
    issuers: [...new Set([...(old?.issuers ?? []), ...(new13?.issuers ?? [])])].sort(),
  };
}
