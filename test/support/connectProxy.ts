// A proxy on loopback for HTTPS (CONNECT, RFC 9110, section 9.3.6) that leads named hosts to ports of this machine.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** `host:port` of every tunnel that was asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** @param ports `host:port` -> a port on loopback; everything else is refused */
export async function openConnectProxy(ports: Readonly<Record<string, number>>): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((_request, response) => response.writeHead(403).end());
  server.on('connect', (request, downstream: Socket) => {
    const target = request.url ?? '';
    asked.push(target);
    keep(downstream);
    const port = ports[target];
    if (port === undefined) {
      downstream.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      downstream.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(downstream);
      downstream.pipe(upstream);
    });
    keep(upstream);
    upstream.once('close', () => downstream.destroy());
    downstream.once('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
      }),
  };
}
