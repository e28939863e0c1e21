// Servers that make it hard: a real one behind a relay that drops, delays, cuts up or refuses what it does not like.

import type { Socket } from 'node:net';
import type { Endpoint } from '../../src/core/tls/evidence.ts';
import {
  alertBytes,
  byteServer,
  parseHello,
  recordOf,
  relay,
  type Running,
  type SeenHello,
} from '../unit/probe/servers.ts';

/** A relay in front of a real server. */
export type Awkward = (to: Endpoint) => Promise<Running>;

const reset = (socket: Socket): void => void socket.resetAndDestroy();
const close = (socket: Socket): void => void socket.end();
const silence = (): void => undefined;
const alert =
  (code: number) =>
  (socket: Socket): void =>
    void socket.end(alertBytes(2, code));

/** Refuses the hellos that it does not like, passes the others on. */
export function picky(refuses: (hello: SeenHello) => boolean, how: (socket: Socket) => void): Awkward {
  return (to) =>
    byteServer((socket) => {
      socket.once('data', (chunk) => {
        if (refuses(parseHello(chunk))) return how(socket);
        socket.unshift(chunk);
        relay(socket, to);
        return undefined;
      });
    });
}

/** Passes everything on; `cut` says in which pieces the answers come. */
function cutting(cut: (chunk: Buffer) => readonly Buffer[]): Awkward {
  return (to) =>
    byteServer((socket) => {
      socket.setNoDelay(true);
      relay(socket, to, (chunk) => cut(chunk).forEach((piece) => socket.write(piece)));
    });
}

/** Handshake records in clear become records of `size` bytes; protected ones cannot be cut. */
function recordsOf(size: number): Awkward {
  return (to) =>
    byteServer((socket) => {
      let waiting = Buffer.alloc(0);
      let clear = true;
      relay(socket, to, (chunk) => {
        waiting = Buffer.concat([waiting, chunk]);
        while (waiting.length >= 5 && waiting.length >= 5 + waiting.readUInt16BE(3)) {
          const record = waiting.subarray(0, 5 + waiting.readUInt16BE(3));
          waiting = waiting.subarray(record.length);
          if (record[0] !== 22) clear = false;
          socket.write(clear ? fragments(record, size) : record);
        }
      });
    });
}

function fragments(record: Buffer, size: number): Buffer {
  const body = record.subarray(5);
  const count = Math.ceil(body.length / size);
  const pieces = Array.from({ length: count }, (_, index) => body.subarray(index * size, (index + 1) * size));
  return Buffer.concat(pieces.map((piece) => recordOf(22, record.readUInt16BE(1), piece)));
}

/** Lets a connection through only where `admits` says so. */
function admitting(admits: (index: number, open: number) => boolean, refuse = reset): Awkward {
  return async (to) => {
    const server = await byteServer((socket, index) => {
      if (admits(index, server.open.size)) relay(socket, to);
      else refuse(socket);
    });
    return server;
  };
}

/** So many new connections in a second, the others are reset. */
function limited(perSecond: number): Awkward {
  let recent: number[] = [];
  return admitting(() => {
    const now = performance.now();
    recent = recent.filter((at) => now - at < 1000);
    if (recent.length >= perSecond) return false;
    recent.push(now);
    return true;
  });
}

/** The extensions of RFC 5246's time and the server name: everything later is unknown to such a server. */
const oldExtensions = [0, 10, 11, 13, 35, 0xff01];

/** What is known of every one of these: that the real server's facts are found all the same. */
export const bearable: Readonly<Record<string, Awkward>> = {
  'segments of one byte': cutting((chunk) => [...chunk].map((byte) => Buffer.from([byte]))),
  'records of one byte': recordsOf(1),
  'records of 37 bytes': recordsOf(37),
  'a warning before its answer': (to) =>
    byteServer((socket) => {
      let first = true;
      relay(socket, to, (chunk) => {
        socket.write(first ? Buffer.concat([alertBytes(1, 112, 0x0303), chunk]) : chunk);
        first = false;
      });
    }),
  'a reset for more than 64 suites': picky(({ suites }) => suites.length > 64, reset),
  'a close for more than 128 suites': picky(({ suites }) => suites.length > 128, close),
  'a close for more than 511 bytes': picky(({ length }) => length > 511, close),
  'an alert for more than 511 bytes': picky(({ length }) => length > 511, alert(47)),
  'a reset for 256 to 511 bytes': picky(({ length }) => length >= 256 && length <= 511, reset),
  'an alert for unknown extensions': picky(
    ({ version, extensions }) =>
      version < 0x0303 && [...extensions.keys()].some((type) => !oldExtensions.includes(type)),
    alert(110),
  ),
  'a reset for every third connection': admitting((index) => index % 3 !== 2),
  'a reset for the first two connections': admitting((index) => index >= 2),
  'a limit of four connections': admitting((_, open) => open <= 4),
  'a limit of 40 connections in a second': limited(40),
};

/** Of these only what works without names and groups can be found. */
export const extensionless: Readonly<Record<string, Awkward>> = {
  'a reset for any extension': picky(({ extensions }) => extensions.size > 0, reset),
  'a close for any extension': picky(({ extensions }) => extensions.size > 0, close),
  'an alert for any extension': picky(({ extensions }) => extensions.size > 0, alert(50)),
};

/** Nothing that is known of these may be wrong; much may stay unknown. */
export const hardlyBearable: Readonly<Record<string, Awkward>> = {
  'silence for more than 64 suites': picky(({ suites }) => suites.length > 64, silence),
  'silence for TLS 1.3': picky(({ extensions }) => extensions.has(43), silence),
  'a reset for TLS 1.2 and later': picky(({ version }) => version >= 0x0303, reset),
  'a handshake failure for TLS 1.3 without a share': picky(
    ({ extensions }) => (extensions.get(51)?.length ?? 9) <= 2,
    alert(40),
  ),
  'a reset for every connection but each fourth': admitting((index) => index % 4 === 3),
  'a close for every second connection': admitting((index) => index % 2 === 1, close),
  'a limit of one connection': admitting((_, open) => open <= 1),
  'a limit of eight connections in a second': limited(8),
  'an end in the middle of its first answer': (to) =>
    byteServer((socket) => {
      relay(socket, to, (chunk) => socket.end(chunk.subarray(0, 60)));
    }),
  'an end after its ServerHello': (to) =>
    byteServer((socket) => {
      relay(socket, to, (chunk) => {
        if (chunk[0] !== 22) return socket.end(chunk);
        const hello = chunk.subarray(9, 9 + chunk.readUIntBE(6, 3));
        return socket.end(recordOf(22, 0x0303, Buffer.concat([chunk.subarray(5, 9), hello])));
      });
    }),
  'a flipped bit in every answer': (to) =>
    byteServer((socket) => {
      relay(socket, to, (chunk) => {
        const bytes = Buffer.from(chunk);
        if (bytes.length > 60) bytes.writeUInt8(bytes.readUInt8(60) ^ 0x40, 60);
        socket.write(bytes);
      });
    }),
};
