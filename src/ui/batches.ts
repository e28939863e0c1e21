// Changes of several instances: which of them this window has in hand, and how far they are. A bundle of its own.

import { randomUUID } from 'node:crypto';
import { EventEmitter, l10n, workspace } from 'vscode';
import type { Disposable, Event, WebviewPanel } from 'vscode';
import type { BatchPlan } from '../core/batch.ts';
import { phaseOf } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';
import type { Operation } from '../core/history.ts';
import type { FollowOutcome } from '../flows/followOperation.ts';
import type { BatchRun } from '../flows/runBatch.ts';
import type { BatchWish } from './batchDoor.ts';
import { openBatchFiles, renewMs } from './batchFiles.ts';
import type { BatchFiles, Lease } from './batchFiles.ts';
import { pickBatch } from './batchPicker.ts';
import { startRun } from './batchRuns.ts';
import { offerPaused, sayBroken, sayEnded } from './batchNotices.ts';
import { showBatchStatus } from './batchStatus.ts';
import type { Connection } from './connection.ts';
import { failureText, told } from './errors.ts';
import { adoptBatchPanel, openBatchPanel } from './panels/batchPanels.ts';
import type { BatchPanel } from './panels/batchPanel.ts';
import type { Services } from './services.ts';
import { readText } from './text.ts';

// This bundle has a copy of the core's sentences of its own.
readText();

/** How a batch stands, as this window sees it. */
export interface BatchView {
  readonly batch: Batch;
  /** Another window has it in hand. */
  readonly foreign: boolean;
  /** Why it does not go on here, in a sentence; or empty. */
  readonly problem: string;
}

export interface Batches extends Disposable {
  /** The pages that are open. */
  readonly panels: Set<BatchPanel>;
  readonly onDidChange: Event<string>;
  plan(wish: BatchWish): void;
  restore(panel: WebviewPanel, state: unknown): void;
  show(): Promise<void>;
  resume(): Promise<void>;
  stop(): void;
  /** Those that have not ended. */
  open(): readonly BatchView[];
  view(id: string): Promise<BatchView | null>;
  start(plan: BatchPlan): Promise<void>;
  tell(id: string, what: 'pause' | 'resume' | 'stop'): Promise<void>;
}

/** In hand: run by this window. */
interface InHand {
  readonly run: BatchRun;
  readonly lease: Lease;
  readonly renewing: NodeJS.Timeout;
}

/** Of batches that other windows have in hand, this window learns so often. */
const lookMs = 2000;

/** @param folder of the records of the estate that is open now */
export function openBatches(services: Services, folder: () => string): Batches {
  return new OpenBatches(services, folder);
}

class OpenBatches implements Batches {
  readonly #services: Services;
  readonly #folder: () => string;
  readonly #changed = new EventEmitter<string>();
  readonly onDidChange = this.#changed.event;
  readonly #inHand = new Map<string, InHand>();
  readonly #seen = new Map<string, BatchView>();
  readonly #versions = new Map<string, string>();
  /** Could not go on here; not tried again without being told to. */
  readonly #stuck = new Map<string, string>();
  readonly #begunHere = new Set<string>();
  readonly panels = new Set<BatchPanel>();
  readonly #estate: Disposable;
  readonly #status: Disposable;
  #looking: NodeJS.Timeout | undefined;
  #files: { readonly folder: string; readonly files: BatchFiles } | undefined;

  constructor(services: Services, folder: () => string) {
    this.#services = services;
    this.#folder = folder;
    this.#status = showBatchStatus(this);
    // What the pages show is of an estate that is out of reach from then on.
    this.#estate = workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('apimTls.estate')) for (const page of [...this.panels]) page.close();
    });
  }

  get files(): BatchFiles {
    const folder = this.#folder();
    if (this.#files?.folder !== folder) this.#files = { folder, files: openBatchFiles(folder) };
    return this.#files.files;
  }

  plan(wish: BatchWish): void {
    openBatchPanel(this.#services, this, {
      kind: 'plan',
      batchId: randomUUID(),
      aim: wish.aim,
      instanceIds: [...wish.instanceIds],
      limit: 5,
      stopOnFailure: true,
      downtimeAt: null,
    });
  }

  restore(panel: WebviewPanel, state: unknown): void {
    adoptBatchPanel(this.#services, this, panel, state);
    void this.resume();
  }

  open(): readonly BatchView[] {
    return [...this.#seen.values()].filter(({ batch }) => phaseOf(batch) !== 'ended');
  }

  async view(id: string): Promise<BatchView | null> {
    const known = this.#seen.get(id);
    if (known) return known;
    const batch = await this.files.read(id);
    return batch && { batch, foreign: false, problem: '' };
  }

  async start(plan: BatchPlan): Promise<void> {
    await this.files.create(plan);
    this.#begunHere.add(plan.id);
    await this.#take(plan.id);
  }

  async tell(id: string, what: 'pause' | 'resume' | 'stop'): Promise<void> {
    if (what === 'resume') this.#stuck.delete(id);
    if (!this.#inHand.has(id)) await this.#take(id);
    const run = this.#inHand.get(id)?.run;
    if (!run) throw told(this.#stuck.get(id) ?? l10n.t('Another window has this change in hand.'));
    if (what === 'pause') await run.pause();
    else if (what === 'stop') await run.stop();
    else await run.resume();
  }

  async show(): Promise<void> {
    const ids = await this.files.all();
    const views = (await Promise.all(ids.slice(0, 50).map((id) => this.view(id)))).filter((view) => view !== null);
    const picked = await pickBatch(views.map(({ batch }) => batch));
    if (picked !== undefined) this.reveal(picked);
  }

  reveal(batchId: string): void {
    openBatchPanel(this.#services, this, { kind: 'batch', batchId });
  }

  /** Looks for batches that no window has in hand, now and from time to time. */
  async resume(): Promise<void> {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    try {
      const open = await this.files.open();
      for (const id of open) if (!this.#inHand.has(id)) await this.#look(id);
      // What another window has ended or stopped.
      for (const [id, { foreign }] of this.#seen) if (foreign && !open.includes(id)) await this.#look(id);
    } catch (error) {
      this.#services.log.error(failureText(error));
    }
    const foreign = this.open().some((view) => view.foreign);
    clearTimeout(this.#looking);
    if (foreign) this.#looking = setTimeout(() => void this.resume(), lookMs);
  }

  stop(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    for (const id of [...this.#inHand.keys()]) this.#leave(id);
    this.#seen.clear();
    this.#versions.clear();
    this.#stuck.clear();
    this.#changed.fire('');
  }

  dispose(): void {
    this.stop();
    this.#status.dispose();
    this.#estate.dispose();
    this.#changed.dispose();
  }

  async #look(id: string): Promise<void> {
    if (this.#stuck.has(id)) return;
    if (!(await this.files.isTaken(id)) && (await this.files.open()).includes(id)) return this.#take(id);
    const version = await this.files.version(id);
    if (this.#versions.get(id) === version && this.#seen.has(id)) return;
    this.#versions.set(id, version);
    const batch = await this.files.read(id);
    if (batch) this.#put(id, { batch, foreign: phaseOf(batch) !== 'ended', problem: '' });
  }

  /** Takes a batch in hand and goes on with it. Where another window has it, or Azure is out of reach, it is shown only. */
  async #take(id: string): Promise<void> {
    const { log } = this.#services;
    const batch = await this.files.read(id);
    if (!batch || this.#inHand.has(id)) return;
    let connection: Connection;
    try {
      connection = await this.#services.connection();
    } catch (error) {
      const problem = l10n.t('It cannot go on now. {0}', failureText(error));
      this.#stuck.set(id, problem);
      return this.#put(id, { batch, foreign: false, problem });
    }
    const lease = await this.files.take(id);
    if (lease === null) return this.#put(id, { batch, foreign: true, problem: '' });
    // Read again: the window that had it may have written until a moment ago.
    const newest = (await this.files.read(id)) ?? batch;
    this.#go(newest, lease, connection);
    if (newest.paused && !this.#begunHere.has(id)) {
      const resume = () => this.tell(id, 'resume').catch((error: unknown) => log.error(failureText(error)));
      void offerPaused(newest, { show: () => this.reveal(id), resume });
    }
  }

  #go(batch: Batch, lease: Lease, connection: Connection): void {
    const { id } = batch.plan;
    const run = startRun(batch, {
      services: this.#services,
      connection,
      files: this.files,
      lease,
      follow: (operation) => this.#follow(id, operation),
      onChange: (now) => this.#put(id, { batch: now, foreign: false, problem: '' }),
    });
    const renewing = setInterval(() => {
      void lease.renew().then((still) => (still ? undefined : this.#lost(id)));
    }, renewMs);
    this.#inHand.set(id, { run, lease, renewing });
    this.#put(id, { batch: run.batch(), foreign: false, problem: '' });
    run.over.then(
      () => this.#over(id, run),
      (error: unknown) => this.#broke(id, run, error),
    );
  }

  async #follow(id: string, operation: Operation): Promise<FollowOutcome | null> {
    const outcome = await this.#services.operations.follow(operation);
    // Not given up by this window: whatever it was, it is tried again.
    return outcome ?? (this.#inHand.has(id) ? { kind: 'stopped', failure: { code: 'unknown' } } : null);
  }

  #put(id: string, view: BatchView): void {
    this.#seen.set(id, view);
    this.#changed.fire(id);
  }

  #leave(id: string): void {
    const { run, lease, renewing } = this.#inHand.get(id) ?? {};
    this.#inHand.delete(id);
    clearInterval(renewing);
    run?.leave();
    lease?.release();
  }

  /** Such as after the machine has slept: another window has taken over. */
  #lost(id: string): void {
    this.#leave(id);
    void this.resume();
  }

  async #over(id: string, run: BatchRun): Promise<void> {
    const batch = run.batch();
    if (this.#inHand.get(id)?.run !== run) return;
    // Left because another window has taken over.
    if (phaseOf(batch) !== 'ended') return this.#lost(id);
    await this.files.end(id);
    this.#leave(id);
    this.#put(id, { batch, foreign: false, problem: '' });
    await sayEnded(batch, this.#services.log, () => this.reveal(id));
  }

  async #broke(id: string, run: BatchRun, error: unknown): Promise<void> {
    const problem = l10n.t(
      'It cannot go on: what happens cannot be written down, and so nothing new begins. {0}',
      failureText(error),
    );
    this.#services.log.error(problem);
    this.#stuck.set(id, problem);
    this.#leave(id);
    this.#put(id, { batch: run.batch(), foreign: false, problem });
    await sayBroken(problem, () => this.reveal(id));
  }
}
