// One editor panel: answers the page's requests and sends it whole snapshots. The draft is the page's; the panel only keeps it.

import { Uri, env, l10n, window } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import { portalUrl } from '../../azure/clouds.ts';
import { askingOperations } from '../../core/askingOperations.ts';
import { unreadableText } from '../../core/failureText.ts';
import { namesText } from '../../core/wording.ts';
import type { HistoryEntry } from '../../core/history.ts';
import { nameInId } from '../../core/historyText.ts';
import { hostAndPort, isBusy, sameId } from '../../core/instance.ts';
import type { BackendHost, Instance } from '../../core/instance.ts';
import type { DraftChanges } from '../../core/tls/draft.ts';
import type { TrafficDays } from '../../core/traffic.ts';
import type { UnreadableBackend } from '../../core/tls/plan.ts';
import type { CheckSnapshot } from '../../flows/checkSettings.ts';
import { readBackendHosts } from '../../flows/readBackendHosts.ts';
import { openChannel } from '../../messages/channel.ts';
import { validateToHost } from '../../messages/editor.ts';
import { partBetween } from '../../messages/stateParts.ts';
import type { EditorState, KeptDraft, ToHost, ToWebview } from '../../messages/editor.ts';
import { compareWithPlan } from '../commands/compare.ts';
import { showSurvey } from '../documents.ts';
import { failureText, isCancelled, told } from '../errors.ts';
import { gatewayEndpoints } from '../gatewayCheck.ts';
import type { PlanSource } from '../plans.ts';
import type { Services } from '../services.ts';
import { byTierOverrides } from '../tierOverrides.ts';
import { pageHtml } from './html.ts';
import { openRenegotiations } from './renegotiations.ts';
import type { PanelRenegotiations } from './renegotiations.ts';
import { openDrift } from './drift.ts';
import type { PanelDrift } from './drift.ts';
import { planRequests } from './planRequests.ts';
import { probeBackendsFor13 } from './readiness.ts';
import { openSelfHosted } from './selfHosted.ts';
import type { PanelSelfHosted } from './selfHosted.ts';
import { openConnectivity } from './connectivity.ts';
import type { PanelConnectivity } from './connectivity.ts';
import { openSeenBackends } from './seenBackends.ts';
import type { SeenBackends } from './seenBackends.ts';
import { openTraffic } from './traffic.ts';
import type { PanelTraffic } from './traffic.ts';
import { openVerification } from './verification.ts';
import type { PanelVerification } from './verification.ts';

export class EditorPanel {
  readonly #services: Services;
  readonly #panel: WebviewPanel;
  readonly #instanceId: string;
  readonly #subscriptions: Disposable[] = [];
  readonly #channel;
  readonly #traffic: PanelTraffic;
  readonly #seen: SeenBackends;
  readonly #connectivity: PanelConnectivity;
  readonly #selfHosted: PanelSelfHosted;
  readonly #drift: PanelDrift;
  readonly #renegotiations: PanelRenegotiations;
  readonly #verification: PanelVerification;
  #instance: Instance | undefined;
  #backends: readonly BackendHost[] | null = null;
  #unreadable: readonly UnreadableBackend[] = [];
  #backendsProblem = '';
  #history: readonly HistoryEntry[] = [];
  #historyUnreadable = 0;
  #probing: EditorState['probing'] = null;
  #problem = '';
  #notice = '';
  #work: AbortController | undefined;
  #scheduled: NodeJS.Timeout | undefined;
  #disposed = false;
  #keeping: Promise<void> = Promise.resolve();

  constructor(services: Services, panel: WebviewPanel, instanceId: string, name: string) {
    this.#services = services;
    this.#panel = panel;
    this.#instanceId = instanceId;
    this.#traffic = openTraffic(services, instanceId, () => this.#push());
    this.#seen = openSeenBackends(services, instanceId, () => this.#push());
    this.#connectivity = openConnectivity(services, instanceId, () => this.#push());
    this.#selfHosted = openSelfHosted(services, instanceId, () => this.#push());
    this.#drift = openDrift(services, instanceId, () => this.#push());
    this.#renegotiations = openRenegotiations(services, name, () => this.#push());
    this.#verification = openVerification(services, instanceId, () => this.#push());
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
      services.estate.onDidChange(() => this.#takeFromEstate()),
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

  dispose(): void {
    this.#disposed = true;
    this.#work?.abort();
    this.#traffic.cancel();
    this.#seen.cancel();
    this.#connectivity.dispose();
    this.#selfHosted.cancel();
    this.#drift.cancel();
    this.#renegotiations.cancel();
    clearTimeout(this.#scheduled);
    this.#channel.close();
    this.#subscriptions.forEach((subscription) => void subscription.dispose());
  }

  #handlers() {
    return {
      ready: async () => {
        await this.#load();
        const draft = await this.#services.records().draft(this.#instanceId);
        this.#sent = this.#state();
        return { state: this.#sent, draft };
      },
      keepDraft: (draft: KeptDraft) => this.#keepDraft(draft),
      refresh: () => this.#guard(() => this.#load()),
      check: ({ changes }: { changes: DraftChanges }) => this.#guard(() => this.#check(changes)),
      cancel: () => this.#work?.abort(),
      probeGateway: () => this.#guard(() => this.#probeGateway()),
      readRenegotiations: (wanted: { days: TrafficDays; fresh: boolean }) =>
        this.#guard(() => this.#renegotiations.read(this.#known(), wanted)),
      cancelRenegotiations: () => this.#renegotiations.cancel(),
      renegotiationRows: (wanted: { list: number; from: number }) => this.#renegotiations.rows(wanted),
      exportRenegotiations: (wanted: { list: number; rows: readonly number[]; to: 'file' | 'clipboard' }) =>
        this.#renegotiations.save(wanted),
      readTraffic: async (wanted: { days: TrafficDays; fresh: boolean }) => {
        await Promise.all([this.#traffic.read(wanted), this.#seen.read(wanted)]);
      },
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
        source: () => this.#planSource(),
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
        this.#push();
      },
      openInPortal: () => this.#guard(() => this.#openInPortal()),
      showLog: () => this.#services.log.show(),
      copy: ({ text }: { text: string }) => this.#guard(async () => env.clipboard.writeText(text)),
    };
  }

  /** One write after the other, so that the newest draft is the one that stays. */
  #keepDraft(draft: KeptDraft): Promise<void> {
    const own = { ...draft, instanceId: this.#instanceId };
    this.#keeping = this.#keeping
      .then(() => this.#services.records().keepDraft(own))
      .catch((error: unknown) => {
        this.#services.log.warn(`The draft could not be kept: ${String(error)}`);
      });
    return this.#keeping;
  }

  #known(): Instance {
    if (!this.#instance) throw told(l10n.t('The instance has not been read yet. Choose Refresh.'));
    return this.#instance;
  }

  #planInput() {
    const instance = this.#known();
    const hosts = [...gatewayEndpoints(instance), ...(this.#hosts() ?? [])].map(hostAndPort);
    return {
      instance,
      backends: this.#hosts(),
      unreadable: this.#unreadable,
      surveys: this.#services.surveys.of(hosts),
      traffic: this.#traffic.view().found,
    };
  }

  #planSource(): PlanSource {
    return { ...this.#planInput(), asking: askingOperations(this.#renegotiations.view().found) };
  }

  /** What is known for a plan of the instance; undefined before it was read. */
  planSource(): PlanSource | undefined {
    return this.#instance && this.#planSource();
  }

  /** The kept draft is another one now: a page that is shown takes it over. */
  async takeDraft(): Promise<void> {
    const draft = await this.#services.records().draft(this.#instanceId);
    if (!draft || !this.#instance) return;
    this.#takeFromEstate();
    // A hidden page answers nothing; it gets the kept draft when it is shown again.
    await this.#channel.request('state', this.#state());
    await this.#channel.request('draft', draft);
  }

  /** The backends with what the logs say of them. */
  #hosts(): readonly BackendHost[] | null {
    return this.#backends && this.#seen.join(this.#backends);
  }

  #surveys() {
    return this.#services.surveys.of((this.#hosts() ?? []).map(hostAndPort));
  }

  #state(): EditorState {
    const instance = this.#known();
    const own = this.#services.operations.of(this.#instanceId);
    const gateway = gatewayEndpoints(instance).map(hostAndPort);
    return {
      instance,
      subscriptionName: this.#services.estate.subscriptionName(instance.subscriptionId),
      sample: this.#sample,
      operation: own
        ? { id: own.id, kind: own.kind, startedAt: own.startedAt, foreign: false }
        : isBusy(instance)
          ? { id: '', kind: 'change', startedAt: instance.readAt, foreign: true }
          : null,
      backends: this.#hosts(),
      unreadable: this.#unreadable,
      backendsProblem: this.#backendsProblem,
      surveys: this.#surveys(),
      gatewaySurveys: this.#services.surveys.of(gateway),
      probing: this.#probing,
      renegotiations: this.#renegotiations.view(),
      traffic: this.#traffic.view(),
      seen: this.#seen.view(),
      connectivity: this.#connectivity.view(),
      selfHosted: this.#selfHosted.view(),
      drift: this.#drift.view(),
      history: this.#history,
      historyUnreadable: this.#historyUnreadable,
      watch: this.#verification.view(),
      problem: this.#problem,
      notice: this.#notice,
    };
  }

  #sample = false;
  /** What the page has. */
  #sent: EditorState | undefined;

  /** Sends a snapshot soon; several changes within 50 ms are one. */
  #push(): void {
    if (this.#disposed || this.#scheduled || !this.#instance) return;
    this.#scheduled = setTimeout(() => {
      this.#scheduled = undefined;
      if (!this.#disposed && this.#instance) void this.#send(this.#state());
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

  #takeFromEstate(): void {
    const known = this.#services.estate.instance(this.#instanceId);
    if (!known || known === this.#instance) return;
    // Rows of Resource Graph have no etag and may lag: what ARM itself said is kept, under the settings of now.
    this.#instance = known.etag === null && this.#instance ? byTierOverrides()(this.#instance) : known;
    this.#push();
  }

  /** Failures become the page's problem line; cancelling leaves no trace. */
  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      this.#problem = '';
      await work();
    } catch (error) {
      if (!isCancelled(error)) {
        this.#problem = failureText(error);
        this.#services.log.error(`${this.#instance?.name ?? this.#instanceId}: ${this.#problem}`);
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
    const connection = await this.#services.connection();
    this.#sample = connection.sample !== null;
    this.#instance ??= this.#services.estate.instance(this.#instanceId);
    try {
      const fresh = await connection.azure.readInstance(this.#instanceId);
      this.#instance = fresh;
      this.#services.estate.put(fresh);
    } catch (error) {
      if (!this.#instance) throw new Error(failureText(error), { cause: error });
      this.#problem = failureText(error);
    }
    await this.#readHistory();
    void this.#readBackends();
    void this.#selfHosted.read();
  }

  async #readHistory(): Promise<void> {
    try {
      const { entries, unreadable } = await this.#services.records().history(this.#instanceId);
      // Those from before a move are in the file of the address that it had then.
      const byName = await this.#services.histories.byName();
      this.#history = byName.get(nameInId(this.#instanceId).toLowerCase()) ?? entries;
      this.#historyUnreadable = unreadable;
    } catch (error) {
      this.#problem = failureText(error);
    }
    this.#push();
  }

  async #readBackends(): Promise<void> {
    try {
      const { azure } = await this.#services.connection();
      const { hosts, unreadable } = await readBackendHosts(azure, this.#instanceId);
      this.#backends = hosts;
      this.#unreadable = unreadable;
      this.#backendsProblem =
        unreadable.length === 0
          ? ''
          : l10n.t('Not every backend can be read. {0}', namesText(unreadable.map(unreadableText), 3));
    } catch (error) {
      this.#backendsProblem = failureText(error);
    }
    this.#push();
  }

  async #apply(changes: DraftChanges): Promise<boolean> {
    const input = this.#planInput();
    const { applyDraft } = await import('../changes.ts');
    return applyDraft(this.#services, input, changes);
  }

  async #check(changes: DraftChanges): Promise<void> {
    const work = this.#begin();
    const instance = this.#known();
    try {
      const { checkDraft, checkTraffic } = await import('../changes.ts');
      const traffic = { days: this.#traffic.view().days, withinMs: checkTraffic.withinMs };
      const onProgress = (progress: CheckSnapshot) => {
        this.#instance = progress.instance;
        // Until they have been read again, those that were known stay on the page.
        if (progress.backends || progress.backendsFailure) this.#backends = progress.backends;
        if (progress.backends) this.#unreadable = progress.unreadable;
        if (progress.traffic) this.#traffic.take(progress.traffic);
        if (progress.seen) this.#seen.take(progress.seen);
        this.#probing = { what: 'backends', done: progress.done, total: progress.total };
        this.#push();
      };
      await checkDraft(this.#services, instance.id, changes, work.signal, onProgress, { traffic });
    } finally {
      this.#end(work);
    }
  }

  async #probeGateway(): Promise<void> {
    const work = this.#begin();
    const endpoints = gatewayEndpoints(this.#known());
    try {
      const connection = await this.#services.connection();
      const { surveyAll } = await import('../../probe/survey.ts');
      let done = 0;
      this.#probing = { what: 'gateway', done, total: endpoints.length };
      this.#push();
      await surveyAll(
        endpoints,
        null,
        (survey) => {
          if (survey.behaviour === 'cancelled') return;
          done += 1;
          this.#probing = { what: 'gateway', done, total: endpoints.length };
          this.#services.surveys.put(survey);
        },
        { ...connection.probeOptions(), signal: work.signal },
      );
    } finally {
      this.#end(work);
    }
  }

  async #readReadiness(): Promise<void> {
    const work = this.#begin();
    const instance = this.#known();
    const { days } = this.#renegotiations.view();
    const probed = async () => {
      await this.#readBackends();
      await probeBackendsFor13(this.#services, { instance, backends: this.#hosts() ?? [] }, work.signal, (count) => {
        this.#probing = { what: 'backends', ...count };
        this.#push();
      });
    };
    try {
      const estimated = this.#renegotiations.read(instance, { days, fresh: false });
      await Promise.all([estimated, this.#selfHosted.read(), probed()]);
    } finally {
      this.#end(work);
    }
  }

  #begin(): AbortController {
    this.#work?.abort();
    this.#work = new AbortController();
    return this.#work;
  }

  #end(work: AbortController): void {
    if (this.#work !== work) return;
    this.#work = undefined;
    this.#probing = null;
    this.#push();
  }

  async #undo(id: string): Promise<boolean> {
    const entry = this.#history.find((candidate) => candidate.id === id);
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
