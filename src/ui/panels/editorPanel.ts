// One editor panel: answers the page's requests and sends it whole snapshots. The draft is the page's; the panel only keeps it.

import { Uri, env, l10n, window } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import { portalUrl } from '../../azure/clouds.ts';
import { hostAndPort, sameId } from '../../core/instance.ts';
import type { DraftChanges } from '../../core/tls/draft.ts';
import type { TrafficDays } from '../../core/traffic.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import { openChannel } from '../../messages/channel.ts';
import { validateToHost } from '../../messages/editor.ts';
import { partBetween } from '../../messages/stateParts.ts';
import type { EditorState, KeptDraft, ToHost, ToWebview } from '../../messages/editor.ts';
import { compareWithPlan } from '../commands/compare.ts';
import { showSurvey } from '../documents.ts';
import type { Settled } from '../drafts.ts';
import { failureText, isCancelled, told } from '../errors.ts';
import type { PlanSource } from '../plans.ts';
import type { Services } from '../services.ts';
import { openParts } from './editorParts.ts';
import type { EditorParts } from './editorParts.ts';
import { pageHtml } from './html.ts';
import { planRequests } from './planRequests.ts';
import type { PanelRenegotiations } from './renegotiations.ts';
import type { PanelTraffic } from './traffic.ts';

/** A check reads the estimate of renegotiations again that is older than this, in milliseconds. */
const askingLastsMs = 5 * 60_000;

export class EditorPanel {
  readonly #services: Services;
  readonly #panel: WebviewPanel;
  readonly #instanceId: string;
  readonly #subscriptions: Disposable[] = [];
  readonly #channel;
  readonly #parts: EditorParts;
  #problem = '';
  #notice = '';
  /** What the page has. */
  #sent: EditorState | undefined;
  #scheduled: NodeJS.Timeout | undefined;
  #disposed = false;

  /** @param writer under which its page has kept its draft, where it is brought back */
  constructor(services: Services, panel: WebviewPanel, instanceId: string, name: string, writer?: string) {
    this.#services = services;
    this.#panel = panel;
    this.#instanceId = instanceId;
    this.#parts = openParts({ services, panel, instanceId, name, writer, changed: () => this.#push() });
    panel.title = name;
    const icon = (name: string) => Uri.joinPath(services.context.extensionUri, 'media', name);
    panel.iconPath = { light: icon('editor-light.svg'), dark: icon('editor-dark.svg') };
    this.#channel = openChannel<ToHost, ToWebview>(
      (message) => void panel.webview.postMessage(message),
      this.#handlers(),
      validateToHost,
    );
    this.#subscriptions.push(
      panel.webview.onDidReceiveMessage((message: unknown) => this.#channel.receive(message)),
      services.estate.onDidChange(() => this.#parts.subject.takeFromEstate()),
      services.operations.onDidChange(() => this.#push()),
      services.operations.onDidEnd(({ entry, sentence, ok }) => {
        if (!sameId(entry.instanceId, this.#instanceId)) return;
        this.#notice = ok ? sentence : '';
        this.#problem = ok ? '' : sentence;
        void this.#readHistory();
      }),
      services.surveys.onDidChange(() => this.#push()),
      this.#parts,
    );
    panel.webview.html = pageHtml(panel.webview, services.context.extensionUri, 'editor', l10n.t('TLS settings'));
  }

  reveal(): void {
    this.#panel.reveal();
  }

  close(): void {
    this.#panel.dispose();
  }

  /** Another account may not see what this one has read. */
  forget(): void {
    this.#parts.forget();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#scheduled);
    this.#channel.close();
    this.#subscriptions.forEach((subscription) => void subscription.dispose());
  }

  #handlers() {
    return {
      ready: async () => {
        await this.#load();
        const { draft, writer } = await this.#parts.drafts.begin();
        this.#sent = this.#state();
        return { state: this.#sent, draft, writer };
      },
      keepDraft: (draft: KeptDraft) => this.#parts.drafts.keep(draft),
      settleDraft: (other: Settled) => this.#parts.drafts.settle(other),
      refresh: () => this.#guard(() => this.#load()),
      check: ({ changes }: { changes: DraftChanges }) =>
        this.#guard(() => Promise.all([this.#parts.probing.check(changes), this.#readAsking(changes)])),
      cancel: () => {
        this.#parts.probing.cancel();
        for (const read of [this.#parts.traffic, this.#parts.seen, this.#parts.renegotiations]) read.cancel();
      },
      probeGateway: () => this.#guard(() => this.#parts.probing.gateway()),
      readRenegotiations: (wanted: { days: TrafficDays; fresh: boolean }) =>
        this.#guard(() => this.#parts.renegotiations.read(this.#known(), wanted)),
      cancelRenegotiations: () => this.#parts.renegotiations.cancel(),
      renegotiationRows: (wanted: { list: number; from: number }) => this.#parts.renegotiations.rows(wanted),
      exportRenegotiations: (wanted: { list: number; rows: readonly number[]; to: 'file' | 'clipboard' }) =>
        this.#parts.renegotiations.save(wanted),
      readTraffic: (wanted: { days: TrafficDays; fresh: boolean }) => this.#readTraffic(wanted),
      chooseTraffic: ({ days }: { days: TrafficDays }) => this.#parts.traffic.choose(days),
      cancelTraffic: () => {
        this.#parts.traffic.cancel();
        this.#parts.seen.cancel();
      },
      checkConnectivity: ({ hosts }: { hosts: readonly string[] }) =>
        this.#guard(() => {
          const wanted = (this.#parts.hosts() ?? []).filter((host) => hosts.includes(hostAndPort(host)));
          return this.#parts.connectivity.check(this.#known(), wanted);
        }),
      cancelConnectivity: () => this.#parts.connectivity.cancel(),
      acceptDrift: () => this.#guard(() => this.#parts.drift.accept()),
      goBackDrift: () => this.#started(() => this.#parts.drift.goBack()),
      readReadiness: () => this.#guard(() => this.#readReadiness()),
      ...planRequests({
        services: this.#services,
        guard: (work) => this.#guard(work),
        source: () => this.#parts.planSource(),
        selfHosted: () => this.#parts.selfHosted.view().names,
      }),
      compare: ({ changes }: { changes: DraftChanges }) =>
        this.#guard(() => compareWithPlan(this.#services, this.#known(), changes)),
      apply: ({ changes }: { changes: DraftChanges }) => this.#started(() => this.#apply(changes)),
      undo: ({ id }: { id: string }) => this.#started(() => this.#undo(id)),
      lookAgain: ({ id }: { id: string }) => this.#guard(() => this.#parts.verification.lookNow(id)),
      stopWatching: ({ id }: { id: string }) => this.#guard(() => this.#parts.verification.stop(id)),
      showSurvey: ({ host }: { host: string }) => this.#guard(() => this.#showSurvey(host)),
      dismiss: () => {
        this.#problem = '';
        this.#notice = '';
        this.#parts.drafts.dismiss();
        this.#push();
      },
      openInPortal: () => this.#guard(() => this.#openInPortal()),
      showLog: () => this.#services.log.show(),
      copy: ({ text }: { text: string }) => this.#guard(async () => env.clipboard.writeText(text)),
    };
  }

  #known() {
    return this.#parts.subject.known();
  }

  /** What is known for a plan of the instance; undefined before it was read. */
  planSource(): PlanSource | undefined {
    return this.#parts.subject.isKnown() ? this.#parts.planSource() : undefined;
  }

  /**
   * The kept draft is another one now: a page that is shown takes it over.
   * @param read what was read of the logs, to judge it
   */
  async takeDraft(read: Pick<CheckSnapshot, 'traffic' | 'seen'>): Promise<void> {
    if (read.traffic) this.#parts.traffic.take(read.traffic);
    if (read.seen?.days === this.#parts.traffic.view().days) this.#parts.seen.take(read.seen);
    const draft = await this.#services.drafts.of(this.#instanceId);
    if (!draft || !this.#parts.subject.isKnown()) return;
    this.#parts.subject.takeFromEstate();
    // A hidden page answers nothing; it gets the kept draft when it is shown again.
    this.#sent = this.#state();
    await this.#channel.request('state', this.#sent);
    await this.#channel.request('draft', draft);
  }

  #state(): EditorState {
    return { ...this.#parts.view(), problem: this.#problem, notice: this.#notice };
  }

  /** Sends a snapshot soon; several changes within 50 ms are one. */
  #push(): void {
    if (this.#disposed || this.#scheduled || !this.#parts.subject.isKnown()) return;
    this.#scheduled = setTimeout(() => {
      this.#scheduled = undefined;
      if (!this.#disposed) void this.#send(this.#state());
    }, 50);
  }

  /** Where the page has the state before, what is other than in it; else the whole. */
  async #send(state: EditorState): Promise<void> {
    const before = this.#sent;
    this.#sent = state;
    try {
      if (before) await this.#channel.request('part', partBetween(before, state));
      else await this.#channel.request('state', state);
    } catch {
      this.#sent = undefined;
    }
  }

  /** Failures become the page's problem line; cancelling leaves no trace. */
  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      this.#problem = '';
      await work();
    } catch (error) {
      if (!isCancelled(error)) {
        this.#problem = failureText(error);
        this.#services.log.error(`${this.#panel.title}: ${this.#problem}`);
      }
    }
    this.#push();
  }

  async #started(work: () => Promise<boolean>): Promise<boolean> {
    let started = false;
    await this.#guard(async () => {
      this.#notice = '';
      started = await work();
    });
    await this.#readHistory();
    return started;
  }

  async #load(): Promise<void> {
    const problem = await this.#parts.subject.load();
    if (problem !== '') this.#problem = problem;
    void this.#parts.selfHosted.read();
  }

  async #readHistory(): Promise<void> {
    const problem = await this.#parts.subject.readHistory();
    if (problem !== '') this.#problem = problem;
    this.#push();
  }

  async #readTraffic(wanted: { readonly days: TrafficDays; readonly fresh: boolean }): Promise<void> {
    await Promise.all([this.#parts.traffic.read(wanted), this.#parts.seen.read(wanted)]);
  }

  async #apply(changes: DraftChanges): Promise<boolean> {
    const input = this.#parts.planSource();
    const { applyDraft } = await import('../changes.ts');
    return applyDraft(this.#services, input, changes);
  }

  /** Where TLS 1.3 towards clients would come on, operations that ask for certificates by renegotiation matter. */
  async #readAsking(changes: DraftChanges): Promise<void> {
    const { found } = this.#parts.renegotiations.view();
    const isNew = found !== null && Date.now() - Date.parse(found.readAt) < askingLastsMs;
    const to = changes['client.tls13'];
    if (isNew || to === undefined || to === 'off') return;
    await this.#parts.renegotiations.read(this.#known(), {
      days: this.#parts.renegotiations.view().days,
      fresh: false,
    });
  }

  #readReadiness(): Promise<void> {
    // Each list has the window that was chosen for it.
    const daysOf = (read: PanelTraffic | PanelRenegotiations) => ({ days: read.view().days, fresh: false });
    return this.#parts.probing.for13(() => [
      this.#parts.renegotiations.read(this.#known(), daysOf(this.#parts.renegotiations)),
      this.#readTraffic(daysOf(this.#parts.traffic)),
      this.#parts.selfHosted.read(),
    ]);
  }

  async #undo(id: string): Promise<boolean> {
    const entry = this.#parts.subject.history().find((candidate) => candidate.id === id);
    if (!entry) throw told(l10n.t('This change is no longer in the history. Choose Refresh.'));
    const { undoEntry } = await import('../changes.ts');
    return undoEntry(this.#services, { ...entry, instanceId: this.#instanceId }, this.#known().name);
  }

  async #showSurvey(host: string): Promise<void> {
    const survey = this.#services.surveys.get(host);
    if (survey) await showSurvey(survey);
    else void window.showInformationMessage(l10n.t('{0} has not been probed yet. Choose Check.', host));
  }

  async #openInPortal(): Promise<void> {
    const { cloud, sample } = await this.#services.connection();
    const instance = this.#known();
    if (sample) throw told(l10n.t('This instance is part of the sample estate and is not in the portal.'));
    const url = portalUrl(cloud, instance.tenantId, instance.id);
    if (url === '')
      throw told(l10n.t('The custom cloud names no portal. Set apimTls.customCloud.portal to its address.'));
    await env.openExternal(Uri.parse(url));
  }
}
