// The distinct hosts that a gateway calls: backend entities, members of pools, service URLs of APIs, policies.

import type { ApiEntity, Azure, BackendEntity } from '../azure/access.ts';
import { failureCode, failureDetails } from '../core/failure.ts';
import { notListedText } from '../core/failureText.ts';
import { hostAndPort } from '../core/instance.ts';
import type { BackendHost, BackendUse } from '../core/instance.ts';
import type { UnreadableBackend } from '../core/tls/plan.ts';
import { backendsNotListedText } from '../core/policyBackendText.ts';
import { backendRequests } from '../core/backendRequests.ts';
import type { PolicyReading } from '../core/policyFacts.ts';
import { namedEntity, namesLeadingTo, poolMember } from './backendEntities.ts';
import { parseBackendUrl, shownUrl } from './backendUrl.ts';
import { policyBackends } from './policyBackends.ts';
import type { PolicyUse } from './policyBackends.ts';
import { presentedCertificates } from './presentedCertificates.ts';
import type { Presented, PresentedCertificates } from './presentedCertificates.ts';

/** What the hosts were made of. */
export interface BackendReading {
  /** Null: they could not be listed. */
  readonly backends: readonly BackendEntity[] | null;
  readonly apis: readonly ApiEntity[];
  /** Null: they could not be read. */
  readonly policies: PolicyReading | null;
}

export interface BackendHosts {
  readonly hosts: readonly BackendHost[];
  /** What leads to no host that can be told: a malformed URL, a named value in it, a pool's member that is gone. */
  readonly unreadable: readonly UnreadableBackend[];
}

/**
 * Where only backends or only APIs can be listed, the hosts of those, and the others as one that is unreadable. Rejects
 * where neither can. Policies that cannot be read are unreadable as well, and reject nothing but a lost way to Azure.
 */
export async function readBackendHosts(
  azure: Azure,
  instanceId: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<BackendHosts> {
  const { hosts, unreadable } = await readBackends(azure, instanceId, options);
  return { hosts, unreadable };
}

/** As `readBackendHosts`, with what the hosts were made of: addresses as they stand, secrets in them included. */
export async function readBackends(
  azure: Azure,
  instanceId: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<BackendHosts & { readonly reading: BackendReading }> {
  const call = options.signal ? { signal: options.signal } : {};
  const [backends, apis, policies] = await Promise.allSettled([
    azure.readBackends(instanceId, call),
    azure.readApis(instanceId, call),
    azure.readPolicies(instanceId, call),
  ]);
  const refused = [backends, apis].flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  // Only what Azure refuses stays away for good; everything else is worth another try.
  const lasting = refused.every((reason) => failureCode(reason) === 'forbidden');
  if (refused.length === 2 || !lasting)
    throw refused.find((reason) => failureCode(reason) !== 'forbidden') ?? refused[0];
  if (policies.status === 'rejected' && failureCode(policies.reason) !== 'forbidden') throw policies.reason;
  const reading: BackendReading = {
    backends: backends.status === 'fulfilled' ? backends.value : null,
    apis: listOf(apis),
    policies: policies.status === 'fulfilled' ? policies.value : null,
  };
  const { hosts, unreadable } = hostsOf(reading.backends, reading.apis, reading.policies);
  return {
    reading,
    hosts,
    unreadable: [
      ...unreadable,
      ...notListed('backends', backends),
      ...notListed('apis', apis),
      ...(policies.status === 'rejected'
        ? [{ title: backendsNotListedText('policies', failureDetails(policies.reason)), url: '' }]
        : []),
    ],
  };
}

function listOf<One>(outcome: PromiseSettledResult<readonly One[]>): readonly One[] {
  return outcome.status === 'fulfilled' ? outcome.value : [];
}

function notListed(what: 'backends' | 'apis', outcome: PromiseSettledResult<unknown>): UnreadableBackend[] {
  if (outcome.status === 'fulfilled') return [];
  return [{ title: notListedText(what, failureDetails(outcome.reason)), url: '' }];
}

/**
 * Hosts told apart by name and port, sorted; https wins where both schemes lead to the same port.
 * @param backends null: they could not be listed, and what policies call by their ids leads nowhere
 */
export function hostsOf(
  backends: readonly BackendEntity[] | null,
  apis: readonly ApiEntity[],
  policies: PolicyReading | null = null,
): BackendHosts {
  const hosts = new Map<string, Omit<BackendHost, 'usedBy'> & { readonly usedBy: BackendUse[] }>();
  const unreadable: UnreadableBackend[] = [];
  const named = policies === null ? { uses: [], unreadable: [] } : policyBackends(policies, apis);
  const presented = presentedCertificates(backendRequests(policies), apis);
  const uses = [
    ...usesOf(backends ?? [], apis, presented),
    ...named.uses.flatMap((one) => policyUses(one, backends, presented)),
  ];
  for (const use of uses) {
    const address = parseBackendUrl(use.url);
    const shown = { ...use, url: shownUrl(use.url) };
    if (address === null) {
      unreadable.push({ title: shown.title, url: shown.url });
      continue;
    }
    const key = hostAndPort(address);
    const known = hosts.get(key);
    const scheme = known?.scheme === 'https' ? 'https' : address.scheme;
    const usedBy = known?.usedBy ?? [];
    usedBy.push(shown);
    hosts.set(key, { host: address.host, port: address.port, scheme, usedBy });
  }
  const sorted = [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host);
  return {
    hosts: sorted,
    unreadable: [...unreadable, ...named.unreadable.map(({ title, url }) => ({ title, url: shownUrl(url) }))],
  };
}

function usesOf(
  backends: readonly BackendEntity[],
  apis: readonly ApiEntity[],
  presented: PresentedCertificates,
): BackendUse[] {
  const called = (names: readonly string[]) =>
    presented.by(
      null,
      names.map((text) => ({ kind: 'backend', text })),
    );
  const entities = backends
    .filter(({ type }) => type === 'Single')
    .map((backend) => useOf('backend', backend, backend, called(namesLeadingTo(backend, backends))));
  const pools = backends
    .filter(({ type }) => type === 'Pool')
    .flatMap((pool) => pool.poolMembers.map((id) => memberUse(pool, id, backends, called([pool.name]))));
  const services = apis.flatMap((api): BackendUse[] => {
    if (api.serviceUrl === null) return [];
    const by = presented.by({ kind: 'api', api: api.name }, [{ kind: 'service' }]);
    return [{ kind: 'api', id: api.id, title: api.title, url: api.serviceUrl, ...ofAddress, ...byPolicy(by) }];
  });
  return [...entities, ...pools, ...services];
}

/** An address has no validation flags of its own: the gateway always validates. */
const ofAddress = { validateChain: true, validateName: true, clientCertificate: false };

function byPolicy(presented: Presented): Pick<BackendUse, 'policyCertificate'> {
  return presented === 'none' ? {} : { policyCertificate: presented };
}

/** A policy that names an entity calls it as the entity says; each member of a pool is one use. */
function policyUses(
  { title, id, scope, target }: PolicyUse,
  backends: readonly BackendEntity[] | null,
  presented: PresentedCertificates,
): BackendUse[] {
  if ('url' in target) {
    const { url, isRequest, certificate } = target;
    const by = isRequest ? (certificate ? 'all' : 'none') : presented.by(scope, [{ kind: 'url', text: url }]);
    return [{ kind: 'policy', id, title, url, ...(isRequest ? { isRequest } : {}), ...ofAddress, ...byPolicy(by) }];
  }
  if (backends === null) return [];
  const entity = namedEntity(target.backendId, backends);
  if (entity === undefined) return [{ kind: 'policy', id, title, url: target.backendId, ...ofAddress }];
  const by = presented.by(scope, [{ kind: 'backend', text: target.backendId }]);
  const called =
    entity.type === 'Pool'
      ? entity.poolMembers.map((member) => memberUse(entity, member, backends, by))
      : [useOf('backend', entity, entity, by)];
  return called.map((use) => ({ ...use, kind: 'policy', id, title }));
}

function useOf(
  kind: 'backend' | 'pool',
  named: BackendEntity,
  called: BackendEntity,
  presented: Presented,
): BackendUse {
  const { url, validateChain, validateName, clientCertificate } = called;
  const own = { kind, id: named.id, title: named.title, url, validateChain, validateName, clientCertificate };
  return clientCertificate ? own : { ...own, ...byPolicy(presented) };
}

function memberUse(
  pool: BackendEntity,
  memberId: string,
  backends: readonly BackendEntity[],
  presented: Presented,
): BackendUse {
  const member = poolMember(memberId, backends);
  return useOf('pool', pool, member ?? { ...pool, url: memberId }, presented);
}
