// What the rest of the product may ask of Azure. Implemented in connect.ts over the official SDKs.
// Every function rejects with `ArmError` (core/failure.ts); an aborted signal rejects with code "cancelled".

import type { Activity } from '../core/activity.ts';
import type { BackendTraffic } from '../core/backendTraffic.ts';
import type { Connectivity } from '../core/connectivity.ts';
import type { CustomProperties, EstateFailure, Instance, Subscription, WorkspaceGateway } from '../core/instance.ts';
import type { PolicyReading, PolicyScope } from '../core/policyFacts.ts';
import type { HostTraffic, RenegotiationAdvice } from '../core/renegotiation.ts';
import type { FailureReading, FailureWindow } from '../core/loggedFailures.ts';
import type { Traffic, TrafficDays } from '../core/traffic.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Instances as they arrive, with the subscriptions and tenants that could not be read. */
export interface EstateReading {
  readonly subscriptions: readonly Subscription[];
  readonly instances: readonly Instance[];
  readonly gateways: readonly WorkspaceGateway[];
  /**
   * Subscriptions in which Resource Graph knows no instance and which Azure Resource Manager was not asked about, to
   * spare it: an account that may read the subscription but not its API Management instances would look the same.
   */
  readonly notAsked: readonly Subscription[];
  readonly failures: readonly EstateFailure[];
}

/**
 * A gateway that is run outside Azure. Its versions and cipher suites are settings of its container, which Azure does not
 * know; per host name it knows what is here.
 */
export interface SelfHostedGateway {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Where it runs, in the words of whoever made it. */
  readonly place: string;
  readonly hosts: readonly SelfHostedHost[];
}

/** Null: not stated. */
export interface SelfHostedHost {
  /** May be `*`. */
  readonly hostName: string;
  readonly negotiateClientCertificate: boolean | null;
  readonly tls10: boolean | null;
  readonly tls11: boolean | null;
  readonly http2: boolean | null;
}

/** A workspace that a workspace gateway serves. */
export interface GatewayConnection {
  /** The id of the instance that has the workspace; null where the service names none. */
  readonly instanceId: string | null;
  readonly instanceName: string;
  readonly workspace: string;
  readonly hostNames: readonly string[];
}

export interface BackendEntity {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly type: 'Single' | 'Pool';
  /** Ids of the members of a pool. */
  readonly poolMembers: readonly string[];
  readonly validateChain: boolean;
  readonly validateName: boolean;
  readonly clientCertificate: boolean;
}

export interface ApiEntity {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly path: string;
  /** Null where the API has none (its policies choose a backend). */
  readonly serviceUrl: string | null;
}

export interface OperationEntity {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly method: string;
  readonly urlTemplate: string;
}

export interface PolicyOptions extends CallOptions {
  /** Asks for every text again, whether or not it was read some minutes ago. */
  readonly fresh?: boolean;
  /** Heavier ones are read first among those of their kind, such as those that most requests go to; default: all alike. */
  readonly weightOf?: (scope: PolicyScope) => number;
  /** Operations to look at where Azure does not say which have a policy. */
  readonly operations?: readonly { readonly api: string; readonly operation: string }[];
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface ConnectivityQuestion {
  /** Of the gateway, as tools write it. */
  readonly region: string;
  readonly host: string;
  readonly port: number;
}

export interface TrafficOptions extends CallOptions {
  /** Asks anew; else what was read some minutes ago is given again. */
  readonly fresh?: boolean;
}

export type UpdateStart =
  /** The service saw no change and answered at once. */
  | { readonly kind: 'done'; readonly instance: Instance }
  /** Accepted; `resume` is the serialised poller, to be kept until the operation has ended. */
  | { readonly kind: 'running'; readonly resume: string };

/** Called after every poll. `answered`: Azure said that the operation goes on; else it could not be asked. */
export type PollListener = (poll: { readonly elapsedMs: number; readonly answered: boolean }) => void;

export interface Azure {
  /** Every tenant and subscription of the account, then all instances by Resource Graph. */
  readEstate(options?: CallOptions & { readonly onPage?: (reading: EstateReading) => void }): Promise<EstateReading>;
  /** One subscription again, by the plain ARM list (used by Retry). */
  readSubscription(subscription: Subscription, options?: CallOptions): Promise<readonly Instance[]>;
  /** The instance from ARM itself, with etag. */
  readInstance(id: string, options?: CallOptions): Promise<Instance>;
  /** The self-hosted gateways of an instance, with their host names. */
  readSelfHosted(id: string, options?: CallOptions): Promise<readonly SelfHostedGateway[]>;
  /** What a workspace gateway serves. */
  readGatewayConnections(gatewayId: string, options?: CallOptions): Promise<readonly GatewayConnection[]>;
  readBackends(id: string, options?: CallOptions): Promise<readonly BackendEntity[]>;
  readApis(id: string, options?: CallOptions): Promise<readonly ApiEntity[]>;
  readOperations(apiId: string, options?: CallOptions): Promise<readonly OperationEntity[]>;
  /**
   * The operations of many APIs in a bounded number of requests, by name of the API; null where those of one could not
   * be read.
   */
  readOperationsOf(
    id: string,
    apis: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, readonly OperationEntity[] | null>>;
  /**
   * Every policy of an instance with its scope, its fragments and named values, in a bounded number of requests; what
   * was left is read by the next call. What was read some minutes ago is given again. A policy or a list that is refused
   * is told in the reading and rejects nothing; no way to Azure, no sign-in and an abort reject.
   */
  readPolicies(id: string, options?: PolicyOptions): Promise<PolicyReading>;
  /**
   * Requests and callers by TLS version, API and operation, from the logs of the gateway in its Log Analytics workspace.
   * What the user can put right (nothing configured, no permission, no table, no rows) is a state and no rejection.
   */
  readTraffic(instanceId: string, days: TrafficDays, options?: TrafficOptions): Promise<Traffic>;
  /** Requests with TLS 1.2 or earlier by operation and host name, from the same logs and with the same states. */
  readHostTraffic(instanceId: string, days: TrafficDays, options?: TrafficOptions): Promise<HostTraffic>;
  /** What Azure Advisor says of blocked renegotiations. A refusal is part of the answer. */
  readAdvice(id: string, knownHosts: readonly string[], options?: CallOptions): Promise<RenegotiationAdvice>;
  /** Requests by backend host, API and operation, from the same logs and with the same states. */
  readBackendTraffic(instanceId: string, days: TrafficDays, options?: TrafficOptions): Promise<BackendTraffic>;
  /**
   * Who wrote to an instance in a window of time, by the Activity Log. A missing permission is a state and no rejection.
   * @param window ISO 8601, UTC
   */
  readActivity(
    id: string,
    window: { readonly from: string; readonly to: string },
    options?: CallOptions,
  ): Promise<Activity>;
  /** Failed connections since a change and before it, from the same logs. */
  readFailures(instanceId: string, window: FailureWindow, options?: CallOptions): Promise<FailureReading>;
  /**
   * Whether the gateway reaches a host and port from one of its regions, by the service's own check: a TCP connection.
   * Takes seconds to minutes. Rejects with "refused" where the tier has no such check, and with "timeout".
   */
  checkConnectivity(id: string, question: ConnectivityQuestion, options?: CallOptions): Promise<Connectivity>;
  /**
   * PATCH of the whole map and of nothing else. Is sent at most once where it may have been carried out, and cannot be
   * aborted once it is on its way: a rejection with "network", "timeout", "unavailable" or "malformed" leaves open
   * whether the service took it.
   */
  beginUpdate(id: string, map: CustomProperties, options?: CallOptions): Promise<UpdateStart>;
  /**
   * Polls an accepted update to its end and gives the instance as read then. Safe to call again with the same `resume`.
   * Faults on the way are waited out; an abort leaves the operation itself alone. Rejects with "operationFailed" where
   * Azure ended it so. An empty `resume` follows by the service's own state alone.
   */
  followUpdate(
    id: string,
    resume: string,
    options?: CallOptions & { readonly onPoll?: PollListener },
  ): Promise<Instance>;
  /** How the account is shown, such as a user name. */
  readonly accountLabel: string;
}
