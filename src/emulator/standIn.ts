// Answers in bytes where the TLS library under Node cannot: an alert, or the first flight of a server.

import { randomBytes } from 'node:crypto';
import { protocolCode } from '../core/tls/protocols.ts';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { u16, u8, vector24, vector8 } from '../probe/bytes.ts';
import { contentType, handshakeMessage, record } from '../probe/records.ts';
import { messageType } from '../probe/serverMessages.ts';

/** A fatal alert (RFC 5246, 7.2) in a record of the version, TLS 1.0 where none was agreed. */
export function fatalAlert(code: number, version: ProtocolVersion = 'tls10'): Buffer {
  return record(contentType.alert, Math.min(protocolCode[version], protocolCode.tls12), Buffer.from([2, code]));
}

/** ServerHello, Certificate and ServerHelloDone: all that a server says in clear with RSA key exchange. */
export function firstFlight(version: ProtocolVersion, suite: number, certificate: Buffer): Buffer {
  const code = protocolCode[version];
  const hello = Buffer.concat([u16(code), randomBytes(32), vector8(), u16(suite), u8(0)]);
  const flight = Buffer.concat([
    handshakeMessage(messageType.serverHello, hello),
    handshakeMessage(messageType.certificate, vector24(vector24(certificate))),
    handshakeMessage(messageType.serverHelloDone, Buffer.alloc(0)),
  ]);
  return record(contentType.handshake, code, flight);
}
