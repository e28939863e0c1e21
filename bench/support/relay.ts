// A TCP relay in a thread of its own: adds a round-trip time, counts connections.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Endpoint } from '../../src/core/tls/evidence.ts';

export interface Relay {
  readonly endpoint: Endpoint;
  /** Connections since the last call. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

interface Orders {
  readonly to: Endpoint;
  readonly rttMs: number;
}

/** `rttMs` passes before the server hears of a connection (the TCP handshake), and half of it for each way after that. */
export async function startRelay(to: Endpoint, rttMs = 0): Promise<Relay> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { to, rttMs } satisfies Orders });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    endpoint: { host: '127.0.0.1', port },
    count: async () => {
      worker.postMessage('count');
      const [count] = (await once(worker, 'message')) as [number];
      return count;
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

function pass(from: Socket, to: Socket, delayMs: number): void {
  const later = (act: () => void): void => {
    if (delayMs === 0) act();
    else setTimeout(act, delayMs);
  };
  from.on('data', (chunk: Buffer) => later(() => void to.write(chunk)));
  from.on('end', () => later(() => void to.end()));
  from.on('error', () => undefined);
  from.on('close', () => later(() => void to.destroy()));
}

function serve({ to, rttMs }: Orders): void {
  let count = 0;
  const server = createServer({ noDelay: true }, (client) => {
    count += 1;
    const begin = (): void => {
      // A server that takes one connection at a time would wait for this one for ever.
      if (client.destroyed) return;
      const upstream = connect({ host: to.host, port: to.port, noDelay: true });
      pass(client, upstream, rttMs / 2);
      pass(upstream, client, rttMs / 2);
    };
    client.on('error', () => undefined);
    if (rttMs === 0) begin();
    else setTimeout(begin, rttMs);
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on('message', () => {
    parentPort?.postMessage(count);
    count = 0;
  });
}

if (!isMainThread) serve(workerData as Orders);
