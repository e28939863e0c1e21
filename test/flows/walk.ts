// One change from plan to end, with something going wrong on the way: what it comes to, and what is left behind.

import { failureCode, failureDetails } from '../../src/core/failure.ts';
import { failureSentence } from '../../src/core/failureText.ts';
import type { Operation } from '../../src/core/history.ts';
import { outcomeText, refusalText } from '../../src/core/outcomeText.ts';
import { differences } from '../../src/core/tls/customProperties.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import type { ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import type { FollowOutcome } from '../../src/flows/followOperation.ts';
import type { FaultRule } from '../../src/emulator/faults.ts';
import { inputFor, planFor, trust as name } from './changing.ts';
import { idOf, openScene, takeNotes } from './scene.ts';
import type { Notes, Scene, SceneOptions, WindowOptions } from './scene.ts';

/** When a fault happens. readBack: reading the service after the operation has been accepted. */
export type Step = 'read' | 'patch' | 'poll' | 'readBack';

const isService = /\/service\/contoso-trust(\?|$)/;
export const matches: Readonly<Record<Step, FaultRule['match']>> = {
  read: { method: 'GET', path: isService },
  patch: { method: 'PATCH' },
  poll: { path: /\/operationresults\// },
  readBack: { method: 'GET', path: isService },
};

export interface Trouble {
  /** How the Azure of this scene is. */
  readonly scene?: SceneOptions;
  /** Through which the change is made; the plan is made before, undisturbed. */
  readonly window?: (scene: Scene) => WindowOptions;
  /** The plan is made through that window too. */
  readonly plansThere?: true;
  /** Between plan and change. */
  readonly beforeApply?: (scene: Scene) => unknown;
  /** Between change and following. */
  readonly beforeFollow?: (scene: Scene) => unknown;
}

export interface Walked {
  /** What apply came to; "rejects <code>" where it rejected. */
  readonly apply: string;
  readonly follow: string | null;
  /** What the user is told in the end. */
  readonly says: string;
  /** What the service holds in the end. */
  readonly map: 'before' | 'after' | 'another' | 'gone';
  readonly operation: Operation | null;
  readonly scene: Scene;
  readonly notes: Notes;
}

export async function walk(trouble: Trouble): Promise<Walked> {
  const scene = openScene(trouble.scene);
  const notes = takeNotes();
  const before = scene.mapOf(name) ?? {};
  const window = scene.connect(trouble.window?.(scene));
  const plan = planFor(await (trouble.plansThere ? window : scene.azure).readInstance(idOf(name)));
  await trouble.beforeApply?.(scene);
  const applied = await applySettings(inputFor(scene, notes, plan, { azure: window })).catch((error: unknown) => ({
    error,
  }));
  const operation = 'kind' in applied && applied.kind === 'running' ? applied.operation : null;
  await trouble.beforeFollow?.(scene);
  const followed =
    operation && (await followOperation({ ...notes, azure: window, operation, now: scene.now, pause: scene.pause }));
  return {
    apply: 'error' in applied ? `rejects ${failureCode(applied.error)}` : appliedText(applied),
    follow: followed && (followed.kind === 'stopped' ? `stopped ${followed.failure.code}` : followed.kind),
    says: operation && followed ? followedSays(operation, followed) : appliedSays(applied),
    map: mapNow(scene, before),
    operation,
    scene,
    notes,
  };
}

/** What apply came to, in one text. */
export function appliedText(outcome: ApplyOutcome): string {
  if (outcome.kind === 'ended') return `ended ${outcome.outcome.kind}`;
  if (outcome.kind === 'running') return outcome.doubt ? `running, doubt ${outcome.doubt.code}` : 'running';
  return 'failure' in outcome ? `refused ${outcome.reason} ${outcome.failure.code}` : `refused ${outcome.reason}`;
}

function appliedSays(applied: ApplyOutcome | { readonly error: unknown }): string {
  if ('error' in applied) return failureSentence(failureDetails(applied.error));
  if (applied.kind === 'refused') return refusalText(applied);
  return applied.kind === 'ended' ? outcomeText(applied.operation, applied.outcome) : '';
}

function followedSays(operation: Operation, followed: FollowOutcome): string {
  return followed.kind === 'stopped' ? failureSentence(followed.failure) : outcomeText(operation, followed);
}

const wanted = 'Security.Protocols.Tls11';

function mapNow(scene: Scene, before: Readonly<Record<string, string>>): Walked['map'] {
  const now = scene.mapOf(name);
  if (now === null) return 'gone';
  const keys = differences(before, now).map(({ key }) => key);
  if (keys.length === 0) return 'before';
  return keys.length === 1 && keys[0]?.endsWith(wanted) ? 'after' : 'another';
}
