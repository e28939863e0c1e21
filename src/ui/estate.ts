// What is known of all instances, in one place. Tree, panels and status bar are functions of it.

import { EventEmitter } from 'vscode';
import type { EstateFailure, Instance, Subscription } from '../core/instance.ts';
import { failureCode } from '../core/failure.ts';
import type { EstateReading } from '../azure/access.ts';

export type EstateStatus = 'unread' | 'reading' | 'ready' | 'signedOut' | 'failed';

/** ARM ids in one spelling, for maps and tree ids. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

export class Estate {
  readonly #changed = new EventEmitter<string | undefined>();
  /** Fires with the id of the one instance that changed, or with undefined where more did. */
  readonly onDidChange = this.#changed.event;
  #instances = new Map<string, Instance>();
  #reading = 0;
  status: EstateStatus = 'unread';
  subscriptions: readonly Subscription[] = [];
  failures: readonly EstateFailure[] = [];
  /** Of the last reading as a whole. */
  failure: unknown = undefined;

  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  instance(id: string): Instance | undefined {
    return this.#instances.get(idKey(id));
  }

  subscriptionName(id: string): string {
    return this.subscriptions.find((subscription) => subscription.id === id)?.name ?? id;
  }

  /** Reads everything anew. A later call makes an earlier one's answer void. */
  async refresh(read: (onPage: (reading: EstateReading) => void) => Promise<EstateReading>): Promise<void> {
    const turn = ++this.#reading;
    const wanted = () => turn === this.#reading;
    this.status = 'reading';
    this.#changed.fire(undefined);
    try {
      const reading = await read((page) => {
        // Pages only add: what an earlier reading knew stays in sight until the end.
        if (wanted() && this.#instances.size < page.instances.length) this.#take(page);
      });
      if (!wanted()) return;
      this.#take(reading);
      this.failure = undefined;
      this.status = 'ready';
    } catch (error) {
      if (!wanted()) return;
      this.failure = error;
      this.status = failureCode(error) === 'signedOut' ? 'signedOut' : 'failed';
      if (this.status === 'signedOut') this.#instances.clear();
    }
    this.#changed.fire(undefined);
  }

  /** A newer reading of one instance, such as from ARM before an edit. */
  put(instance: Instance): void {
    this.#instances.set(idKey(instance.id), instance);
    this.#changed.fire(instance.id);
  }

  /** One subscription read again. */
  putSubscription(id: string, instances: readonly Instance[]): void {
    for (const instance of this.instances)
      if (instance.subscriptionId === id) this.#instances.delete(idKey(instance.id));
    for (const instance of instances) this.#instances.set(idKey(instance.id), instance);
    this.failures = this.failures.filter((failure) => failure.scope !== 'subscription' || failure.id !== id);
    this.#changed.fire(undefined);
  }

  putFailure(failure: EstateFailure): void {
    this.failures = [...this.failures.filter((other) => other.id !== failure.id), failure];
    this.#changed.fire(undefined);
  }

  clear(): void {
    this.#reading += 1;
    this.#instances.clear();
    this.subscriptions = [];
    this.failures = [];
    // Whoever clears reads anew at once.
    this.status = 'reading';
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #take(reading: EstateReading): void {
    this.subscriptions = reading.subscriptions;
    this.failures = reading.failures;
    this.#instances = new Map(reading.instances.map((instance) => [idKey(instance.id), this.#newer(instance)]));
    this.#changed.fire(undefined);
  }

  /** Resource Graph lags behind ARM: an etag-bearing reading of the last minutes is kept over an unchanged older row. */
  #newer(instance: Instance): Instance {
    const known = this.#instances.get(idKey(instance.id));
    const recent = known?.etag != null && Date.parse(instance.readAt) - Date.parse(known.readAt) < 120_000;
    return recent && instance.etag === null && known ? known : instance;
  }
}
