// The answer of Log Analytics to the query by backend host.

import { jsonAnswer } from './answer.ts';
import type { ArmAnswer } from './answer.ts';
import type { SampleCall, SampleService } from './model.ts';

/** Whether the query is the one by backend host. */
export function asksForBackends(query: string): boolean {
  return /\bBackendUrl\b/.test(query) && /Level = 'host'/.test(query);
}

const columns = [
  ['Level', 'string'],
  ['Scheme', 'string'],
  ['Authority', 'string'],
  ['Api', 'string'],
  ['Operation', 'string'],
  ['Path', 'string'],
  ['Requests', 'long'],
  ['Failures', 'long'],
  ['Said', 'string'],
  ['ServerErrors', 'long'],
  ['LastSeen', 'datetime'],
] as const;

/** What the gateway logs of a backend that it shares no version or suite with. */
const noSecureChannel = 'The request was aborted: Could not create SSL/TLS secure channel.';

/** The sample's counts are of 30 days. `now`: milliseconds since 1970. */
export function backendTable(service: SampleService | undefined, days: number, now: number): object {
  const share = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round((count * days) / 30)));
  const calls = (service?.logs?.calls ?? [])
    .filter(({ lastHoursAgo }) => lastHoursAgo < days * 24)
    .map((call) => ({ ...call, requests: share(call.requests), failures: share(call.failures ?? 0) }))
    .sort((a, b) => b.requests - a.requests);
  const moment = (hoursAgo: number): string => new Date(now - hoursAgo * 3_600_000 - 60_000).toISOString();
  const row = (level: string, call: SampleCall, more: { readonly path: string; readonly named: boolean }) => {
    const [, scheme = '', authority = ''] = /^([a-z]+):\/\/([^/?#]*)/i.exec(call.url) ?? [];
    const said = level === 'host' && (call.failures ?? 0) > 0 ? noSecureChannel : '';
    const names = more.named ? [call.api, call.operation] : ['', ''];
    const counts = [call.requests, call.failures ?? 0, said, 0, moment(call.lastHoursAgo)];
    return [level, scheme, authority.toLowerCase(), ...names, more.path, ...counts];
  };
  const places = Map.groupBy(calls, ({ url }) => /^[a-z]+:\/\/[^/?#]*/i.exec(url)?.[0].toLowerCase() ?? '');
  const hosts = [...places.values()].map((own) => ({
    ...(own[0] as SampleCall),
    requests: own.reduce((sum, { requests }) => sum + requests, 0),
    failures: own.reduce((sum, { failures }) => sum + failures, 0),
    lastHoursAgo: Math.min(...own.map(({ lastHoursAgo }) => lastHoursAgo)),
  }));
  return {
    name: 'PrimaryResult',
    columns: columns.map(([name, type]) => ({ name, type })),
    rows: [
      ...hosts.map((host) => row('host', host, { path: '', named: false })),
      ...calls.map((call) => row('call', call, { path: pathOf(call), named: true })),
    ],
  };
}

function pathOf({ method, url }: SampleCall): string {
  return method === 'GET' ? (/^[a-z]+:\/\/[^/?#]*(\/[^?#]*)/i.exec(url)?.[1] ?? '') : '';
}

export function backendTableAnswer(table: object, error: object | undefined): ArmAnswer {
  return jsonAnswer(200, { tables: [table], ...(error === undefined ? {} : { error }) });
}
