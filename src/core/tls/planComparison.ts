// A saved plan against the one that is made of the same changes now: what moved, which findings came and went.

import type { PlanFinding, Severity } from '../finding.ts';
import { hostAndPort } from '../instance.ts';
import type { BackendHost, Instance } from '../instance.ts';
import { differences } from './customProperties.ts';
import type { KeyDifference } from './customProperties.ts';
import type { Survey } from './evidence.ts';
import { findingAbout } from './findingKeys.ts';
import type { Plan } from './plan.ts';
import { mapOf } from './planFile.ts';
import type { SavedFinding, SavedPlan } from './planFile.ts';
import { readSettings, stateOf } from './settings.ts';
import type { SettingId } from './settings.ts';
import { judging } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface PlanComparison {
  /** Azure states no map now, so that of keys, changes and findings nothing can be told but what is new. */
  readonly noMap: boolean;
  /** Keys that the instance holds otherwise by now. before: when the plan was saved; after: now. */
  readonly moved: readonly KeyDifference[];
  /** The instance was written since, though every key is as it was. */
  readonly written: boolean;
  /** An instance of the same name was created in its place, or it is of another tier or tenant now. */
  readonly other: readonly ('created' | 'tier' | 'tenant')[];
  /** Changes of the plan that are so by now. */
  readonly alreadySo: readonly SettingId[];
  /** Changes of the plan that cannot be made any more. */
  readonly locked: readonly SettingId[];
  /** Keys that would be written otherwise. before: by the file; after: now. */
  readonly map: readonly KeyDifference[];
  readonly newFindings: readonly PlanFinding[];
  readonly goneFindings: readonly SavedFinding[];
  /** Findings that are there as before, and graded otherwise. */
  readonly regraded: readonly { readonly finding: PlanFinding; readonly was: Severity }[];
  /** Backends of which something else follows; `then` as in the file. */
  readonly hosts: readonly { readonly host: string; readonly then: string; readonly now: Verdict }[];
  /** How old the file is, in whole days. */
  readonly days: number;
  /** Backends that were probed for the file and not for the new plan. */
  readonly notProbed: readonly string[];
}

export interface PresentPlan {
  readonly instance: Instance;
  readonly plan: Plan;
  readonly backends: readonly BackendHost[] | null;
  /** By `hostAndPort`. */
  readonly surveys: Readonly<Record<string, Survey>>;
  readonly now: Date;
}

const dayMs = 24 * 60 * 60 * 1000;

/** @param present the plan of the saved one's changes on the instance as it is now */
export function comparePlans(saved: SavedPlan, present: PresentPlan): PlanComparison {
  const { instance, plan, now } = present;
  const noMap = instance.customProperties === null;
  const moved = noMap ? [] : differences(mapOf(saved.base.map), plan.base.map);
  const states = readSettings(instance);
  const unchanged = (Object.keys(saved.changes) as SettingId[]).filter(
    (id) => !noMap && !plan.changes.some((change) => change.id === id),
  );
  const isLocked = (id: SettingId) => stateOf(states, id).lock !== undefined;
  const findings = findingsCompared(saved.findings, plan.findings);
  return {
    noMap,
    moved,
    written: !noMap && moved.length === 0 && isOther(saved.base.etag, instance.etag),
    other: [
      ...(isOther(momentOf(saved.instance.createdAt), momentOf(instance.createdAt)) ? (['created'] as const) : []),
      ...(saved.instance.tier.toLowerCase() !== instance.tier.toLowerCase() ? (['tier'] as const) : []),
      ...(saved.instance.tenantId.toLowerCase() !== instance.tenantId.toLowerCase() ? (['tenant'] as const) : []),
    ],
    alreadySo: unchanged.filter((id) => !isLocked(id)),
    locked: unchanged.filter(isLocked),
    map: noMap ? [] : differences(mapOf(saved.map), plan.map),
    ...(noMap ? { ...findings, goneFindings: [] } : findings),
    ...(noMap ? { hosts: [], notProbed: [] } : hostsCompared(saved, present)),
    days: Math.max(0, Math.floor((now.getTime() - Date.parse(saved.savedAt)) / dayMs)),
  };
}

/** Of what is not stated nobody knows that it is another. */
function isOther<Value>(one: Value | null, other: Value | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** Milliseconds; null for what is not stated, or is no moment. */
function momentOf(iso: string | null): number | null {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? null : time;
}

/** Whether the file says of the present all that there is to say. */
export function isAsSaved(found: PlanComparison): boolean {
  const { moved, other, alreadySo, locked, map, newFindings, goneFindings, regraded, hosts, notProbed } = found;
  const lists = [moved, other, alreadySo, locked, map, newFindings, goneFindings, regraded, hosts, notProbed];
  return !found.noMap && !found.written && lists.every((list) => list.length === 0);
}

function findingsCompared(
  saved: readonly SavedFinding[],
  present: readonly PlanFinding[],
): Pick<PlanComparison, 'newFindings' | 'goneFindings' | 'regraded'> {
  const keys = (code: string, about: readonly string[]) =>
    about.length === 0 ? [code] : about.map((one) => `${code} ${one}`);
  const then = new Map(saved.flatMap((one) => keys(one.code, one.about).map((key) => [key, one.severity] as const)));
  const withKeys = present.map((finding) => ({ finding, own: keys(finding.code, findingAbout(finding)) }));
  const now = new Set(withKeys.flatMap(({ own }) => own));
  return {
    newFindings: withKeys.filter(({ own }) => own.some((key) => !then.has(key))).map(({ finding }) => finding),
    goneFindings: saved.filter((one) => keys(one.code, one.about).some((key) => !now.has(key))),
    regraded: withKeys.flatMap(({ finding, own }) => {
      const was = own.map((key) => then.get(key)).find((severity) => severity !== finding.severity);
      return was === undefined ? [] : [{ finding, was }];
    }),
  };
}

function hostsCompared(
  saved: SavedPlan,
  { instance, plan, backends, surveys }: PresentPlan,
): Pick<PlanComparison, 'hosts' | 'notProbed'> {
  const judge = judging(readSettings(instance), readSettings({ ...instance, customProperties: plan.map }));
  const byHost = new Map((backends ?? []).map((backend) => [hostAndPort(backend), backend]));
  const probed = saved.evidence.hosts.filter(({ host }) => surveys[host] !== undefined && byHost.has(host));
  return {
    hosts: probed.flatMap(({ host, verdict }) => {
      const backend = byHost.get(host);
      const now = backend && judge(backend, surveys[host]).verdict;
      return now === undefined || now === verdict ? [] : [{ host, then: verdict, now }];
    }),
    notProbed: saved.evidence.hosts.filter((one) => !probed.includes(one)).map(({ host }) => host),
  };
}
