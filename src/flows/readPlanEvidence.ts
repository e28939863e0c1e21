// What a plan stands on where no editor has read it: a check, with the logs, and of each source when it was read or why
// it was not.

import { failureSentence } from '../core/failureText.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { EvidenceSource, PlanDocumentInput } from '../core/tls/planDocument.ts';
import { usualLogs } from './checkLogs.ts';
import { checkSettings } from './checkSettings.ts';
import type { CheckInput } from './checkSettings.ts';
import type { DraftChanges } from '../core/tls/draft.ts';

export type PlanEvidence = Omit<PlanDocumentInput, 'changes' | 'savedAt' | 'estate' | 'request'>;

export interface PlanEvidenceInput extends Omit<CheckInput, 'traffic'> {
  readonly changes: DraftChanges;
  readonly now: () => Date;
}

/** Rejects where the instance itself cannot be read, and with "cancelled" once aborted; whatever else fails is told. */
export async function readPlanEvidence({ now, ...input }: PlanEvidenceInput): Promise<PlanEvidence> {
  let backendsReadAt: string | null = null;
  const result = await checkSettings({
    ...input,
    traffic: { ...usualLogs, always: true },
    onProgress: (snapshot) => {
      if (snapshot.backends !== null) backendsReadAt ??= now().toISOString();
      input.onProgress?.(snapshot);
    },
  });
  const { instance, backends, unreadable, surveys, traffic, seen, asking } = result;
  const failures: Readonly<Record<EvidenceSource, FailureDetails | null>> = {
    backends: result.backendsFailure,
    traffic: result.trafficFailure,
    seen: result.seenFailure,
    asking: result.askingFailure,
  };
  const notRead = Object.entries(failures).flatMap(([source, failure]) =>
    failure === null ? [] : [[source, failureSentence(failure)] as const],
  );
  return {
    ...{ instance, backends, unreadable, surveys, traffic, seen, asking, backendsReadAt },
    notRead: Object.fromEntries(notRead),
  };
}
