// ARM resource ids of API Management, taken apart. Names of segments are compared without regard to case.

import { ArmError } from '../core/failure.ts';

export interface ServiceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly service: string;
  /** Segments below the service in pairs, such as [["apis", "orders"], ["operations", "get"]]. */
  readonly below: readonly (readonly [kind: string, name: string])[];
}

/** Rejects with "notFound" where the text is not the id of an API Management service or of something in one. */
export function parseServiceId(id: string): ServiceId {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ApiManagement\/service\/([^/]+)((?:\/[^/]+\/[^/]+)*)$/i.exec(
      id,
    );
  if (!match)
    throw new ArmError({ code: 'notFound', serviceMessage: `"${id}" is not the id of an API Management instance.` });
  const [, subscriptionId = '', resourceGroup = '', service = '', rest = ''] = match;
  const segments = rest.split('/').slice(1);
  const below = segments.flatMap((kind, i) =>
    i % 2 === 0 ? [[kind.toLowerCase(), segments[i + 1] ?? ''] as const] : [],
  );
  return { subscriptionId, resourceGroup, service, below };
}

/** The name below a service, such as that of an API; empty where the id has none. */
export function nameBelow(id: ServiceId, kind: string): string {
  return id.below.find(([candidate]) => candidate === kind.toLowerCase())?.[1] ?? '';
}

export interface GatewayId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly gateway: string;
}

/** The id of a workspace gateway taken apart; null where it is none. */
export function gatewayIdOrNull(id: string): GatewayId | null {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ApiManagement\/gateways\/([^/]+)$/i.exec(
      id,
    );
  if (!match) return null;
  const [, subscriptionId = '', resourceGroup = '', gateway = ''] = match;
  return { subscriptionId, resourceGroup, gateway };
}

/** Rejects with "notFound" where the text is not the id of a workspace gateway. */
export function parseGatewayId(id: string): GatewayId {
  const parsed = gatewayIdOrNull(id);
  if (parsed === null)
    throw new ArmError({ code: 'notFound', serviceMessage: `"${id}" is not the id of a workspace gateway.` });
  return parsed;
}
