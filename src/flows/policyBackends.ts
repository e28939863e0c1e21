// What policies lead a gateway to: addresses, backend entities, and what only the gateway itself can work out.

import type { ApiEntity } from '../azure/access.ts';
import {
  backendsNotListedText,
  policyFragmentText,
  policyUseTitle,
  policyValueText,
} from '../core/policyBackendText.ts';
import { resolveNamedValues } from '../core/policyFacts.ts';
import type { BackendCall, PolicyFacts, PolicyReading, PolicyScope } from '../core/policyFacts.ts';
import type { UnreadableBackend } from '../core/tls/plan.ts';

/** A policy that names an address, or a backend entity by its id. */
export interface PolicyUse {
  /** API and operation, as people call them. */
  readonly title: string;
  /** Resource id of the API or of its operation; empty where the policy is one of several APIs. */
  readonly id: string;
  /** Whose policy it is. */
  readonly scope: PolicyScope;
  readonly target:
    { readonly url: string; readonly isRequest?: true; readonly certificate?: true } | { readonly backendId: string };
}

export interface PolicyBackends {
  readonly uses: readonly PolicyUse[];
  readonly unreadable: readonly UnreadableBackend[];
}

/**
 * Every address and entity that some policy names, whatever the conditions: which of them a request meets is not told
 * apart. Named values are resolved where they may be read; what is computed at run time is unreadable.
 */
export function policyBackends(
  reading: PolicyReading,
  apis: readonly Pick<ApiEntity, 'id' | 'name' | 'title'>[],
): PolicyBackends {
  const known = new Map(apis.map((api) => [api.name.toLowerCase(), api]));
  const products = new Map(reading.products.map(({ name, title }) => [name.toLowerCase(), title]));
  const titleOf = (scope: PolicyScope) =>
    policyUseTitle(scope, {
      api: (name) => known.get(name.toLowerCase())?.title ?? name,
      product: (name) => products.get(name.toLowerCase()) ?? name,
    });
  const fragments = new Map(reading.fragments.map(({ name, facts }) => [name.toLowerCase(), facts]));
  const uses = new Map<string, PolicyUse>();
  const unreadable = new Map<string, UnreadableBackend>();
  for (const { scope, facts } of reading.policies) {
    const title = titleOf(scope);
    if (facts === null) unreadable.set(title, { title, url: policyValueText('policy') });
    const { calls, unknown } = facts === null ? { calls: [], unknown: [] } : callsOf(facts, fragments, reading);
    for (const name of unknown)
      unreadable.set(JSON.stringify([title, 'fragment', name]), { title, url: policyFragmentText(name) });
    for (const call of calls) {
      const found = targetOf(call, reading);
      if (found === null) continue;
      const key = JSON.stringify([title, found]);
      if ('target' in found) uses.set(key, { title, id: idOf(scope, known), scope, target: found.target });
      else unreadable.set(key, { title, url: found.unreadable });
    }
  }
  for (const { scope } of reading.unread) {
    const title = titleOf(scope);
    unreadable.set(`unread ${title}`, { title, url: policyValueText('unread') });
  }
  const missing = reading.missing.filter(({ list }) => list === 'policies' || list === 'fragments');
  return {
    uses: [...uses.values()],
    unreadable: [
      ...unreadable.values(),
      ...missing.map(({ list, why }) => ({ title: backendsNotListedText(list, why), url: '' })),
    ],
  };
}

function idOf(scope: PolicyScope, apis: ReadonlyMap<string, Pick<ApiEntity, 'id'>>): string {
  if (scope.kind !== 'api' && scope.kind !== 'operation') return '';
  const id = apis.get(scope.api.toLowerCase())?.id ?? '';
  return id !== '' && scope.kind === 'operation' ? `${id}/operations/${scope.operation}` : id;
}

/** Fragments within fragments are followed, each once. unknown: names of those that were not read, unless none could be. */
function callsOf(
  facts: PolicyFacts,
  fragments: ReadonlyMap<string, PolicyFacts | null>,
  { missing }: PolicyReading,
): { readonly calls: readonly BackendCall[]; readonly unknown: readonly string[] } {
  const calls = [...facts.backends];
  const unknown: string[] = [];
  const seen = new Set<string>();
  const open = facts.fragments.map(({ name }) => name.toLowerCase()).reverse();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const own = fragments.get(name) ?? null;
    if (own === null) unknown.push(name);
    calls.push(...(own?.backends ?? []));
    open.push(...(own?.fragments ?? []).map((further) => further.name.toLowerCase()));
  }
  const isTold = missing.some(({ list }) => list === 'fragments');
  return { calls, unknown: isTold ? [] : unknown };
}

type Found = { readonly target: PolicyUse['target'] } | { readonly unreadable: string };

/** Null where nothing is named. */
function targetOf({ kind, text, certificate }: BackendCall, { namedValues }: PolicyReading): Found | null {
  const stated = text.trim();
  if (kind === 'forward' || stated === '') return null;
  // The text of an expression may hold anything, keys too: it is not shown.
  if (isExpression(stated)) return { unreadable: policyValueText('expression') };
  const resolved = resolveNamedValues(stated, namedValues);
  // The value of a named value may be an expression as well.
  if (resolved.unresolved.length === 0 && isExpression(resolved.text.trim()))
    return { unreadable: policyValueText('expression') };
  if (resolved.unresolved.length > 0) return { unreadable: stated };
  const named = resolved.text.trim();
  if (kind === 'backendId') return { target: { backendId: named } };
  if (kind === 'baseUrl') return { target: { url: named } };
  return { target: { url: named, isRequest: true, ...(certificate ? { certificate } : {}) } };
}

function isExpression(text: string): boolean {
  return /@[({]/.test(text);
}
