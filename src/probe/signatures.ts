// By which signature schemes a server signs its key exchange (TLS 1.2) or its handshake (TLS 1.3).

import type { Survey, Unknown } from '../core/tls/evidence.ts';
import { u16s, vector16 } from './bytes.ts';
import { allSignatures, extensionType } from './clientHello.ts';
import { enumerateInOrder, type Enumerated, type Picked } from './enumerate.ts';
import { askForKey, noExtensions, picked, suitesWith } from './keyExchanges.ts';
import type { Persisted } from './persist.ts';
import { readTls13 } from './tls13.ts';
import type { VersionResults } from './versions.ts';
import type { Visit } from './visit.ts';

export interface SignatureFacts {
  readonly signatureAlgorithms: NonNullable<Survey['signatureAlgorithms']>;
  readonly unknowns: readonly Unknown[];
}

/** MD5, SHA-224 with DSA, SM2 and ML-DSA: no server of today is expected to sign so, some of yesterday and tomorrow do. */
const rareSignatures: readonly number[] = [
  0x0302, 0x0502, 0x0602, 0x0708, 0x0904, 0x0905, 0x0906, 0x0101, 0x0102, 0x0103,
];

/** RFC 8446, 4.2.3: RSA of PKCS #1, DSA and SHA-1 sign no handshake of TLS 1.3. */
const schemes13 = [...allSignatures, ...rareSignatures].filter((scheme) => scheme >= 0x0403 && (scheme & 0xff) > 2);

/** Never throws. Older versions have one scheme each and are not asked. */
export async function signatures(visit: Visit, results: VersionResults): Promise<SignatureFacts> {
  const [newer, older] = await Promise.all([
    results.tls13.answer === 'yes' ? signatures13(visit, results.tls13) : undefined,
    results.tls12.answer === 'yes' ? signatures12(visit, results.tls12) : undefined,
  ]);
  const found = [...(newer ? [['tls13', newer] as const] : []), ...(older ? [['tls12', older] as const] : [])];
  return {
    signatureAlgorithms: Object.fromEntries(
      found.flatMap(([version, { why, accepted }]) => (why ? [] : [[version, accepted]])),
    ),
    unknowns: found.flatMap(([version, { why }]) => (why ? [{ what: `signatureAlgorithms.${version}`, why }] : [])),
  };
}

function signatures12(visit: Visit, known: Persisted): Promise<Enumerated> {
  if (known.form === 'bare') return Promise.resolve(noExtensions);
  const suites = suitesWith('tls12', /^(ECDHE|DHE)_(RSA|ECDSA|DSS)$/);
  const ask = async (schemes: readonly number[]): Promise<Picked> => {
    const extensions = new Map([
      [extensionType.signatureAlgorithms, vector16(u16s(schemes))],
      // The signatures inside of the chain are not what is asked about.
      [extensionType.certificateSignatures, vector16(u16s(allSignatures))],
    ]);
    const { answer, facts } = await askForKey(visit, 'tls12', known, { suites, extensions });
    return picked(answer, facts?.signature ?? null, schemes);
  };
  return enumerateInOrder([...allSignatures, ...rareSignatures], { ask, likely: 6, share: visit.share(6) });
}

async function signatures13(visit: Visit, known: Persisted): Promise<Enumerated> {
  const form = known.form === 'small' ? 'small' : 'shares';
  const ask = async (schemes: readonly number[]): Promise<Picked> => {
    const { signature, refusedHello, why } = await readTls13(visit, { form, signatures: schemes });
    if (signature === null) return refusedHello ? { kind: 'none' } : { kind: 'unknown', why: why ?? 'no answer' };
    return schemes.includes(signature)
      ? { kind: 'picked', item: signature }
      : { kind: 'unknown', why: 'signed by what was not offered' };
  };
  return enumerateInOrder(schemes13, { ask, likely: 3, share: visit.share(3) });
}
