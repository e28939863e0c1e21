// Longer sentences on what a draft leads to by itself (draftLint.ts, mapLint.ts).

import * as l10n from '@vscode/l10n';
import type { PlanFinding } from './finding.ts';
import { retirement } from './tls/catalog.ts';
import { protocolLabel } from './tls/protocols.ts';
import { sideLabel } from './settingText.ts';
import { namesText } from './wording.ts';

type Finding<Code extends PlanFinding['code']> = Extract<PlanFinding, { readonly code: Code }>;

export function onlyTls13Text({ severity }: Finding<'backendOnlyTls13'>): string {
  return severity === 'blocker'
    ? l10n.t(
        'Only TLS 1.3 would be left on the backend side, and that Azure switches it on is not confirmed: if it does not, no backend can be reached. Switch TLS 1.3 on first, see that backends connect with it, then switch TLS 1.2 off.',
      )
    : l10n.t(
        'Only TLS 1.3 would be left on the backend side, and that Azure obeys this setting is not confirmed. See that backends connect with it first.',
      );
}

export function withoutSuiteText({ side, version, byCertificate }: Finding<'versionWithoutSuite'>): string {
  const label = protocolLabel[version];
  const where = sideLabel(side).toLowerCase();
  return byCertificate
    ? l10n.t(
        '{0} is on for the {1}, but none of the cipher suites left to it fits a certificate that the gateway’s host names showed.',
        label,
        where,
      )
    : l10n.t('{0} is on for the {1}, but no cipher suite is left that it can use.', label, where);
}

export function retiredText({ side, version, certain }: Finding<'retiredProtocolOn'>): string {
  const label = protocolLabel[version];
  const where = sideLabel(side).toLowerCase();
  if (!certain)
    return l10n.t(
      '{0} is retired. It may come on for the {1}: its default for this instance is not known.',
      label,
      where,
    );
  return retirement.versions.some((one) => one === version)
    ? l10n.t(
        '{0} is retired in Azure since {1}. It would be switched on for the {2}; that Azure still does so is not confirmed.',
        label,
        retirement.since,
        where,
      )
    : l10n.t('{0} is retired. It would be switched on for the {1}.', label, where);
}

export function droppedText({ keys, withoutProtocols }: Finding<'droppedByOthers'>): string {
  const sentences = [
    ...(keys.length === 0
      ? []
      : [
          l10n.t(
            'Terraform’s azurerm provider does not know these keys, and may drop them when it next changes the instance; so may “az apim update” (not confirmed): {0}.',
            namesText(keys, 12),
          ),
        ]),
    ...(withoutProtocols.length === 0
      ? []
      : [
          l10n.t(
            'Terraform may drop this as well where its configuration has no block “protocols” (not confirmed): {0}.',
            namesText(withoutProtocols),
          ),
        ]),
  ];
  return sentences.join(' ');
}
