// The client's half of a key exchange up to TLS 1.2: a ClientKeyExchange and the premaster secret that goes with it.

import { constants, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { ByteReader, Malformed, vector16, vector8 } from './bytes.ts';
import { fieldGroup, fieldKey } from './finiteField.ts';
import { keyAgreement } from './keyShares.ts';
import { versionBytes, type OlderVersion } from './keySchedule12.ts';
import type { Suite12 } from './suites12.ts';

export interface OurHalf {
  /** Body of the ClientKeyExchange. */
  readonly body: Buffer;
  readonly premaster: Buffer;
}

export interface TheirHalf {
  /** DER, leaf first. */
  readonly chain: readonly Buffer[];
  /** Body of the ServerKeyExchange, null where none came. Its signature is not checked: nothing secret is sent. */
  readonly keyExchange: Buffer | null;
}

/** `offered` is the version of the ClientHello. Throws `Malformed` where the server's half cannot be used. */
export function ourHalf(how: Suite12['keyExchange'], theirs: TheirHalf, offered: OlderVersion): OurHalf {
  if (how === 'rsa') return encrypted(theirs.chain[0], offered);
  if (!theirs.keyExchange) throw new Malformed('the ServerKeyExchange is missing');
  const reader = new ByteReader(theirs.keyExchange);
  return how === 'ecdhe' ? agreedOnCurve(reader) : agreedOnPrime(reader);
}

/** RFC 5246, 7.4.7.1; in SSL 3.0 without its length (RFC 6101, 5.6.7.1). */
function encrypted(leaf: Buffer | undefined, offered: OlderVersion): OurHalf {
  if (!leaf) throw new Malformed('the certificate for the key exchange is missing');
  const premaster = Buffer.concat([versionBytes(offered), randomBytes(46)]);
  const key = { key: new X509Certificate(leaf).publicKey, padding: constants.RSA_PKCS1_PADDING };
  const sealed = publicEncrypt(key, premaster);
  return { body: offered === 'ssl3' ? sealed : vector16(sealed), premaster };
}

/** RFC 8422, 5.4 and 5.7. */
function agreedOnCurve(reader: ByteReader): OurHalf {
  if (reader.u8('curve type') !== 3) throw new Malformed('the curve has no name');
  const group = reader.u16('curve');
  const agreement = keyAgreement(group);
  if (!agreement) throw new Malformed(`wants key exchange group ${group}, which this probe cannot complete`);
  const premaster = agreement.agree(reader.vector8('public point'));
  return { body: vector8(agreement.publicKey), premaster };
}

/** RFC 5246, 7.4.3 and 8.1.2: leading zeros of the secret are left out. */
function agreedOnPrime(reader: ByteReader): OurHalf {
  const group = fieldGroup(reader.vector16('prime'), reader.vector16('generator'));
  const key = fieldKey(group);
  const secret = key.agree(reader.vector16('public value'));
  return { body: vector16(key.publicKey), premaster: secret.subarray(secret.findIndex((byte) => byte !== 0)) };
}
