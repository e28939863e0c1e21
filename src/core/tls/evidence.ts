// What a probe can say of a TLS server. Values only: the sockets are in src/probe.

import type { ProtocolVersion } from './protocols.ts';

/** Unknown is never counted as yes: no fact comes from a reset, a closed connection or a time-out. */
export type Answer = 'yes' | 'no' | 'unknown';

/** A server to probe. `host` is a name, an IPv4 or an IPv6 address without brackets, in ASCII (IDN as punycode). */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What one side puts into a ClientHello: versions and cipher suite code points, best first. */
export interface Offer {
  readonly versions: readonly ProtocolVersion[];
  readonly suites: readonly number[];
}

export type Behaviour =
  | 'tls'
  | 'plain-http'
  | 'not-tls'
  | 'timeout'
  | 'reset'
  | 'close'
  | 'alert'
  | 'misbehaving'
  | 'unresolvable'
  | 'refused'
  | 'unreachable'
  | 'cancelled';

export type CertificateFinding =
  | 'expired'
  | 'expires-soon'
  | 'not-yet-valid'
  | 'self-signed'
  | 'name-mismatch'
  | 'incomplete-chain'
  | 'unknown-root'
  | 'weak-key'
  | 'weak-signature';

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and addresses of the subject alternative name. */
  readonly names: readonly string[];
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly keyType: string;
  readonly keyBits: number | null;
  readonly signatureAlgorithm: string;
  /** Lower-case hexadecimal without colons. */
  readonly sha256: string;
}

export interface CertificateEvidence {
  /** As the server sent it, leaf first. */
  readonly chain: readonly Certificate[];
  readonly findings: readonly CertificateFinding[];
}

/** Outcome of one ClientHello with exactly the offered versions and suites. */
export interface OfferAnswer {
  readonly offer: Offer;
  readonly connects: Answer;
  readonly version: ProtocolVersion | null;
  readonly suite: number | null;
  /** For no and unknown: a short reason in the terms of `Unknown.why`. */
  readonly why: string | null;
}

export interface Unknown {
  /** What was asked, such as "tls10", "certificate", "clientCertificate", "renegotiation". */
  readonly what: string;
  /** Why there is no answer, such as "timed out after 5 s", "connection reset". */
  readonly why: string;
}

/** One look at one server. JSON as it stands. */
export interface Survey {
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    /** Server name sent (SNI), null for an address. */
    readonly serverName: string | null;
    /** Address and port that was really connected to, null where nothing was. */
    readonly address: string | null;
  };
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly behaviour: Behaviour;
  readonly protocols: Readonly<Record<ProtocolVersion, Answer>>;
  /** The suite the server picked from a full offer, per version that it accepts. */
  readonly preferred: Readonly<Partial<Record<ProtocolVersion, number>>>;
  /**
   * The suites of an API Management gateway that the server accepts, per version, in the order in which it picked them.
   * A version that is missing here was not asked to the end: nothing may be concluded from its absence.
   */
  readonly suites: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
  readonly certificate: CertificateEvidence | null;
  readonly clientCertificate: {
    /** Asked for in the first handshake. "optional" = asked for; "required" only where an empty answer was refused. */
    readonly inHandshake: 'none-seen' | 'optional' | 'required' | 'unknown';
    /** Distinguished names of the issuers that the server names. */
    readonly acceptableIssuers: readonly string[];
  };
  /** The answer to the planned configuration, where one was asked. */
  readonly planned: OfferAnswer | null;
  readonly unknowns: readonly Unknown[];
  readonly connections: number;
  readonly elapsedMs: number;
}
