// What TLS 1.3 towards clients means for operations that ask callers for a certificate by renegotiation, which it has not.

import type { AskingOperations } from '../askingOperations.ts';
import type { PlanFinding } from '../finding.ts';
import type { Instance } from '../instance.ts';
import { settingComesOn } from './draft.ts';
import type { Change } from './draft.ts';
import { tierRules } from './tiers.ts';

/**
 * A blocker where an operation is known with medium or high confidence; less is a warning, as is what could not be read.
 * @param asking null: not read
 */
export function clientRenegotiations(
  { tier }: Pick<Instance, 'tier'>,
  changes: readonly Change[],
  asking: AskingOperations | null,
): PlanFinding[] {
  if (!settingComesOn(changes, 'client.tls13') || !tierRules(tier).renegotiation) return [];
  if (asking === null) return [{ severity: 'warning', code: 'renegotiationNotChecked' }];
  const { count, sure, atLeast, complete, days, sources } = asking;
  const found: PlanFinding[] = [];
  if (count > 0)
    found.push({
      severity: sure > 0 ? 'blocker' : 'warning',
      code: 'clientsRenegotiate',
      operations: count,
      sure,
      atLeast,
      days,
    });
  if (!complete) found.push({ severity: 'warning', code: 'renegotiationPartlyChecked', missing: sources });
  else if (count === 0) found.push({ severity: 'note', code: 'renegotiationNotKnown', days });
  return found;
}
