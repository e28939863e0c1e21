// One page of a change of several instances: first its plan, from the start on what becomes of it.

import { Uri, commands, l10n } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import type { Aim, Wish } from '../../core/batch.ts';
import type { Batch } from '../../core/batchProgress.ts';
import { aimText } from '../../core/batchText.ts';
import { changesOf } from '../../core/batchReport.ts';
import { changeText } from '../../core/settingText.ts';
import { openChannel } from '../../messages/channel.ts';
import { batchToHostSchemas } from '../../messages/batch.ts';
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
import { openSnapshots } from './batchSnapshots.ts';
import type { Snapshots } from './batchSnapshots.ts';
import { begunState, notBegun } from './batchState.ts';
import { planOf, restWish, undoWish } from './batchWishes.ts';
import { pageHtml } from './html.ts';

export class BatchPanel {
  readonly #services: Services;
  readonly #batches: Batches;
  readonly #panel: WebviewPanel;
  readonly #kept: KeptBatch;
  readonly #planning: BatchPlanning;
  readonly #begunRows: (batch: Batch) => BatchRow[];
  readonly #subscriptions: Disposable[] = [];
  readonly #channel;
  readonly #snapshots: Snapshots;
  /** Under which it begins, or has begun. */
  readonly batchId: string;
  #view: BatchView | null = null;
  #aim: Aim | null;
  #options: BatchOptions;
  #checking: CheckProgress | null = null;
  #work: AbortController | undefined;
  /** Asked whether to begin, and from then on: a second click is not a second change. */
  #starting = false;
  #sample = false;
  #problem = '';
  #notice = '';

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
    this.#snapshots = openSnapshots(this.#channel, () => this.#state());
    this.#subscriptions.push(
      panel.webview.onDidReceiveMessage((message: unknown) => this.#channel.receive(message)),
      services.estate.onDidChange(() => this.#snapshots.push()),
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
    this.#work?.abort();
    this.#snapshots.stop();
    this.#channel.close();
    this.#subscriptions.forEach((subscription) => void subscription.dispose());
  }

  #handlers() {
    const { log } = this.#services;
    const tell = (wish: Wish) => this.#guard(() => this.#batches.tell(this.#begun().batch.plan.id, wish));
    return {
      ready: async () => {
        await this.#guard(() => this.#load());
        return this.#snapshots.first();
      },
      choosePreset: ({ preset }: { preset: Extract<Aim, { kind: 'preset' }>['preset'] }) =>
        this.#guard(() => this.#aimAt({ kind: 'preset', preset })),
      chooseSource: () => this.#guard(() => this.#chooseSource()),
      setOptions: (options: BatchOptions) => {
        this.#options = options;
        this.#snapshots.push();
      },
      addInstances: () => this.#guard(() => this.#addInstances()),
      remove: ({ id }: { id: string }) => {
        this.#planning.ids = this.#planning.ids.filter((one) => one !== id);
        this.#snapshots.push();
      },
      details: ({ id }: { id: string }) => this.#details(id),
      check: () => this.#guard(() => this.#check()),
      cancel: () => this.#work?.abort(),
      override: ({ id, name }: { id: string; name: string }) => {
        const fits = this.#planning.override(id, name);
        this.#snapshots.push();
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
      undo: () => this.#guard(() => this.#batches.plan(undoWish(this.#begun().batch))),
      planRest: () => this.#guard(() => this.#batches.plan(restWish(this.#begun().batch))),
      save: ({ format }: { format: 'csv' | 'markdown' }) => this.#guard(() => this.#save(format)),
      dismiss: () => {
        this.#problem = '';
        this.#notice = '';
        this.#snapshots.push();
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
    // Of several pages, the tabs tell which is which.
    if (this.#view) this.#panel.title = aimText(this.#view.batch.plan.aim);
    this.#snapshots.push();
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
        this.#snapshots.push();
      });
    } finally {
      if (this.#work === work) {
        this.#work = undefined;
        this.#checking = null;
      }
    }
  }

  async #start(): Promise<void> {
    if (this.#aim === null || this.#view !== null || this.#starting) return;
    this.#starting = true;
    try {
      await this.#askAndStart(this.#aim);
    } finally {
      this.#starting = false;
    }
  }

  async #askAndStart(aim: Aim): Promise<void> {
    const plan = planOf(this.batchId, aim, this.#options, this.#planning.items());
    const taking = plan.items.filter(({ leftOut }) => leftOut === null);
    if (!(await askToStart(plan, this.#planning.unchecked(taking)))) return;
    this.#work?.abort();
    await this.#batches.start(plan);
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
    return item
      ? { ...noDetails, changes: changesOf(item).map(changeText), findings: item.evidence?.findings ?? [] }
      : noDetails;
  }

  #state(): BatchState {
    const common = { sample: this.#sample, notice: this.#notice, problem: this.#problem };
    if (this.#view) return begunState(this.#view, this.#begunRows(this.#view.batch), common);
    return {
      ...common,
      ...notBegun,
      batchId: this.batchId,
      aim: this.#aim,
      ...this.#options,
      rows: this.#planning.rows(),
      checking: this.#checking,
    };
  }

  /** Failures become the page's problem line; cancelling leaves no trace. */
  async #guard(work: () => unknown): Promise<void> {
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
    this.#snapshots.push();
  }
}
