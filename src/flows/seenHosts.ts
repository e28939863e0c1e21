// Backends as they are configured, with what the gateway's logs say of calls to them, and those that only the logs know.

import { callName } from '../core/backendTraffic.ts';
import type { BackendTraffic, LoggedCall, LoggedHost, SeenTraffic } from '../core/backendTraffic.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, BackendUse } from '../core/instance.ts';
import { hasRows } from '../core/traffic.ts';
import { parseBackendUrl } from './backendUrl.ts';
import type { BackendAddress } from './backendUrl.ts';

/** Operations that are kept of one host. */
const mostCalls = 100;

/**
 * The same hosts in their order, each with its traffic, then the hosts that only the logs know, busiest first. Without
 * rows of logs, hosts as they are configured.
 */
export function withSeenTraffic(hosts: readonly BackendHost[], traffic: BackendTraffic | null): readonly BackendHost[] {
  const configured = hosts.filter(({ usedBy }) => usedBy.some(({ kind }) => kind !== 'log'));
  if (!hasRows(traffic)) return configured.map(withoutTraffic);
  const logged = Map.groupBy(traffic.hosts, keyOf);
  const calls = Map.groupBy(traffic.calls, keyOf);
  const seenAt = (key: string): SeenTraffic | undefined => {
    const own = logged.get(key);
    return own && { ...sumOf(own, calls.get(key) ?? []), days: traffic.days, readAt: traffic.readAt };
  };
  const known = new Set(configured.map(hostAndPort));
  const others = [...logged].flatMap(([key, [first]]): BackendHost[] => {
    const address = first && addressOf(first);
    const seen = seenAt(key);
    return address && seen && !known.has(key) ? [{ ...address, usedBy: usesIn(address, seen), seen }] : [];
  });
  return [
    ...configured.map((host) => {
      const seen = seenAt(hostAndPort(host));
      return seen ? { ...host, seen } : withoutTraffic(host);
    }),
    ...others.sort((a, b) => (b.seen?.requests ?? 0) - (a.seen?.requests ?? 0)),
  ];
}

function withoutTraffic({ host, port, scheme, usedBy }: BackendHost): BackendHost {
  return { host, port, scheme, usedBy };
}

type Place = Pick<LoggedHost, 'scheme' | 'authority'>;

function addressOf({ scheme, authority }: Place): BackendAddress | null {
  return parseBackendUrl(`${scheme}://${authority}`);
}

/** What leads to no host has a key that no host has. */
function keyOf(place: Place): string {
  const address = addressOf(place);
  return address === null ? '' : hostAndPort(address);
}

function sumOf(hosts: readonly LoggedHost[], calls: readonly LoggedCall[]) {
  const total = (count: (host: LoggedHost) => number) => hosts.reduce((sum, host) => sum + count(host), 0);
  const moments = hosts.flatMap(({ lastSeen }) => lastSeen ?? []).sort();
  return {
    requests: total(({ requests }) => requests),
    failures: total(({ failures }) => failures),
    failureText: hosts.find(({ failureText }) => failureText !== '')?.failureText ?? '',
    serverErrors: total(({ serverErrors }) => serverErrors),
    lastSeen: moments.at(-1) ?? null,
    calls: calls.slice(0, mostCalls).map(({ api, operation, requests, path }) => ({ api, operation, requests, path })),
  };
}

/** How the gateway checks the certificate of such a host, and what it presents, is not known: nothing is held against it. */
function usesIn(address: BackendAddress, { calls }: SeenTraffic): BackendUse[] {
  const names = [...new Set(calls.map(({ api, operation }) => callName(api, operation)))];
  const url = `${address.scheme}://${hostAndPort(address)}`;
  const flags = { validateChain: false, validateName: false, clientCertificate: true };
  return (names.length === 0 ? [''] : names).map((title) => ({ kind: 'log', id: '', title, url, ...flags }));
}
