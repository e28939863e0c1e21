// One walk through the trouble: change an instance, die and come back, be followed to the end, perhaps be undone.

import { isArmError } from '../../src/core/failure.ts';
import type { Instance } from '../../src/core/instance.ts';
import type { DraftChanges } from '../../src/core/tls/draft.ts';
import { makePlan } from '../../src/core/tls/plan.ts';
import type { Plan } from '../../src/core/tls/plan.ts';
import { applySettings } from '../../src/flows/applySettings.ts';
import type { ApplyOutcome } from '../../src/flows/applySettings.ts';
import { followOperation } from '../../src/flows/followOperation.ts';
import { readBackendHosts } from '../../src/flows/readBackendHosts.ts';
import { planUndo } from '../../src/flows/undoChange.ts';
import type { HttpsEmulator } from '../../src/emulator/httpsServer.ts';
import { emptyDisk, entriesOn, keptOn, openWindow } from './chaosWindow.ts';
import type { Disk, VirtualClock, Window } from './chaosWindow.ts';

export interface WalkWish {
  readonly emulator: HttpsEmulator;
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly instanceId: string;
  readonly log: (line: string) => void;
  /** From now on nothing goes wrong any more. */
  readonly calm: () => void;
}

/** What is left at the end, and everything that a user could have seen. */
export interface WalkEnd {
  readonly disk: Disk;
  readonly messages: readonly string[];
  /** How often a window died. */
  readonly deaths: number;
}

const settings = [
  'client.tls10',
  'client.tls11',
  'backend.tls10',
  'backend.tls11',
  'client.http2',
  'backend.tls13',
] as const;
const mostDeaths = 3;
const mostTries = 3;

export async function walk(wish: WalkWish): Promise<WalkEnd> {
  const disk = emptyDisk();
  const messages: string[] = [];
  const say = (what: unknown): void =>
    void messages.push(isArmError(what) ? JSON.stringify([what.message, what.details]) : String(what));
  const wants = wantedBy(wish.random);
  let deaths = 0;
  for (; deaths < mostDeaths; deaths += 1) {
    const window = openWindowOf(wish, disk, wish.random() < 0.3 ? Infinity : Math.ceil(wish.random() * 100));
    const end = await Promise.race([
      window.died,
      work(wish, window, disk, disk.everKept.size === 0 ? wants : null, say),
    ]);
    if (end !== 'died') break;
  }
  wish.calm();
  // A quiet day: whoever comes now finds everything that is still open, and ends it.
  const last = openWindowOf(wish, disk, Infinity, 30_000);
  await followAll(last, disk, say);
  if (wish.random() < 0.3) await undo(last, disk, say);
  return { disk, messages, deaths };
}

function openWindowOf({ emulator, clock, log }: WalkWish, disk: Disk, diesAt: number, timeoutMs = 400): Window {
  return openWindow({ emulator, disk, clock, log, diesAt, timeoutMs });
}

function wantedBy(random: () => number): DraftChanges {
  const chosen = settings.filter(() => random() < 0.4);
  return Object.fromEntries(
    (chosen.length > 0 ? chosen : [settings[1]]).map((id) => [id, random() < 0.5 ? 'on' : 'off']),
  );
}

async function work(
  wish: WalkWish,
  window: Window,
  disk: Disk,
  wants: DraftChanges | null,
  say: (what: unknown) => void,
): Promise<'ended'> {
  await followAll(window, disk, say);
  for (let attempt = 0; wants !== null && attempt < mostTries; attempt += 1) {
    try {
      const instance = await window.azure.readInstance(wish.instanceId);
      if (wish.random() < 0.2) say(JSON.stringify(await readBackendHosts(window.azure, instance.id)));
      const outcome = await apply(window, planOf(instance, wants), 'change');
      say(JSON.stringify(outcome));
      await followAll(window, disk, say);
      if (outcome.kind !== 'refused' || outcome.reason === 'nothingToChange') break;
    } catch (error) {
      say(error);
    }
  }
  return 'ended';
}

function planOf(instance: Instance, changes: DraftChanges): Plan {
  return makePlan({ instance, changes, backends: [], surveys: {} });
}

let ids = 0;

function apply(window: Window, plan: Plan, kind: 'change' | 'undo'): Promise<ApplyOutcome> {
  const { azure, keep, record, forget, now } = window;
  const newId = () => `op-${(ids += 1)}`;
  return applySettings({
    azure,
    keep,
    record,
    forget,
    now,
    newId,
    plan,
    kind,
    overrideBlockers: true,
    who: 'somebody',
  });
}

/** As a window does at its start; what stops is tried again, for the user is there. */
async function followAll(window: Window, disk: Disk, say: (what: unknown) => void): Promise<void> {
  const { azure, record, forget, now, pause } = window;
  for (let attempt = 0; attempt < mostTries && disk.operations.size > 0; attempt += 1) {
    for (const operation of keptOn(disk)) {
      const outcome = await followOperation({ azure, record, forget, now, pause, operation });
      say(JSON.stringify(outcome));
    }
  }
}

async function undo(window: Window, disk: Disk, say: (what: unknown) => void): Promise<void> {
  const entry = entriesOn(disk).find(({ result }) => result === 'done');
  if (entry === undefined) return;
  const probe = { surveyAll: () => Promise.resolve([]) };
  const { plan } = await planUndo({ azure: window.azure, probe, entry });
  say(JSON.stringify(await apply(window, plan, 'undo')));
  await followAll(window, disk, say);
}
