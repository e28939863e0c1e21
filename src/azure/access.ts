// What the rest of the product may ask of Azure. Implemented in connect.ts over the official SDKs.
// Every function rejects with `ArmError` (core/failure.ts); an aborted signal rejects with code "cancelled".

import type { CustomProperties, EstateFailure, Instance, Subscription } from '../core/instance.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Instances as they arrive, with the subscriptions and tenants that could not be read. */
export interface EstateReading {
  readonly subscriptions: readonly Subscription[];
  readonly instances: readonly Instance[];
  readonly failures: readonly EstateFailure[];
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

/** What in a policy asks the client for a certificate. */
export interface PolicyUses {
  /** `validate-client-certificate`, `context.Request.Certificate`; empty: the policy itself does not ask. */
  readonly asks: readonly string[];
  /** Fragments that the policy includes; what they ask for is not known. */
  readonly fragments: readonly string[];
}

/** xml: policy text with expressions escaped, as ARM's format=xml gives it. */
export interface PolicyText {
  readonly scope: 'global' | 'api' | 'operation';
  readonly xml: string;
  /** Null: the text could not be read. */
  readonly uses: PolicyUses | null;
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
  readBackends(id: string, options?: CallOptions): Promise<readonly BackendEntity[]>;
  readApis(id: string, options?: CallOptions): Promise<readonly ApiEntity[]>;
  readOperations(apiId: string, options?: CallOptions): Promise<readonly OperationEntity[]>;
  /** Null where the scope has no policy. */
  readPolicy(scopeId: string, scope: PolicyText['scope'], options?: CallOptions): Promise<PolicyText | null>;
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
