// What a check asks of the gateway's logs, beside the probes: who calls, and which backends were called.

import type { Azure } from '../azure/access.ts';
import { askingOperations } from '../core/askingOperations.ts';
import type { AskingOperations } from '../core/askingOperations.ts';
import type { BackendTraffic } from '../core/backendTraffic.ts';
import { ArmError, failureDetails } from '../core/failure.ts';
import type { FailureDetails } from '../core/failure.ts';
import type { CustomProperties, Instance } from '../core/instance.ts';
import { summaryOf } from '../core/renegotiation.ts';
import { changesBetween, settingComesOn } from '../core/tls/draft.ts';
import type { Change } from '../core/tls/draft.ts';
import { readSettings } from '../core/tls/settings.ts';
import type { Traffic, TrafficDays } from '../core/traffic.ts';
import { readRenegotiations } from './readRenegotiations.ts';

export interface LogEvidence {
  /** What the logs say of callers; null: not asked for, not needed, or not read. */
  readonly traffic: Traffic | null;
  /** Why the logs that were asked for could not be read, or null. */
  readonly trafficFailure: FailureDetails | null;
  /** What they say of backends, in the same way. */
  readonly seen: BackendTraffic | null;
  readonly seenFailure: FailureDetails | null;
  /** Operations that ask callers for a certificate by renegotiation, out of policies and logs; null: in the same way. */
  readonly asking: AskingOperations | null;
  readonly askingFailure: FailureDetails | null;
}

export const noLogEvidence: LogEvidence = {
  traffic: null,
  trafficFailure: null,
  seen: null,
  seenFailure: null,
  asking: null,
  askingFailure: null,
};

export interface WantedLogs {
  readonly days: TrafficDays;
  /** Longer than that nobody waits for the logs. */
  readonly withinMs: number;
  /** Callers and backends also where the changes do not make them matter: for a document. */
  readonly always?: boolean;
}

/** What a check without the editor asks for. */
export const usualLogs: WantedLogs = { days: 30, withinMs: 15_000 };

interface LogQuestion {
  readonly azure: Azure;
  readonly traffic?: WantedLogs;
  readonly signal?: AbortSignal;
}

type Part = Partial<LogEvidence>;

/** Policies are many requests. */
const policiesWithinMs = 60_000;

/** Three readings at once, each only where the changes make it matter. They never reject. */
export function askLogs(
  input: LogQuestion,
  instance: Instance,
  target: CustomProperties | null,
): { readonly callers: Promise<Part>; readonly backends: Promise<Part>; readonly asking: Promise<Part> } {
  const nothing = Promise.resolve({});
  const wanted = input.traffic;
  if (!wanted || target === null) return { callers: nothing, backends: nothing, asking: nothing };
  const changes = changesBetween(readSettings(instance), readSettings({ ...instance, customProperties: target }));
  const ask = <Found>(
    read: (options: { readonly signal: AbortSignal }) => Promise<Found>,
    withinMs: number = wanted.withinMs,
  ) => withinTime(withinMs, input.signal, (signal) => read({ signal }));
  const always = wanted.always === true;
  const callers =
    always || changes.some(losesClients)
      ? ask((options) => input.azure.readTraffic(instance.id, wanted.days, options)).then(
          ({ found, failure }): Part => ({
            traffic: found,
            trafficFailure: failure,
          }),
        )
      : nothing;
  const backends =
    always || changes.some(({ id }) => id.startsWith('backend.') || id.startsWith('cipher.'))
      ? ask((options) => input.azure.readBackendTraffic(instance.id, wanted.days, options)).then(
          ({ found, failure }): Part => ({ seen: found, seenFailure: failure }),
        )
      : nothing;
  const { azure } = input;
  const asking = settingComesOn(changes, 'client.tls13')
    ? ask((options) => readRenegotiations(azure, instance, { days: wanted.days, ...options }), policiesWithinMs).then(
        ({ found, failure }): Part => ({ asking: askingOperations(found && summaryOf(found)), askingFailure: failure }),
      )
    : nothing;
  return { callers, backends, asking };
}

function losesClients({ id, from, to }: Change): boolean {
  return id.startsWith('client.') && id !== 'client.http2' && from.value !== 'off' && to.value === 'off';
}

/** Never rejects. The reading may not heed the signal at once; nobody waits for it all the same. */
async function withinTime<Found>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  read: (signal: AbortSignal) => Promise<Found>,
): Promise<{ readonly found: Found | null; readonly failure: FailureDetails | null }> {
  const tooLate = AbortSignal.timeout(milliseconds);
  const late = new Promise<never>((_, reject) => {
    tooLate.addEventListener('abort', () => reject(new ArmError({ code: 'timeout' })), { once: true });
  });
  const reading = read(signal ? AbortSignal.any([signal, tooLate]) : tooLate);
  try {
    return { found: await Promise.race([reading, late]), failure: null };
  } catch (error) {
    const details = failureDetails(error);
    return { found: null, failure: tooLate.aborted ? { ...details, code: 'timeout' } : details };
  }
}
