// What an editor panel answers where its page asks for the plan or the readiness as a document.

import { l10n } from 'vscode';
import type { DraftChanges } from '../../core/tls/draft.ts';
import { readiness } from '../../core/tls/readiness.ts';
import type { ReadinessInput } from '../../core/tls/readiness.ts';
import { readinessDocument } from '../../core/tls/readinessText.ts';
import type { PlanSource } from '../plans.ts';
import { copyText, saveTextFile } from '../saveText.ts';
import type { Services } from '../services.ts';

export interface PlanRequestsInput {
  readonly services: Services;
  /** Runs the work and shows its failure on the page. */
  readonly guard: (work: () => Promise<unknown>) => Promise<void>;
  readonly source: () => PlanSource;
  /** Names of self-hosted gateways; null: not read. */
  readonly selfHosted: () => ReadinessInput['selfHosted'];
}

export function planRequests({ services, guard, source, selfHosted }: PlanRequestsInput) {
  const readinessInput = (): ReadinessInput => {
    const { unreadable = [], traffic = null, ...known } = source();
    return { ...known, unreadable, traffic, selfHosted: selfHosted() };
  };
  const document = () => {
    const input = readinessInput();
    const at = new Date().toISOString();
    return readinessDocument([{ input, sides: readiness(input), problems: [] }], [], at);
  };
  return {
    savePlan: ({ changes }: { changes: DraftChanges }) =>
      guard(async () => (await import('../plans.ts')).savePlanAs(services, source(), changes)),
    copyPlan: ({ changes }: { changes: DraftChanges }) =>
      guard(async () => (await import('../plans.ts')).copyPlan(services, source(), changes)),
    saveReadiness: () =>
      guard(async () => {
        const { name } = readinessInput().instance;
        return saveTextFile({
          title: l10n.t('Save the readiness of {0}', name),
          name: `${name}-tls13-readiness.md`,
          kind: 'Markdown',
          ending: 'md',
          text: document(),
        });
      }),
    copyReadiness: () =>
      guard(async () => copyText(l10n.t('readiness of {0}', readinessInput().instance.name), document())),
  };
}
