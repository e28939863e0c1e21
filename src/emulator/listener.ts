// A TCP listener on loopback that can be closed for good: nothing else is ever reachable, and nothing keeps Node alive.

import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Listener {
  readonly port: number;
  /** Ends every connection. Resolves when the port is free again. */
  readonly close: () => Promise<void>;
}

export const loopback = '127.0.0.1';

/** A peer that says nothing is let go after this time. */
const idleMs = 120_000;

export function openListener(serve: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.unref();
    socket.once('close', () => sockets.delete(socket));
    // A peer that resets the connection is everyday life here.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(idleMs, () => socket.destroy());
    serve(socket);
  });
  server.unref();
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, () => resolve({ port: (server.address() as AddressInfo).port, close }));
  });
}
