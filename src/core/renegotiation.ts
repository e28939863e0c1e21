// Operations for which the gateway may ask the client for a certificate in the middle of a connection: an estimate.

/** An operation for which clients are asked for a certificate, as far as policies and host names tell. */
export interface RenegotiationRow {
  readonly api: string;
  readonly operation: string;
  readonly host: string;
  /** Where it is known from, such as "API policy: context.Request.Certificate". */
  readonly source: string;
}

export interface RenegotiationList {
  readonly rows: readonly RenegotiationRow[];
  /** What was read to make the list, and what could not be. */
  readonly sources: readonly { readonly name: string; readonly read: boolean; readonly reason: string }[];
}
