// What becomes of a request on its way to the backend, by the policies that apply to its operation: where it goes, by
// which path, and whether a certificate is presented.

import { indexPolicies, scopesFor } from './effectivePolicy.ts';
import type { PolicyIndex } from './effectivePolicy.ts';
import { resolveNamedValues } from './policyFacts.ts';
import type { PolicyReading, PolicyScope, PolicyStep } from './policyFacts.ts';

/** service: the API's service URL. unknown: computed at run time, or by a policy that was not read. */
export type RequestTarget =
  { readonly kind: 'service' | 'unknown' } | { readonly kind: 'url' | 'backend'; readonly text: string };

/** Why the path at the backend is not known. */
export type PathDoubt = 'expression' | 'condition' | 'namedValue' | 'unread';

/** template: what stands behind the backend's address instead of the operation's own template. */
export type RequestPath =
  | { readonly kind: 'own' }
  | { readonly kind: 'rewritten'; readonly template: string }
  | { readonly kind: 'unknown'; readonly why: PathDoubt };

/** One way of calling an operation: with a product that has a policy, or without one. */
export interface RequestWay {
  /** Name; empty: without one. */
  readonly product: string;
  /** Each that some request may go to. */
  readonly targets: readonly RequestTarget[];
  readonly path: RequestPath;
  /** Whether a policy presents a client certificate. some: only for some requests. */
  readonly certificate: 'all' | 'some' | 'none';
}

export interface BackendRequests {
  /** Of an operation; null: of those of the API without a policy of their own. */
  readonly waysOf: (api: string, operation: string | null) => readonly RequestWay[];
  /** Operations of an API that have a policy of their own, or may have one; names. */
  readonly apart: (api: string) => readonly string[];
}

/** @param reading null: no policies could be read, and each of them may change everything */
export function backendRequests(reading: PolicyReading | null): BackendRequests {
  if (reading === null) {
    const unread = outcomeOf([unreadStep('global')], []);
    return { waysOf: () => [{ product: '', ...unread }], apart: () => [] };
  }
  const index = indexPolicies(reading);
  const apart = new Map<string, string[]>();
  for (const { scope } of [...reading.policies, ...reading.unread])
    if (scope.kind === 'operation') {
      const own = apart.get(scope.api.toLowerCase()) ?? [];
      own.push(scope.operation);
      apart.set(scope.api.toLowerCase(), own);
    }
  const known = new Map<string, readonly RequestWay[]>();
  const isListed = reading.missing.every(({ list }) => list !== 'policies');
  return {
    apart: (api) => apart.get(api.toLowerCase()) ?? [],
    waysOf: (api, operation) => {
      const isApart =
        operation !== null && (!isListed || index.at({ kind: 'operation', api, operation }).state !== 'none');
      const key = JSON.stringify([api.toLowerCase(), isApart ? operation.toLowerCase() : null]);
      const ways = known.get(key) ?? waysOf(index, reading, api, isApart ? operation : null, isListed);
      known.set(key, ways);
      return ways;
    },
  };
}

function waysOf(
  index: PolicyIndex,
  { namedValues }: PolicyReading,
  api: string,
  operation: string | null,
  isListed: boolean,
): RequestWay[] {
  return [null, ...index.productsOf(api)].map((product) => {
    const scopes = scopesFor(api, operation, product);
    const visit: Visit = { index, scopes, steps: [], left: mostSteps };
    // Where Azure does not say which operations have a policy, each may have one.
    const isOpen =
      !isListed && (operation === null || index.at({ kind: 'operation', api, operation }).state === 'none');
    for (const section of ['inbound', 'backend'] as const) visitScope(visit, section, 0, isOpen);
    const steps = isOpen ? [...visit.steps, unreadStep('operation')] : visit.steps;
    return { product: product?.name ?? '', ...outcomeOf(steps, namedValues) };
  });
}

/** A step, and whose policy has it. */
interface ScopedStep {
  readonly kind: PolicyStep['kind'] | 'unread';
  readonly text: string;
  readonly conditional: boolean;
  readonly scope: PolicyScope['kind'];
}

function unreadStep(scope: PolicyScope['kind']): ScopedStep {
  return { kind: 'unread', text: '', conditional: false, scope };
}

/** So many steps of one way are followed: more than any policy has, unless texts include one another without end. */
const mostSteps = 5000;

interface Visit {
  readonly index: PolicyIndex;
  /** From the narrowest to the widest. */
  readonly scopes: readonly PolicyScope[];
  readonly steps: ScopedStep[];
  left: number;
}

/** Steps of a scope in their order, with those of the wider ones where `<base />` stands. */
function visitScope(visit: Visit, section: 'inbound' | 'backend', at: number, conditional: boolean): void {
  const scope = visit.scopes[at];
  if (scope === undefined) return;
  const wider = (isConditional: boolean) => visitScope(visit, section, at + 1, conditional || isConditional);
  const own = visit.index.at(scope);
  // Whether a policy that was not read takes the wider ones over is not known.
  if (own.state !== 'read' || !own.facts.sections.includes(section)) wider(own.state === 'unread');
  if (own.state === 'unread') visit.steps.push({ ...unreadStep(scope.kind), conditional });
  if (own.state !== 'read') return;
  const steps = own.facts.steps.filter((step) => (step.section ?? 'inbound') === section);
  visitSteps(visit, steps, scope.kind, conditional, [], wider);
}

function visitSteps(
  visit: Visit,
  steps: readonly PolicyStep[],
  scope: PolicyScope['kind'],
  conditional: boolean,
  open: readonly string[],
  wider: (conditional: boolean) => void,
): void {
  for (const { kind, text, ...place } of steps) {
    if ((visit.left -= 1) <= 0) {
      if (visit.left === 0) visit.steps.push(unreadStep(scope));
      return;
    }
    const isConditional = conditional || place.conditional;
    if (kind === 'base') wider(place.conditional);
    else if (kind !== 'fragment') visit.steps.push({ kind, text, conditional: isConditional, scope });
    else if (!open.includes(text.toLowerCase())) {
      const facts = visit.index.fragment(text);
      if (facts === null) visit.steps.push({ ...unreadStep(scope), conditional: isConditional });
      else visitSteps(visit, facts.steps, scope, isConditional, [...open, text.toLowerCase()], () => undefined);
    }
  }
}

type Outcome = Omit<RequestWay, 'product'>;

function outcomeOf(steps: readonly ScopedStep[], values: PolicyReading['namedValues']): Outcome {
  let targets: readonly (RequestTarget & { readonly scope?: PolicyScope['kind'] })[] = [{ kind: 'service' }];
  let path: RequestPath = { kind: 'own' };
  let certificate: Outcome['certificate'] = 'none';
  for (const { kind, text, conditional, scope } of steps) {
    if (kind === 'unread') {
      targets = [...targets, { kind: 'unknown' }];
      path = { kind: 'unknown', why: 'unread' };
    }
    if (kind === 'certificate' && certificate !== 'all') certificate = conditional ? 'some' : 'all';
    if (kind === 'rewrite') path = conditional ? { kind: 'unknown', why: 'condition' } : rewritten(text, values);
    if (kind === 'backendChoice' && !conditional)
      targets = targets.filter((one) => text !== 'backendId' && staysFor(one, scope));
    if (kind === 'baseUrl' || kind === 'backendId') {
      const constant = constantText(text, values);
      const next: RequestTarget =
        typeof constant === 'string'
          ? { kind: kind === 'baseUrl' ? 'url' : 'backend', text: constant }
          : { kind: 'unknown' };
      // By the documentation a base-url does not take the place of a backend-id that a wider scope has set.
      const lasting = targets.filter((one) => conditional || (kind === 'baseUrl' && staysFor(one, scope)));
      const isKept = !conditional && lasting.length === targets.length;
      if (!isKept) targets = [...lasting, { ...next, scope }];
    }
  }
  return { targets: distinct(targets), path, certificate };
}

function staysFor(
  target: RequestTarget & { readonly scope?: PolicyScope['kind'] },
  scope: PolicyScope['kind'],
): boolean {
  return target.kind === 'backend' && target.scope !== scope;
}

function distinct(targets: readonly RequestTarget[]): RequestTarget[] {
  const plain = targets.map((target): RequestTarget =>
    'text' in target ? { kind: target.kind, text: target.text } : { kind: target.kind },
  );
  return [...new Map(plain.map((target) => [JSON.stringify(target), target])).values()];
}

function rewritten(text: string, values: PolicyReading['namedValues']): RequestPath {
  const constant = constantText(text, values);
  return typeof constant === 'string'
    ? { kind: 'rewritten', template: constant }
    : { kind: 'unknown', why: constant.why };
}

/** A text with its named values in place, where it is no expression and they may be read. */
function constantText(
  text: string,
  values: PolicyReading['namedValues'],
): string | { readonly why: 'expression' | 'namedValue' } {
  const isExpression = (one: string) => /@[({]/.test(one);
  if (isExpression(text)) return { why: 'expression' };
  const resolved = resolveNamedValues(text, values);
  if (resolved.unresolved.length > 0) return { why: 'namedValue' };
  return isExpression(resolved.text) ? { why: 'expression' } : resolved.text.trim();
}
