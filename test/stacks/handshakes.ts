// The captured first flights of real servers (test/fixtures/handshakes), and what other clients said of the same servers.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseHello } from '../unit/probe/servers.ts';
import type { ProtocolVersion } from '../../src/core/tls/protocols.ts';
import type { ClientHello } from '../../src/probe/clientHello.ts';

export interface Handshake {
  readonly version: ProtocolVersion;
  /** Hexadecimal: the record that was sent, and everything that came back. */
  readonly hello: string;
  readonly answer: string;
  readonly truth: {
    /** Whether another client gets a handshake in this version with these suites. */
    readonly accepts: boolean;
    /** What OpenSSL's client is given for the same suites in the same order; null: not asked. */
    readonly suite: number | null;
    /** null: not asked. */
    readonly asksForCertificate: boolean | null;
    /** As RFC 2253 writes names. */
    readonly issuers: readonly string[];
  };
}

export interface Captured extends Handshake {
  /** Such as "nginx tls12". */
  readonly name: string;
  /** DER of the server's certificate. */
  readonly certificate: Buffer;
  /** PEM of what signed it. */
  readonly root: string;
}

const folder = path.join(import.meta.dirname, '..', 'fixtures', 'handshakes');

export function capturedHandshakes(): readonly Captured[] {
  return readdirSync(folder).flatMap((file) => {
    const fixture = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
      readonly certificate: string;
      readonly root: string;
      readonly handshakes: readonly Handshake[];
    };
    const certificate = Buffer.from(fixture.certificate, 'hex');
    return fixture.handshakes.map((handshake) => ({
      ...handshake,
      certificate,
      root: fixture.root,
      name: `${path.basename(file, '.json')} ${handshake.version}`,
    }));
  });
}

/** The hello of a capture, as the prober keeps it. */
export function sentHello({ hello, version }: Handshake): ClientHello {
  const bytes = Buffer.from(hello, 'hex');
  const { sessionId, suites, extensions } = parseHello(bytes);
  const list = extensions.get(10)?.subarray(2) ?? Buffer.alloc(0);
  const groups = Array.from({ length: list.length / 2 }, (_, index) => list.readUInt16BE(2 * index));
  const offered = suites.filter((code) => code !== 0x00ff);
  return {
    message: bytes.subarray(5),
    bytes,
    random: bytes.subarray(11, 43),
    sessionId,
    offer: { versions: [version], suites: offered },
    groups,
    compressions: [0],
  };
}
