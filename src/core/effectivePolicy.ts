// What really applies to an operation: its own policy, and what each `<base />` takes over from the scopes above.

import { certificateUseOfValue } from './policyExpressions.ts';
import { policySections } from './policyFacts.ts';
import type {
  CertificateAsk,
  NamedUse,
  PolicyFacts,
  PolicyPlace,
  PolicyProduct,
  PolicyReading,
  PolicyScope,
  PolicySection,
} from './policyFacts.ts';

/** Something that asks callers of an operation for their certificate, or may (`isCertain`). */
export interface EffectiveAsk {
  readonly what: CertificateAsk['what'];
  /** Whose policy has it, by itself or by what it includes. */
  readonly scope: PolicyScope['kind'];
  /** The title of the product, where the scope is one; else empty. */
  readonly product: string;
  /** The fragment or the named value that it stands in; else empty. */
  readonly fragment: string;
  readonly namedValue: string;
  /** Some requests may do without: a branch, the section for errors, or only callers with a product that has it. */
  readonly conditional: boolean;
}

/** What was not read of that which applies, so that there may be more. */
export type PolicyGap =
  | { readonly kind: 'scope'; readonly scope: PolicyScope }
  | { readonly kind: 'fragment' | 'namedValue' | 'product'; readonly name: string };

export interface EffectivePolicy {
  readonly asks: readonly EffectiveAsk[];
  readonly gaps: readonly PolicyGap[];
}

type Scoped =
  { readonly state: 'none' } | { readonly state: 'unread' } | { readonly state: 'read'; readonly facts: PolicyFacts };

/** A reading by the names in it, which Azure compares without regard to case. */
export interface PolicyIndex {
  readonly at: (scope: PolicyScope) => Scoped;
  readonly fragment: (name: string) => PolicyFacts | null;
  /** Undefined: there is none of that name; null: it may not be read. */
  readonly namedValue: (name: string) => string | null | undefined;
  /** Products with a policy in which the API is, or may be. */
  readonly productsOf: (api: string) => readonly PolicyProduct[];
  /** What the value does with the certificate, where it may be read. */
  readonly namedValueUse: (name: string) => ReturnType<typeof certificateUseOfValue>;
  /** Some policy or fragment that was read sets the variable: what it puts there is told by itself. */
  readonly setsVariable: (name: string) => boolean;
  /** What scopes wider than an operation do on one way is the same for each operation: it is worked out once. */
  readonly wider: Map<string, OnWay>;
}

interface OnWay {
  readonly asks: readonly EffectiveAsk[];
  readonly gaps: readonly PolicyGap[];
}

export function scopeKey(scope: PolicyScope): string {
  const names =
    scope.kind === 'global'
      ? []
      : scope.kind === 'product'
        ? [scope.product]
        : scope.kind === 'api'
          ? [scope.api]
          : [scope.api, scope.operation];
  return [scope.kind, ...names].join('/').toLowerCase();
}

export function indexPolicies(reading: PolicyReading): PolicyIndex {
  const policies = new Map(reading.policies.map(({ scope, facts }) => [scopeKey(scope), facts]));
  const unread = new Set(reading.unread.map(({ scope }) => scopeKey(scope)));
  const fragments = new Map(reading.fragments.map(({ name, facts }) => [name.toLowerCase(), facts]));
  const values = new Map(reading.namedValues.map(({ name, value }) => [name, value]));
  const uses = new Map<string, ReturnType<typeof certificateUseOfValue>>();
  const variables = new Set(
    [...reading.policies, ...reading.fragments].flatMap(({ facts }) => facts?.variablesSet ?? []),
  );
  const members = reading.products.map((product) => ({
    product,
    apis: product.apis && new Set(product.apis.map((api) => api.toLowerCase())),
  }));
  return {
    at: (scope) => {
      const key = scopeKey(scope);
      const facts = policies.get(key);
      if (facts) return { state: 'read', facts };
      return { state: facts === null || unread.has(key) ? 'unread' : 'none' };
    },
    fragment: (name) => fragments.get(name.toLowerCase()) ?? null,
    namedValue: (name) => values.get(name),
    namedValueUse: (name) => {
      const value = values.get(name);
      const use = uses.get(name) ?? (typeof value === 'string' ? certificateUseOfValue(value) : 'none');
      uses.set(name, use);
      return use;
    },
    productsOf: (api) =>
      members.filter(({ apis }) => apis === null || apis.has(api.toLowerCase())).map(({ product }) => product),
    setsVariable: (name) => variables.has(name),
    wider: new Map(),
  };
}

/**
 * What applies to requests of an operation; of an operation without a policy of its own, or of one that is not named
 * (null), what its API does. A request comes with a product or without one, and each of these ways is followed.
 *
 * In each section a scope takes over what the next wider one does where its `<base />` stands, and nothing where there
 * is none; a scope without a policy takes over everything. Of a text that lacks a whole section it is not confirmed
 * whether that section is inherited: it is taken to be, so that nothing is missed.
 */
export function effectivePolicy(index: PolicyIndex, api: string, operation: string | null): EffectivePolicy {
  const products = index.productsOf(api);
  const gaps = new Map<string, PolicyGap>();
  const note = (gap: PolicyGap) => void gaps.set(JSON.stringify(gap), gap);
  for (const { name, apis } of products) if (apis === null) note({ kind: 'product', name });
  const ways = [null, ...products].map((product) =>
    policySections.flatMap((section) => {
      const found = onWay(index, scopesFor(api, operation, product), product, section, section === 'on-error');
      found.gaps.forEach(note);
      return found.asks;
    }),
  );
  return { asks: merged(ways), gaps: [...gaps.values()] };
}

/** The scopes whose policies apply, from the narrowest to the widest; null: without an operation, without a product. */
export function scopesFor(api: string, operation: string | null, product: PolicyProduct | null): PolicyScope[] {
  return [
    ...(operation === null ? [] : [{ kind: 'operation' as const, api, operation }]),
    { kind: 'api', api },
    ...(product === null ? [] : [{ kind: 'product' as const, product: product.name }]),
    { kind: 'global' },
  ];
}

/** What the scopes of a chain do, each taking over the next wider one where it inherits it. */
function onWay(
  index: PolicyIndex,
  chain: readonly PolicyScope[],
  product: PolicyProduct | null,
  section: PolicySection,
  conditional: boolean,
): OnWay {
  const [scope, ...further] = chain;
  if (scope === undefined) return { asks: [], gaps: [] };
  const key = scope.kind === 'operation' ? null : `${scopeKey(scope)} ${product?.name ?? ''} ${section} ${conditional}`;
  const known = key === null ? undefined : index.wider.get(key);
  if (known) return known;
  const own = index.at(scope);
  const gaps: PolicyGap[] = [];
  // Once is enough: the text would have all sections.
  if (own.state === 'unread' && section === policySections[0]) gaps.push({ kind: 'scope', scope });
  const within = { scope: scope.kind, product: scope.kind === 'product' ? (product?.title ?? '') : '', conditional };
  const asks = own.state === 'read' ? asksIn(index, own.facts, section, within, (gap) => void gaps.push(gap)) : [];
  const inherits = own.state === 'read' ? inheritance(own.facts, section) : 'yes';
  const rest = inherits === 'no' ? null : onWay(index, further, product, section, conditional || inherits === 'maybe');
  const found = rest === null ? { asks, gaps } : { asks: [...asks, ...rest.asks], gaps: [...gaps, ...rest.gaps] };
  if (key !== null) index.wider.set(key, found);
  return found;
}

function inheritance(facts: PolicyFacts, section: PolicySection): 'yes' | 'no' | 'maybe' {
  if (!facts.sections.includes(section)) return 'yes';
  const own = facts.bases.filter((base) => base.section === section);
  if (own.length === 0) return 'no';
  return own.some((base) => !base.conditional) ? 'yes' : 'maybe';
}

type Within = Pick<EffectiveAsk, 'scope' | 'product' | 'conditional'>;

function asksIn(
  index: PolicyIndex,
  facts: PolicyFacts,
  section: PolicySection,
  within: Within,
  note: (gap: PolicyGap) => void,
): EffectiveAsk[] {
  const isHere = (place: PolicyPlace) => (place.section ?? 'inbound') === section;
  const ofText = textAsks(index, facts, isHere, { ...within, fragment: '' }, note);
  const seen = new Set<string>();
  const ofFragments = facts.fragments.filter(isHere).flatMap((use) => fragmentAsks(index, use, within, note, seen));
  return [...ofText, ...ofFragments];
}

function textAsks(
  index: PolicyIndex,
  facts: PolicyFacts,
  isHere: (place: PolicyPlace) => boolean,
  within: Within & Pick<EffectiveAsk, 'fragment'>,
  note: (gap: PolicyGap) => void,
): EffectiveAsk[] {
  const asks = facts.asks.filter(isHere).map(({ what, conditional }): EffectiveAsk => ({
    ...within,
    what,
    namedValue: '',
    conditional: within.conditional || conditional,
  }));
  const named = facts.namedValues.filter(isHere).flatMap((use): EffectiveAsk[] => {
    if (typeof index.namedValue(use.name) !== 'string') note({ kind: 'namedValue', name: use.name });
    const asked = index.namedValueUse(use.name);
    if (asked === 'none') return [];
    const what = asked === 'asks' ? 'context.Request.Certificate' : 'context.Request';
    return [{ ...within, what, namedValue: use.name, conditional: within.conditional || use.conditional }];
  });
  const variables = facts.certificateVariables
    .filter((use) => isHere(use) && !index.setsVariable(use.name))
    .map(({ conditional }): EffectiveAsk => ({
      ...within,
      what: 'context.Variables',
      namedValue: '',
      conditional: within.conditional || conditional,
    }));
  return [...asks, ...named, ...variables];
}

/**
 * Fragments include no others by the documentation; where they did, they would be followed, each once for every request
 * and once for some.
 * @param seen what was followed; it is added to
 */
function fragmentAsks(
  index: PolicyIndex,
  use: NamedUse,
  within: Within,
  note: (gap: PolicyGap) => void,
  seen: Set<string>,
): EffectiveAsk[] {
  const inside = { ...within, conditional: within.conditional || use.conditional };
  const key = `${inside.conditional} ${use.name.toLowerCase()}`;
  if (seen.has(key)) return [];
  seen.add(key);
  const facts = index.fragment(use.name);
  if (facts === null) {
    note({ kind: 'fragment', name: use.name });
    return [];
  }
  return [
    ...textAsks(index, facts, () => true, { ...inside, fragment: use.name }, note),
    ...facts.fragments.flatMap((one) => fragmentAsks(index, one, inside, note, seen)),
  ];
}

/** What asks on every way and in no branch is sure; everything else is conditional. */
function merged(ways: readonly (readonly EffectiveAsk[])[]): EffectiveAsk[] {
  const keys = new Map(ways.flat().map((ask) => [ask, JSON.stringify({ ...ask, conditional: false })]));
  const all = new Map(ways.flat().map((ask) => [keys.get(ask), ask]));
  const sure = ways.map((way) => new Set(way.flatMap((ask) => (ask.conditional ? [] : keys.get(ask)))));
  return [...all].map(([key, ask]) => ({ ...ask, conditional: !sure.every((of) => of.has(key)) }));
}
