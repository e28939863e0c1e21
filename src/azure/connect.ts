// The way to Azure over the official SDKs. Loaded on first use only: the SDKs are large.

import type { TokenCredential } from '@azure/core-auth';
import type { Azure } from './access.ts';
import { readAdvice } from './advisor.ts';
import { readActivity } from './activityLog.ts';
import { readApis, readBackends, readOperations, readOperationsOf } from './backends.ts';
import { openClients } from './clients.ts';
import type { ClientOptions } from './clients.ts';
import { pauseOnClock } from './clock.ts';
import { checkConnectivity } from './connectivity.ts';
import { openConnection } from './connection.ts';
import type { Chosen, Directory } from './connection.ts';
import { toArmError } from './errors.ts';
import { readEstate } from './estate.ts';
import { readFailures } from './failures.ts';
import { readGatewayConnections, readSelfHosted } from './gateways.ts';
import { hostTrafficReader } from './hostTraffic.ts';
import { listInstances } from './instances.ts';
import { readInstanceOrPlace } from './moved.ts';
import { policyReader } from './policyReading.ts';
import { backendTrafficReader, trafficReader } from './traffic.ts';
import { beginUpdate, followUpdate } from './update.ts';
import { readVia } from './via.ts';

export interface ConnectOptions extends Omit<ClientOptions, 'credentialFor'> {
  /** How the account is shown, such as a user name; with several accounts, all of them. */
  readonly accountLabel: string;
  /** How each account is shown, where there are several. */
  readonly accounts?: readonly string[];
  /** A credential of an account (by its place in `accounts`) for a tenant; null for its home. Asked once for each. */
  readonly credentialFor: (tenantId: string | null, account: number) => TokenCredential;
  /** What of the estate is to be read; all where not stated. */
  readonly chosen?: Chosen;
  /** Pause between two polls of an operation where the service names none, in milliseconds; default 15,000. */
  readonly pollIntervalMs?: number;
  /** Waits between two polls; default: the clock of the machine. Rejects where the signal is aborted. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** What the product asks of Azure, and what there is to choose from. */
export interface ConnectedAzure extends Azure {
  /** Every tenant and subscription of all accounts, chosen or not. Rejects where no account answers. */
  readDirectory(signal?: AbortSignal): Promise<Directory>;
  /** The account that an instance is reached by; all of them where that is not known yet. */
  readonly accountOf: (instanceId: string) => string;
}

export function connectAzure(options: ConnectOptions): ConnectedAzure {
  const now = options.now ?? (() => new Date());
  const clients = openClients({
    ...options,
    credentialFor: (text) => {
      const { account, tenantId } = readVia(text);
      return options.credentialFor(tenantId, account);
    },
  });
  const connection = openConnection(clients, () => now().toISOString(), options);
  const readTraffic = trafficReader(connection, now);
  const readBackendTraffic = backendTrafficReader(connection, now);
  const pollIntervalMs = options.pollIntervalMs ?? 15_000;
  const pause = options.pause ?? pauseOnClock;
  const readHostTraffic = hostTrafficReader(connection, now);
  const readPolicies = policyReader(connection, () => now().getTime(), pause);
  return {
    accountLabel: options.accountLabel,
    accountOf: (instanceId) => {
      const [, subscriptionId = ''] = /^\/subscriptions\/([^/]+)/i.exec(instanceId) ?? [];
      return connection.accountOf(subscriptionId) || options.accountLabel;
    },
    readDirectory: (signal) => guarded(signal, () => connection.directory(signal)),
    readEstate: (call = {}) => guarded(call.signal, () => readEstate(connection, call)),
    readSubscription: (subscription, call) =>
      guarded(call?.signal, () => listInstances(connection, subscription, call?.signal)),
    readInstance: (id, call) => guarded(call?.signal, () => readInstanceOrPlace(connection, id, call?.signal)),
    readSelfHosted: (id, call) => guarded(call?.signal, () => readSelfHosted(connection, id, call?.signal)),
    readGatewayConnections: (id, call) =>
      guarded(call?.signal, () => readGatewayConnections(connection, id, call?.signal)),
    readBackends: (id, call) => guarded(call?.signal, () => readBackends(connection, id, call?.signal)),
    readApis: (id, call) => guarded(call?.signal, () => readApis(connection, id, call?.signal)),
    readOperations: (apiId, call) => guarded(call?.signal, () => readOperations(connection, apiId, call?.signal)),
    readOperationsOf: (id, apis, call) =>
      guarded(call?.signal, () => readOperationsOf(connection, id, apis, pause, call?.signal)),
    readHostTraffic: (id, days, call) => guarded(call?.signal, () => readHostTraffic(id, days, call)),
    readAdvice: (id, hosts, call) => guarded(call?.signal, () => readAdvice(connection, id, hosts, call?.signal)),
    readPolicies: (id, call) => guarded(call?.signal, () => readPolicies(id, call)),
    readTraffic: (id, days, call) => guarded(call?.signal, () => readTraffic(id, days, call)),
    readBackendTraffic: (id, days, call) => guarded(call?.signal, () => readBackendTraffic(id, days, call)),
    readActivity: (id, window, call) =>
      guarded(call?.signal, () => readActivity(connection, id, window, now(), call?.signal)),
    readFailures: (id, window, call) => guarded(call?.signal, () => readFailures(connection, id, window, call?.signal)),
    checkConnectivity: (id, question, call) =>
      guarded(call?.signal, () =>
        checkConnectivity(connection, id, question, { now: () => now().getTime(), pause }, call?.signal),
      ),
    beginUpdate: (id, map, call) => guarded(call?.signal, () => beginUpdate(connection, id, map), 'once'),
    followUpdate: (id, resume, call = {}) =>
      guarded(call.signal, () => followUpdate(connection, id, resume, { ...call, pollIntervalMs, pause })),
  };
}

/**
 * Every failure as `ArmError`, an abort as "cancelled".
 * @param abort once: only before it has begun; what comes out afterwards is told as it is
 */
async function guarded<Value>(
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
  abort: 'any' | 'once' = 'any',
): Promise<Value> {
  if (signal?.aborted) throw toArmError(undefined, signal);
  try {
    return await work();
  } catch (error) {
    throw toArmError(error, abort === 'any' ? signal : undefined);
  }
}
