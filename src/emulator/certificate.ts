// A sample certification authority and the certificates of the sample servers, made afresh in memory each time.
// Nothing of it is kept: no key is ever in a file.

import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { bits, boolean, der, integer, objectId, octets, sequence, set, time, utf8 } from './derWriter.ts';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Leaf {
  readonly privateKey: KeyObject;
  /** Leaf and, where it has one, nothing else: the authority signs directly. */
  readonly der: Buffer;
  readonly pem: string;
}

export interface LeafWish {
  /** DNS names and IPv4 addresses; the first is the subject's name as well. */
  readonly names: readonly string[];
  readonly key: KeyPair;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Signed by its own key, which must be an EC key. */
  readonly selfSigned?: true;
}

export interface Authority {
  readonly pem: string;
  readonly issue: (wish: LeafWish) => Leaf;
}

const generate = promisify(generateKeyPair);

export async function ecKey(): Promise<KeyPair> {
  return generate('ec', { namedCurve: 'P-256' });
}

export async function rsaKey(): Promise<KeyPair> {
  return generate('rsa', { modulusLength: 2048 });
}

const day = 24 * 3_600_000;

/** `now`: milliseconds since 1970; the authority is valid for ten years around it. */
export function createAuthority(key: KeyPair, now: number): Authority {
  const name = 'Contoso Sample Root CA';
  const own = certificate({
    subject: name,
    issuer: name,
    subjectKey: key,
    issuerKey: key,
    notBefore: now - 3650 * day,
    notAfter: now + 3650 * day,
    extensions: [basicConstraints(true), keyUsage(0x06, 1), subjectKeyId(key)],
  });
  return { pem: asPem(own), issue: (wish) => issue(wish, wish.selfSigned ? undefined : { name, key }) };
}

function issue(wish: LeafWish, authority: { readonly name: string; readonly key: KeyPair } | undefined): Leaf {
  const subject = wish.names[0] ?? 'localhost';
  const body = certificate({
    subject,
    issuer: authority?.name ?? subject,
    subjectKey: wish.key,
    issuerKey: authority?.key ?? wish.key,
    notBefore: wish.notBefore,
    notAfter: wish.notAfter,
    extensions: [
      basicConstraints(false),
      // digitalSignature and keyEncipherment: the latter for suites with RSA key exchange.
      keyUsage(0xa0, 5),
      serverAndClientAuth,
      subjectAltName(wish.names),
      subjectKeyId(wish.key),
      ...(authority === undefined ? [] : [authorityKeyId(authority.key)]),
    ],
  });
  return { privateKey: wish.key.privateKey, der: body, pem: asPem(body) };
}

interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly subjectKey: KeyPair;
  readonly issuerKey: KeyPair;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280, 4.1; signed with ecdsa-with-SHA256 (RFC 5758). */
function certificate(contents: Contents): Buffer {
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x4d]), randomBytes(15)])),
    algorithm,
    commonName(contents.issuer),
    sequence(time(contents.notBefore), time(contents.notAfter)),
    commonName(contents.subject),
    publicKeyInfo(contents.subjectKey),
    der(0xa3, sequence(...contents.extensions)),
  );
  return sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, contents.issuerKey.privateKey)));
}

function publicKeyInfo({ publicKey }: KeyPair): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(name))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function basicConstraints(authority: boolean): Buffer {
  return extension('2.5.29.19', true, sequence(...(authority ? [boolean(true)] : [])));
}

function keyUsage(usage: number, unused: number): Buffer {
  return extension('2.5.29.15', true, bits(Buffer.from([usage]), unused));
}

const serverAndClientAuth = extension(
  '2.5.29.37',
  false,
  sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2')),
);

function subjectAltName(names: readonly string[]): Buffer {
  return extension('2.5.29.17', false, sequence(...names.map(generalName)));
}

/** RFC 5280, 4.2.1.6: a DNS name, or the four bytes of an IPv4 address. */
function generalName(name: string): Buffer {
  return isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name, 'latin1'));
}

function keyId(key: KeyPair): Buffer {
  return createHash('sha1').update(publicKeyInfo(key)).digest();
}

function subjectKeyId(key: KeyPair): Buffer {
  return extension('2.5.29.14', false, octets(keyId(key)));
}

function authorityKeyId(key: KeyPair): Buffer {
  return extension('2.5.29.35', false, sequence(der(0x80, keyId(key))));
}

function asPem(body: Buffer): string {
  const lines = body.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
