// The answer of Log Analytics to the query by operation and host name, of requests with TLS 1.2 or earlier.

import { jsonAnswer } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import { gatewayHost } from './model.ts';
import type { SampleService, SampleTraffic } from './model.ts';

/** Whether the query is the one by host name. */
export function asksForHosts(query: string): boolean {
  return /by Version, Api, Operation, Host\b/.test(query);
}

const columns = [
  ['Version', 'string'],
  ['Api', 'string'],
  ['Operation', 'string'],
  ['Host', 'string'],
  ['Requests', 'long'],
  ['Callers', 'long'],
  ['LastSeen', 'datetime'],
] as const;

/** Traffic that names no host goes to the default one. `now`: milliseconds since 1970. */
export function hostTableAnswer(
  service: SampleService | undefined,
  traffic: readonly SampleTraffic[],
  now: number,
  error: object | undefined,
): ArmAnswer {
  const own = service?.hosts?.find(({ isDefault }) => isDefault)?.hostName;
  const usual = service === undefined ? '' : (own ?? gatewayHost(service));
  const rows = traffic
    .filter(({ version }) => !/1[._ ]?3\s*$/.test(version))
    .toSorted((a, b) => a.lastHoursAgo - b.lastHoursAgo)
    .map(({ version, api, operation, host, requests, callers, lastHoursAgo }) => {
      const seen = new Date(now - lastHoursAgo * 3_600_000 - 60_000).toISOString();
      return [version, api, operation, host ?? usual, requests, callers.length, seen];
    });
  const table = { name: 'PrimaryResult', columns: columns.map(([name, type]) => ({ name, type })), rows };
  return jsonAnswer(200, { tables: [table], ...(error === undefined ? {} : { error }) });
}
