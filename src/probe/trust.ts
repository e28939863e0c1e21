// The chain that a client builds: from the certificates that were sent to a root that it trusts.

import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import * as tls from 'node:tls';
import { readCertificate, type CertificateFields } from './certificateFields.ts';
import { derTag, expectTag, readDerList, readOnly } from './der.ts';

/** A certificate that could be read. */
export interface Entry {
  readonly fields: CertificateFields;
  readonly der: Buffer;
}

export interface RootStore {
  /** Roots by their subject, in the order of `CertificateFields.subjectKey`. */
  readonly bySubject: ReadonlyMap<string, readonly Entry[]>;
  readonly fingerprints: ReadonlySet<string>;
}

/**
 * trusted: the last certificate is a root of the store. selfSigned: the leaf is its own issuer. untrustedRoot: the last
 * certificate is its own issuer, and not in the store. noIssuer: the issuer of the last is neither sent nor in the store.
 */
export interface Path {
  readonly end: 'trusted' | 'selfSigned' | 'untrustedRoot' | 'noIssuer';
  /** Leaf first. */
  readonly certificates: readonly Entry[];
}

/** Signatures that are checked for one path: more than any honest chain needs, and a bound on what a server can cost. */
const mostSignatures = 100;

/**
 * The first path to a trusted root; where there is none, the one that leads furthest. The order and the number of the
 * certificates that were sent do not matter, neither do dates and names.
 */
export function buildPath(leaf: Entry, sent: readonly Entry[], store: RootStore): Path {
  const budget = { left: mostSignatures };
  const tried = new Set<Entry>([leaf]);
  const waiting: (readonly Entry[])[] = [[leaf]];
  let best: Path = { end: 'noIssuer', certificates: [leaf] };
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const current = path.at(-1) ?? leaf;
    if (store.fingerprints.has(current.fields.sha256)) return { end: 'trusted', certificates: path };
    const roots = store.bySubject.get(current.fields.issuerKey) ?? [];
    const root = roots.find((candidate) => issued(candidate, current, budget));
    if (root) return { end: 'trusted', certificates: [...path, root] };
    if (isSelfSigned(current, budget)) {
      best = better(best, { end: current === leaf ? 'selfSigned' : 'untrustedRoot', certificates: path });
      continue;
    }
    best = better(best, { end: 'noIssuer', certificates: path });
    const issuers = sent.filter((candidate) => !tried.has(candidate) && issued(candidate, current, budget));
    for (const issuer of issuers.toReversed()) {
      tried.add(issuer);
      waiting.push([...path, issuer]);
    }
  }
  return best;
}

function better(old: Path, other: Path): Path {
  const leadsFurther = other.certificates.length > old.certificates.length;
  if (old.end === 'noIssuer') return other.end !== 'noIssuer' || leadsFurther ? other : old;
  return old;
}

export function isSelfSigned(entry: Entry, budget = { left: 1 }): boolean {
  return issued(entry, entry, budget);
}

/** By name and signature. Whether the issuer is allowed to issue is judged elsewhere. */
function issued(issuer: Entry, subject: Entry, budget: { left: number }): boolean {
  if (issuer.fields.subjectKey !== subject.fields.issuerKey || budget.left <= 0) return false;
  budget.left -= 1;
  try {
    const key = new X509Certificate(issuer.der).publicKey;
    return new X509Certificate(subject.der).verify(key) || (subject.fields.weakSignature && signedOldWay(subject, key));
  } catch {
    return false;
  }
}

/** BoringSSL checks no certificate that is signed over MD5 or SHA-1, yet who has signed it is no different for that. */
function signedOldWay({ der, fields }: Entry, key: KeyObject): boolean {
  const digest = fields.signatureAlgorithm.endsWith('MD5') ? 'md5' : 'sha1';
  const [content, , signature] = readDerList(readOnly(der, derTag.sequence).body);
  const bits = expectTag(signature, derTag.bitString).body.subarray(1);
  return verify(digest, expectTag(content, derTag.sequence).raw, key, bits);
}

const pemBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/g;

/** The certificates of PEM files, in order; what is no certificate is left out. */
export function certificatesOf(pems: readonly string[]): readonly Entry[] {
  return pems
    .flatMap((pem) => [...pem.matchAll(pemBlock)].map((match) => Buffer.from(match[1] ?? '', 'base64')))
    .flatMap((der) => readEntry(der) ?? []);
}

export function readEntry(der: Buffer): Entry | undefined {
  const fields = readCertificate(der);
  return fields ? { fields, der } : undefined;
}

export function storeOf(roots: readonly Entry[]): RootStore {
  const bySubject = new Map<string, Entry[]>();
  // Of roots with the same name and key, the one that lasts longest is the one that a client would use.
  for (const root of roots.toSorted((a, b) => b.fields.to - a.fields.to)) {
    const same = bySubject.get(root.fields.subjectKey);
    if (same) same.push(root);
    else bySubject.set(root.fields.subjectKey, [root]);
  }
  return { bySubject, fingerprints: new Set(roots.map(({ fields }) => fields.sha256)) };
}

/** Computes a constant when it is first needed: reading the roots takes some 30 ms. */
function lazily<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => (computed ??= { value: compute() }).value;
}

/** By their PEM text, which the machine's store often repeats. */
const mozillaByText = lazily(() => new Map(tls.rootCertificates.map((pem) => [pem, certificatesOf([pem])])));
const mozillaEntries = lazily(() => [...mozillaByText().values()].flat());
const mozillaStore = lazily(() => storeOf(mozillaEntries()));

/** null where this runtime cannot read the store of the machine (Node before 22.15, other runtimes). */
const machineEntries = lazily((): readonly Entry[] | null => {
  try {
    const pems = new Set(tls.getCACertificates('system'));
    return [...pems].flatMap((pem) => mozillaByText().get(pem) ?? certificatesOf([pem]));
  } catch {
    return null;
  }
});
const machineStore = lazily(() => {
  const entries = machineEntries();
  return entries && storeOf(entries);
});

/** The roots of Mozilla as they come with Node, and those that are given. */
export function mozillaRoots(extra: readonly Entry[]): RootStore {
  return extra.length === 0 ? mozillaStore() : storeOf([...mozillaEntries(), ...extra]);
}

/** The roots that this machine trusts, and those that are given. null where the machine's cannot be read. */
export function machineRoots(extra: readonly Entry[]): RootStore | null {
  const entries = machineEntries();
  return extra.length === 0 || entries === null ? machineStore() : storeOf([...entries, ...extra]);
}
