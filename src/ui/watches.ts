// What is looked at after a change: hosts and logs, followed by one window, shown by all of them.

import { EventEmitter, l10n } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { aftermathOf, azurePaces, beginWatch, samplePaces } from '../core/changeWatch.ts';
import type { ChangeWatch, WatchPaces } from '../core/changeWatch.ts';
import { idKey } from '../core/instance.ts';
import { watchChange } from '../flows/watchChange.ts';
import { alarmText, openAlarms } from './alarms.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { Connection } from './connection.ts';
import { failureText, isCancelled } from './errors.ts';
import { lookAtName } from './gatewayCheck.ts';
import type { Records } from './records.ts';
import type { Surveys } from './surveys.ts';
import type { WatchFiles } from './watchFiles.ts';

interface World {
  readonly log: LogOutputChannel;
  readonly surveys: Surveys;
  readonly records: () => Records;
  readonly files: () => WatchFiles;
  readonly connection: () => Promise<Connection>;
  /** Takes a change back, with its check and its confirmation. */
  readonly undo: (watch: ChangeWatch) => Promise<void>;
}

/** A watch that this window goes on with, and the files that it is of. */
interface Here {
  readonly stop: AbortController;
  readonly files: WatchFiles;
}

/** The estate that was open when something began; aborted when it was left. */
interface Open {
  readonly files: WatchFiles;
  readonly signal: AbortSignal;
}

/** How often a claim is renewed and the files of other windows are looked at, in milliseconds. */
const beatMs = 10_000;

export class Watches {
  readonly #world: World;
  readonly #changed = new EventEmitter<string>();
  /** Fires with the id of the instance. */
  readonly onDidChange = this.#changed.event;
  /** The newest watch of each instance, by `idKey`. */
  readonly #known = new Map<string, ChangeWatch>();
  /** Those that this window goes on with, by their id. */
  readonly #here = new Map<string, Here>();
  readonly #alarms: Alarms;
  #beat: NodeJS.Timeout | undefined;
  /** Aborted by `stop`: what was begun before belongs to an estate that may not be the open one any more. */
  #ending = new AbortController();

  constructor(world: World) {
    this.#world = world;
    this.#alarms = openAlarms((watch) => world.undo(watch));
  }

  of(instanceId: string): ChangeWatch | null {
    return this.#known.get(idKey(instanceId)) ?? null;
  }

  /**
   * Begins to watch a change whose end was just seen; an earlier one of the same instance is over with that. Rejects
   * where there is no connection.
   */
  async begin(change: Parameters<typeof beginWatch>[0]): Promise<ChangeWatch> {
    const open = this.#open();
    const { files } = open;
    const watch = beginWatch(change, pacesOf(await this.#world.connection()));
    for (const old of await files.running())
      if (idKey(old.instanceId) === idKey(watch.instanceId) && old.id !== watch.id)
        await this.#end(old, 'superseded', open);
    await files.begin(watch);
    await this.resume();
    return watch;
  }

  /** Goes on with what no window watches, and shows what others do. */
  async resume(): Promise<void> {
    const { files, signal } = this.#open();
    try {
      const [ended, running] = await Promise.all([files.ended(), files.running()]);
      if (signal.aborted) return;
      for (const watch of ended) if (!this.of(watch.instanceId)) this.#show(watch);
      for (const watch of running) {
        if (this.#here.has(watch.id)) continue;
        this.#show(watch);
        const claimed = await files.claim(watch.id);
        if (signal.aborted) {
          if (claimed) files.release(watch.id);
          return;
        }
        // Asked for twice at once, it is run once.
        if (claimed && !this.#here.has(watch.id)) void this.#run(watch, files);
      }
      this.#keepBeat(running.length > 0);
    } catch (error) {
      this.#world.log.error(l10n.t('Watched changes could not be looked up: {0}', failureText(error)));
    }
  }

  /** Looks at the hosts that have not shown the change at once, also after the watch has ended. */
  async lookNow(id: string): Promise<void> {
    const now = new Date().toISOString();
    await this.#takeOver(id, (watch) => ({
      ...watch,
      looks: Math.max(1, watch.looks - 1),
      hostsNextAt: now,
      ended: null,
    }));
  }

  /** Ends the watch. What was seen stays. */
  async stopWatching(id: string): Promise<void> {
    const watch = this.#find(id);
    if (watch) await this.#end(watch, 'stopped', this.#open());
  }

  /** Stops following; another window, or the next one, goes on. */
  stop(): void {
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#ending.abort();
    this.#ending = new AbortController();
    for (const [id, { stop, files }] of this.#here) {
      stop.abort();
      files.release(id);
    }
    this.#here.clear();
    this.#known.clear();
  }

  dispose(): void {
    this.stop();
    this.#alarms.dispose();
    this.#changed.dispose();
  }

  #open(): Open {
    return { files: this.#world.files(), signal: this.#ending.signal };
  }

  #find(id: string): ChangeWatch | undefined {
    return [...this.#known.values()].find((watch) => watch.id === id);
  }

  #show(watch: ChangeWatch): void {
    const known = this.of(watch.instanceId);
    // A change that is over says nothing beside a later one.
    if (known && known.id !== watch.id && known.startedAt > watch.startedAt) return;
    if (JSON.stringify(known) === JSON.stringify(watch)) return;
    this.#known.set(idKey(watch.instanceId), watch);
    this.#changed.fire(watch.instanceId);
  }

  async #takeOver(id: string, change: (watch: ChangeWatch) => ChangeWatch): Promise<void> {
    const watch = this.#find(id);
    if (!watch) return;
    const { files, signal } = this.#open();
    this.#leave(id);
    const changed = change(watch);
    await files.claim(id, true);
    await files.save(changed);
    if (signal.aborted) return files.release(id);
    this.#show(changed);
    void this.#run(changed, files);
    this.#keepBeat(true);
  }

  async #end(watch: ChangeWatch, ended: 'stopped' | 'superseded', { files, signal }: Open): Promise<void> {
    this.#leave(watch.id);
    // Whoever watches it elsewhere finds its claim gone.
    await files.claim(watch.id, true);
    const over: ChangeWatch = { ...watch, hostsNextAt: null, logsNextAt: null, ended };
    await files.save(over);
    if (signal.aborted) return;
    this.#show(over);
    await this.#record(over);
  }

  #leave(id: string): void {
    this.#here.get(id)?.stop.abort();
    this.#here.delete(id);
  }

  async #run(watch: ChangeWatch, files: WatchFiles): Promise<void> {
    const { log } = this.#world;
    const stop = new AbortController();
    // Taken up twice at once, the later one has what the user asked for last.
    this.#leave(watch.id);
    this.#here.set(watch.id, { stop, files });
    try {
      const connection = await this.#world.connection();
      const last = await watchChange({
        watch,
        azure: connection.azure,
        look: (name, signal) => lookAtName(this.#world, name, signal),
        paces: pacesOf(connection),
        now: () => new Date(),
        signal: stop.signal,
        save: async (next) => {
          if (stop.signal.aborted || !(await files.renew(next.id))) return stop.abort();
          await files.save(next);
          if (!stop.signal.aborted) this.#show(next);
        },
        tell: (what, next) => void this.#tell({ what, watch: next }),
      });
      if (!stop.signal.aborted && last.ended !== null) await this.#record(last);
    } catch (error) {
      if (!isCancelled(error)) log.error(`${watch.instanceName}: ${failureText(error)}`);
    } finally {
      if (this.#here.get(watch.id)?.stop === stop) this.#here.delete(watch.id);
    }
  }

  async #tell(alarm: Alarm): Promise<void> {
    this.#world.log.warn(alarmText(alarm));
    await this.#record(alarm.watch);
    this.#alarms.tell(alarm);
  }

  /** What was seen becomes part of the change's entry in the history, whatever else the entry has by now. */
  async #record(watch: ChangeWatch): Promise<void> {
    try {
      const records = this.#world.records();
      const { entries } = await records.history(watch.instanceId);
      const entry = entries.find(({ id }) => id === watch.id);
      if (!entry) return;
      await records.record({ ...entry, aftermath: aftermathOf(watch) });
      this.#changed.fire(watch.instanceId);
    } catch (error) {
      this.#world.log.error(failureText(error));
    }
  }

  /** As long as anything is watched: own claims are kept, those of closed windows are taken over. */
  #keepBeat(wanted: boolean): void {
    if (!wanted) {
      clearInterval(this.#beat);
      this.#beat = undefined;
      return;
    }
    this.#beat ??= setInterval(() => void this.#tick(), beatMs);
  }

  async #tick(): Promise<void> {
    for (const [id, { stop, files }] of [...this.#here]) if (!(await files.renew(id))) stop.abort();
    await this.resume();
  }
}

export function pacesOf({ sample }: Pick<Connection, 'sample'>): WatchPaces {
  return sample === null ? azurePaces : samplePaces;
}
