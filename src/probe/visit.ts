// One look at one endpoint: its address, its budget of time and connections, and its end.

import { lookup } from 'node:dns';
import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Endpoint, Survey } from '../core/tls/evidence.ts';
import { lastingAgreements, type Agreements } from './keyShares.ts';
import { randomStock } from './randomStock.ts';
import { Shares, type Share } from './shares.ts';
import { Slots } from './slots.ts';

export interface Route {
  readonly address: string | readonly string[];
  readonly port: number;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for one connection, default 5000. */
  readonly connectionTimeoutMs?: number;
  /** Milliseconds for one endpoint in all, default 20000, with all suites 60000. */
  readonly endpointTimeoutMs?: number;
  /**
   * versions: these, certificate, client certificate in the handshake. gateway (the default): the suites of a gateway too.
   * suites: all suites and whose order decides. full: also groups, signature schemes, features, every certificate,
   * renegotiation, every address of the name.
   */
  readonly depth?: 'versions' | 'gateway' | 'suites' | 'full';
  /** Path and query to request, to look for renegotiation; in full "/" by default, else nothing is requested. */
  readonly path?: string;
  /** Server name to send (SNI) and to hold the certificate against; by default the host, unless it is an address. */
  readonly serverName?: string;
  /** URL of the HTTP proxy by which an endpoint is to be reached (CONNECT); undefined = none. */
  readonly proxy?: (endpoint: Endpoint) => string | undefined;
  /** What is known so far, each time that more is. */
  readonly onProgress?: (partial: Survey) => void;
  /** Where a host is really to be found: a name or its addresses; undefined = ask the DNS. */
  readonly route?: (endpoint: Endpoint) => Route | undefined;
  /** Further trusted root certificates, PEM. */
  readonly extraRoots?: readonly string[];
  /** From how many days before its end on a certificate expires soon, default 30. */
  readonly expiresSoonDays?: number;
  /** Milliseconds since 1970, default the machine's clock. */
  readonly now?: () => number;
  /** Connections to one endpoint at once, default 8. */
  readonly maxConnections?: number;
}

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface Found {
  readonly found: true;
  /** Empty where a proxy looks the name up. */
  readonly addresses: readonly Address[];
  readonly port: number;
}

export type Whereabouts = Found | { readonly found: false; readonly end: 'unresolvable' | 'cancelled' };

/** Milliseconds to the first answer from which on waits cost more than questions. */
const farAwayMs = 30;
/** Share of the time for which this thread is at work from which on it is what everything waits for. */
const busy = 0.8;

/** Lives as long as a survey. After `close` nothing of it is left: no timer, no socket, no listener. */
export class Visit {
  readonly endpoint: Endpoint;
  /** null for an address: RFC 6066 allows names only. */
  readonly serverName: string | null;
  readonly connectionTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly slots: Slots;
  /** URL of the proxy by which the endpoint is reached, null where it is reached directly. */
  readonly proxy: string | null;
  /** Key pairs are the dearest part of a hello, and no secret depends on these: they last as long as the visit. */
  readonly agreements: Agreements = lastingAgreements();
  readonly randomBytes = randomStock();
  connections = 0;
  /** Milliseconds that the fastest connection took to its first answer: two round trips and what the server does. */
  fastestMs = Infinity;
  /** The address that the first successful connection reached; the later ones go there too. */
  reached: string | null = null;
  /** A handshake of TLS 1.3 with one of the common groups was seen. */
  takesCommonGroups = false;
  #whereabouts: Promise<Whereabouts> | null = null;
  readonly #options: ProbeOptions;
  readonly #deadline: number;
  readonly #shares = new Shares(() => (this.isFar ? this.slots.limit : 1));
  readonly #load = performance.eventLoopUtilization();
  readonly #ending = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #connections = new Set<() => void>();
  constructor(endpoint: Endpoint, options: ProbeOptions, slots = new Slots(options.maxConnections ?? 8)) {
    this.endpoint = endpoint;
    this.serverName = options.serverName ?? (isIP(endpoint.host) === 0 ? endpoint.host : null);
    this.proxy = options.proxy?.(endpoint) ?? null;
    this.connectionTimeoutMs = options.connectionTimeoutMs ?? 5000;
    this.#options = options;
    const allowance =
      options.endpointTimeoutMs ?? (options.depth === 'suites' || options.depth === 'full' ? 60_000 : 20_000);
    this.#deadline = performance.now() + allowance;
    this.slots = slots;
    this.signal = this.#ending.signal;
    setMaxListeners(0, this.signal);
    this.signal.addEventListener('abort', () => this.#connections.forEach((end) => end()), { once: true });
    this.#outer = options.signal;
    if (this.#outer?.aborted) this.#ending.abort();
    else this.#outer?.addEventListener('abort', this.#abort, { once: true });
  }

  readonly #abort = (): void => this.#ending.abort();

  get cancelled(): boolean {
    return this.#outer?.aborted ?? false;
  }

  /**
   * Whether waiting is what takes the time. Near by it is not, nor where this machine has its hands full: one question
   * after the other is the quickest there, and the fewest.
   */
  get isFar(): boolean {
    return this.fastestMs >= farAwayMs && performance.eventLoopUtilization(this.#load).utilization < busy;
  }

  /** A share of the connections for an inquiry that is likely to find so many values. */
  share(likely: number): Share {
    return this.#shares.join(likely);
  }

  /** Notes how long a first answer took. A server that answers ever more slowly works off one after the other. */
  answeredAfter(ms: number): void {
    if (ms > 4 * this.fastestMs + 250) this.slots.slowed();
    this.fastestMs = Math.min(this.fastestMs, ms);
  }

  /** Milliseconds that a connection may take that starts now; 0 when the endpoint's time is used up. */
  patience(): number {
    return Math.max(0, Math.min(this.connectionTimeoutMs, this.#deadline - performance.now()));
  }

  close(): void {
    this.#outer?.removeEventListener('abort', this.#abort);
    // Without a reason one would be made, with all that it takes to make an error.
    this.#ending.abort('closed');
  }

  /** The port that is connected to: another than the endpoint's where a route says so. */
  get port(): number {
    return this.#options.route?.(this.endpoint)?.port ?? this.endpoint.port;
  }

  /** A visit to one of the addresses of the name, with what is left of the time and out of the same slots. */
  at(address: string): Visit {
    const { port, signal } = this;
    const route = (): Route => ({ address, port });
    return new Visit(
      this.endpoint,
      { ...this.#options, route, signal, endpointTimeoutMs: this.patience() },
      this.slots,
    );
  }

  /** Calls `end` when the visit is over, unless what it returns has been called before. */
  whenOver(end: () => void): () => void {
    this.#connections.add(end);
    return () => void this.#connections.delete(end);
  }

  /** A pause that a cancelled visit cuts short. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, this.patience()));
      this.signal.addEventListener('abort', done, { once: true });
      if (this.signal.aborted) done();
    });
  }

  whereabouts(): Promise<Whereabouts> {
    return (this.#whereabouts ??= this.#locate());
  }

  async #locate(): Promise<Whereabouts> {
    const { host, port } = this.endpoint;
    const routed = this.#options.route?.(this.endpoint);
    const wanted = routed?.address ?? host;
    const literals = (typeof wanted === 'string' ? [wanted] : wanted).flatMap((address): Address[] => {
      const family = isIP(address);
      return family === 4 || family === 6 ? [{ address, family }] : [];
    });
    if (literals.length > 0) return { found: true, addresses: literals, port: routed?.port ?? port };
    const name = typeof wanted === 'string' ? wanted : host;
    if (this.proxy !== null) return { found: true, addresses: [], port: routed?.port ?? port };
    const asked = new Promise<Whereabouts>((resolve) => {
      lookup(name, { all: true }, (error, found) => {
        const addresses = (found ?? []).flatMap((entry): Address[] =>
          entry.family === 4 || entry.family === 6 ? [{ address: entry.address, family: entry.family }] : [],
        );
        if (error || addresses.length === 0) resolve({ found: false, end: 'unresolvable' });
        else resolve({ found: true, addresses, port: routed?.port ?? port });
      });
    });
    const tooLong = this.pause(this.patience()).then((): Whereabouts => {
      return { found: false, end: this.signal.aborted ? 'cancelled' : 'unresolvable' };
    });
    return Promise.race([asked, tooLong]);
  }
}
