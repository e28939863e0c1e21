// Servers for the prober's tests: OpenSSL and Node processes on free loopback ports, and stand-ins byte by byte.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Endpoint } from '../../../src/core/tls/evidence.ts';
import { u16, u16s, u8, vector16, vector24, vector8 } from '../../../src/probe/bytes.ts';

const environment = { ...process.env, OPENSSL_CONF: '/dev/null' };

export function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

/** Certificates made for one test file; `remove` takes the directory away again. */
export class Pki {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'apim-tls-pki-'));

  constructor() {
    this.authority('root');
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  pem(name: string): string {
    return readFileSync(this.file(`${name}.crt`), 'utf8');
  }

  der(name: string): Buffer {
    return derOf(this.pem(name));
  }

  /** What `openssl s_server` needs to present a certificate. */
  args(name: string): readonly string[] {
    return ['-cert', this.file(`${name}.crt`), '-key', this.file(`${name}.key`)];
  }

  authority(name: string, issuer?: string, more: readonly string[] = []): void {
    this.#make(name, ['basicConstraints=critical,CA:TRUE', ...more], issuer, ['ec:P-256']);
  }

  /** A certificate with exactly these extensions, as `openssl req -addext` takes them. */
  made(name: string, extensions: readonly string[], issuer?: string, key = 'ec:P-256'): void {
    this.#make(name, extensions, issuer, [key]);
  }

  /** A leaf; without an issuer it is self-signed. `key` as `openssl req -newkey` takes it, "ec:CURVE" for curves. */
  leaf(name: string, names: string, issuer?: string, key = 'rsa:2048', digest = 'sha256', days = '90'): void {
    this.#make(name, [`subjectAltName=${names}`], issuer, [key, digest, days]);
  }

  #make(name: string, extensions: readonly string[], issuer: string | undefined, how: readonly string[]): void {
    const [key = '', digest = 'sha256', days = '90'] = how;
    const curve = /^ec:(.*)$/.exec(key)?.[1];
    const newKey = curve ? ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`] : ['-newkey', key];
    const signer = issuer ? ['-CA', this.file(`${issuer}.crt`), '-CAkey', this.file(`${issuer}.key`)] : [];
    const out = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.crt`)];
    const subject = ['-subj', `/O=Probe tests/CN=${name}`];
    const request = ['req', '-x509', '-nodes', ...newKey, `-${digest}`, '-days', days, ...subject];
    openssl(...request, ...extensions.flatMap((extension) => ['-addext', extension]), ...signer, ...out);
  }

  /** Certificates one after the other, as `-cert_chain` takes them. */
  bundle(name: string, ...parts: readonly string[]): string {
    const file = this.file(name);
    writeFileSync(file, parts.map((part) => this.pem(part)).join(''));
    return file;
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

export interface Running {
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

/** `openssl s_server` on a free port. */
export async function opensslServer(args: readonly string[], host = '127.0.0.1'): Promise<Running> {
  const accept = `${host.includes(':') ? `[${host}]` : host}:0`;
  const child = spawn('openssl', ['s_server', '-accept', accept, '-www', ...args], {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return { endpoint: { host, port: await acceptedPort(child) }, stop: () => stopped(child) };
}

function acceptedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const port = /ACCEPT .*:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`openssl s_server ended: ${text}`)));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export interface Bytes extends Running {
  readonly server: Server;
  /** Sockets that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** How many connections there have been. */
  readonly count: () => number;
}

/** A TCP server that does what `onConnection` does. */
export async function byteServer(onConnection: (socket: Socket, index: number) => void): Promise<Bytes> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    onConnection(socket, (count += 1) - 1);
    if (socket.readableFlowing === null) socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    stop,
    server,
    open,
    count: () => count,
  };
}

/** Passes a connection on to another server, its answers through `forward`. */
export function relay(
  socket: Socket,
  to: Endpoint,
  forward: (chunk: Buffer) => void = (chunk) => socket.write(chunk),
): void {
  const upstream = connect({ host: to.host, port: to.port, noDelay: true });
  socket.pipe(upstream);
  upstream.on('data', forward);
  upstream.on('end', () => socket.end());
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

/** What a stand-in reads in a ClientHello. Written apart from the prober, straight after RFC 8446, 4.1.2. */
export interface SeenHello {
  readonly length: number;
  readonly recordVersion: number;
  readonly version: number;
  readonly sessionId: Buffer;
  readonly suites: readonly number[];
  readonly extensions: ReadonlyMap<number, Buffer>;
}

export function parseHello(bytes: Buffer): SeenHello {
  let at = 5 + 4 + 2 + 32;
  const sessionId = bytes.subarray(at + 1, (at += 1 + bytes.readUInt8(at)));
  const suitesEnd = at + 2 + bytes.readUInt16BE(at);
  const suites: number[] = [];
  for (at += 2; at < suitesEnd; at += 2) suites.push(bytes.readUInt16BE(at));
  at += 1 + bytes.readUInt8(at);
  const extensions = new Map<number, Buffer>();
  for (at += 2; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    extensions.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return {
    length: bytes.length - 5,
    recordVersion: bytes.readUInt16BE(1),
    version: bytes.readUInt16BE(9),
    sessionId,
    suites,
    extensions,
  };
}

/** Calls back with the whole ClientHello. */
export function onHello(socket: Socket, seen: (hello: SeenHello) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length >= 5 && bytes.length === 5 + bytes.readUInt16BE(3)) seen(parseHello(bytes));
  });
}

export function recordOf(type: number, version: number, body: Buffer): Buffer {
  return Buffer.concat([u8(type), u16(version), u16(body.length), body]);
}

export function alertBytes(level: number, code: number, version = 0x0301): Buffer {
  return recordOf(21, version, Buffer.from([level, code]));
}

export function messageOf(type: number, body: Buffer): Buffer {
  return Buffer.concat([u8(type), vector24(body)]);
}

export function serverHelloOf(
  version: number,
  suite: number,
  sessionId: Buffer = Buffer.alloc(0),
  compression = 0,
): Buffer {
  const legacy = Math.min(version, 0x0303);
  const extensions = version > 0x0303 ? [vector16(u16(43), vector16(u16(version)))] : [];
  const parts = [u16(legacy), Buffer.alloc(32, 7), vector8(sessionId), u16s([suite]), u8(compression), ...extensions];
  return messageOf(2, Buffer.concat(parts));
}

/** ServerHello, Certificate and ServerHelloDone as messages. */
export function flightOf(version: number, suite: number, certificate: Buffer): Buffer {
  return Buffer.concat([serverHelloOf(version, suite), chainOf(certificate), messageOf(14, Buffer.alloc(0))]);
}

export function chainOf(certificate: Buffer): Buffer {
  return messageOf(11, vector24(vector24(certificate)));
}

export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
