// The connectivity check of an instance: POST, then polls of the address that the service names, to its answer.
// Specification: Microsoft.ApiManagement 2024-05-01, apimconnectivitycheck.json.

import type { Connectivity, ConnectivityIssue } from '../core/connectivity.ts';
import { ArmError, plainText } from '../core/failure.ts';
import type { ConnectivityQuestion } from './access.ts';
import type { Connection } from './connection.ts';
import { retryAfterMs } from './errors.ts';
import { asList, asRecord, asText } from './json.ts';
import { parseServiceId } from './resourceIds.ts';
import { askResource } from './resources.ts';

export interface ConnectivityWaits {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** The service does not say how long a check takes; after this time it is given up. */
const longestMs = 4 * 60_000;
const usualPauseMs = 5000;
const [shortestPauseMs, longestPauseMs] = [1000, 30_000];

/**
 * A TCP connection from the gateway, which sends nothing to the host. Rejects with `ArmError`: "refused" where the tier
 * has no such check, "timeout" where it does not end.
 */
export async function checkConnectivity(
  connection: Connection,
  instanceId: string,
  { region, host, port }: ConnectivityQuestion,
  { now, pause }: ConnectivityWaits,
  signal?: AbortSignal,
): Promise<Connectivity> {
  const { subscriptionId } = parseServiceId(instanceId);
  const { client } = await connection.management(subscriptionId, signal);
  const common = { subscriptionId, signal, accepts: [200, 202] };
  let answer = await askResource(connection, {
    ...common,
    path: `${instanceId}/connectivityCheck`,
    apiVersion: client.apiVersion,
    method: 'POST',
    body: { source: { region }, destination: { address: host, port }, protocol: 'TCP', preferredIPVersion: 'IPv4' },
  });
  let location = answer.headers.get('location');
  for (let waited = 0; answer.status === 202;) {
    if (location === undefined)
      throw new ArmError({ code: 'malformed', serviceMessage: 'The service names no address to ask for the result.' });
    const stated = retryAfterMs(answer.headers, now()) ?? usualPauseMs;
    const wait = Math.min(Math.max(stated, shortestPauseMs), longestPauseMs);
    waited += wait;
    if (waited > longestMs)
      throw new ArmError({
        code: 'timeout',
        serviceMessage: `The check has not ended within ${longestMs / 60_000} min.`,
      });
    await pause(wait, signal);
    answer = await askResource(connection, { ...common, path: location });
    location = answer.headers.get('location') ?? location;
  }
  return connectivityIn(answer.body);
}

/** Rejects with "malformed" where it is no result at all. */
export function connectivityIn(body: unknown): Connectivity {
  const result = asRecord(body);
  if (!('connectionStatus' in result) && !Array.isArray(result['hops']))
    throw new ArmError({ code: 'malformed', serviceMessage: 'The answer is not the result that was expected.' });
  const statusText = shown(result['connectionStatus']);
  const hops = asList(result['hops']).map(asRecord);
  return {
    state: stateOf(statusText),
    statusText,
    latencyMs: countIn(result['avgLatencyInMs']),
    sent: countIn(result['probesSent']),
    failed: countIn(result['probesFailed']),
    address: shown(hops.at(-1)?.['address']),
    issues: hops.flatMap((hop) => asList(hop['issues']).map(issueIn)).slice(0, mostIssues),
  };
}

const mostIssues = 20;
const longestText = 200;

/** The description lists Connected, Disconnected, Degraded and Unknown; its own example says Reachable. */
function stateOf(status: string): Connectivity['state'] {
  switch (status.toLowerCase()) {
    case 'connected':
    case 'reachable':
      return 'reached';
    case 'degraded':
      return 'degraded';
    case 'disconnected':
    case 'unreachable':
      return 'notReached';
    default:
      return 'unknown';
  }
}

function issueIn(raw: unknown): ConnectivityIssue {
  const { type, severity, origin, context } = asRecord(raw);
  // IssueContext: each a map of texts.
  const words = asList(context).flatMap((one) =>
    Object.entries(asRecord(one)).map(([name, text]) => `${name}: ${shown(text)}`),
  );
  return {
    type: shown(type),
    severity: shown(severity),
    origin: shown(origin),
    context: plainText(words.join(', '), longestText),
  };
}

function shown(value: unknown): string {
  return plainText(asText(value) ?? '', longestText);
}

function countIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : null;
}
