// A change of several instances before it begins: who takes part, the plan of each by what is known now, the evidence.

import { l10n } from 'vscode';
import { waveOf } from '../../core/batch.ts';
import type { Aim, BatchItem } from '../../core/batch.ts';
import { leftOutText } from '../../core/batchText.ts';
import { idKey } from '../../core/instance.ts';
import type { Instance } from '../../core/instance.ts';
import { evidenceOf } from '../../core/planEvidence.ts';
import type { Survey } from '../../core/tls/evidence.ts';
import { blockersOf } from '../../core/tls/plan.ts';
import { usualLogs } from '../../flows/checkLogs.ts';
import { checkMany, itemOf, planInstance } from '../../flows/planBatch.ts';
import type { Planned, Target } from '../../flows/planBatch.ts';
import type { BatchRow, RowDetails } from '../../messages/batch.ts';
import { hostsAtOnce, pathsPerHost } from '../config.ts';
import { failureText, told } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Batches } from '../batches.ts';
import { detailsOf, evidenceFrom, noDetails, unseen } from './batchEvidence.ts';
import type { RowEvidence } from './batchEvidence.ts';

export interface CheckProgress {
  readonly done: number;
  readonly total: number;
  /** That have been probed. */
  readonly hosts: number;
}

/** The target that an aim stands for, with the instance or the batch that it names. */
export async function readTarget(services: Services, batches: Batches, aim: Aim): Promise<Target> {
  switch (aim.kind) {
    case 'preset':
      return aim;
    case 'copy': {
      const { azure } = await services.connection();
      return { kind: 'copy', source: await azure.readInstance(aim.instanceId) };
    }
    case 'undo': {
      const view = await batches.view(aim.batchId);
      if (!view) throw told(l10n.t('The change that is to be undone is no longer in the records.'));
      return { kind: 'undo', batch: view.batch };
    }
  }
}

export class BatchPlanning {
  readonly #services: Services;
  readonly #evidence = new Map<string, RowEvidence>();
  readonly #overridden = new Set<string>();
  readonly #planned = new Map<string, { readonly of: readonly unknown[]; readonly planned: Planned }>();
  target: Target | null = null;
  ids: readonly string[];

  constructor(services: Services, ids: readonly string[]) {
    this.#services = services;
    this.ids = ids;
  }

  /** Another target: what was probed with the offers of the one before, and agreed to, is void. */
  aimAt(target: Target | null): void {
    this.target = target;
    this.#overridden.clear();
    this.#evidence.clear();
  }

  instance(id: string): Instance | undefined {
    return this.#services.estate.instance(id);
  }

  rows(): BatchRow[] {
    return this.ids.map((id) => this.#row(id));
  }

  /** What is written down of those that are known. */
  items(): BatchItem[] {
    return this.ids.flatMap((id) => {
      const instance = this.instance(id);
      const planned = instance && this.#plan(instance);
      if (!planned) return [];
      const { backends, surveys } = this.#evidenceOf(id);
      const evidence = evidenceOf(planned.plan, backends, surveys);
      return [{ ...itemOf(instance, planned, this.#overridden.has(idKey(id))), evidence }];
    });
  }

  /** True where the name is that of the instance. */
  override(id: string, name: string): boolean {
    const fits = this.instance(id)?.name === name;
    if (fits) this.#overridden.add(idKey(id));
    else this.#overridden.delete(idKey(id));
    return fits;
  }

  /** Not checked, or its backends could not be read. */
  unchecked(items: readonly BatchItem[]): number {
    return items.filter(({ instanceId }) => this.#evidenceOf(instanceId).check !== 'done').length;
  }

  details(id: string): RowDetails {
    const instance = this.instance(id);
    const planned = instance && this.#plan(instance);
    if (!instance || !planned) return noDetails;
    return detailsOf(instance, planned, this.#evidenceOf(id));
  }

  /** Reads every instance again and probes its backends. What was seen stays where it is cancelled. */
  async check(signal: AbortSignal, onProgress: (progress: CheckProgress) => void): Promise<void> {
    const { target } = this;
    if (!target) return;
    const { surveys, estate } = this.#services;
    const connection = await this.#services.connection();
    const probe = await import('../../probe/survey.ts');
    const hosts = new Set<string>();
    const known = new WeakSet<Survey>();
    const progress = { done: 0, total: this.ids.length, hosts: 0 };
    const note = (id: string, part: Partial<RowEvidence>) =>
      this.#evidence.set(idKey(id), { ...this.#evidenceOf(id), ...part });
    onProgress({ ...progress });
    try {
      await checkMany({
        azure: connection.azure,
        probe,
        probeOptions: { ...connection.probeOptions(), atOnce: Math.max(1, Math.floor(hostsAtOnce() / 4)) },
        instanceIds: this.ids,
        target,
        traffic: usualLogs,
        pathsPerHost: pathsPerHost(),
        signal,
        onBegin: (id) => {
          note(id, { check: 'running', problem: '' });
          onProgress({ ...progress });
        },
        onSnapshot: (_, snapshot) => {
          for (const [host, survey] of Object.entries(snapshot.surveys)) {
            // Instances may plan different offers for the same host: each one keeps its own answer.
            if (known.has(survey)) continue;
            known.add(survey);
            surveys.put(survey);
            hosts.add(host);
          }
          progress.hosts = hosts.size;
          onProgress({ ...progress });
        },
        onEnd: (id, end) => {
          progress.done += 1;
          if ('failure' in end) note(id, { check: 'failed', problem: failureText(end.failure) });
          else {
            estate.put(end.instance);
            note(id, evidenceFrom(end));
          }
          onProgress({ ...progress });
        },
      });
    } finally {
      for (const [id, evidence] of this.#evidence)
        if (evidence.check === 'running') this.#evidence.set(id, { ...evidence, check: 'no' });
    }
  }

  #evidenceOf(id: string): RowEvidence {
    return this.#evidence.get(idKey(id)) ?? unseen;
  }

  /** Worked out again only where the instance, its evidence or the target is another. */
  #plan(instance: Instance): Planned | undefined {
    const { target } = this;
    if (!target) return undefined;
    const evidence = this.#evidenceOf(instance.id);
    const known = this.#planned.get(idKey(instance.id));
    const of = [instance, evidence, target];
    if (known && of.every((one, index) => one === known.of[index])) return known.planned;
    const { backends, unreadable, surveys, traffic, asking } = evidence;
    const planned = planInstance({ instance, backends, unreadable, surveys, traffic, asking }, target);
    this.#planned.set(idKey(instance.id), { of, planned });
    return planned;
  }

  #row(id: string): BatchRow {
    const instance = this.instance(id);
    const { check, problem } = this.#evidenceOf(id);
    const name = id.split('/').at(-1) ?? id;
    const row: BatchRow = {
      id,
      name: instance?.name ?? name,
      subscriptionName: instance ? this.#services.estate.subscriptionName(instance.subscriptionId) : '',
      tier: instance?.tier ?? '',
      wave: waveOf(instance?.tier ?? ''),
      state: 'planned',
      leftOut: instance ? null : 'notRead',
      check,
      changes: 0,
      blockers: 0,
      warnings: 0,
      absolute: false,
      overridden: this.#overridden.has(idKey(id)),
      startedAt: null,
      endedAt: null,
      detail: problem,
    };
    const planned = instance && this.#plan(instance);
    if (!planned) return instance ? row : { ...row, state: 'leftOut', detail: problem || leftOutText('notRead') };
    const { leftOut } = itemOf(instance, planned, row.overridden);
    const blockers = blockersOf(planned.plan);
    return {
      ...row,
      state: leftOut === null ? 'planned' : 'leftOut',
      leftOut,
      changes: planned.plan.changes.length,
      blockers: blockers.length,
      absolute: blockers.some(({ code }) => code === 'busy' || code === 'mapMissing'),
      warnings: planned.plan.findings.filter(({ severity }) => severity === 'warning').length,
      detail: problem || (leftOut === null ? '' : leftOutText(leftOut)),
    };
  }
}
