// Everything that follows from a snapshot and a draft, computed once per change of either.

import { askingOperations } from '../src/core/askingOperations.ts';
import { hostAndPort, isBusy } from '../src/core/instance.ts';
import type { Instance } from '../src/core/instance.ts';
import type { PlanFinding } from '../src/core/finding.ts';
import { statesForDraft } from '../src/core/tls/draft.ts';
import type { DraftChanges } from '../src/core/tls/draft.ts';
import type { KeyDifference } from '../src/core/tls/customProperties.ts';
import { blockersOf, makePlan } from '../src/core/tls/plan.ts';
import type { Plan } from '../src/core/tls/plan.ts';
import { readSettings } from '../src/core/tls/settings.ts';
import type { SettingStates } from '../src/core/tls/settings.ts';
import { judging } from '../src/core/tls/verdict.ts';
import type { BackendVerdict, Judge } from '../src/core/tls/verdict.ts';
import type { EditorState } from '../src/messages/editor.ts';
import { conflictOf } from './draft.ts';
import type { Draft } from './draft.ts';

export interface Model {
  readonly changes: DraftChanges;
  readonly now: SettingStates;
  readonly draft: SettingStates;
  readonly plan: Plan;
  readonly blockers: readonly PlanFinding[];
  readonly warnings: number;
  /** By `hostAndPort`. */
  readonly verdicts: ReadonlyMap<string, BackendVerdict>;
  readonly conflict: readonly KeyDifference[];
  /** Azure is changing the instance. */
  readonly busy: boolean;
}

/** The settings as they are and as they would be, and what judges backends by them: kept while results stream in. */
export interface DraftSettings {
  readonly now: SettingStates;
  readonly planned: SettingStates;
  readonly judge: Judge;
}

export function settingsOf(instance: Instance, changes: DraftChanges): DraftSettings {
  const now = readSettings(instance);
  const planned = statesForDraft(instance, changes);
  return { now, planned, judge: judging(now, planned) };
}

export function makeModel(state: EditorState, draft: Draft, { now, planned, judge }: DraftSettings): Model {
  const { instance, backends, unreadable, surveys } = state;
  const plan = makePlan({
    instance,
    changes: draft.changes,
    backends,
    unreadable,
    surveys: { ...state.gatewaySurveys, ...surveys },
    traffic: state.traffic.found,
    asking: askingOperations(state.renegotiations.found),
    judge,
  });
  return {
    changes: draft.changes,
    now,
    draft: planned,
    plan,
    blockers: blockersOf(plan),
    warnings: plan.findings.filter((finding) => finding.severity === 'warning').length,
    verdicts: new Map(
      (backends ?? []).map((backend) => [hostAndPort(backend), judge(backend, surveys[hostAndPort(backend)])]),
    ),
    conflict: conflictOf(draft, instance),
    busy: isBusy(instance) || state.operation !== null,
  };
}
