// What the tests of changes share: a plan, the input of apply, following to the end.

import assert from 'node:assert/strict';
import type { CustomProperties, Instance } from '../../src/core/instance.ts';
import { keyPrefix } from '../../src/core/tls/customProperties.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { makePlan } from '../../src/core/tls/plan.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import type { ApplyInput, ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import type { FollowOutcome } from '../../src/flows/followOperation.ts';
import type { Notes, Scene } from './scene.ts';

export const trust = 'contoso-trust';
export const tls11Off: DraftChanges = { 'client.tls11': 'off' };

export function planFor(instance: Instance, changes: DraftChanges = tls11Off): Plan {
  return makePlan({ instance, changes, backends: [], surveys: {} });
}

let ids = 0;
export function inputFor(scene: Scene, notes: Notes, plan: Plan, more: Partial<ApplyInput> = {}): ApplyInput {
  const newId = () => `op-${(ids += 1)}`;
  const { keep, record, forget } = notes;
  return {
    keep,
    record,
    forget,
    azure: scene.azure,
    plan,
    kind: 'change',
    overrideBlockers: false,
    who: 'somebody',
    now: scene.now,
    newId,
    ...more,
  };
}

export async function followed(scene: Scene, notes: Notes, outcome: ApplyOutcome): Promise<FollowOutcome> {
  assert.ok(outcome.kind === 'running', outcome.kind);
  return followOperation({
    ...notes,
    azure: scene.azure,
    operation: outcome.operation,
    now: scene.now,
    pause: scene.pause,
  });
}

export const short = (map: CustomProperties | null) =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, text]) => [key.replace(keyPrefix, ''), text]));
