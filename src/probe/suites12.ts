// The cipher suites up to TLS 1.2 that the prober can complete a handshake with: how each exchanges keys and seals records.

import { getCiphers } from 'node:crypto';
import { suiteName } from '../core/tls/suiteNames.ts';

export interface Suite12 {
  readonly keyExchange: 'ecdhe' | 'dhe' | 'rsa';
  /** chacha: the nonce is the sequence number; gcm, ccm: a part of it is sent. stream: RC4, or nothing at all. */
  readonly mode: 'gcm' | 'ccm' | 'chacha' | 'cbc' | 'stream';
  /** As `node:crypto` names it; of a stream "rc4" or "null". */
  readonly cipher: string;
  readonly keyLength: number;
  /** Length of the part of the nonce or of the first vector that comes from the keys. */
  readonly vectorLength: number;
  /** Of an AEAD cipher; 0 where there is a code of its own. */
  readonly tagLength: number;
  readonly mac: { readonly hash: string; readonly length: number } | null;
  readonly prfHash: 'sha256' | 'sha384';
}

type Cipher = Pick<Suite12, 'mode' | 'cipher' | 'keyLength' | 'vectorLength' | 'tagLength'>;

function aead(mode: 'gcm' | 'ccm', cipher: string, keyLength: number, tagLength = 16): Cipher {
  return { mode, cipher, keyLength, vectorLength: 4, tagLength };
}

function cbc(cipher: string, keyLength: number, vectorLength = 16): Cipher {
  return { mode: 'cbc', cipher, keyLength, vectorLength, tagLength: 0 };
}

function stream(cipher: string, keyLength: number): Cipher {
  return { mode: 'stream', cipher, keyLength, vectorLength: 0, tagLength: 0 };
}

const ciphers: Readonly<Record<string, Cipher>> = {
  AES_128_GCM: aead('gcm', 'aes-128-gcm', 16),
  AES_256_GCM: aead('gcm', 'aes-256-gcm', 32),
  ARIA_128_GCM: aead('gcm', 'aria-128-gcm', 16),
  ARIA_256_GCM: aead('gcm', 'aria-256-gcm', 32),
  AES_128_CCM: aead('ccm', 'aes-128-ccm', 16),
  AES_256_CCM: aead('ccm', 'aes-256-ccm', 32),
  AES_128_CCM_8: aead('ccm', 'aes-128-ccm', 16, 8),
  AES_256_CCM_8: aead('ccm', 'aes-256-ccm', 32, 8),
  CHACHA20_POLY1305: { mode: 'chacha', cipher: 'chacha20-poly1305', keyLength: 32, vectorLength: 12, tagLength: 16 },
  AES_128_CBC: cbc('aes-128-cbc', 16),
  AES_256_CBC: cbc('aes-256-cbc', 32),
  ARIA_128_CBC: cbc('aria-128-cbc', 16),
  ARIA_256_CBC: cbc('aria-256-cbc', 32),
  CAMELLIA_128_CBC: cbc('camellia-128-cbc', 16),
  CAMELLIA_256_CBC: cbc('camellia-256-cbc', 32),
  // DES is Triple DES with the same key three times, and runtimes have dropped it.
  DES_CBC: cbc('des-ede3-cbc', 8, 8),
  '3DES_EDE_CBC': cbc('des-ede3-cbc', 24, 8),
  RC4_128: stream('rc4', 16),
  NULL: stream('null', 0),
};

const macs: Readonly<Record<string, NonNullable<Suite12['mac']>>> = {
  MD5: { hash: 'md5', length: 16 },
  SHA: { hash: 'sha1', length: 20 },
  SHA256: { hash: 'sha256', length: 32 },
  SHA384: { hash: 'sha384', length: 48 },
};

/** RFC 6655, 3: the names of CCM suites end without a hash, and SHA-256 is meant. */
const namePattern =
  /^TLS_(ECDHE|DHE|RSA|ECDH_anon|DH_anon)(?:_RSA|_ECDSA|_DSS)?_WITH_(\w+?)(?:_(MD5|SHA|SHA256|SHA384))?$/;

const runtime = new Set([...getCiphers(), 'rc4', 'null']);

/** undefined for a suite that this client cannot complete a handshake with on this runtime. */
export function suite12(code: number): Suite12 | undefined {
  const [, exchange = '', cipherName = '', digest] = namePattern.exec(suiteName(code)) ?? [];
  const cipher = ciphers[cipherName];
  const mac = macs[digest ?? 'SHA256'];
  if (!cipher || !mac || !runtime.has(cipher.cipher)) return undefined;
  return {
    ...cipher,
    keyExchange: exchange === 'RSA' ? 'rsa' : exchange.startsWith('EC') ? 'ecdhe' : 'dhe',
    mac: cipher.tagLength === 0 ? mac : null,
    prfHash: digest === 'SHA384' ? 'sha384' : 'sha256',
  };
}
