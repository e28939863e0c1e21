// The distinct hosts that a gateway calls: backend entities, members of pools, service URLs of APIs.

import type { ApiEntity, Azure, BackendEntity } from '../azure/access.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, BackendUse } from '../core/instance.ts';
import type { UnreadableBackend } from '../core/tls/plan.ts';
import { parseBackendUrl, shownUrl } from './backendUrl.ts';

export interface BackendHosts {
  readonly hosts: readonly BackendHost[];
  /** What leads to no host that can be told: a malformed URL, a named value in it, a pool's member that is gone. */
  readonly unreadable: readonly UnreadableBackend[];
}

export async function readBackendHosts(
  azure: Azure,
  instanceId: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<BackendHosts> {
  const call = options.signal ? { signal: options.signal } : {};
  const [backends, apis] = await Promise.all([azure.readBackends(instanceId, call), azure.readApis(instanceId, call)]);
  return hostsOf(backends, apis);
}

/** Hosts told apart by name and port, sorted; https wins where both schemes lead to the same port. */
export function hostsOf(backends: readonly BackendEntity[], apis: readonly ApiEntity[]): BackendHosts {
  const hosts = new Map<string, BackendHost>();
  const unreadable: UnreadableBackend[] = [];
  for (const use of usesOf(backends, apis)) {
    const address = parseBackendUrl(use.url);
    const shown = { ...use, url: shownUrl(use.url) };
    if (address === null) {
      unreadable.push({ title: shown.title, url: shown.url });
      continue;
    }
    const key = hostAndPort(address);
    const known = hosts.get(key);
    const scheme = known?.scheme === 'https' ? 'https' : address.scheme;
    hosts.set(key, { host: address.host, port: address.port, scheme, usedBy: [...(known?.usedBy ?? []), shown] });
  }
  const sorted = [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host);
  return { hosts: sorted, unreadable };
}

function usesOf(backends: readonly BackendEntity[], apis: readonly ApiEntity[]): BackendUse[] {
  const entities = backends
    .filter(({ type }) => type === 'Single')
    .map((backend) => useOf('backend', backend, backend));
  const pools = backends
    .filter(({ type }) => type === 'Pool')
    .flatMap((pool) => pool.poolMembers.map((id) => memberUse(pool, id, backends)));
  const services = apis.flatMap((api): BackendUse[] => {
    if (api.serviceUrl === null) return [];
    // A service URL has no validation flags of its own: the gateway always validates.
    const { id, title, serviceUrl: url } = api;
    return [{ kind: 'api', id, title, url, validateChain: true, validateName: true, clientCertificate: false }];
  });
  return [...entities, ...pools, ...services];
}

function useOf(kind: 'backend' | 'pool', named: BackendEntity, called: BackendEntity): BackendUse {
  const { url, validateChain, validateName, clientCertificate } = called;
  return { kind, id: named.id, title: named.title, url, validateChain, validateName, clientCertificate };
}

function memberUse(pool: BackendEntity, memberId: string, backends: readonly BackendEntity[]): BackendUse {
  const wanted = lastSegment(memberId);
  const member = backends.find(
    (backend) => backend.name.toLowerCase() === wanted || lastSegment(backend.id) === wanted,
  );
  return member ? useOf('pool', pool, member) : useOf('pool', pool, { ...pool, url: memberId });
}

function lastSegment(id: string): string {
  return (id.split('/').at(-1) ?? '').toLowerCase();
}
