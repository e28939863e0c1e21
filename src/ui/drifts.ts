// What changed elsewhere since it was last seen or changed here: kept up to date with every reading, told once.

import { EventEmitter, commands, l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import type { Activity } from '../core/activity.ts';
import { driftWindow, fingerprintOf, isNotable, memoryKey, remember } from '../core/drift.ts';
import type { Drift, Remembered } from '../core/drift.ts';
import { driftSentence, writersText } from '../core/driftText.ts';
import { nameInId } from '../core/historyText.ts';
import { idKey } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import { findDrifts } from '../flows/findDrifts.ts';
import type { Connection } from './connection.ts';
import { isAccepted, openDriftMemory, untoldOf } from './driftMemory.ts';
import type { DriftMemory } from './driftMemory.ts';
import { failureText, isCancelled } from './errors.ts';
import type { Estate } from './estate.ts';
import type { Histories } from './histories.ts';
import type { Unkept } from './keeping.ts';
import type { Operations } from './operations.ts';
import { agoHere } from './time.ts';

interface World {
  readonly log: LogOutputChannel;
  readonly estate: Estate;
  readonly operations: Operations;
  readonly histories: Histories;
  /** Where the memory is kept. */
  readonly folder: () => string;
  readonly connection: () => Promise<Connection>;
  readonly unkept: Unkept;
}

/** Of one connection. */
interface Opened {
  readonly connection: Connection;
  readonly store: DriftMemory;
  memory: ReadonlyMap<string, Remembered>;
}

/** Writers of so many drifts are looked up by themselves; of the others when somebody looks at one. */
const mostLookedUp = 10;

export class Drifts {
  readonly #world: World;
  readonly #changed = new EventEmitter<readonly string[]>();
  /** Fires with the ids of the instances of which something else is known now. */
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): void }[];
  /** By `memoryKey`. */
  #drifts = new Map<string, Drift>();
  /** By fingerprint and name: who wrote. */
  readonly #writers = new Map<string, Activity>();
  #opened: Promise<Opened> | undefined;
  #ending = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
    this.#subscriptions = [
      world.estate.onDidChange((id) => {
        const instance = id === undefined ? undefined : world.estate.instance(id);
        if (instance && instance.etag !== null) void this.look([instance], false);
      }),
    ];
  }

  /** Those that are worth a word, in the order of names. */
  get notable(): readonly Drift[] {
    return [...this.#drifts.values()].filter(isNotable).sort((a, b) => a.name.localeCompare(b.name));
  }

  of(instanceId: string): Drift | undefined {
    return this.#drifts.get(memoryKey({ name: nameInId(instanceId) }));
  }

  writersOf(drift: Drift): Activity | undefined {
    return this.#writers.get(keyOf(drift));
  }

  /** Resolves when everything that was read so far has been compared. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Compares what was read; tells the user of what is new, where that is wanted. Never rejects. */
  async look(instances: readonly Instance[], tell: boolean): Promise<void> {
    const { signal } = this.#ending;
    const work = this.#turn.then(() => this.#look(instances, tell, signal));
    this.#turn = work.catch((error: unknown) => {
      if (!isCancelled(error) && !signal.aborted)
        this.#world.log.warn(`What changed elsewhere could not be found out: ${failureText(error)}`);
    });
    await this.#turn;
  }

  async #look(instances: readonly Instance[], tell: boolean, signal: AbortSignal): Promise<void> {
    const opened = await this.#open();
    // Another window may have accepted, applied or told of something meanwhile.
    if (tell) opened.memory = (await opened.store.read()) ?? opened.memory;
    const own = await this.#world.histories.byName();
    const { operations } = this.#world;
    const found = await findDrifts({
      azure: opened.connection.azure,
      instances,
      memory: opened.memory,
      own: ({ name }) => own.get(name.toLowerCase()) ?? [],
      isChanging: (id) => operations.of(id) !== undefined,
      known: this.#drifts,
      signal,
    });
    if (signal.aborted) return;
    const open = found.drifts.filter((drift) => !isAccepted(opened.memory, drift));
    this.#take(instances, open, found.unsettled);
    await this.#keep(opened, found.remembered, instances.length > 1);
    for (const instance of found.read) this.#world.estate.put(instance);
    if (tell) await this.#tell(opened, signal);
  }

  /** What is no longer a drift goes; of what could not be asked about, what was known stays. */
  #take(looked: readonly Instance[], drifts: readonly Drift[], unsettled: readonly string[]): void {
    const open = new Set(unsettled.map(idKey));
    const changed: string[] = [];
    const fresh = new Map(drifts.map((drift) => [memoryKey(drift), drift]));
    for (const instance of looked) {
      const key = memoryKey(instance);
      const [before, now] = [this.#drifts.get(key), fresh.get(key)];
      if (now) this.#drifts.set(key, now);
      else if (!open.has(idKey(instance.id))) this.#drifts.delete(key);
      if ((before && keyOf(before)) !== (now && keyOf(now))) changed.push(instance.id);
    }
    if (changed.length > 0) this.#changed.fire(changed);
  }

  /** @param all also where nothing but the moment is new: that is written once for each reading of the estate */
  async #keep(opened: Opened, remembered: readonly Remembered[], all: boolean): Promise<void> {
    const fresh = remembered.filter((one) => {
      const known = opened.memory.get(memoryKey(one));
      if (all || !known || known.source !== one.source || known.etag !== one.etag) return true;
      return fingerprintOf(known) !== fingerprintOf(one);
    });
    if (fresh.length === 0) return;
    opened.memory = await opened.store.keep(fresh);
  }

  #open(): Promise<Opened> {
    this.#opened ??= (async () => {
      const connection = await this.#world.connection();
      const { cloud, azure, sample } = connection;
      const owner = [cloud.arm, cloud.authority, azure.accountLabel].join('\n');
      const store = openDriftMemory(this.#world.folder(), owner, this.#world.unkept);
      const kept = await store.read();
      if (kept !== null || !sample) return { connection, store, memory: kept ?? new Map<string, Remembered>() };
      // What the sample's account has seen before the first day.
      return { connection, store, memory: await store.keep(sample.earlier) };
    })().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** One message for everything that nobody has been told of yet. */
  async #tell(opened: Opened, signal: AbortSignal): Promise<void> {
    const drifts = this.notable;
    await this.#lookUp(drifts, signal);
    const untold = await this.#claimUntold(opened, drifts);
    if (untold.length === 0 || signal.aborted) return;
    const show = l10n.t('Show');
    const [only] = untold;
    const text =
      untold.length === 1 && only
        ? this.#sentence(only)
        : l10n.t('{0} instances changed since you last looked.', untold.length);
    this.#world.log.info(untold.map((drift) => this.#sentence(drift)).join('\n'));
    void window.showInformationMessage(text, show).then((choice) => {
      if (choice === show) void commands.executeCommand('apimTls.showDrift');
    });
  }

  /** Whichever window comes first tells; where nothing can be written, none does, and the tree shows what it is. */
  async #claimUntold(opened: Opened, drifts: readonly Drift[]): Promise<readonly Drift[]> {
    const open = untoldOf(opened.memory, drifts);
    if (open.length === 0) return open;
    const claimed = await opened.store.claimUntold(open);
    opened.memory = claimed.memory;
    return claimed.drifts;
  }

  #sentence(drift: Drift): string {
    const instance = this.#world.estate.instance(drift.instanceId);
    const writers = this.writersOf(drift);
    return [
      l10n.t('{0} changed since you last looked: {1}.', drift.name, instance ? driftSentence(drift, instance) : ''),
      ...(writers?.state === 'read' && writers.writes.length > 0 ? [writersText(writers, agoHere)] : []),
    ].join(' ');
  }

  async #lookUp(drifts: readonly Drift[], signal: AbortSignal): Promise<void> {
    await inParallel(drifts.slice(0, mostLookedUp), 3, (drift) =>
      this.readWriters(drift, signal).catch(() => undefined),
    );
  }

  /** Who wrote to the instance in that time. What was read already is given again. */
  async readWriters(drift: Drift, signal?: AbortSignal): Promise<Activity> {
    const known = this.writersOf(drift);
    // The log may be late: where it had nothing, it is asked again.
    if (known && (known.state !== 'read' || known.writes.length > 0)) return known;
    const { azure } = await this.#world.connection();
    const activity = await azure.readActivity(drift.instanceId, driftWindow(drift), signal ? { signal } : {});
    this.#writers.set(keyOf(drift), activity);
    this.#changed.fire([drift.instanceId]);
    return activity;
  }

  /** From now on, the instances are remembered as they are. */
  async accept(instanceIds: readonly string[]): Promise<void> {
    const opened = await this.#open();
    const drifts = instanceIds.flatMap((id) => this.of(id) ?? []);
    const { estate } = this.#world;
    const fresh = drifts.flatMap((drift) => {
      const instance = estate.instance(drift.instanceId);
      const accepted =
        instance && remember({ ...instance, customProperties: drift.map, readAt: drift.foundAt }, 'seen');
      return accepted ?? [];
    });
    await this.#keep(opened, fresh, true);
    // Not before it is kept: a look that is under way would find them again.
    for (const drift of drifts) {
      const known = this.of(drift.instanceId);
      if (known && keyOf(known) === keyOf(drift)) this.#drifts.delete(memoryKey(drift));
    }
    if (drifts.length > 0) this.#changed.fire(drifts.map((drift) => drift.instanceId));
  }

  /** Forgets what belongs to the connection that is being closed. What is kept in files stays. */
  clear(): void {
    this.#ending.abort();
    this.#ending = new AbortController();
    this.#opened = undefined;
    this.#turn = Promise.resolve();
    const gone = [...this.#drifts.values()].map((drift) => drift.instanceId);
    this.#drifts = new Map();
    this.#writers.clear();
    if (gone.length > 0) this.#changed.fire(gone);
  }

  dispose(): void {
    this.#ending.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}

function keyOf(drift: Drift): string {
  return `${memoryKey(drift)} ${drift.since.at} ${fingerprintOf(drift)}`;
}
