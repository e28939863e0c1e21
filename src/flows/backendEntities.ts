// Backend entities by the names and ids that policies and pools call them by.

import type { BackendEntity } from '../azure/access.ts';

/** The entity that a policy names, compared without regard to case. */
export function namedEntity(name: string, backends: readonly BackendEntity[]): BackendEntity | undefined {
  const wanted = name.toLowerCase();
  return backends.find((backend) => backend.name.toLowerCase() === wanted);
}

/** A member of a pool by its resource id, or by its name alone. */
export function poolMember(id: string, backends: readonly BackendEntity[]): BackendEntity | undefined {
  const wanted = lastSegment(id);
  return backends.find((backend) => backend.name.toLowerCase() === wanted || lastSegment(backend.id) === wanted);
}

/** The addresses that are called where a policy names an entity: of a pool those of its members. */
export function addressesOf(name: string, backends: readonly BackendEntity[]): string[] {
  const entity = namedEntity(name, backends);
  if (entity === undefined) return [];
  if (entity.type === 'Single') return [entity.url];
  return entity.poolMembers.flatMap((id) => poolMember(id, backends)?.url ?? []);
}

/** Names by which policies may call an entity: its own, and those of the pools that it is in. */
export function namesLeadingTo(entity: BackendEntity, backends: readonly BackendEntity[]): string[] {
  const pools = backends.filter((pool) => pool.poolMembers.some((id) => poolMember(id, backends) === entity));
  return [entity.name, ...pools.map(({ name }) => name)];
}

function lastSegment(id: string): string {
  return (id.split('/').at(-1) ?? '').toLowerCase();
}
