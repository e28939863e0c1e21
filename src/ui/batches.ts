// Changes of several instances: how far they are, whichever window has them in hand, and their pages. A bundle of its own.

import { randomUUID } from 'node:crypto';
import { EventEmitter, workspace } from 'vscode';
import type { Disposable, Event, WebviewPanel } from 'vscode';
import type { BatchPlan, Wish } from '../core/batch.ts';
import { hasPausedByItself, phaseOf } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';
import type { BatchWish } from './batchDoor.ts';
import { openBatchFiles } from './batchFiles.ts';
import type { BatchFiles } from './batchFiles.ts';
import { BatchHands } from './batchHands.ts';
import { pickBatch } from './batchPicker.ts';
import { offerPaused, sayBroken, sayEnded } from './batchNotices.ts';
import { showBatchStatus } from './batchStatus.ts';
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
  /** That window was asked for something, and has not answered yet. */
  readonly asked: boolean;
  /** Why it does not go on here, in a sentence; or empty. */
  readonly problem: string;
}

const ours = { foreign: false, asked: false, problem: '' } as const;

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
  /** Where another window has it in hand, that one is asked. */
  tell(id: string, wish: Wish): Promise<void>;
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
  readonly #hands: BatchHands;
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
    this.#hands = new BatchHands({
      services,
      files: () => this.files,
      onChange: (batch) => this.#runs(batch),
      onTaken: (batch) => this.#taken(batch),
      onForeign: (batch) => this.#put(batch.plan.id, { batch, ...ours, foreign: true }),
      onProblem: (batch, problem, broken) => this.#problem(batch, problem, broken),
      onEnded: (batch) => {
        this.#put(batch.plan.id, { batch, ...ours });
        void sayEnded(batch, services.log, () => this.reveal(batch.plan.id));
      },
      onLost: () => void this.resume(),
    });
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
    return batch && { ...ours, batch, foreign: phaseOf(batch) !== 'ended' && (await this.files.isTaken(id)) };
  }

  async start(plan: BatchPlan): Promise<void> {
    await this.files.create(plan);
    this.#begunHere.add(plan.id);
    await this.#hands.take(plan.id);
  }

  async tell(id: string, wish: Wish): Promise<void> {
    if (await this.#hands.tell(id, wish)) return;
    this.#stuck.delete(id);
    if (!(await this.files.isTaken(id))) await this.#hands.take(id);
    if (await this.#hands.tell(id, wish)) return;
    const problem = this.#stuck.get(id);
    if (problem !== undefined) throw told(problem);
    await this.files.ask(id, wish);
    await this.resume();
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
      for (const id of open) if (!this.#hands.has(id)) await this.#look(id);
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
    this.#hands.leaveAll();
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
    if (await this.files.isTaken(id)) this.#stuck.delete(id);
    else if (this.#stuck.has(id)) return;
    else if ((await this.files.open()).includes(id)) return this.#hands.take(id);
    const [version, asked] = await Promise.all([this.files.version(id), this.files.isAsked(id)]);
    const known = this.#seen.get(id);
    if (known?.foreign && known.asked === asked && this.#versions.get(id) === version) return;
    const batch = await this.files.read(id);
    // Taken in hand meanwhile: then it is known better.
    if (!batch || this.#hands.has(id)) return;
    this.#versions.set(id, version);
    const foreign = phaseOf(batch) !== 'ended';
    this.#put(id, { ...ours, batch, foreign, asked: foreign && asked });
  }

  #put(id: string, view: BatchView): void {
    this.#seen.set(id, view);
    this.#changed.fire(id);
  }

  #runs(batch: Batch): void {
    const { id } = batch.plan;
    const before = this.#seen.get(id)?.batch;
    this.#put(id, { batch, ...ours });
    if (before && hasPausedByItself(before, batch)) this.#offer(batch);
  }

  #taken(batch: Batch): void {
    const { id } = batch.plan;
    this.#put(id, { batch, ...ours });
    if (batch.paused && !this.#begunHere.has(id)) this.#offer(batch);
  }

  #offer(batch: Batch): void {
    const { id } = batch.plan;
    const resume = () =>
      this.tell(id, 'resume').catch((error: unknown) => this.#services.log.error(failureText(error)));
    void offerPaused(batch, { show: () => this.reveal(id), resume });
  }

  #problem(batch: Batch, problem: string, broken: boolean): void {
    const { id } = batch.plan;
    this.#stuck.set(id, problem);
    this.#put(id, { batch, ...ours, problem });
    if (!broken) return;
    this.#services.log.error(problem);
    void sayBroken(problem, () => this.reveal(id));
  }
}
