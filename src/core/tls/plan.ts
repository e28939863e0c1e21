// A plan: the changes of a draft, the exact map to be written, and everything that speaks for or against it.

import type { AskingOperations } from '../askingOperations.ts';
import type { PlanFinding } from '../finding.ts';
import { isBusy } from '../instance.ts';
import type { BackendHost, CustomProperties, Instance } from '../instance.ts';
import type { Traffic } from '../traffic.ts';
import { changesBetween, mapForDraft } from './draft.ts';
import type { Change, DraftChanges } from './draft.ts';
import { backendFindings } from './backendFindings.ts';
import { differences } from './customProperties.ts';
import type { KeyDifference } from './customProperties.ts';
import type { Survey } from './evidence.ts';
import { lintDraft } from './draftLint.ts';
import { lintMap } from './mapLint.ts';
import { readSettings } from './settings.ts';
import type { Judge } from './verdict.ts';

export interface Plan {
  readonly instanceId: string;
  readonly instanceName: string;
  /** What the plan was made on; a save is refused where the service holds something else by then. */
  readonly base: { readonly etag: string | null; readonly map: CustomProperties };
  readonly changes: readonly Change[];
  /** The whole map to be written. */
  readonly map: CustomProperties;
  readonly keyChanges: readonly KeyDifference[];
  readonly findings: readonly PlanFinding[];
}

/**
 * A backend, pool or API whose address leads to no host that can be told, such as one with a named value in it; with an
 * empty address, a whole kind of them that Azure would not list.
 */
export interface UnreadableBackend {
  readonly title: string;
  readonly url: string;
}

export interface PlanInput {
  readonly instance: Instance;
  readonly changes: DraftChanges;
  /** Null: the backends could not be read. */
  readonly backends: readonly BackendHost[] | null;
  readonly unreadable?: readonly UnreadableBackend[];
  /** Surveys by `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  /** What the logs say of callers; null or absent: not read. */
  readonly traffic?: Traffic | null;
  /** Operations that ask callers for a certificate by renegotiation; null or absent: not read. */
  readonly asking?: AskingOperations | null;
  /** `judging` of the settings before and after, where it is kept; absent: made anew. */
  readonly judge?: Judge;
}

/** The plan for a draft. Pure: the editor's preview and the host's check are the same function. */
export function makePlan(input: PlanInput): Plan {
  const { instance, changes } = input;
  return planForMap(input, mapForDraft(instance, changes));
}

/** The plan that takes the instance to a given map, such as the one before a change (undo). */
export function planForMap(input: Omit<PlanInput, 'changes'>, target: CustomProperties | null): Plan {
  const { instance } = input;
  const base = instance.customProperties ?? {};
  const map = target ?? base;
  const before = readSettings(instance);
  const after = target === null ? before : readSettings({ ...instance, customProperties: map });
  const changes = changesBetween(before, after);
  const keyChanges = differences(base, map);
  return {
    instanceId: instance.id,
    instanceName: instance.name,
    base: { etag: instance.etag, map: base },
    changes,
    map,
    keyChanges,
    findings: [
      ...instanceProblems(instance),
      ...(keyChanges.length === 0
        ? []
        : [
            ...lintDraft({
              instance,
              before,
              after,
              changes,
              surveys: input.surveys,
              traffic: input.traffic ?? null,
              asking: input.asking ?? null,
            }),
            ...backendFindings(input, before, after, changes),
            ...lintMap(map, keyChanges),
          ]),
    ].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)),
  };
}

const order: readonly PlanFinding['severity'][] = ['blocker', 'warning', 'note'];

export function blockersOf(plan: Plan): PlanFinding[] {
  return plan.findings.filter((finding) => finding.severity === 'blocker');
}

function instanceProblems(instance: Instance): PlanFinding[] {
  const found: PlanFinding[] = [];
  if (instance.customProperties === null) found.push({ severity: 'blocker', code: 'mapMissing' });
  if (isBusy(instance)) found.push({ severity: 'blocker', code: 'busy', state: instance.provisioningState });
  return found;
}
