// The chain that a client builds: from the certificates that were sent to a root that it trusts.

import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import * as tls from 'node:tls';
import { readCertificate, type CertificateFields } from './certificateFields.ts';
import { derTag, expectTag, readDerList, readName, readOnly } from './der.ts';
import { lazily } from './lazily.ts';
import { allowsNames } from './nameConstraints.ts';

/** A certificate that could be read. */
export interface Entry {
  readonly fields: CertificateFields;
  readonly der: Buffer;
}

export interface RootStore {
  /** The roots of this subject (`CertificateFields.subjectKey`). */
  named(subjectKey: string): readonly Entry[];
  has(root: Entry): boolean;
}

/**
 * trusted: the last certificate is a root of the store. constrained: so it is, but an authority may not issue for the
 * names of a certificate below it. selfSigned: the leaf is its own issuer. untrustedRoot: the last
 * certificate is its own issuer, and not in the store. noIssuer: the issuer of the last is neither sent nor in the store.
 */
export interface Path {
  readonly end: 'trusted' | 'constrained' | 'selfSigned' | 'untrustedRoot' | 'noIssuer';
  /** Leaf first. */
  readonly certificates: readonly Entry[];
}

/** The authority whose constraints rule out a name below it. One that has issued to itself is not held against them. */
export function constrainedBy(certificates: readonly Entry[]): Entry | undefined {
  return certificates.find(({ fields: { nameConstraints } }, at) => {
    if (nameConstraints === null) return false;
    return certificates.slice(0, at).some(({ fields }, below) => {
      if (below > 0 && fields.subjectKey === fields.issuerKey) return false;
      const { generalNames: names, commonName } = fields;
      const subject = readName(Buffer.from(fields.subjectKey, 'hex'));
      return !allowsNames(nameConstraints, { names, subject, commonName: below === 0 ? commonName : null });
    });
  });
}

function trustedOr(certificates: readonly Entry[]): Path {
  return { end: constrainedBy(certificates) ? 'constrained' : 'trusted', certificates };
}

/** Signatures that are checked for one chain: more than any honest one needs, and a bound on what a server can cost. */
const mostSignatures = 100;

/** What is known of the signatures of one chain; each is checked once. */
export class SignatureChecks {
  readonly #known = new Map<string, boolean>();
  readonly #parsed = new Map<Entry, X509Certificate>();

  /** By name and signature. Whether the issuer is allowed to issue is judged elsewhere. */
  issued(issuer: Entry, subject: Entry): boolean {
    if (issuer.fields.subjectKey !== subject.fields.issuerKey) return false;
    const pair = `${issuer.fields.sha256} ${subject.fields.sha256}`;
    const known = this.#known.get(pair) ?? (this.#known.size < mostSignatures && this.#check(issuer, subject));
    this.#known.set(pair, known);
    return known;
  }

  isSelfSigned(entry: Entry): boolean {
    return this.issued(entry, entry);
  }

  #check(issuer: Entry, subject: Entry): boolean {
    try {
      const key = this.#parse(issuer).publicKey;
      return this.#parse(subject).verify(key) || (subject.fields.weakSignature && signedOldWay(subject, key));
    } catch {
      return false;
    }
  }

  #parse(entry: Entry): X509Certificate {
    const parsed = this.#parsed.get(entry) ?? new X509Certificate(entry.der);
    this.#parsed.set(entry, parsed);
    return parsed;
  }
}

/**
 * The first path to a trusted root; where there is none, the one that leads furthest. The order and the number of the
 * certificates that were sent do not matter, neither do dates and names.
 */
export function buildPath(leaf: Entry, sent: readonly Entry[], store: RootStore, checks: SignatureChecks): Path {
  const tried = new Set<Entry>([leaf]);
  const waiting: (readonly Entry[])[] = [[leaf]];
  let best: Path = { end: 'noIssuer', certificates: [leaf] };
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const current = path.at(-1) ?? leaf;
    const roots = store.named(current.fields.issuerKey).filter((candidate) => checks.issued(candidate, current));
    const ends = [...(store.has(current) ? [path] : []), ...roots.map((root) => [...path, root])].map(trustedOr);
    const trusted = ends.find(({ end }) => end === 'trusted');
    if (trusted) return trusted;
    best = ends.reduce(better, best);
    if (checks.isSelfSigned(current)) {
      best = better(best, { end: current === leaf ? 'selfSigned' : 'untrustedRoot', certificates: path });
      continue;
    }
    best = better(best, { end: 'noIssuer', certificates: path });
    const issuers = sent.filter((candidate) => !tried.has(candidate) && checks.issued(candidate, current));
    for (const issuer of issuers.toReversed()) {
      tried.add(issuer);
      waiting.push([...path, issuer]);
    }
  }
  return best;
}

function better(old: Path, other: Path): Path {
  if (old.end === 'constrained' || other.end === 'constrained') return old.end === 'constrained' ? old : other;
  const leadsFurther = other.certificates.length > old.certificates.length;
  if (old.end === 'noIssuer') return other.end !== 'noIssuer' || leadsFurther ? other : old;
  return old;
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

function storeOf(roots: readonly Entry[]): RootStore {
  const bySubject = new Map<string, Entry[]>();
  // Of roots with the same name and key, the one that lasts longest is the one that a client would use.
  for (const root of roots.toSorted((a, b) => b.fields.to - a.fields.to)) {
    const same = bySubject.get(root.fields.subjectKey);
    if (same) same.push(root);
    else bySubject.set(root.fields.subjectKey, [root]);
  }
  const fingerprints = new Set(roots.map(({ fields }) => fields.sha256));
  return {
    named: (subjectKey) => bySubject.get(subjectKey) ?? [],
    has: (root) => fingerprints.has(root.fields.sha256),
  };
}

function joined(store: RootStore, extra: readonly Entry[]): RootStore {
  if (extra.length === 0) return store;
  const more = storeOf(extra);
  return {
    named: (subjectKey) => [...store.named(subjectKey), ...more.named(subjectKey)],
    has: (root) => store.has(root) || more.has(root),
  };
}

/** By their PEM text, which the machine's store often repeats. */
const mozillaByText = lazily(() => new Map(tls.rootCertificates.map((pem) => [pem, certificatesOf([pem])])));
const mozillaStore = lazily(() => storeOf([...mozillaByText().values()].flat()));

const machineStore = lazily((): RootStore | null => {
  try {
    const pems = new Set(tls.getCACertificates('system'));
    return storeOf([...pems].flatMap((pem) => mozillaByText().get(pem) ?? certificatesOf([pem])));
  } catch {
    return null;
  }
});

/** The roots of Mozilla as they come with Node, and those that are given. */
export function mozillaRoots(extra: readonly Entry[]): RootStore {
  return joined(mozillaStore(), extra);
}

/**
 * The roots that this machine trusts, and those that are given. null where the machine's cannot be read (Node before
 * 22.15, other runtimes).
 */
export function machineRoots(extra: readonly Entry[]): RootStore | null {
  const store = machineStore();
  return store && joined(store, extra);
}

/** The certificate that has signed this one: one that was sent, or a root of Mozilla, this machine or the given ones. */
export function issuerAmong(entry: Entry, sent: readonly Entry[], extra: readonly Entry[]): Entry | undefined {
  const checks = new SignatureChecks();
  const { issuerKey } = entry.fields;
  const roots = [mozillaRoots(extra), machineRoots(extra)].flatMap((store) => store?.named(issuerKey) ?? []);
  return [...sent, ...roots].find((candidate) => checks.issued(candidate, entry));
}
