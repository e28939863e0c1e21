// What rows, filter, groups and badge need to know of an instance, worked out once for each reading of it.

import { worstOf } from '../../core/finding.ts';
import type { Worst } from '../../core/finding.ts';
import type { Instance } from '../../core/instance.ts';
import { instanceFindings, isWeak } from '../../core/tls/state.ts';
import { summaryText } from '../../core/wording.ts';

export interface Facts {
  readonly worst: Worst;
  readonly weak: boolean;
  readonly summary: string;
  /** What the filter looks in, besides the subscription's name. Lower case. */
  readonly text: string;
}

const known = new WeakMap<Instance, Facts>();

export function factsOf(instance: Instance): Facts {
  const found = known.get(instance);
  if (found) return found;
  const findings = instanceFindings(instance);
  const summary = summaryText(instance);
  const { name, resourceGroup, tier, location, provisioningState } = instance;
  const facts: Facts = {
    worst: worstOf(findings),
    weak: isWeak(instance, findings),
    summary,
    text: [name, resourceGroup, tier, location, provisioningState, summary].join(' ').toLowerCase(),
  };
  known.set(instance, facts);
  return facts;
}
