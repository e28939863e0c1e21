// The way to an endpoint: a TCP connection, or one through an HTTP proxy (CONNECT, RFC 9110, 9.3.6).

import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from './visit.ts';

export interface Transport {
  readonly socket: Socket;
  /**
   * Calls the first when bytes can be sent to the endpoint, the second when they never can, with the reason. Errors of
   * the socket itself are not told here.
   */
  readonly ready: (begin: () => void, fail: (why: string) => void) => void;
}

/** No proxy has more to say before the tunnel. */
const longestAnswer = 16 * 1024;

export function direct(socket: Socket): Transport {
  return { socket, ready: (begin) => void socket.once('connect', begin) };
}

/** `addresses` are those that were found for the endpoint; with none, the proxy looks the name up. */
export function openTunnel(proxy: string, host: string, addresses: readonly Address[], port: number): Transport {
  const url = new URL(proxy);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const to = { host: name, port: Number(url.port || (secure ? 443 : 80)) };
  const socket = secure
    ? connectTls({ ...to, ...(isIP(name) === 0 && { servername: name }), ALPNProtocols: ['http/1.1'] })
    : connect({ ...to, noDelay: true });
  return {
    socket,
    ready: (begin, fail) => {
      socket.once(secure ? 'secureConnect' : 'connect', () =>
        socket.write(request(url, addresses[0]?.address ?? host, port)),
      );
      readAnswer(socket, begin, fail);
    },
  };
}

function request(url: URL, host: string, port: number): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const credentials =
    url.username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user, 'utf8').toString('base64')}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`;
}

function readAnswer(socket: Socket, begin: () => void, fail: (why: string) => void): void {
  let answer: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0 && answer.length <= longestAnswer) return;
    socket.off('data', read);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString('latin1', 0, 20))?.[1];
    if (end < 0 || status === undefined) return fail('the proxy does not answer as one');
    if (!status.startsWith('2')) return fail(refusal(status));
    begin();
    // What the endpoint said before it was spoken to came with the proxy's last line.
    if (answer.length > end + 4) socket.emit('data', answer.subarray(end + 4));
  };
  socket.on('data', read);
}

function refusal(status: string): string {
  return status === '407' ? 'the proxy asks for credentials (407)' : `the proxy refused the connection (${status})`;
}
