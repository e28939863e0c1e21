// A real TLS server that looks at its rules anew for every connection: it reads the ClientHello, decides, and then lets
// the TLS library play exactly what was decided, or answers in bytes what the library cannot.

import { constants } from 'node:crypto';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { ProtocolVersion } from '../core/tls/protocols.ts';
import { contentType, MessageReader, RecordReader } from '../probe/records.ts';
import type { Leaf } from './certificate.ts';
import { decide, readClientHello } from './hello.ts';
import type { ClientOffer, ServerRules } from './hello.ts';
import { openListener } from './listener.ts';
import type { Listener } from './listener.ts';
import { canPlay, cipherString } from './runtime.ts';
import { fatalAlert, firstFlight } from './standIn.ts';

export interface TlsRules extends ServerRules {
  readonly leaf: Leaf;
  /** The client must present a certificate of this authority (PEM) in the handshake. */
  readonly clientAuthority?: string;
}

export interface TlsWish {
  /** Undefined: the connection is dropped. */
  readonly rules: () => TlsRules | undefined;
  /** What happens on a finished handshake. */
  readonly serve: (socket: TLSSocket) => void;
}

const libraryVersion = { tls10: 'TLSv1', tls11: 'TLSv1.1', tls12: 'TLSv1.2', tls13: 'TLSv1.3' } as const;
const longestHello = 64 * 1024;

export function openTlsListener(wish: TlsWish): Promise<Listener> {
  // One library server per decision; rules take few values, so that this stays small.
  const players = new Map<string, Server>();
  const player = (rules: TlsRules, version: Exclude<ProtocolVersion, 'ssl3'>, suites: readonly number[]): Server => {
    const key = `${version} ${suites.join(' ')}`;
    const known = players.get(key);
    if (known !== undefined) return known;
    const made = createPlayer(rules, version, suites, wish.serve);
    players.set(key, made);
    return made;
  };
  const answer = (socket: Socket, read: ReadOffer): void => {
    const rules = wish.rules();
    if (rules === undefined) return void socket.destroy();
    const decision = decide(read.offer, rules, canPlay);
    if (decision.kind === 'alert') return void socket.end(fatalAlert(decision.code));
    if (decision.kind === 'standIn') return standIn(socket, decision.version, decision.suite, rules.leaf);
    const server = player(rules, decision.version, decision.suites);
    socket.unshift(read.bytes);
    server.emit('connection', socket);
  };
  return openListener((socket) => {
    void readOffer(socket)
      .then((read) => (read === undefined ? void socket.destroy() : answer(socket, read)))
      // Such as a state that cannot be read: this connection ends, the server stays.
      .catch(() => socket.destroy());
  });
}

function createPlayer(
  rules: TlsRules,
  version: keyof typeof libraryVersion,
  suites: readonly number[],
  serve: (socket: TLSSocket) => void,
): Server {
  const server = createServer(
    {
      key: rules.leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: rules.leaf.pem,
      minVersion: libraryVersion[version],
      maxVersion: libraryVersion[version],
      ciphers: cipherString(version, suites),
      honorCipherOrder: true,
      // A renegotiation that resumed the session would not ask for the certificate.
      secureOptions: constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
      ALPNProtocols: ['http/1.1'],
      ...(rules.clientAuthority === undefined
        ? {}
        : { requestCert: true, rejectUnauthorized: true, ca: rules.clientAuthority }),
    },
    (socket) => {
      socket.on('error', () => socket.destroy());
      serve(socket);
    },
  );
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

interface ReadOffer {
  readonly offer: ClientOffer;
  readonly bytes: Buffer;
}

/** The ClientHello with everything that came with it; undefined where the peer sends none. */
function readOffer(socket: Socket): Promise<ReadOffer | undefined> {
  const records = new RecordReader();
  const messages = new MessageReader();
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const finish = (result: ReadOffer | undefined): void => {
      socket.off('readable', onReadable);
      socket.off('close', onClose);
      resolve(result);
    };
    const onClose = (): void => finish(undefined);
    const onReadable = (): void => {
      for (let chunk: unknown; (chunk = socket.read()) !== null;) {
        if (!Buffer.isBuffer(chunk)) return finish(undefined);
        chunks.push(chunk);
        length += chunk.length;
        const found = attempt(() => nextHello(records, messages, chunk));
        if (found === 'broken' || length > longestHello) return finish(undefined);
        if (found !== undefined) return finish({ offer: found, bytes: Buffer.concat(chunks) });
      }
    };
    socket.on('readable', onReadable);
    socket.once('close', onClose);
  });
}

function nextHello(records: RecordReader, messages: MessageReader, chunk: Buffer): ClientOffer | undefined {
  records.push(chunk);
  for (let found; (found = records.next()) !== undefined;) {
    if (found.type !== contentType.handshake) throw new Error('not a handshake');
    messages.push(found.body);
  }
  const hello = messages.next();
  if (hello !== undefined && hello.type !== 1) throw new Error('not a ClientHello');
  return hello === undefined ? undefined : readClientHello(hello.body);
}

/** What a peer sends may be anything; anything that is no ClientHello ends the connection. */
function attempt<T>(action: () => T): T | 'broken' {
  try {
    return action();
  } catch {
    return 'broken';
  }
}

function standIn(socket: Socket, version: ProtocolVersion, suite: number, leaf: Leaf): void {
  socket.write(firstFlight(version, suite, leaf.der));
  socket.once('data', () => socket.end(fatalAlert(40, version)));
}
