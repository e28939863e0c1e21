// What is looked at after a change has ended: the gateway's hosts until they show it, and the logs for an hour. Plain
// data, kept in a file so that a reload, or another window, goes on where it stands.

import * as v from 'valibot';
import { failureFindings, isRead, vanishedVersions } from './loggedFailures.ts';
import type { FailureReading } from './loggedFailures.ts';
import { trafficStateText } from './trafficText.ts';
import { expectationSchema, hostSeenSchema, settingIdSchema, worstState } from './tls/verification.ts';
import type { HostSeen } from './tls/verification.ts';
import { protocolVersions } from './tls/protocols.ts';

const text = v.pipe(v.string(), v.maxLength(2000));
const moment = v.string();
const count = v.pipe(v.number(), v.minValue(0));

const failureFinding = v.object({
  severity: v.picklist(['problem', 'warning', 'note']),
  row: v.object({
    api: text,
    reason: text,
    host: text,
    since: count,
    before: count,
    tls: count,
    lastSeen: v.nullable(moment),
  }),
});

/** What the logs said when they were last asked. */
export const logSummarySchema = v.object({
  /** ISO 8601, UTC. */
  asOf: moment,
  findings: v.pipe(v.array(failureFinding), v.maxLength(100)),
  cut: v.boolean(),
  /** TLS versions with which callers came before the change and no longer come. */
  vanished: v.array(v.object({ version: v.picklist([...protocolVersions, 'unknown']), since: count, before: count })),
  /** No request of any kind since the change is in the logs: they arrive late, or nobody called. */
  empty: v.boolean(),
  /** Why a part is missing, in the words of the service; or empty. */
  problem: text,
});
export type LogSummary = v.InferOutput<typeof logSummarySchema>;

export const changeWatchSchema = v.object({
  /** Of the operation. */
  id: v.string(),
  instanceId: v.string(),
  instanceName: v.string(),
  kind: v.picklist(['change', 'undo']),
  /** When the change was sent and when its end was seen, ISO 8601, UTC. */
  startedAt: moment,
  endedAt: moment,
  expected: v.array(expectationSchema),
  /** Settings that changed and that no look at the hosts can tell. */
  unseen: v.array(settingIdSchema),
  hosts: v.array(hostSeenSchema),
  /** Looks at the hosts so far. */
  looks: v.number(),
  /** When they are looked at again; null: no more. */
  hostsNextAt: v.nullable(moment),
  logs: v.nullable(logSummarySchema),
  /** Why the logs could not be asked the last time, or cannot be asked at all, in a sentence; or empty. */
  logsProblem: text,
  logsNextAt: v.nullable(moment),
  /** The end of the time that is watched. */
  logsUntil: moment,
  /** What the user has been told in a message of its own: once for each change. */
  told: v.object({ hosts: v.boolean(), failures: v.boolean() }),
  /** superseded: by a later change of the same instance. Null: not ended. */
  ended: v.nullable(v.picklist(['done', 'stopped', 'superseded'])),
});
export type ChangeWatch = v.InferOutput<typeof changeWatchSchema>;

/** All in milliseconds. */
export interface WatchPaces {
  /** Pauses between looks at the hosts: Azure says "Succeeded" some minutes before all regions have followed. */
  readonly looks: readonly number[];
  readonly logsEvery: number;
  /** The time after the end of the change that is watched. */
  readonly logsFor: number;
  /** Rows come late: so long after that time they are asked for once more. */
  readonly logsLate: number;
}

const second = 1000;
const minute = 60 * second;

/** Ten minutes for the hosts. That rows of logs take up to some ten minutes is not confirmed for each workspace. */
export const azurePaces: WatchPaces = {
  looks: [15, 30, 60, 120, 180, 195].map((seconds) => seconds * second),
  logsEvery: 5 * minute,
  logsFor: 60 * minute,
  logsLate: 10 * minute,
};

/** In the sample estate minutes are seconds. */
export const samplePaces: WatchPaces = {
  looks: [1, 2, 3, 4, 5, 5].map((seconds) => seconds * second),
  logsEvery: 3 * second,
  logsFor: 60 * second,
  logsLate: second,
};

export function after(iso: string, ms: number): string {
  return new Date(Date.parse(iso) + ms).toISOString();
}

/** The watch of a change whose end was just seen, after the first look at the hosts. */
export function beginWatch(
  change: Pick<
    ChangeWatch,
    'id' | 'instanceId' | 'instanceName' | 'kind' | 'startedAt' | 'endedAt' | 'expected' | 'unseen' | 'hosts'
  >,
  paces: WatchPaces,
): ChangeWatch {
  const { hosts, endedAt } = change;
  return {
    ...change,
    looks: 1,
    hostsNextAt: nextLook(hosts, 1, endedAt, paces),
    logs: null,
    logsProblem: '',
    logsNextAt: after(endedAt, paces.logsEvery),
    logsUntil: after(endedAt, paces.logsFor),
    told: { hosts: false, failures: false },
    ended: null,
  };
}

/** Null where every host has shown it, or where they have been looked at often enough. */
export function nextLook(hosts: readonly HostSeen[], looks: number, now: string, paces: WatchPaces): string | null {
  const pause = paces.looks[looks - 1];
  const settled = hosts.every(({ state }) => state === 'confirmed');
  return settled || pause === undefined ? null : after(now, pause);
}

/** The watch after the logs were asked. What cannot be put right by waiting ends it. */
export function withReading(watch: ChangeWatch, reading: FailureReading, now: string, paces: WatchPaces): ChangeWatch {
  if (!isRead(reading)) {
    const logsProblem = trafficStateText({ ...reading, days: 7, readAt: now });
    return { ...watch, logsProblem, logsNextAt: null };
  }
  const logs: LogSummary = {
    asOf: reading.window.to,
    findings: failureFindings(reading).map(({ severity, row }) => ({ severity, row: { ...row } })),
    cut: reading.cut,
    vanished: vanishedVersions(reading).map((one) => ({ ...one })),
    empty: reading.versions.every(({ since }) => since === 0),
    problem: reading.state === 'partial' ? reading.problem : '',
  };
  return { ...watch, logs, logsProblem: '', logsNextAt: nextQuestion(watch, now, paces) };
}

/** The next moment at which the logs are asked; null after the last one. */
export function nextQuestion(watch: ChangeWatch, now: string, paces: WatchPaces): string | null {
  const last = after(watch.logsUntil, paces.logsLate);
  if (now >= last) return null;
  const next = after(now, paces.logsEvery);
  return next < last ? next : last;
}

/** The user need not be told of what was so before. */
export function isAlarming({ logs }: Pick<ChangeWatch, 'logs'>): boolean {
  return logs !== null && logs.findings.some(({ severity }) => severity !== 'note');
}

/** A host still behaves as before, and is not looked at again. */
export function isLeftBehind({ hosts, hostsNextAt }: Pick<ChangeWatch, 'hosts' | 'hostsNextAt'>): boolean {
  return hostsNextAt === null && worstState(hosts) === 'stillOld';
}

/** What a history keeps of it. */
export const aftermathSchema = v.object({ hosts: v.array(hostSeenSchema), logs: v.nullable(logSummarySchema) });
export type Aftermath = v.InferOutput<typeof aftermathSchema>;

export function aftermathOf({ hosts, logs }: ChangeWatch): Aftermath {
  return { hosts, logs };
}
