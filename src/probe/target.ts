// Reads what a person typed as the server to probe.

import { isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Endpoint } from '../core/tls/evidence.ts';
import { canonicalAddress } from './der.ts';

/**
 * empty: nothing typed. spaces: white space or control characters inside. scheme: neither https nor http.
 * credentials: a user name or password. port: none, 0, over 65535 or no number. host: no host name or address.
 * malformed: everything else that is no URL or host.
 */
export type TargetProblem = 'empty' | 'spaces' | 'scheme' | 'credentials' | 'port' | 'host' | 'malformed';

export type ParsedTarget =
  | { readonly ok: true; readonly endpoint: Endpoint; readonly scheme: 'https' | 'http'; readonly path: string }
  | { readonly ok: false; readonly code: TargetProblem };

const longest = 4096;

/** Takes "https://host[:port]/path", "host", "host:port", "[::1]:8443", "::1". Never throws. */
export function parseTarget(text: string): ParsedTarget {
  const typed = text.trim();
  if (typed === '') return refused('empty');
  if (/[\s\u0000-\u001f\u007f-\u009f]/u.test(typed)) return refused('spaces');
  if (typed.length > longest || typed.includes('\\')) return refused('malformed');
  const withScheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(typed);
  const scheme = withScheme?.[1]?.toLowerCase() ?? 'https';
  if (scheme !== 'https' && scheme !== 'http') return refused('scheme');
  const rest = withScheme?.[2] ?? typed;
  const cut = rest.search(/[/?#]/);
  const authority = cut < 0 ? rest : rest.slice(0, cut);
  if (authority === '') return refused('malformed');
  if (authority.includes('@')) return refused('credentials');
  return parseAuthority(authority, scheme, pathOf(cut < 0 ? '' : rest.slice(cut)));
}

/** "host:port", with brackets around an IPv6 address. */
export function formatTarget({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function refused(code: TargetProblem): ParsedTarget {
  return { ok: false, code };
}

function pathOf(tail: string): string {
  const path = tail.split('#', 1)[0] ?? '';
  return path.startsWith('/') ? path : `/${path}`;
}

function parseAuthority(authority: string, scheme: 'https' | 'http', path: string): ParsedTarget {
  const unbracketed = canonicalAddress(authority);
  const defaultPort = scheme === 'https' ? 443 : 80;
  if (unbracketed !== undefined) return { ok: true, endpoint: { host: unbracketed, port: defaultPort }, scheme, path };
  const parts = /^(\[[^\]]*\]|[^:[\]]*)(?::([^:]*))?$/.exec(authority);
  if (!parts) return refused('malformed');
  const host = parseHost(parts[1] ?? '');
  if (host === undefined) return refused('host');
  const port = parts[2] === undefined ? defaultPort : parsePort(parts[2]);
  if (port === undefined) return refused('port');
  return { ok: true, endpoint: { host, port }, scheme, path };
}

function parsePort(digits: string): number | undefined {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

function parseHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1);
    return isIPv4(inner) ? undefined : canonicalAddress(inner);
  }
  if (isIPv4(text)) return text;
  if (text === '' || text.includes('%')) return undefined;
  const ascii = domainToASCII(text).toLowerCase().replace(/\.$/, '');
  return isHostName(ascii) ? ascii : undefined;
}

/** RFC 1123, 2.1; underscores are no host names, yet in use. A name that ends in a number would be an address. */
function isHostName(name: string): boolean {
  const labels = name.split('.');
  const wellFormed = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return wellFormed && name.length <= 253 && !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');
}
