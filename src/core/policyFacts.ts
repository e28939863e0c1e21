// What is known of the policies of an instance: facts that their texts were taken apart into, and values named in them.

import type { FailureDetails } from './failure.ts';

export const policySections = ['inbound', 'backend', 'outbound', 'on-error'] as const;
export type PolicySection = (typeof policySections)[number];

/** Where in a policy something stands. */
export interface PolicyPlace {
  /** Null: in none, as in the text of a fragment. */
  readonly section: PolicySection | null;
  /** Only one branch of a `choose` has it, so that some requests may do without. */
  readonly conditional: boolean;
}

/**
 * The first two ask the client for its certificate. The others may: `context.Request` (or `context` itself) is handed to
 * something that is not understood, a certificate is taken out of a variable and nothing was read that puts it there, or a
 * Liquid template takes the certificates of the request.
 */
export const certificateAsks = [
  'validate-client-certificate',
  'context.Request.Certificate',
  'context.Request',
  'context.Variables',
  'context.Request.ClientCertificates',
] as const;
export type CertificateAsked = (typeof certificateAsks)[number];

/** Whether it asks, and not only may. */
export function isCertain(what: CertificateAsked): boolean {
  return what === 'validate-client-certificate' || what === 'context.Request.Certificate';
}

/** Asks the client for its certificate, or may. */
export interface CertificateAsk extends PolicyPlace {
  readonly what: CertificateAsked;
}

/** An `include-fragment`, a `{{named-value}}` in any text or attribute, or a variable that is read as a certificate. */
export interface NamedUse extends PolicyPlace {
  readonly name: string;
}

/**
 * What a policy calls. `text` is what stands there, entities decoded, everything else as it is: it may be a policy
 * expression (`@(…)`, `@{…}`) and may have named values in it.
 *
 * - baseUrl, backendId: the attributes of `set-backend-service`
 * - requestUrl: `set-url` of `send-request` and `send-one-way-request`
 * - forward: `forward-request`, which calls whatever was set; `text` is empty
 */
export interface BackendCall extends PolicyPlace {
  readonly kind: 'baseUrl' | 'backendId' | 'requestUrl' | 'forward';
  readonly text: string;
  /** Of requestUrl: an `authentication-certificate` within it presents one for this request. */
  readonly certificate?: true;
}

/**
 * What decides where a request goes, by which path, and with which certificate. `text` is as for `BackendCall`.
 *
 * - baseUrl, backendId: `set-backend-service`
 * - rewrite: the template of `rewrite-uri`, which takes the place of the path behind the backend's address
 * - certificate: `authentication-certificate`; `text` is empty
 * - fragment: `text` is its name
 * - base: what the scope above does stands here; `text` is empty
 * - backendChoice: every branch of a `choose`, one of which is taken, sets the backend; those steps follow it. `text` is
 *   "backendId" where all of them do so by `backend-id`, else empty
 */
export interface PolicyStep extends PolicyPlace {
  readonly kind: 'baseUrl' | 'backendId' | 'rewrite' | 'certificate' | 'fragment' | 'base' | 'backendChoice';
  readonly text: string;
}

/** One policy text, taken apart. Comments do not count. Lists are in the order of the text, each different entry once. */
export interface PolicyFacts {
  /** The sections that the text has, empty ones too. */
  readonly sections: readonly PolicySection[];
  readonly asks: readonly CertificateAsk[];
  readonly fragments: readonly NamedUse[];
  /** Where `<base />` takes over what the scope above does. */
  readonly bases: readonly PolicyPlace[];
  readonly backends: readonly BackendCall[];
  /** All of them, in the order of the text: a later one may undo an earlier one. */
  readonly steps: readonly PolicyStep[];
  readonly namedValues: readonly NamedUse[];
  /** Variables that are read as a certificate, and the names of those that are set. */
  readonly certificateVariables: readonly NamedUse[];
  readonly variablesSet: readonly string[];
}

/** Names, not titles. */
export type PolicyScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'product'; readonly product: string }
  | { readonly kind: 'api'; readonly api: string }
  | { readonly kind: 'operation'; readonly api: string; readonly operation: string };

export interface ScopedPolicy {
  readonly scope: PolicyScope;
  /** Null: the text is nothing that can be taken apart. */
  readonly facts: PolicyFacts | null;
}

export interface PolicyFragment {
  readonly name: string;
  /** Null: as for a policy. */
  readonly facts: PolicyFacts | null;
}

/** `name` is the one in `{{name}}`: the display name. */
export interface NamedValue {
  readonly name: string;
  /** Null: it is a secret or in a Key Vault, and is never asked for. */
  readonly value: string | null;
}

/** A product that has a policy of its own. */
export interface PolicyProduct {
  readonly name: string;
  readonly title: string;
  /** Names of its APIs; null: they could not be read. */
  readonly apis: readonly string[] | null;
}

/** A scope that has a policy, or may have one, which was not read. */
export interface UnreadPolicy {
  readonly scope: PolicyScope;
  /** Null: left for another reading, to spare Azure. */
  readonly why: FailureDetails | null;
}

export type PolicyList = 'policies' | 'fragments' | 'namedValues' | 'products';

/** Every policy of an instance, as far as it could be read. */
export interface PolicyReading {
  readonly policies: readonly ScopedPolicy[];
  readonly fragments: readonly PolicyFragment[];
  readonly namedValues: readonly NamedValue[];
  readonly products: readonly PolicyProduct[];
  readonly unread: readonly UnreadPolicy[];
  /**
   * Lists that Azure did not give. Without "policies", operations are known only where the caller named them; what
   * else is missing is empty above.
   */
  readonly missing: readonly { readonly list: PolicyList; readonly why: FailureDetails }[];
  /** Policies that no managed gateway runs, or not by default, and that were left out: of workspaces and other revisions. */
  readonly leftOut: { readonly workspaces: number; readonly revisions: number };
  /** Requests to Azure Resource Manager, without pages of lists. */
  readonly requests: number;
  /** ISO 8601, UTC. */
  readonly readAt: string;
}

/** `{{name}}`, as it stands in policies. Names: letters, digits, full stop, dash, underscore (REST description). */
const named = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** The names of the named values in a text, each once. */
export function namedValuesIn(text: string): string[] {
  return [...new Set([...text.matchAll(named)].map(([, name = '']) => name))];
}

/**
 * A text with its named values in place. `unresolved`: those that are not known or may not be read; they stay as they
 * are. A value that has a named value in it is not resolved again: the gateway does not do so either [not confirmed].
 */
export function resolveNamedValues(
  text: string,
  values: readonly NamedValue[],
): { readonly text: string; readonly unresolved: readonly string[] } {
  const unresolved = new Set<string>();
  const resolved = text.replace(named, (whole, name: string) => {
    const value = values.find((one) => one.name === name)?.value ?? null;
    if (value === null) unresolved.add(name);
    return value ?? whole;
  });
  return { text: resolved, unresolved: [...unresolved] };
}
