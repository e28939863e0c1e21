// A change of several instances, in its order: waves, a limit, pauses, and after a restart where it was left.
// Every instance goes the way of a single change: applySettings, then followed to its end.

import type { Azure } from '../azure/access.ts';
import { lostText, untraceableText } from '../core/batchText.ts';
import { wishEvent } from '../core/batch.ts';
import type { BatchEvent, BatchItem, Wish } from '../core/batch.ts';
import { downtimeOf, hasGoneBy, mostLateMs, onlyDowntimeIsLeft } from '../core/batchDowntime.ts';
import { endedResult, isActive, nextOf, phaseOf, reduceBatch } from '../core/batchProgress.ts';
import type { Batch } from '../core/batchProgress.ts';
import { failureDetails, signInCodes } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import { failureSentence } from '../core/failureText.ts';
import type { HistoryEntry, Operation } from '../core/history.ts';
import type { Instance } from '../core/instance.ts';
import { outcomeText, refusalText } from '../core/outcomeText.ts';
import type { ApplyRefusal, EndedOutcome } from '../core/outcome.ts';
import { differences } from '../core/tls/customProperties.ts';
import type { Plan } from '../core/tls/plan.ts';
import { applySettings } from './applySettings.ts';
import type { ApplyOutcome } from './applySettings.ts';
import type { FollowOutcome } from './followOperation.ts';
import type { Records } from './records.ts';

export interface BatchWorld extends Records {
  readonly azure: Azure;
  readonly keep: (operation: Operation) => Promise<void>;
  /** Operations that were kept and have not been forgotten. */
  readonly kept: () => Promise<readonly Operation[]>;
  readonly history: (instanceId: string) => Promise<readonly HistoryEntry[]>;
  /** Appends to the journal. What it rejects with ends the run: nothing begins that is not written down. */
  readonly write: (event: BatchEvent) => Promise<void>;
  /** To the end. Null: given up by this window. */
  readonly follow: (operation: Operation) => Promise<FollowOutcome | null>;
  /** Asked before each item: false where another window has taken over. */
  readonly mayBegin: () => Promise<boolean>;
  /** How the account is shown that the instance is changed with. */
  readonly who: (instanceId: string) => string;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Waits; rejects where the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onChange: (batch: Batch) => void;
  /** An instance as it was read after its change. */
  readonly onInstance?: (instance: Instance) => void;
}

export interface BatchRun {
  readonly batch: () => Batch;
  /** Pause: nothing new begins. Stop: the same, for good. What runs is followed to its end. */
  readonly tell: (wish: Wish) => Promise<void>;
  /** This window gives up; what runs at Azure goes on, and whoever runs the batch next finds it. */
  readonly leave: () => void;
  /** Resolves when the batch has ended or this window has left it. Rejects where the journal cannot be written. */
  readonly over: Promise<void>;
}

/** The place in the plan, and the operation by which it is changed. */
interface Attempt {
  readonly item: number;
  readonly operationId: string;
}

/** Failures that will meet the next instance just as well: the batch waits for somebody who does something about it. */
const blind: readonly string[] = [
  ...signInCodes,
  'toolMissing',
  'clock',
  'offline',
  'dns',
  'proxy',
  'certificateRefused',
  'oldTls',
];
/** Failures that may be over in a minute. */
const passing: readonly string[] = ['throttled', 'network', 'timeout', 'unavailable', 'portal', 'malformed'];
const mostAttempts = 4;
const mostFollowings = 30;
const againMs = 60_000;

export function runBatch(start: Batch, world: BatchWorld): BatchRun {
  const run = new Run(start, world);
  return {
    batch: () => run.batch,
    tell: (wish) => run.tell(wishEvent(wish, run.at())),
    leave: () => run.left.abort(),
    over: run.go(),
  };
}

class Run {
  batch: Batch;
  readonly left = new AbortController();
  readonly #world: BatchWorld;
  /** Items that this window is at work on. */
  readonly #atWork = new Map<number, Promise<void>>();
  /** Items that could not be followed; taken up again when the batch is resumed. */
  readonly #lost = new Set<number>();
  #written: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #broken: Error | undefined;
  /** This window was there at the time that was chosen for those that are down meanwhile. */
  #onTime = false;

  constructor(batch: Batch, world: BatchWorld) {
    this.batch = batch;
    this.#world = world;
    this.left.signal.addEventListener('abort', () => this.#wake());
  }

  at(): string {
    return this.#world.now().toISOString();
  }

  /** One after the other, so that the journal tells what happened in the order in which it did. */
  tell(event: BatchEvent): Promise<void> {
    this.#written = this.#written.then(async () => {
      await this.#world.write(event);
      this.batch = reduceBatch(this.batch, event);
      if (event.kind === 'resumed') this.#lost.clear();
      this.#world.onChange(this.batch);
      this.#wake();
    });
    const done = this.#written;
    this.#written = done.catch(() => undefined);
    return done;
  }

  async go(): Promise<void> {
    await this.#loop().catch((error: unknown) => this.#break(error));
    if (this.#broken !== undefined) throw this.#broken;
    if (!this.left.signal.aborted) await Promise.all(this.#atWork.values());
  }

  /** Without a journal nothing may begin. What runs at Azure goes on, and is found by its kept operation. */
  #break(error: unknown): void {
    if (this.left.signal.aborted) return;
    this.#broken = error instanceof Error ? error : new Error(String(error));
    this.left.abort();
  }

  async #loop(): Promise<void> {
    while (!this.left.signal.aborted && phaseOf(this.batch) !== 'ended') {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      for (const [index, { state }] of this.batch.items.entries()) {
        if (isActive(state) && !this.#atWork.has(index) && !this.#lost.has(index))
          this.#launch(index, () => this.#takeUp(index));
      }
      const next = this.#timeToBeThere(await this.#beginAll());
      if (this.left.signal.aborted) return;
      await (next === null ? promise : this.#untilTimeOr(promise, next));
    }
  }

  /** Begins what may begin now. Gives when something may begin that only waits for its time. */
  async #beginAll(): Promise<number | null> {
    for (;;) {
      const held = this.#isLate();
      const { item, wakeAt } = nextOf(this.batch, this.#world.now().getTime(), held);
      if (item === null && held && this.batch.paused === null && onlyDowntimeIsLeft(this.batch))
        await this.tell({ kind: 'paused', why: 'late', detail: this.batch.plan.downtimeAt ?? '', at: this.at() });
      if (item === null || this.left.signal.aborted) return wakeAt;
      if (!(await this.#world.mayBegin())) {
        this.left.abort();
        return null;
      }
      const attempt: Attempt = { item, operationId: this.#world.newId() };
      await this.tell({ kind: 'begun', ...attempt, at: this.at() });
      // Stopped meanwhile: then it was not begun.
      if (this.batch.items[item]?.operationId === attempt.operationId) this.#launch(item, () => this.#apply(attempt));
    }
  }

  /** No window was there at the chosen time, or the machine was asleep: then those that are down meanwhile are held. */
  #isLate(): boolean {
    const now = this.#world.now().getTime();
    const time = downtimeOf(this.batch.plan);
    if (time !== null && now >= time && now <= time + mostLateMs) this.#onTime = true;
    return !this.#onTime && hasGoneBy(this.batch, now);
  }

  /** Also where all places are taken, a window that is there at the chosen time knows it. */
  #timeToBeThere(next: number | null): number | null {
    const time = downtimeOf(this.batch.plan) ?? 0;
    return time > this.#world.now().getTime() ? Math.min(time, next ?? time) : next;
  }

  async #untilTimeOr(something: Promise<void>, time: number): Promise<void> {
    const waiting = new AbortController();
    const signal = AbortSignal.any([this.left.signal, waiting.signal]);
    // A timer takes no more than some 24 days.
    const milliseconds = Math.min(Math.max(0, time - this.#world.now().getTime()), 2 ** 30);
    await Promise.race([something, this.#world.pause(milliseconds, signal).catch(() => undefined)]);
    waiting.abort();
  }

  /** One instance's failure never hides another's result: what goes wrong here ends here, but for the journal. */
  #launch(index: number, work: () => Promise<void>): void {
    const working = work()
      .catch((error: unknown) => this.#break(error))
      .finally(() => {
        // Put off, an item may have begun anew by now.
        if (this.#atWork.get(index) === working) this.#atWork.delete(index);
        this.#wake();
      });
    this.#atWork.set(index, working);
  }

  async #apply(attempt: Attempt): Promise<void> {
    const { left, batch } = this;
    const item = batch.plan.items[attempt.item] as BatchItem;
    const { azure, keep, record, forget, now, who } = this.#world;
    let outcome: ApplyOutcome;
    try {
      outcome = await applySettings({
        azure,
        keep,
        record,
        forget,
        now,
        plan: planOf(item),
        kind: batch.plan.aim.kind === 'undo' ? 'undo' : 'change',
        overrideBlockers: item.overridden,
        who: who(item.instanceId),
        newId: () => attempt.operationId,
        batchId: batch.plan.id,
        ...(item.evidence === undefined ? {} : { evidence: item.evidence }),
        signal: left.signal,
      });
    } catch (error) {
      if (left.signal.aborted) return;
      return this.#notWritten(attempt, failureDetails(error));
    }
    if (outcome.kind === 'refused') return this.#refused(attempt, outcome);
    if (outcome.kind === 'ended') return this.#end(attempt, outcome.outcome, outcome.operation);
    await this.tell({ kind: 'accepted', ...attempt, at: this.at() });
    await this.#follow(attempt, outcome.operation);
  }

  async #refused(attempt: Attempt, refusal: ApplyRefusal): Promise<void> {
    if (refusal.reason === 'changed') this.#world.onInstance?.(refusal.instance);
    if ('failure' in refusal) return this.#notWritten(attempt, refusal.failure);
    await this.tell({ kind: 'ended', ...attempt, result: 'refused', detail: refusalText(refusal), at: this.at() });
  }

  /** Nothing was written: tried again where that may help. */
  async #notWritten(attempt: Attempt, failure: FailureDetails): Promise<void> {
    const detail = failureSentence(failure);
    const at = this.at();
    const notBefore = new Date(this.#world.now().getTime() + againMs).toISOString();
    if (blind.includes(failure.code)) {
      await this.tell({ kind: 'postponed', ...attempt, notBefore: at, counts: false, detail, at });
      return this.tell({ kind: 'paused', why: 'blind', detail, at });
    }
    const attempts = (this.batch.items[attempt.item]?.attempts ?? 0) + 1;
    if (passing.includes(failure.code) && attempts < mostAttempts)
      return this.tell({ kind: 'postponed', ...attempt, notBefore, counts: true, detail, at });
    const refusal: ApplyRefusal = { kind: 'refused', reason: 'service', failure };
    await this.tell({ kind: 'ended', ...attempt, result: 'refused', detail: refusalText(refusal), at });
  }

  async #follow(attempt: Attempt, operation: Operation): Promise<void> {
    const { signal } = this.left;
    for (let following = 1; ; following += 1) {
      const outcome = await this.#world.follow(operation);
      if (outcome === null || signal.aborted) return this.left.abort();
      if (outcome.kind !== 'stopped') return this.#end(attempt, outcome, operation);
      if (blind.includes(outcome.failure.code) || following >= mostFollowings)
        return this.#lose(attempt, outcome.failure);
      await this.#world.pause(againMs, signal);
    }
  }

  /** It may still run at Azure, and nobody can look: nothing further begins until somebody resumes the batch. */
  async #lose(attempt: Attempt, failure: FailureDetails): Promise<void> {
    this.#lost.add(attempt.item);
    const name = this.batch.plan.items[attempt.item]?.name ?? '';
    const detail = lostText(name, failureSentence(failure));
    await this.tell({ kind: 'paused', why: 'blind', detail, at: this.at() });
  }

  async #end(attempt: Attempt, outcome: EndedOutcome, operation: Operation): Promise<void> {
    if ('instance' in outcome) this.#world.onInstance?.(outcome.instance);
    // Such as where a window has closed just before it was sent: there is time for another attempt.
    if (outcome.kind === 'notWritten') return this.#notWritten(attempt, { code: 'network' });
    const result = endedResult(outcome.entry) ?? 'unknown';
    const detail = result === 'done' ? '' : outcomeText(operation, outcome);
    await this.tell({ kind: 'ended', ...attempt, result, detail, at: this.at() });
  }

  /** An item that an earlier window has left in the middle. */
  async #takeUp(index: number): Promise<void> {
    const { operationId, state } = this.batch.items[index] ?? {};
    const attempt: Attempt = { item: index, operationId: operationId ?? '' };
    const instanceId = this.batch.plan.items[index]?.instanceId ?? '';
    const { kept, history } = this.#world;
    const operation = (await kept()).find(({ id }) => id === operationId);
    if (operation) return this.#follow(attempt, operation);
    const entry = (await history(instanceId)).find(({ id }) => id === operationId);
    const result = entry && endedResult(entry);
    const at = this.at();
    if (result) return this.tell({ kind: 'ended', ...attempt, result, detail: entry.detail, at });
    // Never kept, so never sent.
    if (!entry && state === 'writing')
      return this.tell({ kind: 'postponed', ...attempt, notBefore: at, counts: false, detail: '', at });
    await this.tell({ kind: 'ended', ...attempt, result: 'unknown', detail: untraceableText(), at });
  }
}

/** What was decided when the batch was planned: its findings have been met already. */
function planOf(item: BatchItem): Plan {
  return {
    instanceId: item.instanceId,
    instanceName: item.name,
    base: item.base,
    changes: [],
    map: item.map,
    keyChanges: differences(item.base.map, item.map),
    findings: [],
  };
}
