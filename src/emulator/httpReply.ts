// The least of HTTP/1.1 that the sample servers speak: one request, one JSON answer, end.

import type { TLSSocket } from 'node:tls';

const longestRequest = 64 * 1024;

/** Resolves with the path of the request; never, where none comes. */
export function readRequest(socket: TLSSocket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (text.length > longestRequest) socket.destroy();
      if (!text.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      resolve(/^\S+ (\S+)/.exec(text)?.[1] ?? '/');
    };
    socket.on('data', onData);
  });
}

export function reply(socket: TLSSocket, status: string, body: object): void {
  socket.end(httpText(status, body));
}

export function httpText(status: string, body: object): string {
  const json = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(json)}`,
    'Connection: close',
    '',
    json,
  ].join('\r\n');
}

/** Who answered, and over what. */
export function greeting(name: string, socket: TLSSocket): object {
  return { server: name, protocol: socket.getProtocol(), suite: socket.getCipher().standardName };
}
