// The address of a backend as it is configured: which host it leads to, and how it may be shown.

import type { BackendHost } from '../core/instance.ts';

export interface BackendAddress {
  readonly host: string;
  readonly port: number;
  readonly scheme: 'https' | 'http';
}

const defaultPorts = { https: 443, http: 80 } as const;
/** WebSocket APIs run over the same TLS as https (RFC 6455, section 3). */
const schemes: Readonly<Record<string, keyof typeof defaultPorts>> = {
  'https:': 'https',
  'wss:': 'https',
  'http:': 'http',
  'ws:': 'http',
};

/** Host, port and scheme; null where the text is no URL with a host, such as one with a named value in its place. */
export function parseBackendUrl(text: string): BackendAddress | null {
  const url = URL.parse(text.trim());
  const scheme = url ? schemes[url.protocol] : undefined;
  if (!url || !scheme || url.hostname === '') return null;
  const port = url.port === '' ? defaultPorts[scheme] : Number(url.port);
  // A named value in place of the host, such as {{backend}}, is let through by the URL standard.
  const isHost = /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname);
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return port === 0 || host === '' || !isHost ? null : { host, port, scheme };
}

/** The path of the first address of a backend that has one and is a base: what is asked for depends on it. */
export function backendPath(host: BackendHost): string {
  const paths = host.usedBy.flatMap(({ url, isRequest }) => (isRequest ? [] : (URL.parse(url)?.pathname ?? [])));
  return paths.find((path) => path !== '/') ?? '/';
}

/** The URL without user name, password and query: any of them may hold a secret. */
export function shownUrl(text: string): string {
  return text
    .trim()
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
    .replace(/[?#].*$/s, '');
}
