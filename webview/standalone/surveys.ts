// Made-up evidence for the stand-alone page: servers of every kind, as the prober would describe them.

import { gatewaySuites } from '../../src/core/tls/ciphers.ts';
import type { Answer, Behaviour, CertificateFinding, Survey } from '../../src/core/tls/evidence.ts';
import { protocolVersions } from '../../src/core/tls/protocols.ts';
import type { ProtocolVersion } from '../../src/core/tls/protocols.ts';
import { withPath, withUnknownPaths } from '../../src/core/tls/paths.ts';

const day = 86_400_000;

export interface ServerKind {
  readonly versions: readonly ProtocolVersion[];
  /** Which suites of the gateway the server takes; all that fit the version where left out. */
  readonly suites?: (name: string) => boolean;
  readonly days?: number;
  readonly findings?: readonly CertificateFinding[];
}

/** A server that answered every question. */
export function answered(host: string, port: number, now: number, kind: ServerKind): Survey {
  const accepts = (version: ProtocolVersion): Answer => (kind.versions.includes(version) ? 'yes' : 'no');
  const takes = kind.suites ?? (() => true);
  const suitesOf = (version: ProtocolVersion) =>
    gatewaySuites.filter((suite) => suite.versions.includes(version) && takes(suite.name)).map(({ code }) => code);
  return {
    ...blank(host, port, now, 'tls'),
    protocols: {
      ssl3: accepts('ssl3'),
      tls10: accepts('tls10'),
      tls11: accepts('tls11'),
      tls12: accepts('tls12'),
      tls13: accepts('tls13'),
    },
    suites: Object.fromEntries(kind.versions.map((version) => [version, suitesOf(version)])),
    certificate: {
      chain: [
        {
          subject: `CN=${host}`,
          issuer: 'CN=Contoso Issuing CA 2',
          names: [host],
          notBefore: new Date(now - 200 * day).toISOString(),
          notAfter: new Date(now + (kind.days ?? 143) * day).toISOString(),
          keyType: 'RSA',
          keyBits: 2048,
          signatureAlgorithm: 'sha256WithRSAEncryption',
          sha256: '7f'.repeat(32),
        },
      ],
      findings: kind.findings ?? [],
    },
    clientCertificate: { inHandshake: 'none-seen', acceptableIssuers: [] },
    unknowns: [],
  };
}

/** The same server, of which one operation was requested by a path that was cut, and two by paths that are not known. */
export function withOperations(survey: Survey): Survey {
  const met = { renegotiation: 'not-seen', postHandshake: 'not-seen', requests: [] } as const;
  const asked = withPath(
    survey,
    { path: '/v1/orders/', source: 'cut' },
    {
      ...survey,
      clientCertificate: { ...survey.clientCertificate, ...met },
    },
  );
  return withUnknownPaths(asked, 'contoso-payments', [
    { title: 'Orders › GET /search', why: 'expression' },
    { title: 'Orders › GET /archive/{year}', why: 'condition' },
  ]);
}

/** A server that gave no answer. */
export function silent(host: string, port: number, now: number, behaviour: Behaviour, why: string): Survey {
  return {
    ...blank(host, port, now, behaviour),
    unknowns: protocolVersions.map((what) => ({ what, why })),
  };
}

function blank(host: string, port: number, now: number, behaviour: Behaviour): Survey {
  return {
    endpoint: { host, port, serverName: host, address: behaviour === 'unresolvable' ? null : '127.0.0.1' },
    at: new Date(now - 4 * 60_000).toISOString(),
    behaviour,
    protocols: { ssl3: 'unknown', tls10: 'unknown', tls11: 'unknown', tls12: 'unknown', tls13: 'unknown' },
    preferred: {},
    suites: {},
    certificate: null,
    clientCertificate: { inHandshake: 'unknown', acceptableIssuers: [] },
    planned: null,
    unknowns: [],
    connections: 5,
    elapsedMs: 84,
  };
}
