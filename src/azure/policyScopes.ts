// The scopes of policies: as Azure names them, where their policy is, and in which order they are read.

import type { PolicyReading, PolicyScope } from '../core/policyFacts.ts';
import { asRecord, asText } from './json.ts';

/**
 * The scopes in the rows of `allPolicies` (`referencePolicyId`, REST description of 2024-05-01). Whether the list names
 * policies of workspaces and of revisions is not confirmed. The first run on gateways of their own. Of the revisions of
 * an API the one without a number counts, else the newest.
 */
export function scopesIn(
  instanceId: string,
  rows: readonly unknown[],
): { readonly scopes: readonly PolicyScope[]; readonly leftOut: PolicyReading['leftOut'] } {
  let [workspaces, revisions] = [0, 0];
  const found = new Map<string, { readonly scope: PolicyScope; readonly revision: number }>();
  for (const raw of rows) {
    const id = asText(asRecord(asRecord(raw)['properties'])['referencePolicyId']) ?? '';
    const rest = /\/providers\/Microsoft\.ApiManagement\/service\/[^/]+(\/.*)$/i.exec(id)?.[1] ?? '';
    if (/^\/workspaces\//i.test(rest)) workspaces += 1;
    const named = scopeAt(rest);
    if (named === null) continue;
    const key = pathOfScope(instanceId, named.scope).toLowerCase();
    const known = found.get(key);
    if (known !== undefined) revisions += 1;
    if (known === undefined || named.revision > known.revision) found.set(key, named);
  }
  return { scopes: [...found.values()].map(({ scope }) => scope), leftOut: { workspaces, revisions } };
}

/** revision: infinite where none is named, as that is the current one. */
function scopeAt(rest: string): { readonly scope: PolicyScope; readonly revision: number } | null {
  const [, kind, name = '', operation] =
    /^(?:\/(products|apis)\/([^/]+)(?:\/operations\/([^/]+))?)?\/policies\/[^/]+$/i.exec(rest) ?? [];
  if (kind === undefined) return /^\/policies\/[^/]+$/i.test(rest) ? { scope: { kind: 'global' }, revision: 0 } : null;
  if (kind.toLowerCase() === 'products')
    return operation === undefined ? { scope: { kind: 'product', product: name }, revision: 0 } : null;
  const [, api = name, number] = /^(.*);rev=(\d+)$/i.exec(name) ?? [];
  const revision = number === undefined ? Infinity : Number(number);
  if (operation === undefined) return { scope: { kind: 'api', api }, revision };
  return { scope: { kind: 'operation', api, operation }, revision };
}

/** The path of the policy of a scope. */
export function pathOfScope(instanceId: string, scope: PolicyScope): string {
  const policy = 'policies/policy';
  switch (scope.kind) {
    case 'global':
      return `${instanceId}/${policy}`;
    case 'product':
      return `${instanceId}/products/${scope.product}/${policy}`;
    case 'api':
      return `${instanceId}/apis/${scope.api}/${policy}`;
    case 'operation':
      return `${instanceId}/apis/${scope.api}/operations/${scope.operation}/${policy}`;
  }
}

const order: readonly PolicyScope['kind'][] = ['global', 'product', 'api', 'operation'];

/** The wider scopes first, as more depends on them; among those of a kind the heavier first. */
export function inOrder(scopes: readonly PolicyScope[], weightOf: (scope: PolicyScope) => number): PolicyScope[] {
  const weighed = scopes.map((scope) => ({ scope, rank: order.indexOf(scope.kind), weight: weightOf(scope) }));
  return weighed.sort((a, b) => a.rank - b.rank || b.weight - a.weight).map(({ scope }) => scope);
}
