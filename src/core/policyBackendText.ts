// What policies lead to, in words: who calls, and why an address cannot be told.

import * as l10n from '@vscode/l10n';
import type { FailureDetails } from './failure.ts';
import type { PolicyList, PolicyScope } from './policyFacts.ts';

/** "Catalogue › list-products". */
export function policyUseTitle(
  scope: PolicyScope,
  titles: { readonly api: (name: string) => string; readonly product: (name: string) => string },
): string {
  switch (scope.kind) {
    case 'global':
      return l10n.t('All APIs');
    case 'product':
      return l10n.t('Product {0}', titles.product(scope.product));
    case 'api':
      return titles.api(scope.api);
    case 'operation':
      return `${titles.api(scope.api)} › ${scope.operation}`;
  }
}

/** Stands where an address would. */
export function policyValueText(what: 'expression' | 'policy' | 'unread'): string {
  switch (what) {
    case 'expression':
      return l10n.t('computed by a policy expression');
    case 'policy':
      return l10n.t('a policy that cannot be read as XML');
    case 'unread':
      return l10n.t('a policy that was not read');
  }
}

/** Stands there as well. */
export function policyFragmentText(name: string): string {
  return l10n.t('the policy fragment {0}, which was not read', name);
}

export function backendsNotListedText(list: PolicyList, { action, code }: FailureDetails): string {
  const why = action ?? code;
  return list === 'fragments'
    ? l10n.t('the addresses in policy fragments ({0})', why)
    : l10n.t('the addresses in policies ({0})', why);
}
