// The sample estate as one thing: an Azure to talk to and TLS servers that really listen. Opened lazily by the product.

import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Remembered } from '../core/drift.ts';
import type { Endpoint } from '../core/tls/evidence.ts';
import { sampleAccount } from './account.ts';
import { openBackends } from './backends.ts';
import { earlierOf } from './estateActivity.ts';
import { createAuthority, ecKey, rsaKey } from './certificate.ts';
import type { Authority } from './certificate.ts';
import { sampleEstate } from './estate.ts';
import type { Faults } from './faults.ts';
import { openGateways } from './gateways.ts';
import type { NamedListener } from './gateways.ts';
import { createAzure } from './handler.ts';
import type { SampleAzure } from './handler.ts';
import { emulatorHttpClient } from './httpClient.ts';
import { loopback } from './listener.ts';
import type { Estate } from './model.ts';
import { notPlayedHere } from './runtime.ts';
import type { SampleStore } from './state.ts';

export type { SampleStore } from './state.ts';

export interface SampleEstate {
  readonly httpClient: HttpClient;
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  /** Where a sample host really listens; undefined for all other hosts. */
  readonly route: (endpoint: Endpoint) => { readonly address: string; readonly port: number } | undefined;
  /** The authority of the sample servers' certificates. */
  readonly caPem: string;
  /** How the account knows instances from before the estate was opened for the first time. */
  readonly earlier: readonly Remembered[];
  /** What the TLS library of this runtime cannot play in full, in words. */
  readonly notPlayed: readonly string[];
  readonly accountLabel: string;
  /** Back to the first day. */
  reset(): void;
  /** Ends listeners and hanging requests. Resolves when every port is free again. */
  close(): Promise<void>;
}

export interface SampleOptions {
  readonly store: SampleStore;
  /** How long a change takes, in milliseconds; 20,000 where not stated. */
  readonly changeMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Pause between polls that the service asks for, in seconds; 2 where not stated. */
  readonly retryAfterSeconds?: number;
  readonly faults?: Faults;
  /** TLS servers on loopback; on where not stated. */
  readonly listeners?: boolean;
  readonly estate?: Estate;
  /** Before every request, such as for the time a network takes. */
  readonly delay?: (signal: AbortSignal) => Promise<void>;
}

export async function openSampleEstate(options: SampleOptions): Promise<SampleEstate> {
  const { listeners: wanted = true, estate = sampleEstate, delay, ...rest } = options;
  const ending = new AbortController();
  const azure = createAzure({ ...rest, estate, signal: ending.signal });
  const now = options.now?.() ?? Date.now();
  // The RSA key takes longest: it is made beside everything else.
  const rsa = wanted ? rsaKey() : undefined;
  const authority = createAuthority(await ecKey(), now);
  const listeners = rsa === undefined ? [] : await openServers(estate, azure, authority, await rsa, now);
  const ports = new Map(listeners.flatMap(({ hosts, port }) => hosts.map((host) => [host, port] as const)));
  return {
    httpClient: emulatorHttpClient(azure.handle, delay === undefined ? {} : { delay }),
    tenants: estate.tenants.map(({ id, name }) => ({ id, name })),
    route: ({ host, port }) => {
      const found = ports.get(`${host.toLowerCase()}:${port}`);
      return found === undefined ? undefined : { address: loopback, port: found };
    },
    caPem: authority.pem,
    earlier: earlierOf(estate, azure.startedAt()),
    notPlayed: wanted ? notPlayedHere() : [],
    accountLabel: sampleAccount,
    reset: azure.reset,
    close: async () => {
      ending.abort(new Error('The sample estate was closed.'));
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

async function openServers(
  estate: Estate,
  azure: SampleAzure,
  authority: Authority,
  rsa: Awaited<ReturnType<typeof rsaKey>>,
  now: number,
): Promise<readonly NamedListener[]> {
  const ec = await ecKey();
  const groups = await Promise.all([
    openGateways({ services: estate.services, mapOf: azure.mapOf, authority, rsa, now }),
    openBackends({ estate, authority, rsa, ec, now }),
  ]);
  return groups.flat();
}
