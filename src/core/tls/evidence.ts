// What a probe can say of a TLS server. Values only: the sockets are in src/probe.

import type { PathSource, UnknownPaths } from './paths.ts';
import type { ProtocolVersion } from './protocols.ts';

/** Unknown is never counted as yes: no fact comes from a reset, a closed connection or a time-out. */
export type Answer = 'yes' | 'no' | 'unknown';

/** A server to probe. `host` is a name, an IPv4 or an IPv6 address without brackets, in ASCII (IDN as punycode). */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Path and query to request, to see whether a client certificate is asked for then. */
  readonly path?: string | null;
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
  /** A root certificate is sent along: needless bytes, no error (RFC 8446, 4.4.2). */
  | 'root-sent'
  /** Key usage or extended key usage does not allow a TLS server. */
  | 'wrong-key-usage'
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

/** A chain that the server sends and what is wrong with it. */
export interface CertificateChain {
  /** As the server sent it, leaf first. */
  readonly chain: readonly Certificate[];
  readonly findings: readonly CertificateFinding[];
  /** What two sets of roots make of it. Absent: not looked for. */
  readonly trust?: {
    /** The store of this machine, with the roots that were given. */
    readonly machine: TrustPath;
    /** The roots of Mozilla as they come with Node, with the roots that were given. */
    readonly mozilla: TrustPath;
  };
}

/** The chain that a client builds from what was sent and the roots that it trusts. Dates and names play no part in it. */
export interface TrustPath {
  /** Unknown where the roots cannot be read. */
  readonly trusted: Answer;
  /** Subjects, leaf first; where it is trusted, the root last. */
  readonly path: readonly string[];
  /** The authority in it that may not issue for the names of a certificate below it (RFC 5280, 4.2.1.10); absent: none. */
  readonly constrainedBy?: string;
}

/** What a stapled OCSP response says of the leaf (RFC 6960). */
export interface OcspEvidence {
  /** "unreadable" also where it is about another certificate or the responder gives an error. */
  readonly status: 'good' | 'revoked' | 'unknown' | 'unreadable';
  /** nobody: by a key that may not answer for this certificate. unknown: the issuer or the algorithm is not known. */
  readonly signedBy: 'issuer' | 'delegate' | 'nobody' | 'unknown';
  /** ISO 8601, UTC; null where it is not stated. */
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  readonly revokedAt: string | null;
}

/** What became of a request that was sent without a client certificate. */
export interface RequestEvidence {
  readonly version: ProtocolVersion;
  /** Asked for after the request: by renegotiation up to TLS 1.2, after the handshake in TLS 1.3. */
  readonly asked: Sighting;
  /** What it made of our having none: "required" only where an alert refused it. null where it did not ask. */
  readonly without: 'optional' | 'required' | 'unknown' | null;
  /** Distinguished names of the issuers that this request for a certificate names. */
  readonly acceptableIssuers: readonly string[];
  /** Status code of the HTTP answer, null where none came. */
  readonly status: number | null;
  /** The words by which the HTTP answer asks for a certificate, such as those of nginx; null where it has none. */
  readonly refusal: string | null;
}

/** What a request for a further path met. */
export interface PathEvidence {
  readonly path: string;
  readonly source: PathSource;
  readonly renegotiation: Sighting;
  readonly postHandshake: Sighting;
  /** Newest version first. */
  readonly requests: readonly RequestEvidence[];
}

export interface CertificateEvidence extends CertificateChain {
  /** Every chain where the server has several (such as RSA and ECDSA), the one above first. Absent: not looked for. */
  readonly variants?: readonly CertificateChain[];
  /** Whether an OCSP response came stapled to the handshake. Absent: not looked for. */
  readonly ocspStaple?: Sighting;
  /** What the stapled response says; absent where none came. */
  readonly ocsp?: OcspEvidence;
}

/** "not-seen" is never "none": a server may do on another path what it did not do on this one. */
export type Sighting = 'seen' | 'not-seen' | 'unknown';

/** Whose order decides between several suites in common. */
export type Preference = 'server' | 'client' | 'unknown';

/** What one of several addresses behind a name answers. */
export interface AddressEvidence {
  readonly address: string;
  readonly behaviour: Behaviour;
  readonly protocols: Readonly<Record<ProtocolVersion, Answer>>;
  /** What is known to be otherwise than at the address that the survey is of. Unknown is no difference. */
  readonly differsIn: readonly ('behaviour' | 'protocols' | 'suites' | 'certificate')[];
}

export interface KeyExchangeEvidence {
  /**
   * Code points of the TLS Supported Groups registry (registryNames.ts) that the server takes, the usual ones first,
   * whatever it prefers. A version that is missing was not asked to the end.
   */
  readonly accepted: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
  /** Size in bits of the prime of finite-field Diffie-Hellman up to TLS 1.2; null where none was seen. */
  readonly dhPrimeBits: number | null;
}

/** What the server's first messages say of its extensions; up to TLS 1.2 where nothing else is said. */
export interface Features {
  /** Which of h2 and http/1.1 the server takes; null = unknown. */
  readonly alpn: readonly string[] | null;
  /** RFC 5746. */
  readonly secureRenegotiation: Answer;
  /** RFC 7627. */
  readonly extendedMasterSecret: Answer;
  /** RFC 5077. */
  readonly sessionTickets: Answer;
  /** RFC 3749. */
  readonly compression: Answer;
  /** RFC 7507: refuses a hello that says it is a fallback. Unknown where the server has one version only. */
  readonly fallbackScsv: Answer;
  /** RFC 6520. */
  readonly heartbeat: Answer;
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

/**
 * One look at one server. JSON as it stands. Fields that may be absent were not looked for: a check for the gateway's sake
 * looks for less than a full survey, and older surveys had fewer of them.
 */
export interface Survey {
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    /** Server name sent (SNI), null for an address. */
    readonly serverName: string | null;
    /** Address and port that was really connected to, null where nothing was. */
    readonly address: string | null;
    /** Path and query of the request by which renegotiation was looked for; null or absent: none was sent. */
    readonly path?: string | null;
    /** Every address behind the name, where there are several. Absent: not looked for. */
    readonly addresses?: readonly AddressEvidence[];
  };
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly behaviour: Behaviour;
  readonly protocols: Readonly<Record<ProtocolVersion, Answer>>;
  /** The suite the server picked from a full offer, per version that it accepts. */
  readonly preferred: Readonly<Partial<Record<ProtocolVersion, number>>>;
  /**
   * The suites that the server accepts, per version: all of them in a full survey, those of an API Management gateway in
   * a check for the gateway's sake. In the server's order of preference; where it follows the client's, strongest first.
   * A version that is missing here was not asked to the end: nothing may be concluded from its absence.
   */
  readonly suites: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
  /** Absent in a check for the gateway's sake: the order of `suites` is then what the server picked for a gateway. */
  readonly preference?: Readonly<Partial<Record<ProtocolVersion, Preference>>>;
  readonly groups?: KeyExchangeEvidence;
  /**
   * Signature schemes (registryNames.ts) by which the server signs its key exchange, the usual ones first, whatever it
   * prefers. A version that is missing was not asked to the end.
   */
  readonly signatureAlgorithms?: Readonly<Partial<Record<ProtocolVersion, readonly number[]>>>;
  readonly features?: Features;
  readonly certificate: CertificateEvidence | null;
  readonly clientCertificate: {
    /** Asked for in the first handshake. "optional" = asked for; "required" only where an empty answer was refused. */
    readonly inHandshake: 'none-seen' | 'optional' | 'required' | 'unknown';
    /** Asked for by a HelloRequest after the request (up to TLS 1.2). */
    readonly renegotiation?: Sighting;
    /** Asked for after the handshake (TLS 1.3, RFC 8446, 4.6.2). */
    readonly postHandshake?: Sighting;
    /** What requests for `endpoint.path` met, newest version first. Absent: none was sent. */
    readonly requests?: readonly RequestEvidence[];
    /** Further paths that were requested. Absent: none was. */
    readonly paths?: readonly PathEvidence[];
    /** Operations that were not requested, as their paths are not known. Absent: none. */
    readonly unknownPaths?: UnknownPaths;
    /** Distinguished names of the issuers that the server names. */
    readonly acceptableIssuers: readonly string[];
  };
  /** The answer to the planned configuration, where one was asked. */
  readonly planned: OfferAnswer | null;
  readonly unknowns: readonly Unknown[];
  readonly connections: number;
  readonly elapsedMs: number;
}
