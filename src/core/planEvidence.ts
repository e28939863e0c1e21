// What the user was shown of a plan, as it is kept with the change.

import { findingText } from './findingText.ts';
import type { Evidence } from './history.ts';
import { hostAndPort } from './instance.ts';
import type { BackendHost } from './instance.ts';
import type { Survey } from './tls/evidence.ts';
import { blockersOf } from './tls/plan.ts';
import type { Plan } from './tls/plan.ts';

/**
 * @param backends null: they could not be read
 * @param surveys by `hostAndPort`
 */
export function evidenceOf(
  plan: Plan,
  backends: readonly BackendHost[] | null,
  surveys: Readonly<Record<string, Survey>>,
): Evidence {
  const secure = backends?.filter(({ scheme }) => scheme === 'https');
  const probed = secure?.filter((backend) => surveys[hostAndPort(backend)]);
  return {
    findings: plan.findings.map((finding) => ({ severity: finding.severity, text: findingText(finding) })),
    overridden: blockersOf(plan).length > 0,
    backends: secure && probed ? { hosts: secure.length, probed: probed.length } : null,
  };
}
