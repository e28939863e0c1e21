// The changes of several instances that this window has in hand: taken where no other window has them, run, left.

import { l10n } from 'vscode';
import { wishEvent } from '../core/batch.ts';
import type { Wish } from '../core/batch.ts';
import type { Batch } from '../core/batchProgress.ts';
import { phaseOf } from '../core/batchProgress.ts';
import type { Operation } from '../core/history.ts';
import type { FollowOutcome } from '../flows/followOperation.ts';
import type { BatchRun } from '../flows/runBatch.ts';
import { renewMs } from './batchFiles.ts';
import type { BatchFiles, Lease } from './batchFiles.ts';
import { startRun } from './batchRuns.ts';
import type { Connection } from './connection.ts';
import { failureText } from './errors.ts';
import type { Services } from './services.ts';

/** What becomes of a batch that is to be taken, or is in hand. */
export interface HandsWorld {
  readonly services: Services;
  /** Of the estate that is open now. */
  readonly files: () => BatchFiles;
  /** In hand, and as it is now. */
  readonly onChange: (batch: Batch) => void;
  /** In hand since just now: as an earlier window, or this one, has left it. */
  readonly onTaken: (batch: Batch) => void;
  /** Another window has it in hand. */
  readonly onForeign: (batch: Batch) => void;
  /** It cannot go on here, in a sentence. `broken`: it was in hand. */
  readonly onProblem: (batch: Batch, problem: string, broken: boolean) => void;
  readonly onEnded: (batch: Batch) => void;
  /** Another window has taken over, such as while the machine was asleep. */
  readonly onLost: () => void;
}

/** In hand: run by this window. */
interface InHand {
  readonly run: BatchRun;
  readonly lease: Lease;
  readonly renewing: NodeJS.Timeout;
  readonly listening: NodeJS.Timeout;
}

/** What other windows ask for is looked for so often. */
const hearMs = 1000;

export class BatchHands {
  readonly #world: HandsWorld;
  readonly #inHand = new Map<string, InHand>();
  /** Being taken: who asks meanwhile waits for the same, instead of finding it taken. */
  readonly #taking = new Map<string, Promise<void>>();
  /** Goes up when all are left: what was being taken then is not taken any more. */
  #left = 0;

  constructor(world: HandsWorld) {
    this.#world = world;
  }

  has(id: string): boolean {
    return this.#inHand.has(id);
  }

  /** False where this window does not have it in hand. */
  async tell(id: string, wish: Wish): Promise<boolean> {
    const run = this.#inHand.get(id)?.run;
    await run?.tell(wish);
    return run !== undefined;
  }

  /** Takes a batch in hand and goes on with it, where no other window has it and Azure is not out of reach. */
  take(id: string): Promise<void> {
    const known = this.#taking.get(id);
    if (known) return known;
    const taking = this.#take(id).finally(() => {
      if (this.#taking.get(id) === taking) this.#taking.delete(id);
    });
    this.#taking.set(id, taking);
    return taking;
  }

  /** Leaves all of them; what runs at Azure goes on. */
  leaveAll(): void {
    this.#left += 1;
    this.#taking.clear();
    for (const id of [...this.#inHand.keys()]) this.#leave(id);
  }

  async #take(id: string): Promise<void> {
    const { services, onForeign, onProblem } = this.#world;
    const files = this.#world.files();
    const left = this.#left;
    const batch = await files.read(id);
    if (!batch || this.#inHand.has(id)) return;
    let connection: Connection;
    let lease: Lease | null = null;
    try {
      connection = await services.connection();
      lease = await files.take(id);
      if (lease === null) return onForeign(batch);
      // What was asked of the window that had it counts before anything begins here.
      for (const wish of await files.takeWishes(id)) await files.append(id, wishEvent(wish, new Date().toISOString()));
    } catch (error) {
      lease?.release();
      return onProblem(batch, l10n.t('It cannot go on now. {0}', failureText(error)), false);
    }
    // Read again: that window may have written until a moment ago.
    const newest = (await files.read(id)) ?? batch;
    if (left !== this.#left) return lease.release();
    this.#go(newest, lease, connection);
  }

  #go(batch: Batch, lease: Lease, connection: Connection): void {
    const { services, onChange, onTaken } = this.#world;
    const { id } = batch.plan;
    const run = startRun(batch, {
      services,
      connection,
      files: this.#world.files(),
      lease,
      follow: (operation) => this.#follow(id, operation),
      onChange,
    });
    const renewing = setInterval(() => {
      void lease.renew().then((still) => (still ? undefined : this.#lost(id)));
    }, renewMs);
    const listening = setInterval(() => {
      this.#hear(id).catch((error: unknown) => services.log.error(failureText(error)));
    }, hearMs);
    this.#inHand.set(id, { run, lease, renewing, listening });
    onTaken(batch);
    run.over.then(
      () => this.#over(id, run),
      (error: unknown) => this.#broke(id, run, error),
    );
  }

  async #hear(id: string): Promise<void> {
    for (const wish of await this.#world.files().takeWishes(id)) await this.tell(id, wish);
  }

  async #follow(id: string, operation: Operation): Promise<FollowOutcome | null> {
    const outcome = await this.#world.services.operations.follow(operation);
    // Not given up by this window: whatever it was, it is tried again.
    return outcome ?? (this.#inHand.has(id) ? { kind: 'stopped', failure: { code: 'unknown' } } : null);
  }

  #leave(id: string): void {
    const { run, lease, renewing, listening } = this.#inHand.get(id) ?? {};
    this.#inHand.delete(id);
    clearInterval(renewing);
    clearInterval(listening);
    run?.leave();
    lease?.release();
  }

  #lost(id: string): void {
    this.#leave(id);
    this.#world.onLost();
  }

  async #over(id: string, run: BatchRun): Promise<void> {
    const batch = run.batch();
    if (this.#inHand.get(id)?.run !== run) return;
    // Left because another window has taken over.
    if (phaseOf(batch) !== 'ended') return this.#lost(id);
    await this.#world.files().end(id);
    this.#leave(id);
    this.#world.onEnded(batch);
  }

  #broke(id: string, run: BatchRun, error: unknown): void {
    const problem = l10n.t(
      'It cannot go on: what happens cannot be written down, and so nothing new begins. {0}',
      failureText(error),
    );
    this.#leave(id);
    this.#world.onProblem(run.batch(), problem, true);
  }
}
