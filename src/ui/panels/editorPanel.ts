// One editor panel: answers the page's requests and sends it whole snapshots. The draft is the page's; the panel only keeps it.

import { Uri, env, l10n, window } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import { portalUrl } from '../../azure/clouds.ts';
import { askingOperations } from '../../core/askingOperations.ts';
import { hostAndPort, sameId } from '../../core/instance.ts';
import type { BackendHost } from '../../core/instance.ts';
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
import { gatewayEndpoints } from '../gatewayCheck.ts';
import type { PlanSource } from '../plans.ts';
import type { Services } from '../services.ts';
import { openConnectivity } from './connectivity.ts';
import type { PanelConnectivity } from './connectivity.ts';
import { openPanelDrafts } from './drafts.ts';
import type { PanelDrafts } from './drafts.ts';
import { openDrift } from './drift.ts';
import type { PanelDrift } from './drift.ts';
import { pageHtml } from './html.ts';
import { planRequests } from './planRequests.ts';
import { openProbing } from './probing.ts';
import type { PanelProbing } from './probing.ts';
import { openRenegotiations } from './renegotiations.ts';
import type { PanelRenegotiations } from './renegotiations.ts';
import { openSeenBackends } from './seenBackends.ts';
import type { SeenBackends } from './seenBackends.ts';
import { openSelfHosted } from './selfHosted.ts';
import type { PanelSelfHosted } from './selfHosted.ts';
import { openSubject } from './subject.ts';
import type { PanelSubject } from './subject.ts';
import { openTraffic } from './traffic.ts';
import type { PanelTraffic } from './traffic.ts';
import { openVerification } from './verification.ts';
import type { PanelVerification } from './verification.ts';

/** A check reads the estimate of renegotiations again that is older than this, in milliseconds. */
const askingLastsMs = 5 * 60_000;

export class EditorPanel {
  readonly #services: Services;
  readonly #panel: WebviewPanel;
  readonly #instanceId: string;
  readonly #subscriptions: Disposable[] = [];
  readonly #channel;
  readonly #subject: PanelSubject;
  readonly #traffic: PanelTraffic;
  readonly #seen: SeenBackends;
  readonly #connectivity: PanelConnectivity;
  readonly #selfHosted: PanelSelfHosted;
  readonly #drafts: PanelDrafts;
  readonly #drift: PanelDrift;
  readonly #renegotiations: PanelRenegotiations;
  readonly #verification: PanelVerification;
  readonly #probing: PanelProbing;
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
    const changed = () => this.#push();
    this.#subject = openSubject(services, instanceId, changed);
    this.#traffic = openTraffic(services, instanceId, changed);
    this.#seen = openSeenBackends(services, instanceId, changed);
    this.#connectivity = openConnectivity(services, instanceId, changed);
    this.#selfHosted = openSelfHosted(services, instanceId, changed);
    this.#drafts = openPanelDrafts(services, panel, { instanceId, writer }, changed);
    this.#drift = openDrift(services, instanceId, changed);
    this.#renegotiations = openRenegotiations(services, name, changed);
    this.#verification = openVerification(services, instanceId, changed);
    const probed = { subject: this.#subject, traffic: this.#traffic, seen: this.#seen, hosts: () => this.#hosts() };
    this.#probing = openProbing(services, probed, changed);
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
      services.estate.onDidChange(() => this.#subject.takeFromEstate()),
      services.operations.onDidChange(() => this.#push()),
      services.operations.onDidEnd(({ entry, sentence, ok }) => {
        if (!sameId(entry.instanceId, this.#instanceId)) return;
        this.#notice = ok ? sentence : '';
        this.#problem = ok ? '' : sentence;
        void this.#readHistory();
      }),
      services.surveys.onDidChange(() => this.#push()),
      this.#verification,
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
    this.#probing.cancel();
    this.#connectivity.cancel();
    for (const read of [this.#traffic, this.#seen, this.#renegotiations, this.#selfHosted]) read.forget();
  }

  dispose(): void {
    this.#disposed = true;
    this.#probing.cancel();
    this.#traffic.cancel();
    this.#seen.cancel();
    this.#connectivity.dispose();
    this.#selfHosted.cancel();
    this.#drift.cancel();
    this.#drafts.dispose();
    this.#renegotiations.cancel();
    clearTimeout(this.#scheduled);
    this.#channel.close();
    this.#subscriptions.forEach((subscription) => void subscription.dispose());
  }

  #handlers() {
    return {
      ready: async () => {
        await this.#load();
        const { draft, writer } = await this.#drafts.begin();
        this.#sent = this.#state();
        return { state: this.#sent, draft, writer };
      },
      keepDraft: (draft: KeptDraft) => this.#drafts.keep(draft),
      settleDraft: (other: Settled) => this.#drafts.settle(other),
      refresh: () => this.#guard(() => this.#load()),
      check: ({ changes }: { changes: DraftChanges }) =>
        this.#guard(() => Promise.all([this.#probing.check(changes), this.#readAsking(changes)])),
      cancel: () => {
        this.#probing.cancel();
        for (const read of [this.#traffic, this.#seen, this.#renegotiations]) read.cancel();
      },
      probeGateway: () => this.#guard(() => this.#probing.gateway()),
      readRenegotiations: (wanted: { days: TrafficDays; fresh: boolean }) =>
        this.#guard(() => this.#renegotiations.read(this.#known(), wanted)),
      cancelRenegotiations: () => this.#renegotiations.cancel(),
      renegotiationRows: (wanted: { list: number; from: number }) => this.#renegotiations.rows(wanted),
      exportRenegotiations: (wanted: { list: number; rows: readonly number[]; to: 'file' | 'clipboard' }) =>
        this.#renegotiations.save(wanted),
      readTraffic: (wanted: { days: TrafficDays; fresh: boolean }) => this.#readTraffic(wanted),
      chooseTraffic: ({ days }: { days: TrafficDays }) => this.#traffic.choose(days),
      cancelTraffic: () => {
        this.#traffic.cancel();
        this.#seen.cancel();
      },
      checkConnectivity: ({ hosts }: { hosts: readonly string[] }) =>
        this.#guard(() => {
          const wanted = (this.#hosts() ?? []).filter((host) => hosts.includes(hostAndPort(host)));
          return this.#connectivity.check(this.#known(), wanted);
        }),
      cancelConnectivity: () => this.#connectivity.cancel(),
      acceptDrift: () => this.#guard(() => this.#drift.accept()),
      goBackDrift: () => this.#started(() => this.#drift.goBack()),
      readReadiness: () => this.#guard(() => this.#readReadiness()),
      ...planRequests({
        services: this.#services,
        guard: (work) => this.#guard(work),
        source: () => this.#planInput(),
        selfHosted: () => this.#selfHosted.view().names,
      }),
      compare: ({ changes }: { changes: DraftChanges }) =>
        this.#guard(() => compareWithPlan(this.#services, this.#known(), changes)),
      apply: ({ changes }: { changes: DraftChanges }) => this.#started(() => this.#apply(changes)),
      undo: ({ id }: { id: string }) => this.#started(() => this.#undo(id)),
      lookAgain: ({ id }: { id: string }) => this.#guard(() => this.#verification.lookNow(id)),
      stopWatching: ({ id }: { id: string }) => this.#guard(() => this.#verification.stop(id)),
      showSurvey: ({ host }: { host: string }) => this.#guard(() => this.#showSurvey(host)),
      dismiss: () => {
        this.#problem = '';
        this.#notice = '';
        this.#drafts.dismiss();
        this.#push();
      },
      openInPortal: () => this.#guard(() => this.#openInPortal()),
      showLog: () => this.#services.log.show(),
      copy: ({ text }: { text: string }) => this.#guard(async () => env.clipboard.writeText(text)),
    };
  }

  #known() {
    return this.#subject.known();
  }

  #planInput(): PlanSource {
    const instance = this.#known();
    const hosts = [...gatewayEndpoints(instance), ...(this.#hosts() ?? [])].map(hostAndPort);
    return {
      instance,
      backends: this.#hosts(),
      unreadable: this.#subject.unreadable(),
      surveys: this.#services.surveys.of(hosts),
      traffic: this.#traffic.view().found,
      asking: askingOperations(this.#renegotiations.view().found),
      seen: this.#seen.found(),
      backendsReadAt: this.#subject.backendsReadAt(),
      notRead: this.#notRead(),
    };
  }

  /** Of what was asked for and could not be read. */
  #notRead(): NonNullable<PlanSource['notRead']> {
    const problems = {
      backends: this.#subject.view().backendsProblem,
      seen: this.#seen.view().problem,
      traffic: this.#traffic.view().problem,
      asking: this.#renegotiations.view().problem,
    };
    return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== ''));
  }

  /** What is known for a plan of the instance; undefined before it was read. */
  planSource(): PlanSource | undefined {
    return this.#subject.isKnown() ? this.#planInput() : undefined;
  }

  /**
   * The kept draft is another one now: a page that is shown takes it over.
   * @param read what was read of the logs, to judge it
   */
  async takeDraft(read: Pick<CheckSnapshot, 'traffic' | 'seen'>): Promise<void> {
    if (read.traffic) this.#traffic.take(read.traffic);
    if (read.seen?.days === this.#traffic.view().days) this.#seen.take(read.seen);
    const draft = await this.#services.drafts.of(this.#instanceId);
    if (!draft || !this.#subject.isKnown()) return;
    this.#subject.takeFromEstate();
    // A hidden page answers nothing; it gets the kept draft when it is shown again.
    this.#sent = this.#state();
    await this.#channel.request('state', this.#sent);
    await this.#channel.request('draft', draft);
  }

  /** The backends with what the logs say of them. */
  #hosts(): readonly BackendHost[] | null {
    const backends = this.#subject.backends();
    return backends && this.#seen.join(backends);
  }

  #state(): EditorState {
    const backends = this.#hosts();
    const { surveys } = this.#services;
    return {
      ...this.#subject.view(),
      backends,
      surveys: surveys.of((backends ?? []).map(hostAndPort)),
      gatewaySurveys: surveys.of(gatewayEndpoints(this.#known()).map(hostAndPort)),
      probing: this.#probing.view(),
      renegotiations: this.#renegotiations.view(),
      traffic: this.#traffic.view(),
      seen: this.#seen.view(),
      connectivity: this.#connectivity.view(),
      selfHosted: this.#selfHosted.view(),
      drift: this.#drift.view(),
      drafts: this.#drafts.view(),
      watch: this.#verification.view(),
      problem: this.#problem,
      notice: this.#notice,
    };
  }

  /** Sends a snapshot soon; several changes within 50 ms are one. */
  #push(): void {
    if (this.#disposed || this.#scheduled || !this.#subject.isKnown()) return;
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
    const problem = await this.#subject.load();
    if (problem !== '') this.#problem = problem;
    void this.#selfHosted.read();
  }

  async #readHistory(): Promise<void> {
    const problem = await this.#subject.readHistory();
    if (problem !== '') this.#problem = problem;
    this.#push();
  }

  async #readTraffic(wanted: { readonly days: TrafficDays; readonly fresh: boolean }): Promise<void> {
    await Promise.all([this.#traffic.read(wanted), this.#seen.read(wanted)]);
  }

  async #apply(changes: DraftChanges): Promise<boolean> {
    const input = this.#planInput();
    const { applyDraft } = await import('../changes.ts');
    return applyDraft(this.#services, input, changes);
  }

  /** Where TLS 1.3 towards clients would come on, operations that ask for certificates by renegotiation matter. */
  async #readAsking(changes: DraftChanges): Promise<void> {
    const { found } = this.#renegotiations.view();
    const isNew = found !== null && Date.now() - Date.parse(found.readAt) < askingLastsMs;
    const to = changes['client.tls13'];
    if (isNew || to === undefined || to === 'off') return;
    await this.#renegotiations.read(this.#known(), { days: this.#renegotiations.view().days, fresh: false });
  }

  #readReadiness(): Promise<void> {
    // Each list has the window that was chosen for it.
    const daysOf = (read: PanelTraffic | PanelRenegotiations) => ({ days: read.view().days, fresh: false });
    return this.#probing.for13(() => [
      this.#renegotiations.read(this.#known(), daysOf(this.#renegotiations)),
      this.#readTraffic(daysOf(this.#traffic)),
      this.#selfHosted.read(),
    ]);
  }

  async #undo(id: string): Promise<boolean> {
    const entry = this.#subject.history().find((candidate) => candidate.id === id);
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
