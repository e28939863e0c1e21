// The estimate of renegotiations as the stand-alone page shows it.

import type { EffectiveAsk } from '../../src/core/effectivePolicy.ts';
import type { RenegotiationList, RenegotiationRow, RenegotiationSource } from '../../src/core/renegotiation.ts';
import type { TrafficDays } from '../../src/core/traffic.ts';

const ask: EffectiveAsk = {
  what: 'context.Request.Certificate',
  scope: 'api',
  product: '',
  fragment: 'require-cert',
  namedValue: '',
  conditional: false,
};
const host = 'contoso-payments.azure-api.net';
const unread = { version: null, requests: null, callers: null, lastSeen: null } as const;

function row(part: Partial<RenegotiationRow>): RenegotiationRow {
  return {
    api: 'Partner onboarding',
    apiName: part.api ?? 'partners',
    operation: '',
    operationName: part.operation ?? '',
    covers: 'one',
    host,
    ...unread,
    confidence: 'low',
    asks: [ask],
    advised: false,
    foreignHost: false,
    ...part,
  };
}

function few(now: number): RenegotiationRow[] {
  const lastSeen = new Date(now - 7_200_000).toISOString();
  const seen = { version: 'tls12', requests: 1204, callers: 3, lastSeen } as const;
  return [
    row({ operation: 'POST /partners', ...seen, confidence: 'high', advised: true }),
    row({ api: 'Settlement', covers: 'all', asks: [{ ...ask, what: 'validate-client-certificate', fragment: '' }] }),
    row({ api: '=HYPERLINK("x")', operation: 'GET /a', ...seen, version: 'tls11', requests: 9, confidence: 'medium' }),
  ];
}

function many(now: number, count: number): RenegotiationRow[] {
  return Array.from({ length: count }, (_, index) =>
    row({
      api: `API ${index % 300}`,
      operation: `GET /things/${index}`,
      version: 'tls12',
      requests: (index * 7919) % 100_003,
      callers: (index % 50) + 1,
      lastSeen: new Date(now - index * 60_000).toISOString(),
      confidence: 'medium',
    }),
  );
}

const sources = (days: TrafficDays, readAt: string): readonly RenegotiationSource[] => [
  { kind: 'hosts', asking: [host] },
  {
    kind: 'policies',
    read: 36,
    unread: 12,
    left: 12,
    why: null,
    notListed: null,
    malformed: 0,
    leftOut: { workspaces: 0, revisions: 0 },
  },
  { kind: 'gaps', what: 'namedValue', names: ['partner-key'] },
  {
    kind: 'logs',
    withoutVersion: 8,
    traffic: { state: 'read', source: { workspaceId: '', table: 'dedicated' }, rows: [], cut: false, days, readAt },
  },
  { kind: 'advisor', advice: { state: 'read', found: true, hosts: [host], updated: null } },
];

/** @param count of rows; 0: some of every kind */
export function sampleRenegotiations(now: number, days: TrafficDays, count: number): RenegotiationList {
  const rows = count === 0 ? few(now) : many(now, count);
  const readAt = new Date(now).toISOString();
  return { rows, cut: false, more: true, days, sources: sources(days, readAt), readAt };
}

/** As for a tier that has none. */
export function noRenegotiations(now: number, days: TrafficDays, tier: string): RenegotiationList {
  const readAt = new Date(now).toISOString();
  return { rows: [], cut: false, more: false, days, sources: [{ kind: 'tier', tier }], readAt };
}
