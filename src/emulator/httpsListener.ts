// One HTTPS origin on loopback in front of a function from request to answer.

import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { armError } from './answer.ts';
import type { ArmAnswer, ArmRequest } from './answer.ts';
import { ConnectionDropped } from './faults.ts';
import { loopback } from './listener.ts';

export type Serve = (request: ArmRequest) => Promise<ArmAnswer>;

export interface HttpsListener {
  /** Such as https://127.0.0.1:50123. */
  readonly origin: string;
  /** What answers from now on; before the first call every request gets 503. */
  answerWith(serve: Serve): void;
  /** Ends every connection. Resolves when the port is free again. */
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** PEM: private key, and certificate with its issuers. */
  readonly key: string;
  readonly cert: string;
  /** 0: one that is free. */
  readonly port: number;
}

/** Azure Resource Manager takes bodies of 4 MB at most. */
const mostBodyBytes = 4 * 1024 * 1024;
/** Longer than a person thinks between two clicks, so that connections are used again. */
const idleMs = 60_000;

/** Rejects where the port is taken. */
export async function openHttpsListener({ key, cert, port }: ListenerOptions): Promise<HttpsListener> {
  let serve: Serve = () => Promise.resolve(armError(503, 'ServiceUnavailable', 'The emulator is starting.'));
  let origin = '';
  const server = createServer({ key, cert, minVersion: 'TLSv1.2', keepAliveTimeout: idleMs });
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    void answer(message, response, origin, serve);
  });
  // Not HTTP at all, or a head that is too long.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    const body = armError(400, 'BadRequest', 'The request is not valid HTTP.').body;
    const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close`;
    if (socket.writable) socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    else socket.destroy();
  });
  await listening(server, port);
  origin = `https://${loopback}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    answerWith: (next) => {
      serve = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, () => resolve());
  });
}

async function answer(message: IncomingMessage, response: ServerResponse, origin: string, serve: Serve): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The client has gone.')));
  try {
    const body = await readBody(message);
    write(response, body === undefined ? tooLarge : await answerTo(message, body, origin, serve, gone.signal));
  } catch (error) {
    if (error instanceof ConnectionDropped || gone.signal.aborted) message.socket.destroy();
    else write(response, armError(500, 'InternalServerError', 'Encountered internal server error.'));
  }
}

const tooLarge = armError(413, 'RequestEntityTooLarge', `A request may have at most ${mostBodyBytes} bytes.`, {
  connection: 'close',
});

async function answerTo(
  message: IncomingMessage,
  body: string,
  origin: string,
  serve: Serve,
  signal: AbortSignal,
): Promise<ArmAnswer> {
  const url = `${origin}${message.url ?? ''}`;
  if (message.url?.startsWith('/') !== true || !URL.canParse(url))
    return armError(400, 'BadRequest', 'The address of the request cannot be read.');
  return serve({
    method: message.method ?? '',
    url,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: body === '' ? undefined : body,
    signal,
  });
}

/** Undefined: longer than what is taken. */
async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBodyBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function write(response: ServerResponse, { status, headers, body }: ArmAnswer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
