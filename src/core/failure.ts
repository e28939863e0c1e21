// Failures of calls to Azure, as one error type with a code. Sentences are in failureText.ts.

export type FailureCode =
  // Signing in.
  | 'signedOut'
  | 'interactionNeeded'
  | 'unauthorized'
  | 'toolMissing'
  /** The clock of this machine is wrong: tokens or certificates are not valid at its time. */
  | 'clock'
  // What Azure refuses.
  | 'forbidden'
  /** Azure Policy denies the change. */
  | 'policyDenied'
  /** A management lock forbids the change. */
  | 'managementLock'
  | 'apiVersion'
  | 'notFound'
  /** It is at another address now: `movedTo`. */
  | 'moved'
  | 'conflict'
  /** Azure is changing the instance already. */
  | 'locked'
  | 'changed'
  | 'throttled'
  | 'refused'
  | 'unavailable'
  // The way to Azure.
  | 'offline'
  | 'dns'
  | 'network'
  | 'timeout'
  /** A web page came in place of an answer: the sign-in page of a network, or the notice of a proxy. */
  | 'portal'
  /** A proxy wants to be signed in to, or refuses. */
  | 'proxy'
  /** The certificate is not one that this machine trusts for the host: TLS is intercepted. */
  | 'certificateRefused'
  /** What is at the other end of the connection speaks no TLS that we would use. */
  | 'oldTls'
  | 'malformed'
  // What becomes of a change.
  | 'operationFailed'
  | 'operationStuck'
  | 'cancelled'
  | 'unknown';

/** Failures that signing in may end. */
export const signInCodes: readonly string[] = [
  'signedOut',
  'interactionNeeded',
  'unauthorized',
] satisfies FailureCode[];

export interface PolicyViolation {
  /** As people call it; its id where it has no name. */
  readonly policy: string;
  /** Resource id of the assignment; empty where Azure does not state it. */
  readonly assignmentId: string;
}

export interface FailureDetails {
  readonly code: FailureCode;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** ARM's own error code, such as AuthorizationFailed. */
  readonly serviceCode?: string;
  /** ARM's own message, or the reason in the words of the layer below, as `plainText` leaves it. */
  readonly serviceMessage?: string;
  /** x-ms-request-id or x-ms-correlation-request-id, for Microsoft support. */
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
  /** The host that was asked. */
  readonly host?: string;
  /** The role action that is missing, such as Microsoft.ApiManagement/service/write. */
  readonly action?: string;
  /** Resource ids: where the action is missing, or what the lock is on. */
  readonly scopes?: readonly string[];
  readonly policies?: readonly PolicyViolation[];
  /** The resource id under which it is found now. */
  readonly movedTo?: string;
  /** How far this machine's clock is ahead of Azure's, in seconds; negative: behind. */
  readonly clockAheadSeconds?: number;
}

export class ArmError extends Error {
  readonly details: FailureDetails;

  constructor(details: FailureDetails) {
    const { serviceMessage, ...others } = details;
    const said = serviceMessage === undefined ? '' : plainText(serviceMessage);
    super(said === '' ? details.code : said);
    this.name = 'ArmError';
    this.details = said === '' ? others : { ...others, serviceMessage: said };
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isArmError(error: unknown): error is ArmError {
  return error instanceof Error && error.name === 'ArmError' && 'details' in error;
}

export function failureCode(error: unknown): FailureCode {
  return isArmError(error) ? error.details.code : 'unknown';
}

/** What is known of a failure, whatever was thrown. */
export function failureDetails(error: unknown): FailureDetails {
  if (isArmError(error)) return error.details;
  return new ArmError({ code: 'unknown', serviceMessage: error instanceof Error ? error.message : String(error) })
    .details;
}

export const longestText = 600;

/**
 * Foreign text as one line that can be shown anywhere: no markup, no control or direction characters, no link that
 * notifications of VS Code would make of it, no password, query or token, at most `longestText` characters.
 */
export function plainText(text: string, longest = longestText): string {
  const line = text
    .slice(0, 10 * longest)
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<[a-z/!?][^<>]*>/gi, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/\]\(/g, '] (')
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@'"]*@/gi, '$1')
    .replace(/\b(https?:\/\/[^\s?#'"]*)[?#][^\s'"]*/gi, '$1')
    .replace(/\b(bearer|basic|negotiate|ntlm) +[\w~+/.=-]{8,}/gi, '$1 …')
    .replace(/\beyJ[\w-]+\.[\w-]*\.?[\w-]*/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}
