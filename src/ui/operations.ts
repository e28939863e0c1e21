// Changes that Azure is carrying out: followed to their end, in this window and after a reload.

import { EventEmitter, commands, l10n, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { ArmError, failureCode } from '../core/failure.ts';
import type { HistoryEntry, Operation } from '../core/history.ts';
import type { Azure } from '../azure/access.ts';
import { idKey, isBusy } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';
import { outcomeText } from '../core/outcomeText.ts';
import { followOperation } from '../flows/followOperation.ts';
import type { FollowOutcome } from '../flows/followOperation.ts';
import type { Connection } from './connection.ts';
import { failureText, helpFor, isCancelled } from './errors.ts';
import type { Estate } from './estate.ts';
import { lookAtGateway } from './gatewayCheck.ts';
import { endRecords } from './keeping.ts';
import type { Unkept } from './keeping.ts';
import type { Records } from './records.ts';
import type { Surveys } from './surveys.ts';

/** A change that has ended, one way or another. */
export type Ended = Exclude<FollowOutcome, { readonly kind: 'stopped' }>;

interface World {
  readonly log: LogOutputChannel;
  readonly estate: Estate;
  readonly surveys: Surveys;
  readonly records: () => Records;
  readonly connection: () => Promise<Connection>;
  readonly unkept: Unkept;
  /** Begins to watch a change that has ended, and says in a sentence what its first look at the gateway showed. */
  readonly watch: (operation: Operation, outcome: Ended) => Promise<string>;
}

interface Following {
  readonly operation: Operation;
  readonly stop: AbortController;
  readonly outcome: Promise<FollowOutcome | null>;
}

export class Operations {
  readonly #world: World;
  readonly #running = new Map<string, Following>();
  readonly #changed = new EventEmitter<void>();
  readonly #ended = new EventEmitter<{
    readonly entry: HistoryEntry;
    readonly sentence: string;
    readonly ok: boolean;
  }>();
  readonly onDidChange = this.#changed.event;
  readonly onDidEnd = this.#ended.event;
  /** Could not be followed, and the user has been asked, or ended and could not be written down; not begun again. */
  readonly #left = new Set<string>();
  #foreignTimer: NodeJS.Timeout | undefined;
  /** Aborted by `stop`: what was looked up before is of an estate that may not be the open one any more. */
  #ending = new AbortController();
  readonly #foreign: { dispose(): void };

  constructor(world: World) {
    this.#world = world;
    this.#foreign = world.estate.onDidChange(() => this.#watchForeign());
  }

  get running(): readonly Operation[] {
    return [...this.#running.values()].map(({ operation }) => operation);
  }

  of(instanceId: string): Operation | undefined {
    return this.running.find((operation) => idKey(operation.instanceId) === idKey(instanceId));
  }

  /** Follows what earlier windows, or windows beside this one, have begun. */
  async resume(): Promise<void> {
    const { signal } = this.#ending;
    try {
      const kept = await this.#world.records().running();
      if (signal.aborted) return;
      for (const operation of kept) if (!this.#left.has(operation.id)) void this.follow(operation);
    } catch (error) {
      this.#world.log.error(l10n.t('Running changes could not be looked up: {0}', failureText(error)));
    }
  }

  /** Follows an accepted change; a second call for the same operation joins the first. Null: not followed to its end. */
  follow(operation: Operation): Promise<FollowOutcome | null> {
    const known = this.#running.get(operation.id);
    if (known) return known.outcome;
    const stop = new AbortController();
    const outcome = this.#run(operation, stop.signal).finally(() => {
      this.#running.delete(operation.id);
      this.#changed.fire();
    });
    this.#running.set(operation.id, { operation, stop, outcome });
    this.#changed.fire();
    return outcome;
  }

  /** Stops following. What runs at Azure goes on and is followed again later. */
  stop(): void {
    this.#ending.abort();
    this.#ending = new AbortController();
    clearTimeout(this.#foreignTimer);
    this.#foreignTimer = undefined;
    for (const { stop } of this.#running.values()) stop.abort();
    this.#running.clear();
    this.#left.clear();
    this.#changed.fire();
  }

  dispose(): void {
    this.stop();
    this.#foreign.dispose();
    this.#changed.dispose();
    this.#ended.dispose();
  }

  async #run(operation: Operation, signal: AbortSignal): Promise<FollowOutcome | null> {
    const { log, records } = this.#world;
    try {
      const { azure } = await this.#world.connection();
      log.info(`Following the change of ${operation.instanceName} that began ${operation.startedAt}.`);
      const store = endRecords(records(), this.#world.unkept);
      const outcome = await followOperation({
        azure,
        operation,
        now: () => new Date(),
        signal,
        record: store.record,
        forget: store.forget,
        onProgress: () => this.#changed.fire(),
        verify: (instance) => lookAtGateway(this.#world, instance, signal),
      });
      if (signal.aborted) return null;
      this.#running.delete(operation.id);
      if (!store.isWhole()) this.#left.add(operation.id);
      // Whoever changes several instances tells of all of them at once, and follows again by itself.
      if (outcome.kind === 'stopped' && operation.batchId !== undefined) return outcome;
      if (outcome.kind === 'stopped') throw new ArmError(outcome.failure);
      await this.tell(operation, outcome);
      return outcome;
    } catch (error) {
      if (isCancelled(error) || signal.aborted) return null;
      log.error(`${operation.instanceName}: ${failureText(error)}`);
      if (operation.batchId === undefined) await this.#offerToFollow(operation, error);
      return null;
    }
  }

  async #offerToFollow(operation: Operation, error: unknown): Promise<void> {
    this.#left.add(operation.id);
    const again = l10n.t('Try again');
    const showLog = l10n.t('Show log');
    const help = helpFor(failureCode(error));
    const choice = await window.showWarningMessage(
      l10n.t(
        'The change of {0} may still be running at Azure, but cannot be followed now. It is kept. {1}',
        operation.instanceName,
        failureText(error),
      ),
      ...(help ? [help.label] : []),
      again,
      showLog,
    );
    if (choice === again) {
      this.#left.delete(operation.id);
      void this.follow(operation);
    }
    if (choice === showLog) this.#world.log.show();
    // Signing in opens the connection anew, and what was left is followed over it.
    if (help && choice === help.label) await help.run();
  }

  /** Tells everybody how a change ended: estate, panels, log and, in one sentence, the user. */
  async tell(operation: Operation, outcome: Ended): Promise<void> {
    const { log, estate } = this.#world;
    if ('instance' in outcome) estate.put(outcome.instance);
    const ok = outcome.kind === 'done';
    const watch = await this.#world.watch(operation, outcome);
    const sentence = [outcomeText(operation, outcome), watch].filter((part) => part !== '').join(' ');
    log[ok ? 'info' : 'error'](sentence);
    this.#ended.fire({ entry: outcome.entry, sentence, ok });
    const open = l10n.t('Open editor');
    const showLog = l10n.t('Show log');
    const say = () =>
      ok ? window.showInformationMessage(sentence, open) : window.showErrorMessage(sentence, open, showLog);
    if (operation.batchId === undefined)
      void say().then((choice) => {
        if (choice === open) void commands.executeCommand('apimTls.edit', operation.instanceId);
        if (choice === showLog) log.show();
      });
    if (!('instance' in outcome)) {
      const { azure } = await this.#world.connection();
      await azure.readInstance(operation.instanceId).then(
        (fresh) => estate.put(fresh),
        () => undefined,
      );
    }
  }

  /** Instances that another window or somebody else is changing are read again now and then, until they rest. */
  #watchForeign(): void {
    const busy = this.#world.estate.instances.filter((instance) => isBusy(instance) && !this.of(instance.id));
    if (busy.length === 0 || this.#foreignTimer) return;
    void this.#world.connection().then(
      ({ azure, sample }) => {
        this.#foreignTimer ??= setTimeout(
          () => {
            this.#foreignTimer = undefined;
            void this.#readForeign(azure, busy);
          },
          sample ? 3000 : 60_000,
        );
      },
      () => undefined,
    );
  }

  async #readForeign(azure: Azure, busy: readonly Instance[]): Promise<void> {
    // What another window has begun is followed here as well.
    await this.resume();
    const others = busy.filter(({ id }) => !this.of(id)).slice(0, 20);
    await Promise.allSettled(others.map(async ({ id }) => this.#world.estate.put(await azure.readInstance(id))));
    this.#watchForeign();
  }
}
