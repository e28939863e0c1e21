// Traffic as the stand-alone page shows it.

import { mergeTotals, seenVersion } from '../../src/core/traffic.ts';
import type { Traffic, TrafficDays, TrafficRow } from '../../src/core/traffic.ts';

const hour = 3_600_000;
const source = {
  workspaceId:
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/contoso-logs',
  table: 'dedicated',
} as const;

/** [API, operation, version as logged, requests, callers, hours since the last one] */
const lines: readonly (readonly [string, string, string, number, number, number])[] = [
  ['settlement', 'post-batch', '1.0', 1200, 2, 2.2],
  ['', '', '1.0', 4, 1, 300],
  ['settlement', 'post-batch', '1.2', 480_112, 40, 0],
  ['partners', 'list', '1.2', 51_000, 22, 0.4],
  ['partners', 'list', '1.3', 90_341, 25, 0],
  ['', '', '', 8, 1, 50],
];

/** TLS 1.0 is used by 3 callers, TLS 1.1 by nobody that was seen. */
export function sampleTraffic(now: number, days: TrafficDays): Traffic {
  const rows = lines.map(([api, operation, versionText, requests, callers, hoursAgo]): TrafficRow => {
    const addresses = Array.from({ length: Math.min(callers, 20) }, (_, i) => `192.0.2.${i + (requests % 200)}`);
    const lastSeen = new Date(now - hoursAgo * hour).toISOString();
    return { api, operation, version: seenVersion(versionText), versionText, requests, callers, addresses, lastSeen };
  });
  const totals = mergeTotals(
    rows.map(({ version, versionText, requests, callers, lastSeen }) => ({
      version,
      versionText,
      requests,
      callers,
      lastSeen,
    })),
  ).map((total) => (total.version === 'tls10' ? { ...total, callers: 3 } : total));
  return { state: 'read', days, readAt: new Date(now).toISOString(), source, totals, rows, cut: false };
}

/** The instance has no diagnostic setting. */
export function noTraffic(now: number, days: TrafficDays): Traffic {
  return { state: 'notConfigured', why: 'noSetting', days, readAt: new Date(now).toISOString() };
}
