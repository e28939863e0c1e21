// Judges a certificate chain as a client would that trusts the runtime's roots, and says everything that is wrong.

import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import type { Certificate, CertificateEvidence, CertificateFinding } from '../core/tls/evidence.ts';
import { readCertificate, type CertificateFields } from './certificateFields.ts';
import { canonicalAddress } from './der.ts';

export interface JudgeOptions {
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly expiresSoonDays: number;
  /** PEM. */
  readonly extraRoots: readonly string[];
}

interface Entry {
  readonly fields: CertificateFields;
  readonly der: Buffer;
}

/** null where not even the leaf can be read. */
export function judgeChain(chain: readonly Buffer[], options: JudgeOptions): CertificateEvidence | null {
  const entries = chain.flatMap((der): Entry[] => {
    const fields = readCertificate(der);
    return fields ? [{ fields, der }] : [];
  });
  const [leaf] = entries;
  const leafDer = chain[0];
  if (!leaf || leaf.der !== leafDer) return null;
  const path = buildPath(leaf, entries, options.extraRoots);
  const findings = new Set<CertificateFinding>();
  for (const { fields } of path.sent) {
    if (fields.to < options.now) findings.add('expired');
    if (fields.from > options.now) findings.add('not-yet-valid');
    if (fields.weakKey) findings.add('weak-key');
    if (fields.weakSignature) findings.add('weak-signature');
  }
  const soon = options.now + options.expiresSoonDays * 86_400_000;
  if (leaf.fields.to >= options.now && leaf.fields.to < soon) findings.add('expires-soon');
  if (!coversHost(leaf.fields, options.host)) findings.add('name-mismatch');
  if (path.problem) findings.add(path.problem);
  return { chain: entries.map(({ fields }) => publicFields(fields)), findings: [...findings] };
}

function publicFields(fields: CertificateFields): Certificate {
  const { subject, issuer, names, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 } = fields;
  return { subject, issuer, names, notBefore, notAfter, keyType, keyBits, signatureAlgorithm, sha256 };
}

interface Path {
  /** The certificates that were sent and are used, leaf first; a root among them is left out, it is trusted as it is. */
  readonly sent: readonly Entry[];
  readonly problem: 'self-signed' | 'unknown-root' | 'incomplete-chain' | null;
}

/**
 * A leaf alone whose issuer is unknown counts as an incomplete chain, since most certificates have an intermediate;
 * a longer chain that leads nowhere counts as an unknown root.
 */
function buildPath(leaf: Entry, entries: readonly Entry[], extraRoots: readonly string[]): Path {
  const roots = new Map([...builtInRoots(), ...rootsOf(extraRoots)].map((root) => [root.fields.sha256, root]));
  const sent = [leaf];
  for (let current = leaf; sent.length <= entries.length;) {
    if (roots.has(current.fields.sha256)) return { sent: current === leaf ? sent : sent.slice(0, -1), problem: null };
    const selfIssued = current.fields.subjectKey === current.fields.issuerKey;
    if (selfIssued && issued(current, current)) {
      const problem = current === leaf ? 'self-signed' : 'unknown-root';
      return { sent: current === leaf ? sent : sent.slice(0, -1), problem };
    }
    const root = [...roots.values()].find((candidate) => issued(candidate, current));
    if (root) return { sent, problem: null };
    const next = entries.find((candidate) => !sent.includes(candidate) && issued(candidate, current));
    if (!next) break;
    sent.push(next);
    current = next;
  }
  return { sent, problem: sent.length === 1 ? 'incomplete-chain' : 'unknown-root' };
}

function issued(issuer: Entry, subject: Entry): boolean {
  if (issuer.fields.subjectKey !== subject.fields.issuerKey) return false;
  try {
    const certificate = new X509Certificate(subject.der);
    const parent = new X509Certificate(issuer.der);
    return certificate.verify(parent.publicKey);
  } catch {
    return false;
  }
}

const pemBlock = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

function rootsOf(pems: readonly string[]): readonly Entry[] {
  return pems
    .flatMap((pem) => [...pem.matchAll(pemBlock)].map((match) => Buffer.from(match[1] ?? '', 'base64')))
    .flatMap((der): Entry[] => {
      const fields = readCertificate(der);
      return fields ? [{ fields, der }] : [];
    });
}

/** Computes a constant when it is first needed: reading the built-in roots takes some 30 ms. */
function lazily<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => (computed ??= { value: compute() }).value;
}

const builtInRoots = lazily(() => rootsOf(rootCertificates));

/** RFC 6125, 6.4: one wildcard for the whole left-most label; the common name only without alternative names. */
function coversHost(fields: CertificateFields, host: string): boolean {
  const address = canonicalAddress(host);
  if (address !== undefined) return fields.names.some((name) => canonicalAddress(name) === address);
  const wanted = host.toLowerCase().replace(/\.$/, '');
  const names = fields.names.length > 0 ? fields.names : fields.commonName === null ? [] : [fields.commonName];
  return names.some((name) => nameCovers(name.toLowerCase().replace(/\.$/, ''), wanted));
}

function nameCovers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const dot = host.indexOf('.');
  return pattern.startsWith('*.') && dot > 0 && pattern.slice(2).includes('.') && pattern.slice(1) === host.slice(dot);
}
