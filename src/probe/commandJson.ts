// A survey as the JSON object that the command line prints.

import type {
  Certificate,
  CertificateFinding,
  OfferAnswer,
  Preference,
  Sighting,
  Survey,
  Unknown,
} from '../core/tls/evidence.ts';
import { protocolVersions, type ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';

export interface CommandJson {
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    readonly serverName: string | null;
    readonly path: string;
  };
  readonly protocols: Survey['protocols'];
  /** Every suite that a version accepts, in the order of `Survey.suites`. */
  readonly cipherSuites: Readonly<
    Partial<Record<ProtocolVersion, readonly { readonly code: string; readonly name: string }[]>>
  >;
  readonly preference: Readonly<Partial<Record<ProtocolVersion, Preference>>>;
  readonly certificate: {
    readonly chain: readonly Omit<Certificate, 'names'>[];
    readonly findings: readonly CertificateFinding[];
  } | null;
  readonly clientCertificate: {
    readonly inHandshake: Survey['clientCertificate']['inHandshake'];
    readonly renegotiation: Sighting;
    readonly postHandshake: Sighting;
    readonly acceptableIssuers: readonly string[];
  };
  readonly behaviour: Exclude<Survey['behaviour'], 'unreachable' | 'cancelled'>;
  readonly plan: {
    readonly connects: OfferAnswer['connects'];
    readonly version: ProtocolVersion | null;
    /** IANA name. */
    readonly suite: string | null;
  } | null;
  readonly unknowns: readonly Unknown[];
  readonly connections: number;
  readonly elapsedMs: number;
}

export function commandJson(survey: Survey, path: string): CommandJson {
  const { endpoint, protocols, preference, certificate, clientCertificate, planned, unknowns } = survey;
  const suites = protocolVersions.flatMap((version) => {
    const codes = survey.suites[version];
    const named = codes?.map((code) => ({ code: `0x${code.toString(16).padStart(4, '0')}`, name: suiteName(code) }));
    return named ? [[version, named] as const] : [];
  });
  return {
    endpoint: { host: endpoint.host, port: endpoint.port, serverName: endpoint.serverName, path },
    protocols,
    cipherSuites: Object.fromEntries(suites),
    preference: preference ?? {},
    certificate: certificate && { chain: certificate.chain.map(certificateJson), findings: certificate.findings },
    clientCertificate: {
      inHandshake: clientCertificate.inHandshake,
      renegotiation: clientCertificate.renegotiation ?? 'unknown',
      postHandshake: clientCertificate.postHandshake ?? 'unknown',
      acceptableIssuers: clientCertificate.acceptableIssuers,
    },
    behaviour: behaviourJson(survey.behaviour),
    plan: planned && {
      connects: planned.connects,
      version: planned.version,
      suite: planned.suite === null ? null : suiteName(planned.suite),
    },
    unknowns,
    connections: survey.connections,
    elapsedMs: survey.elapsedMs,
  };
}

function certificateJson(certificate: Certificate): Omit<Certificate, 'names'> {
  const { subject, issuer, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 } = certificate;
  return { subject, issuer, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 };
}

/** No way to an address is no answer from it; why there is none is among the unknowns. */
function behaviourJson(behaviour: Survey['behaviour']): CommandJson['behaviour'] {
  return behaviour === 'unreachable' || behaviour === 'cancelled' ? 'timeout' : behaviour;
}
