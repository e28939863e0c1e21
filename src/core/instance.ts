// What is known of one API Management instance, as plain data.

import type { SeenTraffic } from './backendTraffic.ts';
import type { TierLock } from './tls/tiers.ts';

/** Setting key -> text, case as the service holds it. Keys: `Microsoft.WindowsAzure.ApiManagement.Gateway.…`. */
export type CustomProperties = Readonly<Record<string, string>>;

export interface GatewayHost {
  readonly hostName: string;
  /** Proxy is the gateway itself; the others are portal, management and so on. */
  readonly type: string;
  readonly isDefault: boolean;
  readonly negotiateClientCertificate: boolean;
  /** ISO 8601, UTC; null where the service does not state it. */
  readonly certificateExpiry: string | null;
}

/** `gatewayRegionalUrl` of the instance or of one of its further locations. */
export interface RegionalHost {
  /** As tools write it, such as westeurope. */
  readonly region: string;
  readonly hostName: string;
  /** The gateway is switched off there. */
  readonly disabled: boolean;
}

export interface Instance {
  /** ARM resource id as the service writes it; compare with `sameId`. */
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** The region's name as tools write it, such as westeurope. */
  readonly location: string;
  /** The further regions of a multi-region instance. */
  readonly otherRegions: readonly string[];
  /** The gateway's own name in each region, the first region's first. Absent: not read. */
  readonly regionalHosts?: readonly RegionalHost[];
  /** `sku.name` as the service writes it; may be a tier that this version does not know. */
  readonly tier: string;
  /** The locks of its tier that the operator's setting opens; absent: none. Not from Azure. */
  readonly unlocked?: readonly TierLock[];
  readonly units: number;
  readonly provisioningState: string;
  /** ISO 8601, UTC; null where the service does not state it. Decides defaults. */
  readonly createdAt: string | null;
  /** `properties.platformVersion`, such as stv2.1. */
  readonly platformVersion: string | null;
  /** Changes with every effective write. Null where the source does not state it (Resource Graph). */
  readonly etag: string | null;
  /** Null while the service activates. */
  readonly customProperties: CustomProperties | null;
  readonly gatewayUrl: string | null;
  readonly hosts: readonly GatewayHost[];
  /** `properties.enableClientCertificate` is true, which is meant for the Consumption tier alone. Absent: it is not. */
  readonly enableClientCertificate?: true;
  /** ISO 8601, UTC: when this was read from Azure. */
  readonly readAt: string;
}

/**
 * A gateway of its own for workspaces (Microsoft.ApiManagement/gateways). Azure states nothing of its TLS: its model has
 * no `customProperties`, and what it offers cannot be changed.
 */
export interface WorkspaceGateway {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly location: string;
  /** `sku.name` as the service writes it, such as WorkspaceGatewayPremium. */
  readonly tier: string;
  readonly units: number;
  readonly provisioningState: string;
  /** ISO 8601, UTC: when this was read from Azure. */
  readonly readAt: string;
}

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
}

/** The account may see a subscription of which Resource Graph knows nothing: an `EstateFailure` that nobody asked Azure about. */
export const notListedCode = 'notListed';

/** A subscription or a tenant whose instances could not be read. */
export interface EstateFailure {
  readonly scope: 'subscription' | 'tenant';
  readonly id: string;
  readonly name: string;
  /** ARM error code, a code of `core/failure.ts`, or `notListedCode`. */
  readonly code: string;
  readonly message: string;
}

/** A host that the gateway calls, with everything that leads to it. Hosts are told apart by name and port. */
export interface BackendHost {
  readonly host: string;
  readonly port: number;
  /** Plain HTTP: no TLS takes place, nothing to probe. */
  readonly scheme: 'https' | 'http';
  readonly usedBy: readonly BackendUse[];
  /** What the logs say of calls to it. Absent: they were not read, or have none. */
  readonly seen?: SeenTraffic;
}

/**
 * policy: a policy that names the address or the backend entity. log: nothing that was read names the host, and the
 * gateway has called it all the same; how it does so is not known, and nothing may be concluded from the flags.
 */
export interface BackendUse {
  readonly kind: 'backend' | 'api' | 'pool' | 'policy' | 'log';
  readonly id: string;
  /** As people call it; of a policy and of the log, API and operation. */
  readonly title: string;
  readonly url: string;
  /** `tls.validateCertificateChain` and `validateCertificateName`; true where not stated (default of the REST description). */
  readonly validateChain: boolean;
  readonly validateName: boolean;
  /** The backend entity presents a client certificate. */
  readonly clientCertificate: boolean;
  /** Where the entity presents none: a policy does, for all of these calls or for some of them. Absent: none is known. */
  readonly policyCertificate?: 'all' | 'some';
  /** The address is that of one request, as a policy sends it, and no base of others: its path may do something. */
  readonly isRequest?: true;
}

/** ARM ids are compared without regard to case. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** ARM ids in one spelling, for maps and ids of rows. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

/** The provisioning states in which the service is at rest (domain: ApiManagementServiceProperties.provisioningState). */
export function isBusy(instance: Pick<Instance, 'provisioningState'>): boolean {
  return !['succeeded', 'failed', 'stopped', 'deleted', 'terminationfailed'].includes(
    instance.provisioningState.toLowerCase(),
  );
}

/** Name and port as one text; IPv6 addresses in brackets. */
export function hostAndPort(endpoint: { readonly host: string; readonly port: number }): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}
