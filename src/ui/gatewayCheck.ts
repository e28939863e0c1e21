// Looks at an instance's own gateway, at every address of every name.

import { gatewayNames } from '../core/gatewayNames.ts';
import type { GatewayName } from '../core/gatewayNames.ts';
import type { Instance } from '../core/instance.ts';
import type { Endpoint, Survey } from '../core/tls/evidence.ts';
import type { Connection } from './connection.ts';
import type { Surveys } from './surveys.ts';

interface World {
  readonly surveys: Surveys;
  readonly connection: () => Promise<Connection>;
}

/** The host names of the gateway itself: the default one and custom ones of type Proxy. Those of regions are left out. */
export function gatewayEndpoints(instance: Instance): Endpoint[] {
  return gatewayNames(instance)
    .filter(({ kind }) => kind !== 'regional')
    .map(({ host }) => ({ host, port: 443 }));
}

/** One survey for each address behind the name; the first is kept. */
export async function lookAtName(
  world: World,
  { host }: GatewayName,
  signal?: AbortSignal,
): Promise<readonly Survey[]> {
  const connection = await world.connection();
  const { surveyEveryAddress } = await import('../probe/survey.ts');
  const options = { ...connection.probeOptions(), ...(signal ? { signal } : {}) };
  const surveys = await surveyEveryAddress({ host, port: 443 }, options);
  const [first] = surveys;
  if (first && first.behaviour !== 'cancelled') world.surveys.put(first);
  return surveys;
}

/** Looks at all names of the gateway at once, those of regions as well. */
export async function lookAtGateway(
  world: World,
  instance: Instance,
  signal?: AbortSignal,
): Promise<readonly Survey[]> {
  const surveys = await Promise.all(gatewayNames(instance).map((name) => lookAtName(world, name, signal)));
  return surveys.flat();
}
