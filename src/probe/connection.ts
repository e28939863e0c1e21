// One TCP connection: sends the first bytes, hands on what is answered, and says in one value how it ended.

import { connect, type LookupFunction } from 'node:net';
import { Malformed } from './bytes.ts';
import { isUsableProxy } from './proxy.ts';
import { NotTls } from './records.ts';
import { direct, openTunnel, type Transport } from './tunnel.ts';
import type { Found, Visit } from './visit.ts';

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

export interface Ended {
  readonly kind: 'ended';
  readonly end: NetworkEnd;
  readonly connected: boolean;
  readonly afterMs: number;
  /** Says more than the end does, such as what a proxy answered. */
  readonly why?: string;
}

export type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | Ended
  | { readonly kind: 'not-tls'; readonly plainHttp: boolean; readonly start: string }
  | { readonly kind: 'malformed'; readonly why: string };

/** No honest first flight is longer: chains over 100 KiB do not exist, 1-byte records make it six times as long. */
const mostBytes = 768 * 1024;

/** Never rejects. The socket is closed when the promise settles. */
export async function converse<T>(visit: Visit, first: Buffer, listener: Listener<T>): Promise<Outcome<T>> {
  const where = await visit.whereabouts();
  if (!where.found) return ended(where.end, false, 0);
  await visit.slots.acquire();
  try {
    while (visit.slots.stillFor > 0 && visit.patience() > 0 && !visit.signal.aborted) {
      await visit.pause(visit.slots.stillFor);
    }
    if (visit.signal.aborted) return ended('cancelled', false, 0);
    const patience = visit.patience();
    if (patience === 0) return ended('timeout', false, 0);
    if (visit.proxy !== null && !isUsableProxy(visit.proxy)) {
      return ended('unreachable', false, 0, 'the address of the proxy is no http:// or https:// URL');
    }
    visit.connections += 1;
    const outcome = await dialogue(visit, open(visit, where), patience, first, listener);
    noteLoss(visit, outcome);
    return outcome;
  } finally {
    visit.slots.release();
  }
}

function ended(end: NetworkEnd, connected: boolean, afterMs: number, why?: string): Ended {
  return { kind: 'ended', end, connected, afterMs, ...(why !== undefined && { why }) };
}

/** An endpoint that answers some connections and loses others may be asked too much at once. */
function noteLoss(visit: Visit, outcome: Outcome<unknown>): void {
  if (outcome.kind !== 'ended') return visit.slots.answered();
  const slow = outcome.end === 'timeout' && outcome.afterMs >= visit.connectionTimeoutMs;
  const lost = slow || outcome.end === 'reset' || outcome.end === 'close' || outcome.end === 'refused';
  if (lost && visit.fastestMs < Infinity) visit.slots.lost();
}

function open(visit: Visit, { addresses, port }: Found): Transport {
  if (visit.proxy !== null) return openTunnel(visit.proxy, visit.endpoint.host, addresses, port);
  const only = visit.reached ?? (addresses.length === 1 ? addresses[0]?.address : undefined);
  if (only !== undefined) return direct(connect({ host: only, port, noDelay: true }));
  const lookup: LookupFunction = (_host, _options, done) => done(null, [...addresses]);
  return direct(connect({ host: visit.endpoint.host, port, noDelay: true, autoSelectFamily: true, lookup }));
}

function dialogue<T>(
  visit: Visit,
  { socket, ready }: Transport,
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
      forget();
      socket.destroy();
      resolve(outcome);
    };
    const end = (how: NetworkEnd): void => {
      const atProxy = visit.proxy !== null && !connected && how !== 'cancelled';
      if (atProxy) finish(ended('unreachable', false, talk.elapsedMs, 'the proxy cannot be reached'));
      else finish(ended(how, connected, talk.elapsedMs));
    };
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
    const forget = visit.whenOver(cancel);
    const begin = (): void => {
      connected = true;
      if (visit.proxy === null) visit.reached ??= socket.remoteAddress ?? null;
      socket.write(first);
      socket.on('data', take);
    };
    const take = (chunk: Buffer): void => {
      received += chunk.length;
      if (received === chunk.length) visit.answeredAfter(talk.elapsedMs);
      if (received > mostBytes) return finish({ kind: 'malformed', why: 'the answer is longer than any handshake' });
      const outcome = heard(listener, chunk, talk);
      if (outcome) finish(outcome);
    };
    ready(begin, (why) => finish(ended('unreachable', false, talk.elapsedMs, why)));
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
    if (error instanceof NotTls) return { kind: 'not-tls', plainHttp: error.plainHttp, start: error.start };
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
