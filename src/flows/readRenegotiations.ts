// The estimate of which operations ask clients for a certificate by renegotiation: policies and host names.
// No public interface of Azure gives the list that the portal shows.

import type { ApiEntity, Azure, OperationEntity, PolicyText } from '../azure/access.ts';
import { ArmError, failureCode, failureDetails } from '../core/failure.ts';
import type { Instance } from '../core/instance.ts';
import { inParallel } from '../core/parallel.ts';
import type { RenegotiationList, RenegotiationRow } from '../core/renegotiation.ts';
import { tierRules } from '../core/tls/tiers.ts';

export interface RenegotiationOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** A scope whose policy asks, before it is crossed with the host names. */
type Asking = Omit<RenegotiationRow, 'host'>;

interface Reading {
  readonly azure: Azure;
  readonly call: { readonly signal?: AbortSignal };
  readonly onProgress: RenegotiationOptions['onProgress'];
  readonly asking: Asking[];
  readonly fragments: Set<string>;
  failed: number;
  /** Role actions that are missing. */
  readonly actions: Set<string>;
  done: number;
  total: number;
}

const policiesAtOnce = 4;
const notRead: RenegotiationList['sources'] = [
  { name: 'Policies of products', read: false, reason: 'Not read in this version' },
  { name: 'Gateway logs', read: false, reason: 'Not read in this version' },
  { name: 'Azure Advisor', read: false, reason: 'Not read in this version' },
];

/** Rejects where the APIs cannot be listed; a single policy that cannot be read is told among the sources. */
export async function readRenegotiations(
  azure: Azure,
  instance: Instance,
  options: RenegotiationOptions = {},
): Promise<RenegotiationList> {
  const hosts = renegotiatingHosts(instance);
  const hostSource = { name: 'Gateway host names', read: true, reason: hostReason(instance, hosts) };
  if (hosts.length === 0)
    return { rows: [], sources: [hostSource, { name: 'Policies', read: false, reason: 'Not needed' }, ...notRead] };
  const call = options.signal ? { signal: options.signal } : {};
  const reading: Reading = {
    azure,
    call,
    onProgress: options.onProgress,
    asking: [],
    fragments: new Set(),
    failed: 0,
    actions: new Set(),
    done: 0,
    total: 1,
  };
  const apis = await azure.readApis(instance.id, call);
  reading.total += apis.length;
  await readPolicy(reading, instance.id, 'global', { api: 'All APIs', operation: 'All operations' });
  await inParallel(apis, policiesAtOnce, (api) => readApi(reading, api));
  const rows = reading.asking.flatMap((row) => hosts.map((host) => ({ ...row, host })));
  return { rows, sources: [hostSource, policySource(reading), ...fragmentSource(reading), ...notRead] };
}

/** Host names of the gateway that do not ask in the first handshake, so that they could only ask later. */
function renegotiatingHosts(instance: Instance): string[] {
  if (!tierRules(instance.tier).renegotiation) return [];
  const proxies = instance.hosts.filter(({ type }) => type.toLowerCase() === 'proxy');
  if (proxies.length > 0)
    return proxies.filter((host) => !host.negotiateClientCertificate).map(({ hostName }) => hostName);
  const own = URL.parse(instance.gatewayUrl ?? '')?.hostname;
  return own ? [own] : [];
}

function hostReason(instance: Instance, hosts: readonly string[]): string {
  if (!tierRules(instance.tier).renegotiation) return 'This tier does not renegotiate';
  return hosts.length > 0 ? '' : 'Every host name asks for the certificate in the first handshake';
}

async function readApi(reading: Reading, api: ApiEntity): Promise<void> {
  const asks = await readPolicy(reading, api.id, 'api', { api: api.title, operation: 'All operations' });
  // Its operations are covered by the row of the API.
  if (asks) return;
  const operations = await operationsOf(reading, api);
  reading.total += operations.length;
  for (const operation of operations) {
    await readPolicy(reading, operation.id, 'operation', {
      api: api.title,
      operation: `${operation.method} ${operation.urlTemplate}`,
    });
  }
}

async function operationsOf(reading: Reading, api: ApiEntity): Promise<readonly OperationEntity[]> {
  try {
    return await reading.azure.readOperations(api.id, reading.call);
  } catch (error) {
    if (failureCode(error) === 'cancelled') throw error;
    countFailure(reading, error);
    return [];
  }
}

const scopeName = { global: 'Global policy', api: 'API policy', operation: 'Operation policy' } as const;

/** True where the policy asks. */
async function readPolicy(
  reading: Reading,
  id: string,
  scope: PolicyText['scope'],
  row: Omit<Asking, 'source'>,
): Promise<boolean> {
  if (reading.call.signal?.aborted) throw new ArmError({ code: 'cancelled' });
  let asks = false;
  try {
    const policy = await reading.azure.readPolicy(id, scope, reading.call);
    if (policy?.uses === null) reading.failed += 1;
    policy?.uses?.fragments.forEach((fragment) => reading.fragments.add(fragment));
    const found = policy?.uses?.asks ?? [];
    asks = found.length > 0;
    if (asks) reading.asking.push({ ...row, source: `${scopeName[scope]}: ${found.join(', ')}` });
  } catch (error) {
    if (failureCode(error) === 'cancelled') throw error;
    countFailure(reading, error);
  }
  reading.done += 1;
  reading.onProgress?.({ done: reading.done, total: reading.total });
  return asks;
}

function countFailure(reading: Reading, error: unknown): void {
  reading.failed += 1;
  const { action } = failureDetails(error);
  if (action !== undefined) reading.actions.add(action);
}

function policySource(reading: Reading): RenegotiationList['sources'][number] {
  const { failed } = reading;
  const missing = [...reading.actions].sort().join(', ');
  const because = missing === '' ? '' : `: your roles lack ${missing}`;
  const reason = failed === 0 ? '' : `${failed} of ${reading.total} could not be read${because}`;
  return { name: 'Policies of the service, APIs and operations', read: failed === 0, reason };
}

function fragmentSource(reading: Reading): RenegotiationList['sources'] {
  if (reading.fragments.size === 0) return [];
  return [
    {
      name: `Policy fragments: ${[...reading.fragments].sort().join(', ')}`,
      read: false,
      reason: 'Not read in this version',
    },
  ];
}
