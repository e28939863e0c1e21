// A TLS 1.3 server in memory that sends whatever messages it is given, properly encrypted.

import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { u16, vector16, vector8 } from '../../src/probe/bytes.ts';
import {
  applicationSecrets,
  finishedData,
  handshakeSecrets,
  hashOf,
  Protection,
  suiteFacts,
} from '../../src/probe/keySchedule.ts';
import { messageOf, parseHello, recordOf } from '../unit/probe/servers.ts';

const suite = suiteFacts(0x1301);
const prefix = Buffer.from('302a300506032b656e032100', 'hex');
const pair = generateKeyPairSync('x25519');
const share = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(prefix.length);

export interface Established {
  /** ServerHello and the encrypted flight. */
  readonly flight: Buffer;
  /** Seals what is said after the client's Finished. */
  readonly later: (type: number, body: Buffer) => Buffer;
}

/** Answers a hello with these messages between the ServerHello and an honest Finished. */
export function establish(hello: Buffer, encrypted: Buffer, finished = true): Established {
  const seen = parseHello(hello);
  const peer = shareOf(seen.extensions.get(51) ?? Buffer.alloc(0));
  const extensions = [
    u16(43),
    vector16(u16(0x0304)),
    u16(51),
    vector16(Buffer.concat([u16(29), vector16(Buffer.from(share))])),
  ];
  const parts = [u16(0x0303), Buffer.alloc(32, 9), vector8(seen.sessionId), u16(0x1301), Buffer.from([0])];
  const serverHello = messageOf(2, Buffer.concat([...parts, vector16(...extensions)]));
  const publicKey = createPublicKey({ key: Buffer.concat([prefix, peer]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey });
  const clear = [hello.subarray(5), serverHello];
  const secrets = handshakeSecrets(suite, shared, hashOf(suite, clear));
  const writing = new Protection(suite, secrets.server);
  const data = finishedData(suite, secrets.server, hashOf(suite, [...clear, encrypted]));
  const last = finished ? messageOf(20, data) : Buffer.alloc(0);
  const transcript = hashOf(suite, [...clear, encrypted, last]);
  const after = new Protection(suite, applicationSecrets(suite, secrets.master, transcript).server);
  return {
    flight: Buffer.concat([recordOf(22, 0x0303, serverHello), ...sealed(writing, Buffer.concat([encrypted, last]))]),
    later: (type, body) => after.seal(type, body.subarray(0, 16_000)),
  };
}

function sealed(writing: Protection, bytes: Buffer): readonly Buffer[] {
  const size = 16_000;
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, index) =>
    writing.seal(22, bytes.subarray(index * size, (index + 1) * size)),
  );
}

/** The client's X25519 share. */
function shareOf(body: Buffer): Buffer {
  for (let at = 2; at + 4 <= body.length;) {
    const length = body.readUInt16BE(at + 2);
    if (body.readUInt16BE(at) === 29) return body.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  throw new Error('the client sent no X25519 share');
}
