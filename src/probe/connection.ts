// One TCP connection: sends the first bytes, hands on what is answered, and says in one value how it ended.

import { connect, type Socket } from 'node:net';
import { Malformed } from './bytes.ts';
import { NotTls } from './records.ts';
import type { Address, Visit } from './visit.ts';

export type NetworkEnd = 'timeout' | 'reset' | 'close' | 'refused' | 'unresolvable' | 'unreachable' | 'cancelled';

export interface Talk {
  send(bytes: Buffer): void;
  /** From now on the peer has only this many milliseconds more. */
  atMost(ms: number): void;
  /** Milliseconds since the connection was opened. */
  readonly elapsedMs: number;
}

/** Called with every chunk; the first value that is not undefined ends the connection. May throw Malformed or NotTls. */
export type Listener<T> = (chunk: Buffer, talk: Talk) => T | undefined;

export type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'ended'; readonly end: NetworkEnd; readonly connected: boolean; readonly afterMs: number }
  | { readonly kind: 'not-tls'; readonly plainHttp: boolean }
  | { readonly kind: 'malformed'; readonly why: string };

/** No honest first flight is longer: chains over 100 KiB do not exist, 1-byte records make it six times as long. */
const mostBytes = 768 * 1024;

/** Never rejects. The socket is closed when the promise settles. */
export async function converse<T>(visit: Visit, first: Buffer, listener: Listener<T>): Promise<Outcome<T>> {
  const where = await visit.whereabouts();
  if (!where.found) return ended(where.end, false, 0);
  await visit.acquire();
  try {
    if (visit.signal.aborted) return ended('cancelled', false, 0);
    const patience = visit.patience();
    if (patience === 0) return ended('timeout', false, 0);
    visit.connections += 1;
    return await dialogue(visit, open(visit, where.addresses, where.port), patience, first, listener);
  } finally {
    visit.release();
  }
}

function ended<T>(end: NetworkEnd, connected: boolean, afterMs: number): Outcome<T> {
  return { kind: 'ended', end, connected, afterMs };
}

function open(visit: Visit, addresses: readonly Address[], port: number): Socket {
  const only = visit.reached ?? (addresses.length === 1 ? addresses[0]?.address : undefined);
  if (only !== undefined) return connect({ host: only, port, noDelay: true });
  return connect({
    host: visit.endpoint.host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    lookup: (_host, _options, done) => done(null, [...addresses]),
  });
}

function dialogue<T>(
  visit: Visit,
  socket: Socket,
  patience: number,
  first: Buffer,
  listener: Listener<T>,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const since = performance.now();
    let connected = false;
    let received = 0;
    const finish = (outcome: Outcome<T>): void => {
      clearTimeout(timer);
      visit.signal.removeEventListener('abort', cancel);
      socket.destroy();
      resolve(outcome);
    };
    const end = (how: NetworkEnd): void => finish(ended(how, connected, performance.now() - since));
    const cancel = (): void => end('cancelled');
    // What was granted is told, not what a busy machine made of it.
    const giveUp = (granted: number): void => finish(ended('timeout', connected, granted));
    let timer = setTimeout(giveUp, patience, patience);
    const talk: Talk = {
      send: (bytes) => void socket.write(bytes),
      atMost: (ms) => {
        clearTimeout(timer);
        const granted = Math.min(ms, Math.max(0, patience - talk.elapsedMs));
        timer = setTimeout(giveUp, granted, granted);
      },
      get elapsedMs() {
        return performance.now() - since;
      },
    };
    visit.signal.addEventListener('abort', cancel, { once: true });
    socket.on('connect', () => {
      connected = true;
      visit.reached ??= socket.remoteAddress ?? null;
      socket.write(first);
    });
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received > mostBytes) return finish({ kind: 'malformed', why: 'the answer is longer than any handshake' });
      const outcome = heard(listener, chunk, talk);
      if (outcome) finish(outcome);
    });
    socket.on('end', () => end('close'));
    socket.on('close', () => end('close'));
    socket.on('error', (error) => end(endOf(error, connected)));
  });
}

function heard<T>(listener: Listener<T>, chunk: Buffer, talk: Talk): Outcome<T> | undefined {
  try {
    const value = listener(chunk, talk);
    return value === undefined ? undefined : { kind: 'value', value };
  } catch (error) {
    if (error instanceof NotTls) return { kind: 'not-tls', plainHttp: error.plainHttp };
    // Whatever else is thrown comes from the peer's bytes too, such as a public key that is no point of its curve.
    return { kind: 'malformed', why: error instanceof Malformed ? error.message : 'a key or record cannot be used' };
  }
}

function endOf(error: Error, connected: boolean): NetworkEnd {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (/^(ENOTFOUND|ENODATA|EAI_)/.test(code)) return 'unresolvable';
  return connected || /^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(code) ? 'reset' : 'unreachable';
}
