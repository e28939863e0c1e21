// After a change: its hosts are looked at again until they show it, and the logs are asked for an hour. Goes on from
// wherever the watch stands.

import type { Azure } from '../azure/access.ts';
import { pauseOnClock } from '../azure/clock.ts';
import { isAlarming, isLeftBehind, nextLook, nextQuestion, withReading } from '../core/changeWatch.ts';
import type { ChangeWatch, WatchPaces } from '../core/changeWatch.ts';
import { failureCode, failureDetails } from '../core/failure.ts';
import { failureSentence } from '../core/failureText.ts';
import type { GatewayName } from '../core/gatewayNames.ts';
import { failureWindow } from '../core/loggedFailures.ts';
import type { Survey } from '../core/tls/evidence.ts';
import { hostSeen } from '../core/tls/verification.ts';
import type { HostSeen } from '../core/tls/verification.ts';

export interface WatchInput {
  readonly watch: ChangeWatch;
  readonly azure: Pick<Azure, 'readFailures'>;
  /** One survey for each address behind the name. Never rejects; an aborted one is cancelled. */
  readonly look: (name: GatewayName, signal?: AbortSignal) => Promise<readonly Survey[]>;
  readonly paces: WatchPaces;
  readonly now: () => Date;
  /** Keeps the watch as it stands now, before anything of it is told. Where it is aborted meanwhile, nothing is. */
  readonly save: (watch: ChangeWatch) => Promise<void>;
  /** To be told to the user, once for each change: hosts that were left behind, or new failures. */
  readonly tell: (what: 'hosts' | 'failures', watch: ChangeWatch) => void;
  readonly signal?: AbortSignal;
  /** Waits; rejects where the signal is aborted. Default: the clock of the machine. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Resolves with the watch at its end, or as it stands where the signal is aborted. Rejects where it cannot be kept. */
export async function watchChange(input: WatchInput): Promise<ChangeWatch> {
  const { now, signal, save } = input;
  const pause = input.pause ?? pauseOnClock;
  let { watch } = input;
  for (let due = nextDue(watch); due !== null; due = nextDue(watch)) {
    try {
      await pause(Math.max(0, Date.parse(due) - now().getTime()), signal);
      const next = await step(input, watch);
      if (signal?.aborted) return watch;
      watch = next;
    } catch (error) {
      if (signal?.aborted) return watch;
      throw error;
    }
    const { told } = watch;
    watch = {
      ...watch,
      told: { hosts: told.hosts || isLeftBehind(watch), failures: told.failures || isAlarming(watch) },
    };
    await save(watch);
    // Whoever has taken it over tells.
    if (signal?.aborted) return watch;
    if (watch.told.hosts && !told.hosts) input.tell('hosts', watch);
    if (watch.told.failures && !told.failures) input.tell('failures', watch);
  }
  watch = { ...watch, ended: 'done' };
  await save(watch);
  return watch;
}

function nextDue({ hostsNextAt, logsNextAt }: ChangeWatch): string | null {
  const [first] = [hostsNextAt, logsNextAt].filter((at) => at !== null).sort();
  return first ?? null;
}

/** Does whatever is due. */
async function step(input: WatchInput, watch: ChangeWatch): Promise<ChangeWatch> {
  const now = input.now().toISOString();
  const { hostsNextAt, logsNextAt } = watch;
  const looked = hostsNextAt !== null && hostsNextAt <= now ? await lookAgain(input, watch) : watch;
  return logsNextAt !== null && logsNextAt <= now ? askLogs(input, looked) : looked;
}

/** Hosts that have shown the change are left alone. */
async function lookAgain({ look, now, paces, signal }: WatchInput, watch: ChangeWatch): Promise<ChangeWatch> {
  const hosts = await Promise.all(
    watch.hosts.map(async (host): Promise<HostSeen> => {
      if (host.state === 'confirmed') return host;
      return hostSeen(host, watch.expected, await look(host, signal));
    }),
  );
  const looks = watch.looks + 1;
  return { ...watch, hosts, looks, hostsNextAt: nextLook(hosts, looks, now().toISOString(), paces) };
}

async function askLogs({ azure, now, paces, signal }: WatchInput, watch: ChangeWatch): Promise<ChangeWatch> {
  // Where the watch goes on late, the time after the watched hour is none of its business.
  const until = new Date(Math.min(now().getTime(), Date.parse(watch.logsUntil)));
  try {
    const window = failureWindow(watch.startedAt, until);
    const reading = await azure.readFailures(watch.instanceId, window, signal ? { signal } : {});
    return withReading(watch, reading, now().toISOString(), paces);
  } catch (error) {
    if (failureCode(error) === 'cancelled') throw error;
    const logsProblem = failureSentence(failureDetails(error));
    return { ...watch, logsProblem, logsNextAt: nextQuestion(watch, now().toISOString(), paces) };
  }
}
