// Which HTTP proxy, if any, stands between this machine and an endpoint.

import { BlockList, isIP } from 'node:net';
import type { Endpoint } from '../core/tls/evidence.ts';

export interface ProxyWishes {
  /** A proxy that was set for this program; goes before those of the environment. Empty = none. */
  readonly url?: string;
  /** Hosts to be reached directly, besides those of NO_PROXY, in the same notation. */
  readonly direct?: readonly string[];
  /** HTTPS_PROXY and NO_PROXY, in capitals or not, are read from here. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** URL of the proxy for an endpoint; undefined = directly. */
export function proxyFor({ host, port }: Endpoint, { url, direct, environment }: ProxyWishes): string | undefined {
  const chosen = url || environment['https_proxy'] || environment['HTTPS_PROXY'];
  if (!chosen) return undefined;
  const exempt = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  const entries = [...(direct ?? []), ...exempt.split(/[\s,]+/)];
  if (entries.some((entry) => covers(entry.trim().toLowerCase(), host.toLowerCase(), port))) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(chosen) ? chosen : `http://${chosen}`;
}

/** Proxies that CONNECT can be asked of. */
export function isUsableProxy(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}

/** "*", "host", ".domain", "*.domain", either with ":port", an address, or "address/bits". A domain covers its hosts. */
function covers(entry: string, host: string, port: number): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (isIP(host) !== 0) return coversAddress(entry, host, port);
  const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function coversAddress(entry: string, address: string, port: number): boolean {
  const [, bracketed, bracketedPort] = /^\[(.*)\](?::(\d+))?$/.exec(entry) ?? [];
  const [, plain, plainPort] = /^([\d.]+):(\d+)$/.exec(entry) ?? [];
  const onlyPort = bracketedPort ?? plainPort;
  if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
  const [network = '', bits] = (bracketed ?? plain ?? entry).split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (isIP(network) === 0 || length > most) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
