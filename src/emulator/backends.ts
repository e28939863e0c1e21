// The backends of the sample estate as real listeners: good ones, old ones, and every way of getting TLS wrong.

import type { TLSSocket } from 'node:tls';
import { gatewaySuites } from '../core/tls/ciphers.ts';
import type { GatewaySuite } from '../core/tls/ciphers.ts';
import type { Offer } from '../core/tls/evidence.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import type { Authority, KeyPair, Leaf } from './certificate.ts';
import type { NamedListener } from './gateways.ts';
import { greeting, httpText, readRequest, reply } from './httpReply.ts';
import { openListener } from './listener.ts';
import type { Estate } from './model.ts';
import { isBoringSsl } from './runtime.ts';
import { openTlsListener } from './tlsListener.ts';

interface Kind {
  readonly versions: readonly ProtocolVersion[];
  /** Which of the suites of a gateway it takes; all but 3DES where absent. */
  readonly suites?: (name: string) => boolean;
  readonly key?: 'ECDSA';
  readonly certificate?: 'expired' | 'selfSigned' | 'wrongName';
  readonly client?: 'required' | 'renegotiated';
}

const strong = (name: string): boolean => name.includes('_GCM_') && !name.startsWith('TLS_RSA_');
const cbcOnly = (name: string): boolean => name.includes('_CBC_SHA') && !name.includes('3DES');
const notTripleDes = (name: string): boolean => !name.includes('3DES');
const modern: Kind = { versions: ['tls12', 'tls13'], suites: strong, key: 'ECDSA' };

/** How hosts that are not modern behave. */
const kinds: Readonly<Record<string, Kind | 'plainHttp' | 'silent'>> = {
  'orders.contoso.example:443': { versions: ['tls12'], suites: cbcOnly },
  'inventory.contoso.example:8443': { versions: ['tls10'], suites: cbcOnly },
  'payments.contoso.example:443': { versions: ['tls13'], key: 'ECDSA' },
  'crm.contoso.example:443': { versions: ['tls12'], certificate: 'expired' },
  'warehouse.contoso.example:443': { versions: ['tls11', 'tls12'], key: 'ECDSA', certificate: 'selfSigned' },
  'partners.contoso.example:443': { versions: ['tls12', 'tls13'], suites: strong, certificate: 'wrongName' },
  'bank.contoso.example:443': { versions: ['tls12', 'tls13'], suites: strong, client: 'required' },
  'identity.contoso.example:443': { versions: ['tls12'], suites: strong, client: 'renegotiated' },
  'reports.contoso.example:443': 'plainHttp',
  'mainframe.contoso.example:443': 'silent',
  'legacy.contoso.example:443': { versions: ['tls10', 'tls11'], suites: () => true },
  'people.contoso.example:443': { versions: ['tls10', 'tls11', 'tls12'] },
  'logistics.contoso.example:443': { versions: ['tls12'] },
  'orders.dev.contoso.example:443': { versions: ['tls11', 'tls12'], suites: cbcOnly },
};

export interface BackendWish {
  readonly estate: Estate;
  readonly authority: Authority;
  readonly rsa: KeyPair;
  readonly ec: KeyPair;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const day = 24 * 3_600_000;

/** Hosts under `.invalid` stay unresolvable and hosts without TLS have no listener. */
export function openBackends(wish: BackendWish): Promise<readonly NamedListener[]> {
  const hosts = tlsHosts(wish.estate);
  const usual = hosts.filter((host) => kinds[host] === undefined);
  const special = hosts.flatMap((host) => {
    const kind = kinds[host];
    return kind === undefined ? [] : [openSpecial(wish, host, kind)];
  });
  return Promise.all([openTls(wish, usual, modern), ...special]);
}

/** Whether the host, with its port, would agree with the offer. */
export function takes(host: string, offer: Offer): boolean {
  const kind = kinds[host] ?? modern;
  if (typeof kind === 'string' || host.includes('.invalid:')) return false;
  const fits = (suite: GatewaySuite) =>
    (kind.suites ?? notTripleDes)(suite.name) &&
    (suite.certificate === 'any' || suite.certificate === (kind.key ?? 'RSA'));
  return kind.versions
    .filter((version) => offer.versions.includes(version))
    .some((version) =>
      gatewaySuites.some(
        (suite) => suite.versions.includes(version) && offer.suites.includes(suite.code) && fits(suite),
      ),
    );
}

/** Every host of the estate that is called over TLS, with its port. */
export function tlsHosts(estate: Estate): readonly string[] {
  const urls = estate.services.flatMap((service) => [
    ...(service.backends ?? []).flatMap(({ url }) => url ?? []),
    ...(service.apis ?? []).flatMap(({ serviceUrl }) => serviceUrl ?? []),
    ...(service.logs?.calls ?? []).map(({ url }) => url),
  ]);
  const secure = urls
    .map((url) => new URL(url))
    .filter(({ protocol, hostname }) => protocol === 'https:' && !hostname.endsWith('.invalid'));
  return [...new Set(secure.map(({ hostname, port }) => `${hostname}:${port || '443'}`))];
}

async function openSpecial(
  wish: BackendWish,
  host: string,
  kind: Kind | 'plainHttp' | 'silent',
): Promise<NamedListener> {
  if (kind === 'plainHttp') return { ...(await openListener(answerPlainly)), hosts: [host] };
  if (kind === 'silent') return { ...(await openListener((socket) => void socket.resume())), hosts: [host] };
  return openTls(wish, [host], kind);
}

function answerPlainly(socket: Parameters<Parameters<typeof openListener>[0]>[0]): void {
  const text = httpText('400 Bad Request', { error: 'This port speaks HTTP without TLS.' });
  socket.once('data', () => socket.end(text));
}

async function openTls(wish: BackendWish, hosts: readonly string[], kind: Kind): Promise<NamedListener> {
  const leaf = leafFor(wish, hosts, kind);
  const suites = gatewaySuites.filter(({ name }) => (kind.suites ?? notTripleDes)(name)).map(({ code }) => code);
  const name = hosts[0] ?? '';
  const listener = await openTlsListener({
    rules: () => ({
      versions: kind.versions,
      suites,
      key: kind.key ?? 'RSA',
      leaf,
      ...(kind.client === 'required' ? { clientAuthority: wish.authority.pem } : {}),
    }),
    serve: (socket) => void serve(socket, name, kind),
  });
  return { ...listener, hosts };
}

async function serve(socket: TLSSocket, name: string, kind: Kind): Promise<void> {
  const path = await readRequest(socket);
  const asks = kind.client === 'renegotiated' && path.startsWith('/secure') && !isBoringSsl;
  if (!asks) return reply(socket, '200 OK', greeting(name, socket));
  socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, (error) => {
    const shown = error === null && Object.keys(socket.getPeerCertificate()).length > 0;
    if (shown) reply(socket, '200 OK', greeting(name, socket));
    else reply(socket, '403 Forbidden', { error: 'A client certificate is needed here.' });
  });
}

function leafFor(wish: BackendWish, hosts: readonly string[], kind: Kind): Leaf {
  const names =
    kind.certificate === 'wrongName' ? ['partners.fabrikam.example'] : hosts.map((host) => host.replace(/:\d+$/, ''));
  const expired = kind.certificate === 'expired';
  return wish.authority.issue({
    names,
    key: kind.key === 'ECDSA' ? wish.ec : wish.rsa,
    notBefore: wish.now - (expired ? 400 : 30) * day,
    notAfter: wish.now + (expired ? -12 : 300) * day,
    ...(kind.certificate === 'selfSigned' ? { selfSigned: true as const } : {}),
  });
}
