// One page of a change of several instances: first its plan, from the start on what becomes of it.

import { Uri, commands, l10n } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import type { Aim, BatchPlan } from '../../core/batch.ts';
import { aimText, pauseText } from '../../core/batchText.ts';
import { phaseOf } from '../../core/batchProgress.ts';
import type { Batch } from '../../core/batchProgress.ts';
import { changesOf } from '../../core/batchReport.ts';
import { changeText } from '../../core/wording.ts';
import { undoable } from '../../flows/planBatch.ts';
import { openChannel } from '../../messages/channel.ts';
import { batchToHostSchemas } from '../../messages/batch.ts';
import { batchPartBetween } from '../../messages/batchParts.ts';
import type {
  BatchOptions,
  BatchRow,
  BatchState,
  BatchToHost,
  BatchToWebview,
  KeptBatch,
  RowDetails,
} from '../../messages/batch.ts';
import { validatorOf } from '../../messages/validate.ts';
import type { Batches, BatchView } from '../batches.ts';
import { failureText, isCancelled, told } from '../errors.ts';
import type { Services } from '../services.ts';
import { askForInstances, askForSource, askToStart, askToStop } from './batchQuestions.ts';
import { noDetails } from './batchEvidence.ts';
import { BatchPlanning, readTarget } from './batchPlanning.ts';
import type { CheckProgress } from './batchPlanning.ts';
import { begunRows, saveReport } from './batchRows.ts';
import { pageHtml } from './html.ts';

/** Several changes within this time (milliseconds) are one snapshot: all rows are worked out for each. */
const pushMs = 150;

export class BatchPanel {
  readonly #services: Services;
  readonly #batches: Batches;
  readonly #panel: WebviewPanel;
  readonly #kept: KeptBatch;
  readonly #planning: BatchPlanning;
  readonly #begunRows: (batch: Batch) => BatchRow[];
  readonly #subscriptions: Disposable[] = [];
  readonly #channel;
  /** Under which it begins, or has begun. */
  readonly batchId: string;
  #view: BatchView | null = null;
  #aim: Aim | null;
  #options: BatchOptions;
  #checking: CheckProgress | null = null;
  #work: AbortController | undefined;
  #sample = false;
  #problem = '';
  #notice = '';
  /** What the page has. */
  #sent: BatchState | undefined;
  #scheduled: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(services: Services, batches: Batches, panel: WebviewPanel, kept: KeptBatch) {
    this.#services = services;
    this.#batches = batches;
    this.#panel = panel;
    this.#kept = kept;
    const plan =
      kept.kind === 'plan' ? kept : { instanceIds: [], aim: null, limit: 1, stopOnFailure: true, downtimeAt: null };
    this.batchId = kept.batchId;
    this.#begunRows = begunRows(services.estate);
    this.#planning = new BatchPlanning(services, plan.instanceIds);
    this.#aim = plan.aim;
    this.#options = { limit: plan.limit, stopOnFailure: plan.stopOnFailure, downtimeAt: plan.downtimeAt };
    const icon = (name: string) => Uri.joinPath(services.context.extensionUri, 'media', name);
    panel.iconPath = { light: icon('editor-light.svg'), dark: icon('editor-dark.svg') };
    this.#channel = openChannel<BatchToHost, BatchToWebview>(
      (message) => void panel.webview.postMessage(message),
      this.#handlers(),
      validatorOf(batchToHostSchemas),
    );
    this.#subscriptions.push(
      panel.webview.onDidReceiveMessage((message: unknown) => this.#channel.receive(message)),
      services.estate.onDidChange(() => this.#push()),
      batches.onDidChange((id) => {
        if (id === this.batchId || id === '') void this.#look();
      }),
    );
    panel.webview.html = pageHtml(
      panel.webview,
      services.context.extensionUri,
      'batch',
      l10n.t('Change several instances'),
    );
  }

  reveal(): void {
    this.#panel.reveal();
  }

  close(): void {
    this.#panel.dispose();
  }

  dispose(): void {
    this.#disposed = true;
    this.#work?.abort();
    clearTimeout(this.#scheduled);
    this.#channel.close();
    this.#subscriptions.forEach((subscription) => void subscription.dispose());
  }

  #handlers() {
    const { log } = this.#services;
    const tell = (what: 'pause' | 'resume' | 'stop') =>
      this.#guard(() => this.#batches.tell(this.#begun().batch.plan.id, what));
    return {
      ready: async () => {
        await this.#guard(() => this.#load());
        this.#sent = this.#state();
        return this.#sent;
      },
      choosePreset: ({ preset }: { preset: Extract<Aim, { kind: 'preset' }>['preset'] }) =>
        this.#guard(() => this.#aimAt({ kind: 'preset', preset })),
      chooseSource: () => this.#guard(() => this.#chooseSource()),
      setOptions: (options: BatchOptions) => {
        this.#options = options;
        this.#push();
      },
      addInstances: () => this.#guard(() => this.#addInstances()),
      remove: ({ id }: { id: string }) => {
        this.#planning.ids = this.#planning.ids.filter((one) => one !== id);
        this.#push();
      },
      details: ({ id }: { id: string }) => this.#details(id),
      check: () => this.#guard(() => this.#check()),
      cancel: () => this.#work?.abort(),
      override: ({ id, name }: { id: string; name: string }) => {
        const fits = this.#planning.override(id, name);
        this.#push();
        return fits;
      },
      edit: ({ id }: { id: string }) => void commands.executeCommand('apimTls.edit', id),
      start: () => this.#guard(() => this.#start()),
      pause: () => tell('pause'),
      resume: () => tell('resume'),
      stop: () =>
        this.#guard(async () => {
          const { batch } = this.#begun();
          if (await askToStop(batch)) await this.#batches.tell(batch.plan.id, 'stop');
        }),
      undo: () => this.#guard(() => this.#undo()),
      planRest: () => this.#guard(() => this.#planRest()),
      save: ({ format }: { format: 'csv' | 'markdown' }) => this.#guard(() => this.#save(format)),
      dismiss: () => {
        this.#problem = '';
        this.#notice = '';
        this.#push();
      },
      showLog: () => log.show(),
    };
  }

  async #load(): Promise<void> {
    this.#sample = (await this.#services.connection()).sample !== null;
    await this.#look();
    if (this.#view !== null) return;
    if (this.#kept.kind === 'batch') throw told(l10n.t('This change is no longer in the records.'));
    if (this.#services.estate.status === 'unread') await this.#services.refresh();
    if (this.#aim !== null && this.#planning.target === null) await this.#aimAt(this.#aim);
  }

  async #look(): Promise<void> {
    this.#view = await this.#batches.view(this.batchId);
    this.#push();
  }

  #begun(): BatchView {
    if (!this.#view) throw told(l10n.t('This change has not begun.'));
    return this.#view;
  }

  async #aimAt(aim: Aim): Promise<void> {
    this.#work?.abort();
    const target = await readTarget(this.#services, this.#batches, aim);
    this.#aim = aim;
    this.#planning.aimAt(target);
  }

  async #chooseSource(): Promise<void> {
    const source = await askForSource(this.#services);
    if (source) await this.#aimAt({ kind: 'copy', instanceId: source.id, instanceName: source.name });
  }

  async #addInstances(): Promise<void> {
    const ids = await askForInstances(this.#services, this.#planning.ids);
    this.#planning.ids = [...this.#planning.ids, ...ids];
  }

  async #check(): Promise<void> {
    const work = new AbortController();
    this.#work?.abort();
    this.#work = work;
    try {
      await this.#planning.check(work.signal, (progress) => {
        this.#checking = progress;
        this.#push();
      });
    } finally {
      if (this.#work === work) {
        this.#work = undefined;
        this.#checking = null;
      }
    }
  }

  async #start(): Promise<void> {
    if (this.#aim === null || this.#view !== null) return;
    const items = this.#planning.items();
    if (!items.some(({ leftOut }) => leftOut === null))
      throw told(l10n.t('There is nothing to change: each instance has these settings already, or is left out.'));
    const plan: BatchPlan = {
      version: 1,
      id: this.batchId,
      name: aimText(this.#aim),
      startedAt: new Date().toISOString(),
      aim: this.#aim,
      ...this.#options,
      items,
    };
    if (!(await askToStart(plan, this.#planning.unchecked(items.filter(({ leftOut }) => leftOut === null))))) return;
    this.#work?.abort();
    await this.#batches.start(plan);
  }

  async #undo(): Promise<void> {
    const { batch } = this.#begun();
    const instanceIds = undoable(batch).map(({ instanceId }) => instanceId);
    if (instanceIds.length === 0) throw told(l10n.t('There is nothing to undo: no instance was changed.'));
    const { id, name } = batch.plan;
    this.#batches.plan({ instanceIds, aim: { kind: 'undo', batchId: id, batchName: name } });
    return Promise.resolve();
  }

  async #planRest(): Promise<void> {
    const { batch } = this.#begun();
    const rest = batch.plan.items.filter((_, index) => !['done', 'leftOut'].includes(batch.items[index]?.state ?? ''));
    this.#batches.plan({ instanceIds: rest.map(({ instanceId }) => instanceId), aim: batch.plan.aim });
    return Promise.resolve();
  }

  async #save(format: 'csv' | 'markdown'): Promise<void> {
    const { batch } = this.#begun();
    const uri = await saveReport(batch, format);
    if (!uri) return;
    this.#notice = l10n.t('The report was saved to {0}.', uri.fsPath);
  }

  #details(id: string): RowDetails {
    if (!this.#view) return this.#planning.details(id);
    const item = this.#view.batch.plan.items.find(({ instanceId }) => instanceId === id);
    return { ...noDetails, changes: item ? changesOf(item).map(changeText) : [] };
  }

  #state(): BatchState {
    const view = this.#view;
    const common = { sample: this.#sample, notice: this.#notice };
    if (!view)
      return {
        ...common,
        phase: 'planning',
        batchId: this.batchId,
        aim: this.#aim,
        startedAt: null,
        ...this.#options,
        rows: this.#planning.rows(),
        checking: this.#checking,
        pause: '',
        stopped: false,
        foreign: false,
        problem: this.#problem,
      };
    const { batch, foreign } = view;
    const { aim, startedAt, limit, stopOnFailure, downtimeAt } = batch.plan;
    return {
      ...common,
      phase: phaseOf(batch),
      batchId: this.batchId,
      aim,
      startedAt,
      limit,
      stopOnFailure,
      downtimeAt,
      rows: this.#begunRows(batch),
      checking: null,
      pause: batch.paused ? pauseText(batch.paused) : '',
      stopped: batch.stopped,
      foreign,
      problem: this.#problem || view.problem,
    };
  }

  /** Sends a snapshot soon; several changes are one. */
  #push(): void {
    if (this.#disposed || this.#scheduled) return;
    this.#scheduled = setTimeout(() => {
      this.#scheduled = undefined;
      if (!this.#disposed && this.#sent) void this.#send(this.#sent, this.#state());
    }, pushMs);
  }

  /** What is other than on the page; the whole, where that went wrong. */
  async #send(before: BatchState, state: BatchState): Promise<void> {
    this.#sent = state;
    try {
      await this.#channel.request('part', batchPartBetween(before, state));
    } catch {
      await this.#channel.request('state', state).catch(() => undefined);
    }
  }

  /** Failures become the page's problem line; cancelling leaves no trace. */
  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      this.#problem = '';
      this.#notice = '';
      await work();
    } catch (error) {
      if (!isCancelled(error)) {
        this.#problem = failureText(error);
        this.#services.log.error(this.#problem);
      }
    }
    this.#push();
  }
}
