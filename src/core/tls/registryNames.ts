// Names of key exchange groups and signature schemes by code point, from the IANA registries "TLS Supported Groups" and
// "TLS SignatureScheme" (https://www.iana.org/assignments/tls-parameters, read 2026-11).

/** Code point -> name in the TLS Supported Groups registry. */
export const groupNames: Readonly<Record<number, string>> = {
  1: 'sect163k1',
  2: 'sect163r1',
  3: 'sect163r2',
  4: 'sect193r1',
  5: 'sect193r2',
  6: 'sect233k1',
  7: 'sect233r1',
  8: 'sect239k1',
  9: 'sect283k1',
  10: 'sect283r1',
  11: 'sect409k1',
  12: 'sect409r1',
  13: 'sect571k1',
  14: 'sect571r1',
  15: 'secp160k1',
  16: 'secp160r1',
  17: 'secp160r2',
  18: 'secp192k1',
  19: 'secp192r1',
  20: 'secp224k1',
  21: 'secp224r1',
  22: 'secp256k1',
  23: 'secp256r1',
  24: 'secp384r1',
  25: 'secp521r1',
  26: 'brainpoolP256r1',
  27: 'brainpoolP384r1',
  28: 'brainpoolP512r1',
  29: 'x25519',
  30: 'x448',
  31: 'brainpoolP256r1tls13',
  32: 'brainpoolP384r1tls13',
  33: 'brainpoolP512r1tls13',
  34: 'GC256A',
  35: 'GC256B',
  36: 'GC256C',
  37: 'GC256D',
  38: 'GC512A',
  39: 'GC512B',
  40: 'GC512C',
  41: 'curveSM2',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  0x0200: 'MLKEM512',
  0x0201: 'MLKEM768',
  0x0202: 'MLKEM1024',
  0x11eb: 'SecP256r1MLKEM768',
  0x11ec: 'X25519MLKEM768',
  0x11ed: 'SecP384r1MLKEM1024',
  0x11ee: 'curveSM2MLKEM768',
  0x6399: 'X25519Kyber768Draft00',
  0x639a: 'SecP256r1Kyber768Draft00',
};

/** Code point -> name in the TLS SignatureScheme registry; the pairs of RFC 5246, 7.4.1.4.1 that it lacks as "HASH+KEY". */
export const signatureNames: Readonly<Record<number, string>> = {
  0x0101: 'md5+rsa',
  0x0102: 'md5+dsa',
  0x0103: 'md5+ecdsa',
  0x0201: 'rsa_pkcs1_sha1',
  0x0202: 'sha1+dsa',
  0x0203: 'ecdsa_sha1',
  0x0301: 'sha224+rsa',
  0x0302: 'sha224+dsa',
  0x0303: 'sha224+ecdsa',
  0x0401: 'rsa_pkcs1_sha256',
  0x0402: 'sha256+dsa',
  0x0403: 'ecdsa_secp256r1_sha256',
  0x0501: 'rsa_pkcs1_sha384',
  0x0502: 'sha384+dsa',
  0x0503: 'ecdsa_secp384r1_sha384',
  0x0601: 'rsa_pkcs1_sha512',
  0x0602: 'sha512+dsa',
  0x0603: 'ecdsa_secp521r1_sha512',
  0x0708: 'sm2sig_sm3',
  0x0804: 'rsa_pss_rsae_sha256',
  0x0805: 'rsa_pss_rsae_sha384',
  0x0806: 'rsa_pss_rsae_sha512',
  0x0807: 'ed25519',
  0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256',
  0x080a: 'rsa_pss_pss_sha384',
  0x080b: 'rsa_pss_pss_sha512',
  0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384',
  0x081c: 'ecdsa_brainpoolP512r1tls13_sha512',
  0x0904: 'mldsa44',
  0x0905: 'mldsa65',
  0x0906: 'mldsa87',
};

function hexadecimal(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}

/** The registry's name of a key exchange group, or its code point. */
export function groupName(code: number): string {
  return groupNames[code] ?? hexadecimal(code);
}

/** The registry's name of a signature scheme, or its code point. */
export function signatureName(code: number): string {
  return signatureNames[code] ?? hexadecimal(code);
}
