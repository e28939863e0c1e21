// What the logs and the service's own check say of the made-up backends.

import type { BackendHost } from '../../src/core/instance.ts';
import type { TrafficDays } from '../../src/core/traffic.ts';
import type { ConnectivityView, SeenView } from '../../src/messages/editor.ts';

const hour = 3_600_000;

export function seenView(days: TrafficDays, now: number): SeenView {
  const found = { state: 'read', days, readAt: new Date(now).toISOString(), cut: false } as const;
  return { reading: false, problem: '', found };
}

/** Each host with some requests, the third of each four with none, and one that only the logs know. */
export function sampleSeen(backends: readonly BackendHost[], days: TrafficDays, now: number): BackendHost[] {
  const seen = (requests: number, failures: number) => ({
    requests,
    failures,
    failureText: failures > 0 ? 'The request was aborted: Could not create SSL/TLS secure channel.' : '',
    serverErrors: 0,
    // The clock of the page may be half a minute behind.
    lastSeen: new Date(now - 2 * hour - 60_000).toISOString(),
    days,
    readAt: new Date(now).toISOString(),
    calls: [{ api: 'payments-api', operation: 'list-payments', requests, path: '/v1/payments' }],
  });
  const configured = backends.filter(({ usedBy }) => usedBy.some(({ kind }) => kind !== 'log'));
  const weighed = configured.map((host, index) =>
    index % 4 === 2 ? host : { ...host, seen: seen((index * 7919 + 1204) % 90_000, index % 5 === 1 ? 12 : 0) },
  );
  const only: BackendHost = {
    host: 'scoring.contoso.example',
    port: 443,
    scheme: 'https',
    usedBy: [
      {
        kind: 'log',
        id: '',
        title: 'payments-api › score',
        url: 'https://scoring.contoso.example:443',
        validateChain: false,
        validateName: false,
        clientCertificate: true,
      },
    ],
    seen: seen(1204, 0),
  };
  return [...weighed, only];
}

export function sampleConnectivity(host: string, now: number): ConnectivityView {
  const found = {
    host,
    at: new Date(now).toISOString(),
    regions: [
      {
        region: 'westeurope',
        connectivity: {
          state: 'reached',
          statusText: 'Connected',
          latencyMs: 12,
          sent: 30,
          failed: 0,
          address: '10.20.0.14',
          issues: [],
        },
        failure: null,
      },
    ],
  } as const;
  return { found, running: false, problem: '' };
}
