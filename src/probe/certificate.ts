// Judges a certificate chain as a client would that trusts Mozilla's roots, and says everything that is wrong.

import type { Certificate, CertificateChain, CertificateFinding, TrustPath } from '../core/tls/evidence.ts';
import type { CertificateFields } from './certificateFields.ts';
import { anyPurpose, keyUsage, serverAuthentication } from './certificateExtensions.ts';
import { coversHost } from './hostNames.ts';
import {
  buildPath,
  certificatesOf,
  constrainedBy,
  machineRoots,
  mozillaRoots,
  readEntry,
  SignatureChecks,
  type Entry,
  type Path,
  type RootStore,
} from './trust.ts';

/** What a server does with its key: sign (ECDHE, DHE, TLS 1.3), decrypt (RSA key exchange), agree (static ECDH). */
export type KeyTask = 'sign' | 'decrypt' | 'agree';

export interface JudgeOptions {
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly expiresSoonDays: number;
  /** PEM. */
  readonly extraRoots: readonly string[];
  /** What the server was seen to use the key for. */
  readonly tasks?: readonly KeyTask[];
}

/** null where not even the leaf can be read; other certificates that cannot be read are left out. */
export function judgeChain(chain: readonly Buffer[], options: JudgeOptions): CertificateChain | null {
  const entries = chain.flatMap((der) => readEntry(der) ?? []);
  const [leaf] = entries;
  if (!leaf || leaf.der !== chain[0]) return null;
  const extra = certificatesOf(options.extraRoots);
  const roots = mozillaRoots(extra);
  const checks = new SignatureChecks();
  const path = buildPath(leaf, entries, roots, checks);
  const findings = [
    ...dateFindings(path, leaf, options),
    ...(coversHost(leaf.fields, options.host) ? [] : (['name-mismatch'] as const)),
    ...pathFindings(path, roots, extra.length > 0),
    ...(entries.some((entry) => entry !== leaf && checks.isSelfSigned(entry)) ? (['root-sent'] as const) : []),
    ...(allowed(path, leaf, options.tasks ?? []) ? [] : (['wrong-key-usage'] as const)),
    ...strengthFindings(path),
  ];
  const mozilla = trustPath(path);
  return {
    chain: entries.map(({ fields }) => publicFields(fields)),
    findings,
    trust: { machine: machinePath(leaf, entries, machineRoots(extra), checks), mozilla },
  };
}

function publicFields(fields: CertificateFields): Certificate {
  const { subject, issuer, names, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 } = fields;
  return { subject, issuer, names, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 };
}

function trustPath({ end, certificates }: Path): TrustPath {
  const authority = end === 'constrained' ? constrainedBy(certificates) : undefined;
  return {
    trusted: end === 'trusted' ? 'yes' : 'no',
    path: certificates.map(({ fields }) => fields.subject),
    ...(authority && { constrainedBy: authority.fields.subject }),
  };
}

function machinePath(
  leaf: Entry,
  entries: readonly Entry[],
  store: RootStore | null,
  checks: SignatureChecks,
): TrustPath {
  return store ? trustPath(buildPath(leaf, entries, store, checks)) : { trusted: 'unknown', path: [] };
}

/** Of every certificate in the path, the root included: what was sent besides is of no use to a client, and no harm. */
function dateFindings({ certificates }: Path, leaf: Entry, options: JudgeOptions): CertificateFinding[] {
  const { now } = options;
  const soon = now + options.expiresSoonDays * 86_400_000;
  const has = (predicate: (fields: CertificateFields) => boolean) =>
    certificates.some(({ fields }) => predicate(fields));
  return [
    ...(has(({ to }) => to < now) ? (['expired'] as const) : []),
    ...(has(({ from }) => from > now) ? (['not-yet-valid'] as const) : []),
    ...(leaf.fields.to >= now && leaf.fields.to < soon ? (['expires-soon'] as const) : []),
  ];
}

/**
 * A leaf that is its own issuer is self-signed, and nothing more is said of its root. A path that ends at a root which
 * is not trusted, or at an intermediate whose issuer is not there (servers leave their root out), has an unknown root.
 * A leaf alone whose issuer is not there misses an intermediate, if it says where its issuer can be fetched or the user
 * has named the root; otherwise its issuer may as well be the root itself, and both are said. A known root of the
 * issuer's name that has not signed it makes the issuer another root of that name. A root that is trusted, though not
 * for these names, is none for this chain.
 */
function pathFindings({ end, certificates }: Path, roots: RootStore, rootsGiven: boolean): CertificateFinding[] {
  if (end === 'trusted') return [];
  if (end === 'selfSigned') return ['self-signed'];
  const [leaf, ...issuers] = certificates;
  if (end === 'constrained' || end === 'untrustedRoot' || issuers.length > 0 || !leaf) return ['unknown-root'];
  if (roots.named(leaf.fields.issuerKey).length > 0) return ['unknown-root'];
  return rootsGiven || leaf.fields.pointsToIssuer ? ['incomplete-chain'] : ['incomplete-chain', 'unknown-root'];
}

/** The last certificate where it is a root: nothing is signed by its own signature, and its uses are not asked for. */
function withoutRoot({ end, certificates }: Path): readonly Entry[] {
  const hasRoot = end !== 'noIssuer' && end !== 'selfSigned' && certificates.length > 1;
  return hasRoot ? certificates.slice(0, -1) : certificates;
}

function strengthFindings(path: Path): CertificateFinding[] {
  return [
    ...(path.certificates.some(({ fields }) => fields.weakKey) ? (['weak-key'] as const) : []),
    ...(withoutRoot(path).some(({ fields }) => fields.weakSignature) ? (['weak-signature'] as const) : []),
  ];
}

/** Whether the certificates may be used as they are: by a TLS server, and by authorities. */
function allowed(path: Path, leaf: Entry, tasks: readonly KeyTask[]): boolean {
  const forServers = withoutRoot(path).every(({ fields: { purposes } }) => {
    return purposes === null || purposes.includes(serverAuthentication) || purposes.includes(anyPurpose);
  });
  const issuers = withoutRoot(path).slice(1);
  const authorities = issuers.every(({ fields }) => fields.isAuthority && mayUse(fields, ['certificateSigning']));
  return forServers && authorities && keyFits(leaf.fields, tasks);
}

function keyFits(fields: CertificateFields, tasks: readonly KeyTask[]): boolean {
  const usages = { sign: 'digitalSignature', decrypt: 'keyEncipherment', agree: 'keyAgreement' } as const;
  if (tasks.length === 0) return mayUse(fields, Object.values(usages));
  return tasks.every((task) => mayUse(fields, [usages[task]]));
}

/** Any of these uses. Without the extension a key may be used for everything (RFC 5280, 4.2.1.3). */
function mayUse(fields: CertificateFields, usages: readonly (keyof typeof keyUsage)[]): boolean {
  return fields.keyUsage === null || usages.some((usage) => fields.keyUsage?.includes(keyUsage[usage]));
}
