// Whether each region of a gateway reaches a host: one region after the other, until it is known that none can be asked.

import type { Azure } from '../azure/access.ts';
import type { HostConnectivity, RegionConnectivity } from '../core/connectivity.ts';
import { ArmError, failureCode, failureDetails } from '../core/failure.ts';
import type { FailureCode } from '../core/failure.ts';
import { hostAndPort } from '../core/instance.ts';
import type { Instance } from '../core/instance.ts';

/** What the first region is refused, the others are as well. */
const forAll: readonly FailureCode[] = ['forbidden', 'refused', 'notFound', 'apiVersion', 'policyDenied'];

/**
 * What a region was not told is part of the result. Rejects only where nothing can be told: cancelled, not signed in, no
 * way to Azure, or a refusal that concerns all regions. What one region was told stays, whatever becomes of the others.
 */
export async function checkHostConnectivity(input: {
  readonly azure: Pick<Azure, 'checkConnectivity'>;
  readonly instance: Pick<Instance, 'id' | 'location' | 'otherRegions'>;
  readonly host: string;
  readonly port: number;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
}): Promise<HostConnectivity> {
  const { azure, instance, host, port, signal } = input;
  const regions: RegionConnectivity[] = [];
  let first: unknown;
  for (const region of [instance.location, ...instance.otherRegions]) {
    if (signal?.aborted) throw new ArmError({ code: 'cancelled' });
    try {
      const question = { region, host, port };
      const connectivity = await azure.checkConnectivity(instance.id, question, signal ? { signal } : {});
      regions.push({ region, connectivity, failure: null });
    } catch (error) {
      const code = failureCode(error);
      const told = regions.some(({ connectivity }) => connectivity !== null);
      if (code === 'cancelled' || (!told && forAll.includes(code))) throw error;
      first ??= error;
      regions.push({ region, connectivity: null, failure: failureDetails(error) });
    }
  }
  if (regions.every(({ connectivity }) => connectivity === null)) throw first;
  return { host: hostAndPort({ host, port }), at: input.now().toISOString(), regions };
}
