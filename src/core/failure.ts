// Failures of calls to Azure, as one error type with a code. Wording is in wording.ts.

export type FailureCode =
  | 'signedOut'
  | 'interactionNeeded'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'locked'
  | 'changed'
  | 'throttled'
  | 'refused'
  | 'unavailable'
  | 'network'
  | 'timeout'
  | 'malformed'
  | 'operationFailed'
  | 'operationStuck'
  | 'cancelled'
  | 'toolMissing'
  | 'unknown';

export interface FailureDetails {
  readonly code: FailureCode;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** ARM's own error code, such as AuthorizationFailed. */
  readonly serviceCode?: string;
  /** ARM's own message, or the reason in the words of the layer below. No token, no header. */
  readonly serviceMessage?: string;
  /** x-ms-request-id or x-ms-correlation-request-id, for Microsoft support. */
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
}

export class ArmError extends Error {
  readonly details: FailureDetails;

  constructor(details: FailureDetails) {
    super(details.serviceMessage ?? details.code);
    this.name = 'ArmError';
    this.details = details;
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isArmError(error: unknown): error is ArmError {
  return error instanceof Error && error.name === 'ArmError' && 'details' in error;
}

export function failureCode(error: unknown): FailureCode {
  return isArmError(error) ? error.details.code : 'unknown';
}
