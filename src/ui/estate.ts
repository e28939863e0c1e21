// What is known of all instances, in one place. Tree, panels and status bar are functions of it.

import { EventEmitter } from 'vscode';
import { idKey } from '../core/instance.ts';
import type { EstateFailure, Instance, Subscription, WorkspaceGateway } from '../core/instance.ts';
import { failureCode } from '../core/failure.ts';
import type { EstateReading } from '../azure/access.ts';

export type EstateStatus = 'unread' | 'reading' | 'ready' | 'signedOut' | 'failed';

/** Takes what a reading brings before its end. */
export interface ReadingProgress {
  /** Everything that was read so far. */
  readonly page: (reading: EstateReading) => void;
  /** What an earlier session has read, and when: ISO 8601, UTC. Shown until the reading ends. */
  readonly kept: (reading: EstateReading, takenAt: string) => void;
}

/** Resource Graph lags behind ARM: a reading with an etag of the last two minutes is kept over a row without one. */
const graphLagMs = 120_000;

export class Estate {
  readonly #changed = new EventEmitter<string | undefined>();
  /** Fires with the id of the one instance that changed, or with undefined where more did. */
  readonly onDidChange = this.#changed.event;
  #instances = new Map<string, Instance>();
  #list: readonly Instance[] | undefined;
  #names: ReadonlyMap<string, string> | undefined;
  #reading = 0;
  #version = 0;
  #subscriptions: readonly Subscription[] = [];
  status: EstateStatus = 'unread';
  gateways: readonly WorkspaceGateway[] = [];
  failures: readonly EstateFailure[] = [];
  notAsked: readonly Subscription[] = [];
  /** Only chosen tenants or subscriptions are read. */
  limited = false;
  /** When what is shown was read, where that was in an earlier session: ISO 8601, UTC. */
  keptFrom: string | undefined;
  /** Of the last reading as a whole. */
  failure: unknown = undefined;

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  get instances(): readonly Instance[] {
    return (this.#list ??= [...this.#instances.values()]);
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  instance(id: string): Instance | undefined {
    return this.#instances.get(idKey(id));
  }

  subscriptionName(id: string): string {
    this.#names ??= new Map(this.#subscriptions.map((one) => [one.id.toLowerCase(), one.name]));
    return this.#names.get(id.toLowerCase()) ?? id;
  }

  /** Reads everything anew. A later call makes an earlier one's answer void. */
  async refresh(read: (progress: ReadingProgress) => Promise<EstateReading>): Promise<void> {
    const turn = ++this.#reading;
    const wanted = () => turn === this.#reading;
    this.status = 'reading';
    this.#tell();
    try {
      const reading = await read({
        page: (page) => wanted() && this.#takePage(page),
        kept: (kept, takenAt) => {
          if (!wanted() || this.#instances.size > 0) return;
          this.keptFrom = takenAt;
          this.#take(kept);
        },
      });
      if (!wanted()) return;
      this.failure = undefined;
      this.status = 'ready';
      this.keptFrom = undefined;
      this.#take(reading);
    } catch (error) {
      if (!wanted()) return;
      this.failure = error;
      this.status = failureCode(error) === 'signedOut' ? 'signedOut' : 'failed';
      if (this.status === 'signedOut') this.#forget();
      this.#tell();
    }
  }

  /** A newer reading of one instance, such as from ARM before an edit. */
  /** What was read before what is known from Azure Resource Manager itself came too late. */
  put(instance: Instance): void {
    const known = this.#instances.get(idKey(instance.id));
    if (known && known.etag !== null && known.readAt > instance.readAt) return;
    this.#instances.set(idKey(instance.id), instance);
    this.#tell(instance.id);
  }

  /** Every instance as `change` gives it. */
  change(change: (instance: Instance) => Instance): void {
    this.#instances = new Map([...this.#instances].map(([key, instance]) => [key, change(instance)]));
    this.#tell();
  }

  /** One subscription read again. */
  putSubscription(id: string, instances: readonly Instance[]): void {
    for (const instance of this.instances)
      if (instance.subscriptionId === id) this.#instances.delete(idKey(instance.id));
    for (const instance of instances) this.#instances.set(idKey(instance.id), instance);
    this.failures = this.failures.filter((failure) => failure.scope !== 'subscription' || failure.id !== id);
    this.notAsked = this.notAsked.filter((subscription) => subscription.id !== id);
    this.#tell();
  }

  putFailure(failure: EstateFailure): void {
    this.failures = [...this.failures.filter((other) => other.id !== failure.id), failure];
    this.notAsked = this.notAsked.filter(({ id }) => id !== failure.id);
    this.#tell();
  }

  clear(): void {
    this.#reading += 1;
    this.#forget();
    // Whoever clears reads anew at once.
    this.status = 'reading';
    this.#tell();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #forget(): void {
    this.#instances.clear();
    this.#subscriptions = [];
    this.gateways = [];
    this.failures = [];
    this.notAsked = [];
    this.keptFrom = undefined;
  }

  #take(reading: EstateReading): void {
    this.#takeRest(reading);
    this.gateways = reading.gateways;
    this.#instances = new Map(reading.instances.map((instance) => [idKey(instance.id), this.#newer(instance)]));
    this.#tell();
  }

  /** Pages only add: what an earlier reading knew stays in sight until the end. */
  #takePage(page: EstateReading): void {
    if (this.keptFrom === undefined) this.#takeRest(page);
    if (this.gateways.length < page.gateways.length) this.gateways = page.gateways;
    for (const instance of page.instances) this.#instances.set(idKey(instance.id), this.#newer(instance));
    this.#tell();
  }

  #takeRest(reading: EstateReading): void {
    this.#subscriptions = reading.subscriptions;
    this.failures = reading.failures;
    this.notAsked = reading.notAsked;
  }

  #newer(instance: Instance): Instance {
    const known = this.#instances.get(idKey(instance.id));
    const recent = known?.etag != null && Date.parse(instance.readAt) - Date.parse(known.readAt) < graphLagMs;
    return recent && instance.etag === null && known ? known : instance;
  }

  #tell(id?: string): void {
    this.#version += 1;
    this.#list = undefined;
    this.#names = undefined;
    this.#changed.fire(id);
  }
}
