// The data of a sample estate, before it takes the shapes of Azure's REST interfaces.

export interface SampleTenant {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface SampleSubscription {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  /** The account may see that the subscription exists and may read nothing in it. */
  readonly forbidden?: true;
}

/** Keys of `customProperties` without their common prefix -> text. */
export type ShortMap = Readonly<Record<string, string>>;

export interface SampleHost {
  readonly hostName: string;
  readonly negotiateClientCertificate: boolean;
  readonly isDefault?: true;
  /** ISO 8601, UTC. */
  readonly certificateExpiry: string;
}

export interface SampleBackend {
  readonly name: string;
  readonly title: string;
  /** Absent for a pool. */
  readonly url?: string;
  /** Names of the members of a pool. */
  readonly pool?: readonly string[];
  readonly tls?: { readonly validateCertificateChain: boolean; readonly validateCertificateName: boolean };
  /** Names of certificates of the same instance that the gateway presents. */
  readonly certificates?: readonly string[];
}

export interface SampleOperation {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  readonly urlTemplate: string;
  /** As ARM gives it for `format=xml`: expressions are escaped. */
  readonly policy?: string;
}

export interface SampleApi {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly serviceUrl?: string;
  readonly policy?: string;
  readonly operations?: readonly SampleOperation[];
}

export interface SampleProduct {
  readonly name: string;
  readonly title: string;
  /** Names. */
  readonly apis: readonly string[];
  readonly policy?: string;
}

/** A plain one has a value; a secret one too, but Azure does not give it with the list. */
export interface SampleNamedValue {
  /** The display name, by which policies call it. */
  readonly name: string;
  readonly value?: string;
  readonly secret?: true;
  /** Address of a secret in a Key Vault. */
  readonly keyVault?: string;
}

export interface SampleCertificate {
  readonly name: string;
  readonly subject: string;
  readonly thumbprint: string;
  readonly expirationDate: string;
}

/** A gateway that is run outside Azure. */
export interface SampleSelfHosted {
  readonly name: string;
  readonly description: string;
  readonly place: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly hostName: string;
    readonly negotiateClientCertificate: boolean;
    readonly tls10: boolean;
    readonly tls11: boolean;
    readonly http2: boolean;
  }[];
}

/** A gateway for workspaces. */
export interface SampleGateway {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly tier: string;
  readonly units: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly connections: readonly {
    readonly name: string;
    readonly service: Pick<SampleService, 'subscriptionId' | 'resourceGroup' | 'name'>;
    readonly workspace: string;
  }[];
}

/** A Log Analytics workspace. */
export interface SampleWorkspace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  /** How it is called in queries. */
  readonly customerId: string;
  /** What the account may not do with it. */
  readonly forbidden?: 'read' | 'query';
  /** No gateway has ever sent anything there: neither of the tables is known. */
  readonly withoutTables?: true;
  /** The table of gateway logs is on the plan Basic. */
  readonly basicPlan?: true;
  /** Queries end with an error before all of it was looked at. */
  readonly partial?: true;
}

/** Requests of the last 30 days that have all of this in common. */
export interface SampleTraffic {
  /** Names; empty: none matched. */
  readonly api: string;
  readonly operation: string;
  /** As it is logged. */
  readonly version: string;
  /** The host name that was called; absent: the default one. */
  readonly host?: string;
  readonly requests: number;
  readonly callers: readonly string[];
  readonly lastHoursAgo: number;
}

/** Requests of the gateway to a backend in the last 30 days that have all of this in common. */
export interface SampleCall {
  /** Names; empty: none matched. */
  readonly api: string;
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly requests: number;
  /** How many of them came to no connection. */
  readonly failures?: number;
  readonly lastHoursAgo: number;
}

/** A diagnostic setting, and what came of it. */
export interface SampleLogs {
  readonly to:
    | { readonly workspace: string; readonly table: 'dedicated' | 'legacy' }
    /** An account for blobs. */
    | 'storage';
  /** all: by the category group. */
  readonly logs: 'gateway' | 'all' | 'metricsOnly';
  readonly traffic: readonly SampleTraffic[];
  readonly calls?: readonly SampleCall[];
  /** The account may not read the setting. */
  readonly forbidden?: true;
}

/** A write of the instance by somebody else, before the estate was opened for the first time. */
export interface SampleActivity {
  /** User name, or the id of an application. */
  readonly by: string;
  readonly hoursAgo: number;
  readonly failed?: true;
}

export interface SampleService {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly otherLocations?: readonly string[];
  readonly tier: string;
  readonly units: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly platformVersion: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** What was written so far. Null: the service is activating and states no map. */
  readonly map: ShortMap | null;
  /** GET gives the written keys only, without the base keys of the tier (seen on older services). */
  readonly sparse?: true;
  /** A region whose gateway follows a change so much later than the others, in milliseconds. */
  readonly lagging?: { readonly location: string; readonly ms: number };
  /** The last operation failed. */
  readonly failed?: true;
  /** The map of a change that somebody else began when the estate was opened for the first time. */
  readonly changingTo?: ShortMap;
  /** The platform found clients that renegotiate, so TLS 1.3 towards clients is off unless the map says otherwise. */
  readonly renegotiates?: true;
  /** Azure Advisor reports blocked renegotiations, with or without the custom host names. */
  readonly renegotiationBlocked?: 'named' | 'unnamed';
  readonly hosts?: readonly SampleHost[];
  /** Of a Consumption instance: it asks every caller for a certificate. */
  readonly enableClientCertificate?: true;
  readonly backends?: readonly SampleBackend[];
  readonly apis?: readonly SampleApi[];
  readonly certificates?: readonly SampleCertificate[];
  readonly globalPolicy?: string;
  readonly products?: readonly SampleProduct[];
  /** Name -> text, as for policies. */
  readonly fragments?: Readonly<Record<string, string>>;
  readonly namedValues?: readonly SampleNamedValue[];
  readonly selfHosted?: readonly SampleSelfHosted[];
  /** Absent: no diagnostic setting. */
  readonly logs?: SampleLogs;
  readonly activity?: readonly SampleActivity[];
  /** The account may not read the Activity Log. */
  readonly activityForbidden?: true;
  /** How it was when the account looked at it before the estate was opened for the first time. */
  readonly earlier?: { readonly map: ShortMap; readonly hoursAgo: number };
}

export interface Estate {
  readonly tenants: readonly SampleTenant[];
  readonly subscriptions: readonly SampleSubscription[];
  readonly services: readonly SampleService[];
  readonly gateways?: readonly SampleGateway[];
  readonly workspaces?: readonly SampleWorkspace[];
}

export function serviceId(service: Pick<SampleService, 'subscriptionId' | 'resourceGroup' | 'name'>): string {
  const group = `/subscriptions/${service.subscriptionId}/resourceGroups/${service.resourceGroup}`;
  return `${group}/providers/Microsoft.ApiManagement/service/${service.name}`;
}

export function gatewayId(gateway: Pick<SampleGateway, 'subscriptionId' | 'resourceGroup' | 'name'>): string {
  const group = `/subscriptions/${gateway.subscriptionId}/resourceGroups/${gateway.resourceGroup}`;
  return `${group}/providers/Microsoft.ApiManagement/gateways/${gateway.name}`;
}

export function workspaceId(workspace: Pick<SampleWorkspace, 'subscriptionId' | 'resourceGroup' | 'name'>): string {
  const group = `/subscriptions/${workspace.subscriptionId}/resourceGroups/${workspace.resourceGroup}`;
  return `${group}/providers/Microsoft.OperationalInsights/workspaces/${workspace.name}`;
}

/** The name that Azure would make for an instance; `.example` is reserved and never resolves (RFC 6761). */
export function gatewayHost(service: Pick<SampleService, 'name'>): string {
  return `${service.name}.azure-api.example`;
}

/** The name of one region of the gateway. */
export function regionalHost(service: Pick<SampleService, 'name'>, location: string): string {
  return `${service.name}-${location.toLowerCase().replaceAll(' ', '')}-01.regional.azure-api.example`;
}

/** All names of the gateway, the built-in one first. */
export function gatewayHosts(service: SampleService): readonly string[] {
  const regions = [service.location, ...(service.otherLocations ?? [])].map((region) => regionalHost(service, region));
  return [gatewayHost(service), ...(service.hosts ?? []).map((host) => host.hostName), ...regions];
}
