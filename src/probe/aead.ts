// Ciphers that seal and authenticate at once, as `node:crypto` has them: GCM, CCM and ChaCha20-Poly1305.

import { createCipheriv, createDecipheriv, createSecretKey, type CipherGCMTypes } from 'node:crypto';
import { Malformed } from './bytes.ts';

export interface AeadKey {
  /** As `node:crypto` names it. */
  readonly cipher: string;
  readonly key: Buffer;
  readonly tagLength: number;
}

/** The content and the tag behind it. */
export function sealAead({ cipher, key, tagLength }: AeadKey, nonce: Buffer, about: Buffer, content: Buffer): Buffer {
  // All of them take what the types say of GCM alone.
  const sealing = createCipheriv(cipher as CipherGCMTypes, createSecretKey(key), nonce, { authTagLength: tagLength });
  sealing.setAAD(about, { plaintextLength: content.length });
  return Buffer.concat([sealing.update(content), sealing.final(), sealing.getAuthTag()]);
}

/** The opposite of `sealAead`. Throws where the tag does not fit. */
export function openAead({ cipher, key, tagLength }: AeadKey, nonce: Buffer, about: Buffer, sealed: Buffer): Buffer {
  const length = sealed.length - tagLength;
  if (length < 0) throw new Malformed('a protected record is too short');
  const opening = createDecipheriv(cipher as CipherGCMTypes, createSecretKey(key), nonce, { authTagLength: tagLength });
  opening.setAuthTag(sealed.subarray(length));
  opening.setAAD(about, { plaintextLength: length });
  return Buffer.concat([opening.update(sealed.subarray(0, length)), opening.final()]);
}
