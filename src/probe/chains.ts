// The certificate chains of a server: those that its handshakes have shown, and those that it keeps for other clients.

import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { suiteName } from '../core/tls/suiteNames.ts';
import { u16s, vector16 } from './bytes.ts';
import type { KeyTask } from './certificate.ts';
import { readCertificate } from './certificateFields.ts';
import { allSignatures, extensionType, statusRequest, type HelloForm } from './clientHello.ts';
import type { Flight, HelloExtras } from './handshake.ts';
import { acceptableOffer, versionOffer } from './offers.ts';
import { askPersistently, type Persisted } from './persist.ts';
import { readTls13 } from './tls13.ts';
import type { Visit } from './visit.ts';

export interface Chain {
  /** DER, leaf first. */
  readonly certificates: readonly Buffer[];
  /** What the server was seen to use its keys for. */
  readonly tasks: readonly KeyTask[];
}

/** What a server does with the key of its certificate in a suite up to TLS 1.2. */
export function taskOf(suite: number): readonly KeyTask[] {
  const name = suiteName(suite);
  if (/_anon_|_PSK_/.test(name)) return [];
  if (name.startsWith('TLS_RSA_')) return ['decrypt'];
  return /^TLS_ECDH_|^TLS_DH_/.test(name) ? ['agree'] : ['sign'];
}

/** Chains with the same leaf are one, in the order in which they were first seen. */
export function distinct(chains: readonly Chain[]): readonly Chain[] {
  const byLeaf = new Map<string, Chain>();
  for (const chain of chains) {
    const leaf = chain.certificates[0]?.toString('latin1');
    if (leaf === undefined) continue;
    const known = byLeaf.get(leaf);
    const tasks = [...new Set([...(known?.tasks ?? []), ...chain.tasks])];
    byLeaf.set(leaf, { certificates: known?.certificates ?? chain.certificates, tasks });
  }
  return [...byLeaf.values()];
}

type KeyKind = 'rsa' | 'ecdsa' | 'eddsa';

/** Signature schemes (RFC 8446, 4.2.3) by the kind of key that makes them. */
const kinds: Readonly<Record<KeyKind, (scheme: number) => boolean>> = {
  rsa: (scheme) =>
    (scheme & 0xff) === 1 || (scheme >= 0x0804 && scheme <= 0x0806) || (scheme >= 0x0809 && scheme <= 0x080b),
  ecdsa: (scheme) => (scheme & 0xff) === 3 || (scheme >= 0x081a && scheme <= 0x081c),
  eddsa: (scheme) => scheme === 0x0807 || scheme === 0x0808,
};

function kindOf({ certificates }: Chain): KeyKind | undefined {
  const keyType = (certificates[0] && readCertificate(certificates[0])?.keyType) ?? '';
  if (keyType.startsWith('RSA')) return 'rsa';
  if (keyType.startsWith('EC')) return 'ecdsa';
  return keyType.startsWith('Ed') ? 'eddsa' : undefined;
}

export interface OtherChains {
  readonly chains: readonly Chain[];
  /** Why the search was not finished, null where it was. */
  readonly why: string | null;
}

/** What one hello that rules out the kinds already seen brings. */
type Next = { readonly chain: Chain } | { readonly why: string | null };

/**
 * Asks on in the same version with the kinds of keys left that were not seen, until the server refuses: a server with
 * an RSA and an ECDSA certificate shows the other. Never throws.
 */
export async function otherChains(
  visit: Visit,
  version: ProtocolVersion,
  { form }: Persisted,
  first: Chain,
): Promise<OtherChains> {
  const chains: Chain[] = [];
  const seen = new Set<KeyKind>();
  for (let latest: Chain = first; ;) {
    const kind = kindOf(latest);
    if (kind === undefined || seen.has(kind) || form === 'bare') return { chains, why: null };
    if (latest !== first) chains.push(latest);
    seen.add(kind);
    const left = allSignatures.filter((scheme) => !Array.from(seen).some((entry) => kinds[entry](scheme)));
    const next =
      version === 'tls13' ? await next13(visit, form, left) : await nextOlder(visit, version, form, left, seen);
    if (!('chain' in next)) return { chains, why: next.why };
    latest = next.chain;
  }
}

async function next13(visit: Visit, form: HelloForm, signatures: readonly number[]): Promise<Next> {
  // Only what TLS 1.3 signs with: the older schemes would be no offer at all (RFC 8446, 4.2.3).
  const usable = signatures.filter((scheme) => scheme >= 0x0800 || (kinds.ecdsa(scheme) && scheme >= 0x0400));
  if (usable.length === 0) return { why: null };
  const facts = await readTls13(visit, { form: form === 'small' ? 'small' : 'shares', signatures: usable });
  if (facts.chain.length > 0) return { chain: { certificates: facts.chain, tasks: ['sign'] } };
  return { why: facts.refusedHello ? null : (facts.why ?? 'no certificate came') };
}

async function nextOlder(
  visit: Visit,
  version: ProtocolVersion,
  form: HelloForm,
  signatures: readonly number[],
  seen: ReadonlySet<KeyKind>,
): Promise<Next> {
  // Suites named after ECDSA carry EdDSA as well, from TLS 1.2 on (RFC 8422, 5.10).
  const ecdsaSeen = seen.has('ecdsa') && (seen.has('eddsa') || version !== 'tls12');
  const suites = versionOffer(version).suites.filter((code) => {
    const isEcdsa = /^TLS_ECDHE_ECDSA_/.test(suiteName(code));
    const isRsa = /^TLS_(RSA|DHE_RSA|ECDHE_RSA)_/.test(suiteName(code));
    return (isRsa && !seen.has('rsa')) || (isEcdsa && !ecdsaSeen);
  });
  if (suites.length === 0) return { why: null };
  const extensions = new Map([[extensionType.signatureAlgorithms, vector16(u16s(signatures))]]);
  const told = version === 'tls12' ? { extensions } : {};
  const result = await askPersistently(visit, { versions: [version], suites }, fourTimes(form), 'flight', told);
  if (result.answer === 'no') return { why: null };
  const certificates = result.flight?.chain ?? [];
  if (result.answer === 'unknown' || result.suite === null || certificates.length === 0) {
    return { why: result.why ?? 'no certificate came' };
  }
  return { chain: { certificates, tasks: taskOf(result.suite) } };
}

/** The OCSP response that comes stapled up to TLS 1.2; undefined where that could not be seen. */
export async function stapleOf(
  visit: Visit,
  version: ProtocolVersion,
  known: Persisted,
): Promise<Buffer | null | undefined> {
  if (known.form === 'bare' || version === 'ssl3') return undefined;
  const extensions = new Map([[extensionType.statusRequest, statusRequest]]);
  const flight = await wholeFlight(visit, version, known, { extensions });
  return flight?.complete ? flight.staple : undefined;
}

/** The clear flight of a version that the server is known to take; null where none comes. Never throws. */
export async function wholeFlight(
  visit: Visit,
  version: ProtocolVersion,
  { form, suite }: Persisted,
  extras: HelloExtras = {},
): Promise<Flight | null> {
  return (await askPersistently(visit, acceptableOffer(version, suite), fourTimes(form), 'flight', extras)).flight;
}

function fourTimes(form: HelloForm): readonly HelloForm[] {
  return [form, form, form, form];
}
