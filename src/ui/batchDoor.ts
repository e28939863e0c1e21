// The way to changes of several instances, whose code is loaded when there is one.

import type { Disposable, WebviewPanel } from 'vscode';
import type { Aim } from '../core/batch.ts';
import type { Batches } from './batches.ts';
import { failureText } from './errors.ts';
import { anyBatch } from './places.ts';
import type { Services } from './services.ts';

export interface BatchWish {
  readonly instanceIds: readonly string[];
  /** Null: the user chooses it on the page. */
  readonly aim: Aim | null;
}

export interface BatchDoor extends Disposable {
  /** Opens a page with the plan for several instances. */
  plan(wish: BatchWish): Promise<void>;
  restore(panel: WebviewPanel, state: unknown): Promise<void>;
  /** Lets the user choose among the batches that run, are paused or have ended. */
  show(): Promise<void>;
  /** Takes in hand what was left by an earlier window. */
  resume(): Promise<void>;
  /** Leaves all of them; what runs at Azure goes on. */
  stop(): void;
}

/** What another window has begun, or has left, is found so often, whichever window has the focus. */
const lookMs = 10_000;

/** @param folder of the records of the estate that is open now */
export function openBatchDoor(services: () => Services, folder: () => string): BatchDoor {
  let loading: Promise<Batches> | undefined;
  let loaded: Batches | undefined;
  const load = () =>
    (loading ??= import('./batches.ts').then(({ openBatches }) => (loaded = openBatches(services(), folder))));
  const look = async () => {
    if (loading !== undefined || (await anyBatch(folder()))) await (await load()).resume();
  };
  let looking: NodeJS.Timeout | undefined;
  const rest = () => {
    clearInterval(looking);
    looking = undefined;
  };
  return {
    plan: async (wish) => (await load()).plan(wish),
    restore: async (panel, state) => (await load()).restore(panel, state),
    show: async () => (await load()).show(),
    resume: async () => {
      looking ??= setInterval(() => {
        look().catch((error: unknown) => services().log.error(failureText(error)));
      }, lookMs);
      await look();
    },
    stop: () => {
      rest();
      loaded?.stop();
    },
    dispose: () => {
      rest();
      loaded?.dispose();
    },
  };
}
